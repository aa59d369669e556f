package control

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"snsbridge/src/spool"
)

// Edit is what a person changes of an item. What is nil or absent stays.
type Edit struct {
	Title      *string        `json:"title,omitempty"`
	Text       *string        `json:"text,omitempty"`
	Language   *string        `json:"language,omitempty"`   // as in ISO 639: "ko"
	Warning    *string        `json:"warning,omitempty"`    // content warning
	Visibility *string        `json:"visibility,omitempty"` // public, unlisted, private, direct, or "": the target's own
	Alts       map[int]string `json:"alts,omitempty"`       // by the number of the file
	// Targets replaces targets, old to new. "" stands for the only one that
	// does not have the item yet.
	Targets map[string]string `json:"targets,omitempty"`
	// Order is the numbers of all files that stay, as they are to follow each
	// other; empty: as they do. Remove is those that are deleted.
	Order  []int `json:"order,omitempty"`
	Remove []int `json:"remove,omitempty"`
	// Hold keeps everything that is not delivered as drafts, complete or not.
	// Without it drafts that are complete go out.
	Hold bool `json:"hold,omitempty"`
	// Still leaves drafts as drafts and what waits waiting.
	Still bool `json:"still,omitempty"`
}

// Limits of what a person may write, in bytes.
const (
	textMax  = 32 << 10 // as of what a camera may send
	altMax   = 8 << 10
	shortMax = 1 << 10
)

var visibilities = []string{"", "public", "unlisted", "private", "direct"}

// isLanguage tells whether a text looks like a name of ISO 639, such as "en"
// or "pt-BR". "" is none.
func isLanguage(s string) bool {
	for i, part := range strings.Split(s, "-") {
		letters := strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
		if !letters || i == 0 && (len(part) < 2 || len(part) > 3) || i > 0 && (len(part) < 2 || len(part) > 8) {
			return s == ""
		}
	}
	return true
}

func (s *Server) edit(r *http.Request) (any, error) {
	var e Edit
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&e); err != nil && err != io.EOF {
		return nil, wrong("the request cannot be read: "+err.Error(), "")
	}
	it, err := s.whole(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	it, err = s.Spool.Edit(it.ID, func(it *spool.Item) error { return s.apply(&e, it) })
	if err != nil {
		return nil, err
	}
	return s.item(it), nil
}

// whole returns an item that a person can do something with: one that has
// arrived and is not damaged. Neither can change later.
func (s *Server) whole(id string) (*spool.Item, error) {
	it, err := s.Spool.Get(id)
	switch {
	case err != nil:
		return nil, err
	case it.Damaged != "":
		return nil, &Error{"damaged", id + ": " + it.Damaged, "Copy what is left of it from the spool's folder, then: snsbridge delete " + id}
	case it.Open:
		return nil, &Error{"open", id + ": the camera is still sending", "Wait until the camera has been silent for two minutes."}
	}
	return it, nil
}

// apply makes the changes, or none.
func (s *Server) apply(e *Edit, it *spool.Item) error {
	for _, c := range []struct {
		name string
		to   *string
		from *string
		max  int
	}{
		{"title", &it.Title, e.Title, shortMax},
		{"text", &it.Text, e.Text, textMax},
		{"language", &it.Language, e.Language, shortMax},
		{"content warning", &it.Warning, e.Warning, shortMax},
		{"visibility", &it.Visibility, e.Visibility, shortMax},
	} {
		if c.from == nil {
			continue
		}
		v := strings.TrimSpace(*c.from)
		switch {
		case len(v) > c.max:
			return wrong(fmt.Sprintf("the %s is longer than %d bytes", c.name, c.max), "Shorten it.")
		case c.from == e.Visibility && !slices.Contains(visibilities, v):
			return wrong(fmt.Sprintf("there is no visibility %q", v), "Choose one of: public, unlisted, private, direct.")
		case c.from == e.Language && !isLanguage(v):
			return wrong(fmt.Sprintf("%q is not a language", v), "Use the two letters of ISO 639, such as en or ko.")
		}
		*c.to = v
	}
	for n, text := range e.Alts {
		if n < 1 || n > len(it.Files) {
			return noFile(it, n)
		}
		if len(text) > altMax {
			return wrong(fmt.Sprintf("the text of file %d is longer than %d bytes", n, altMax), "Shorten it.")
		}
		it.Files[n-1].Alt = strings.TrimSpace(text)
	}
	for old, target := range e.Targets {
		if err := s.retarget(it, old, target); err != nil {
			return err
		}
	}
	if err := s.files(it, e.Order, e.Remove); err != nil {
		return err
	}
	s.release(it, e.Hold, e.Still)
	return nil
}

// retarget gives the job of one target to another.
func (s *Server) retarget(it *spool.Item, old, target string) error {
	if !s.knows(target) {
		return wrong(fmt.Sprintf("the settings have no target %q", target), "Choose one of: "+strings.Join(s.Targets, ", ")+".")
	}
	at := -1
	for i, j := range it.Jobs {
		switch {
		case j.Target == target && target != old:
			return wrong(fmt.Sprintf("%s has a job for %s already", it.ID, target), "")
		case j.State == spool.Done || old != "" && j.Target != old:
		case at >= 0:
			return wrong(it.ID+" has several targets", "Say which: OLD=NEW.")
		default:
			at = i
		}
	}
	if at < 0 {
		return wrong(fmt.Sprintf("%s has no undelivered job %s", it.ID, old), "See its jobs: snsbridge show "+it.ID)
	}
	if it.Jobs[at].Target == target {
		return nil
	}
	// Nothing of the old target's attempts holds for the new one.
	it.Jobs[at] = spool.Job{Target: target, To: it.Jobs[at].To, State: spool.Draft}
	return nil
}

// release lets drafts go that are complete, unless all is to stay still, or, to
// hold, makes drafts of what waits.
func (s *Server) release(it *spool.Item, hold, still bool) {
	for i := range it.Jobs {
		j := &it.Jobs[i]
		if j.State != spool.Draft && !(hold && j.State == spool.Waiting) {
			continue
		}
		var err error
		if s.Ready != nil {
			err = s.Ready(it, j.Target)
		}
		var e *spool.Error
		errors.As(err, &e)
		switch {
		case err == nil && !hold && !still:
			j.State, j.Error, j.Hint, j.Code = spool.Waiting, "", "", ""
		case err == nil:
			j.State, j.Error, j.Code = spool.Draft, "kept until you send it", "held"
			j.Hint = "Send it: snsbridge edit " + it.ID
		case e != nil:
			j.State, j.Error, j.Hint, j.Code = spool.Draft, err.Error(), e.Hint, cmp.Or(e.Code, "incomplete")
		default:
			j.State, j.Error, j.Hint, j.Code = spool.Draft, err.Error(), "", "incomplete"
		}
	}
}
