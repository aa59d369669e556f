package mastodon

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	api "github.com/mattn/go-mastodon"

	"snsbridge/src/spool"
)

// keyAge is for how long Mastodon surely knows an Idempotency-Key: an hour,
// less some minutes.
const keyAge = 50 * time.Minute

// key is the same for every try at the same part with the same text, at the
// same target: two instances may use one account.
func (a *attempt) key(n int) string {
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d%s\n%s",
		a.d.Job.Target, a.d.Item.ID, n+1, a.marked(step("key", n)), a.parts[n].Text)))
}

// post makes the status. again means that a second call may succeed, after
// the files in gone were forgotten; sent, that an earlier try may have
// succeeded without our knowing.
func (a *attempt) post(ctx context.Context, n int, sent bool) (gone []spool.File, again bool, err error) {
	if err := a.announce(n); err != nil {
		return nil, false, err
	}
	c := &call{m: a.m, key: a.key(n)}
	status, err := c.client().PostStatus(ctx, a.toot(n))
	if err == nil {
		err = checkID(status.ID)
	}
	if err == nil {
		return nil, false, a.posted(n, status)
	}
	if r, ok := asRefusal(err); ok && r.status < 500 {
		return a.refused(ctx, n, sent, r)
	}
	return nil, false, a.m.failure(ctx, "post", err)
}

// announce notes that the status is about to be sent, so that it is known
// even if the program ends before the answer.
func (a *attempt) announce(n int) error {
	if n == 0 {
		var plan []byte
		if len(a.parts) > 1 {
			var err error
			if plan, err = json.Marshal(a.parts); err != nil {
				return err
			}
		}
		if err := a.mark("plan", string(plan)); err != nil {
			return err
		}
	}
	return a.mark(step("posting", n), fmt.Sprint(a.m.now().Unix(), " ", a.m.serverTime().Unix()))
}

func (a *attempt) toot(n int) *api.Toot {
	it := a.d.Item
	t := &api.Toot{
		Status:      a.parts[n].Text,
		Visibility:  a.m.visibility(it, n),
		Language:    it.Language,
		SpoilerText: clean(it.Warning),
	}
	t.Sensitive = t.SpoilerText != ""
	if t.Language == "" {
		t.Language = a.m.Language
	}
	if n > 0 {
		t.InReplyToID = api.ID(a.id(n - 1))
	}
	for _, id := range a.ids(n) {
		t.MediaIDs = append(t.MediaIDs, api.ID(id))
	}
	return t
}

// posted notes a status that exists.
func (a *attempt) posted(n int, s *api.Status) error {
	address := s.URL
	if address == "" {
		address = s.URI
	}
	if u, err := url.Parse(address); err != nil || len(address) > 1000 || u.Scheme != "https" && u.Scheme != "http" {
		address = ""
	}
	if err := a.mark(step("status", n), string(s.ID)+" "+address); err != nil {
		return err
	}
	a.d.Job.Result, a.d.Progress = a.address(0), true
	a.m.noted(s.ID)
	return nil
}

// refused looks at the words of a server that did not post: they can mean
// that it did so before.
func (a *attempt) refused(ctx context.Context, n int, sent bool, r *refusal) (gone []spool.File, again bool, err error) {
	switch r.status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusUnprocessableEntity:
		// Pixelfed refuses a key that it knows, also if the post failed then.
		duplicate := r.says("idempotency")
		if sent {
			fate, err := a.find(ctx, n)
			switch {
			case err != nil || fate == fatePosted:
				return nil, false, err
			case fate == fateUnknown:
				return nil, false, a.unsure(n)
			}
		}
		switch {
		case duplicate:
			again = true
			name := step("key", n)
			if err := a.mark(name, a.marked(name)+"+"); err != nil {
				return nil, false, err
			}
		case !r.says("not finished processing"):
			missing := r.says("already attached") || r.says("media") && r.says("not found")
			for _, f := range a.files(a.parts[n]) {
				if !a.fresh[f.Path] && (missing || !a.ready[f.Path]) {
					gone, again = append(gone, f), true
				}
			}
		}
	}
	if err := a.mark(step("posting", n), ""); err != nil {
		return nil, false, err
	}
	return gone, again, a.m.failure(ctx, "post", r)
}

// recent tells whether the server still knows the key of a post. A clock that
// jumped says no, which is the careful answer.
func (a *attempt) recent(sent string) bool {
	ours, _, _ := strings.Cut(sent, " ")
	at, err := strconv.ParseInt(ours, 10, 64)
	age := a.m.now().Sub(time.Unix(at, 0))
	return err == nil && age >= 0 && age < keyAge
}

// unsure gives the question to a person, and makes the next retry post.
func (a *attempt) unsure(n int) error {
	if err := a.mark(step("posting", n), ""); err != nil {
		return err
	}
	return &spool.Error{
		Kind: spool.Permanent,
		Code: "maybe-posted",
		Hint: "Look at the account: if the post is there, delete this item; if not, retry it.",
		Err:  fmt.Errorf("the answer of %s was lost, and the token does not allow to ask whether the post is there", a.m.host()),
	}
}
