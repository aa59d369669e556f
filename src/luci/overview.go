package luci

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"snsbridge/src/config"
	"snsbridge/src/control"
)

// Overview is all that the first page shows. It can be asked every few
// seconds.
type Overview struct {
	Enabled   bool             `json:"enabled"`
	Address   string           `json:"address"`   // where the cameras' names lead; "": the settings are wrong
	Wrong     []string         `json:"wrong"`     // what is wrong with the settings
	Warnings  []string         `json:"warnings"`  // what is unwise in them
	Bridge    *control.Error   `json:"bridge"`    // why the bridge says nothing; null: it does
	Status    *control.Status  `json:"status"`    // null: the bridge says nothing
	Attention *control.Queue   `json:"attention"` // the newest that need a person; null: the same
	Queue     *control.Queue   `json:"queue"`     // the newest of all; null: the same
	Checkup   *control.Checkup `json:"checkup"`   // null: the settings are wrong, or the bridge is switched off
}

const (
	pageLength = 20      // items
	pageMax    = 300_000 // bytes of a page's items as JSON: a router has little memory
)

func (s *Server) overview(ctx context.Context, a arguments) (any, error) {
	o := Overview{Wrong: []string{}, Warnings: []string{}}
	u, err := config.LoadUCI(s.Settings)
	if err != nil {
		o.Wrong = strings.Split(err.Error(), "\n")
	} else {
		o.Enabled, o.Address = u.Enabled, u.Address.String()
		o.Warnings = append(o.Warnings, u.Config.Warnings...)
	}
	st, err := s.Client.Status(ctx)
	if err != nil {
		if !errors.As(err, &o.Bridge) {
			return nil, err
		}
		if o.Enabled && s.Examine != nil {
			report, err := json.Marshal(s.Examine(ctx))
			o.Checkup = &control.Checkup{Report: report, SecondsAgo: new(int64)}
			return o, err
		}
		return o, nil
	}
	need, err := s.page(ctx, arguments{State: "attention"})
	if err != nil {
		return nil, err
	}
	q, err := s.page(ctx, arguments{})
	if err != nil {
		return nil, err
	}
	c, err := s.Client.Doctor(ctx, o.Address, a.Fresh)
	if err != nil {
		return nil, err
	}
	if st.Phone != nil {
		st.Phone.PIN = "" // for those who may do more than look: see phone
	}
	o.Warnings = append(o.Warnings, s.started(o.Warnings)...)
	// The doctor tells where photos are kept and who answers for names, and by a
	// code.
	o.Warnings = slices.DeleteFunc(o.Warnings, func(w string) bool {
		return strings.Contains(w, "working memory") || strings.Contains(w, "dnsmasq") || strings.Contains(w, "AdGuard") || strings.HasPrefix(w, "the cameras' address ")
	})
	o.Status, o.Attention, o.Queue, o.Checkup = &st, &need, &q, &c
	return o, nil
}

const startedMax = 64 << 10 // bytes of what a start says

// started returns what the last start warned of and is not known yet: it has
// looked at more than the settings, such as a memory stick that only root may
// write to.
func (s *Server) started(known []string) (more []string) {
	f, err := os.Open(s.Started)
	if err != nil {
		return nil
	}
	defer f.Close()
	lines := bufio.NewScanner(io.LimitReader(f, startedMax))
	for lines.Scan() {
		w, ok := strings.CutPrefix(lines.Text(), "snsbridge: warning: ")
		if ok && !slices.Contains(known, w) {
			more = append(more, w)
		}
	}
	return more
}

func (s *Server) queue(ctx context.Context, a arguments) (any, error) { return s.page(ctx, a) }

// page returns a page of the queue with its texts cut short.
func (s *Server) page(ctx context.Context, a arguments) (control.Queue, error) {
	q, err := s.Client.Queue(ctx, a.Before, pageLength, a.State)
	if err != nil {
		return q, err
	}
	size := 0
	for i := range q.Items {
		brief(&q.Items[i])
		b, err := json.Marshal(q.Items[i])
		if err != nil {
			return q, err
		}
		if size += len(b); size > pageMax && i > 0 {
			q.Items, q.More = q.Items[:i], true
			break
		}
	}
	return q, nil
}

const (
	briefText = 300 // bytes
	briefList = 30  // entries
)

// brief cuts what a camera may have made very long. A page that needs all of
// it asks for the item.
func brief(it *control.Item) {
	cut(&it.Title, &it.Text, &it.Warning, &it.Sender, &it.Site, &it.Client, &it.Model, &it.Damaged)
	it.Spare = []string{}
	it.Files = it.Files[:min(len(it.Files), briefList)]
	for i := range it.Files {
		cut(&it.Files[i].Name, &it.Files[i].Alt)
	}
	for i := range it.Jobs {
		j := &it.Jobs[i]
		j.To = j.To[:min(len(j.To), briefList)]
		for n := range j.To {
			cut(&j.To[n])
		}
		cut(&j.Error, &j.Hint, &j.Result)
	}
}

func cut(texts ...*string) {
	for _, s := range texts {
		if len(*s) <= briefText {
			continue
		}
		n := briefText
		for !utf8.RuneStart((*s)[n]) {
			n--
		}
		*s = (*s)[:n] + "…"
	}
}

// Thumbnails are small pictures, by "ID/NUMBER" of the file: JPEG in base64,
// "" for files that have none. Of items that are not there, or for which there
// was no room, nothing is told.
type Thumbnails struct {
	Thumbnails map[string][]byte `json:"thumbnails"`
}

const thumbnailsMax = 300_000 // bytes of an answer's pictures

func (s *Server) thumbnails(ctx context.Context, a arguments) (any, error) {
	t := Thumbnails{map[string][]byte{}}
	size := 0
	for _, id := range a.IDs[:min(len(a.IDs), pageLength)] {
		of, err := s.Client.Thumbnails(ctx, id)
		if err != nil {
			continue
		}
		for n, b := range of.Thumbnails {
			t.Thumbnails[id+"/"+strconv.Itoa(n)] = b
			size += len(b)
		}
		if size > thumbnailsMax {
			break
		}
	}
	return t, nil
}

// phone returns how the page for phones is reached.
func (s *Server) phone(ctx context.Context, _ arguments) (any, error) {
	st, err := s.Client.Status(ctx)
	if err == nil && st.Phone == nil {
		err = &control.Error{Code: "not-found", Message: "there is no page for phones"}
	}
	return st.Phone, err
}

func (s *Server) item(ctx context.Context, a arguments) (any, error) {
	return s.Client.Show(ctx, a.ID)
}

func (s *Server) retry(ctx context.Context, a arguments) (any, error) {
	return s.short(s.Client.Retry(ctx, a.ID))
}

func (s *Server) edit(ctx context.Context, a arguments) (any, error) {
	return s.short(s.Client.Edit(ctx, a.ID, a.Changes))
}

func (s *Server) short(it control.Item, err error) (any, error) {
	brief(&it)
	return it, err
}

func (s *Server) retryAll(ctx context.Context, _ arguments) (any, error) {
	return s.Client.RetryMany(ctx, "all")
}

func (s *Server) remove(ctx context.Context, a arguments) (any, error) {
	return s.Client.Remove(ctx, a.ID)
}

func (s *Server) pause(ctx context.Context, a arguments) (any, error) {
	return s.Client.Pause(ctx, a.Target, "")
}

func (s *Server) resume(ctx context.Context, a arguments) (any, error) {
	return s.Client.Resume(ctx, a.Target)
}

func (s *Server) mailTest(ctx context.Context, a arguments) (any, error) {
	return s.Client.MailTest(ctx, a.To)
}
