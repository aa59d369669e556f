package mastodon

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"snsbridge/src/spool"
)

// attempt is one attempt at one item. What it knows of earlier ones is in the
// job's marks:
//
//	media PATH   a file that is at the server: its id, a sum of its alt text, its address
//	plan         the parts of a thread, once the first may have been posted
//	posting N    part N was sent, at this time by the router's clock, and by the server's
//	key N        what was added to the Idempotency-Key of part N
//	status N     part N was posted: its id and address
type attempt struct {
	m      *Account
	d      *spool.Delivery
	limits limits
	parts  []part
	fresh  map[string]bool // files by Path that this attempt uploaded
	ready  map[string]bool // files that the server has told to be free and digested
}

func (a *attempt) mark(step, value string) error {
	if a.marked(step) == value {
		return nil
	}
	return a.d.Mark(step, value)
}

func (a *attempt) marked(step string) string {
	v, _ := a.d.Marked(step)
	return v
}

func step(what string, n int) string { return what + " " + strconv.Itoa(n+1) }

// id returns the server's name of a status that was posted, "" if it was not.
func (a *attempt) id(n int) string {
	id, _, _ := strings.Cut(a.marked(step("status", n)), " ")
	return id
}

func (a *attempt) address(n int) string {
	_, address, _ := strings.Cut(a.marked(step("status", n)), " ")
	return address
}

// plan divides the item, and looks at everything that could be refused before
// a byte is uploaded. A thread that was begun is ended as it was planned,
// whatever was edited or which limits have changed since.
func (a *attempt) plan(ctx context.Context) error {
	plan := a.marked("plan")
	var err error
	if Begun(*a.d.Job) && plan != "" {
		err = json.Unmarshal([]byte(plan), &a.parts)
	} else {
		a.parts, err = a.divide()
	}
	if err != nil {
		return err
	}
	for n, p := range a.parts {
		if a.id(n) != "" {
			continue
		}
		for _, f := range a.files(p) {
			if err := a.accepts(f); err != nil {
				return a.m.failure(ctx, "look at "+f.Name, err)
			}
		}
	}
	return nil
}

// Begun tells whether a part of a job's post may be at the server. Then it is
// ended as it was begun: its files must stay, in their order.
func Begun(j spool.Job) bool {
	return j.Marks["status 1"] != "" || j.Marks["posting 1"] != ""
}

func (a *attempt) divide() ([]part, error) {
	it := a.d.Item
	room := a.limits.characters - utf8.RuneCountInString(clean(it.Warning))
	if room < 50 {
		return nil, &spool.Error{Kind: spool.Permanent, Code: "too-long", Hint: "Shorten the content warning and retry.",
			Err: fmt.Errorf("the content warning leaves no room for the text")}
	}
	return intoParts(compose(it, a.m.Postscript), it.Files, room, a.limits.perURL, a.limits.media)
}

// files returns the item's files of a part.
func (a *attempt) files(p part) []spool.File {
	var files []spool.File
	for _, f := range a.d.Item.Files {
		if slices.Contains(p.Files, f.Path) {
			files = append(files, f)
		}
	}
	return files
}

// part posts part n if it was not posted yet.
func (a *attempt) part(ctx context.Context, n int) error {
	if a.id(n) != "" {
		return nil
	}
	files := a.files(a.parts[n])
	sent := a.marked(step("posting", n))
	fate := fateAbsent
	if sent != "" {
		var err error
		if fate, err = a.find(ctx, n); err != nil || fate == fatePosted {
			return err
		}
	}
	gone, err := a.look(ctx, files)
	if err != nil {
		return err
	}
	switch {
	case fate == fateAbsent:
		sent = ""
	case !a.limits.mastodon:
		return a.unsure(n)
	case len(files) > 0 && !slices.ContainsFunc(files, func(f spool.File) bool { return !a.ready[f.Path] }):
		// Mastodon gives a picture to one post and then shows it as free no
		// more: these were in none.
	case a.recent(sent):
		gone = nil // by the Idempotency-Key the server knows
	default:
		return a.unsure(n)
	}
	for range 2 {
		if err := a.forget(gone); err != nil {
			return err
		}
		if err := a.upload(ctx, files); err != nil {
			return err
		}
		var again bool
		gone, again, err = a.post(ctx, n, sent != "")
		if !again {
			break
		}
	}
	return err
}
