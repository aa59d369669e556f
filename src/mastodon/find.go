package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	api "github.com/mattn/go-mastodon"
)

// fate is what became of a post whose answer was lost.
type fate int

const (
	fateUnknown fate = iota // the token does not allow to ask
	fatePosted
	fateAbsent
)

// found is what is needed of a status in a list.
type found struct {
	ID      api.ID `json:"id"`
	URL     string `json:"url"`
	URI     string `json:"uri"`
	ReplyTo api.ID `json:"in_reply_to_id"`
	Content string `json:"content"`
	Created loose  `json:"created_at"`
	Media   []struct {
		ID     api.ID `json:"id"`
		URL    loose  `json:"url"`
		Remote loose  `json:"remote_url"`
	} `json:"media_attachments"`
}

// loose is a string that another type does not spoil.
type loose string

func (l *loose) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) == nil {
		*l = loose(s)
	}
	return nil
}

// find looks for part n among the account's newest posts, and notes it if it
// is there: by its pictures, so that edits by a person do not matter, else by
// text and time.
func (a *attempt) find(ctx context.Context, n int) (fate, error) {
	unknown := func(err error) (fate, error) {
		r, refused := asRefusal(err)
		if refused && r.status >= 400 && !r.passes() {
			return fateUnknown, nil
		}
		return fateUnknown, a.m.failure(ctx, "look whether the post is there", err)
	}
	account, err := a.m.accountID(ctx)
	if err != nil {
		return unknown(err)
	}
	query := url.Values{"limit": {"40"}, "exclude_reblogs": {"true"}}
	b, err := a.m.ask(ctx, http.MethodGet, "/api/v1/accounts/"+url.PathEscape(account)+"/statuses", query)
	if err != nil {
		return unknown(err)
	}
	// One at a time: a list of a million nothings is a megabyte of JSON.
	list := json.NewDecoder(bytes.NewReader(b))
	if t, err := list.Token(); err != nil || t != json.Delim('[') {
		return unknown(errAnswer)
	}
	for list.More() {
		var s found
		if err := list.Decode(&s); err != nil {
			return unknown(fmt.Errorf("%w: %w", errAnswer, err))
		}
		if checkID(s.ID) == nil && a.isPart(s, n) {
			return fatePosted, a.posted(n, &api.Status{ID: s.ID, URL: s.URL, URI: s.URI})
		}
	}
	if _, err := list.Token(); err != nil {
		return unknown(fmt.Errorf("%w: %w", errAnswer, err)) // it was cut
	}
	return fateAbsent, nil
}

func (a *attempt) isPart(s found, n int) bool {
	return a.hasPicture(s, n) || a.hasText(s, n)
}

// hasPicture tells whether one of a part's pictures is in a status. Friendica
// gives it another id there; its address is the same.
func (a *attempt) hasPicture(s found, n int) bool {
	for _, f := range a.files(a.parts[n]) {
		id, _, address := a.uploaded(f)
		address = place(address)
		for _, m := range s.Media {
			if id != "" && string(m.ID) == id || address != "" && (place(string(m.URL)) == address || place(string(m.Remote)) == address) {
				return true
			}
		}
	}
	return false
}

// place is an address without what is signed anew each time.
func place(address string) string {
	before, _, _ := strings.Cut(address, "?")
	return before
}

// What lies between our sending a post and the server's making it, by the
// server's clock: two machines of one server may differ, and one that is busy
// takes its time.
const (
	createdBefore = 2 * time.Second
	createdAfter  = 15 * time.Minute
)

// hasText tells whether a status is as a part was sent: its place in a thread,
// its text and its time. Cameras send many posts with the same text, so a post
// with pictures, or one of which the time is known, must be of the time when it
// was sent, and not be one that is known already. Where pictures keep their ids,
// they alone tell.
func (a *attempt) hasText(s found, n int) bool {
	files := len(a.parts[n].Files)
	switch {
	case files > 0 && (a.limits.sameIDs || len(s.Media) > 0 && len(s.Media) != files):
		return false
	case files == 0 && len(s.Media) > 0:
		return false
	}
	to := ""
	if n > 0 {
		to = a.id(n - 1)
	}
	if string(s.ReplyTo) != to || letters(plain(s.Content)) != letters(a.parts[n].Text) || a.m.isNoted(s.ID) {
		return false
	}
	created, err := time.Parse(time.RFC3339, string(s.Created))
	_, theirs, _ := strings.Cut(a.marked(step("posting", n)), " ")
	unix, bad := strconv.ParseInt(theirs, 10, 64)
	if err != nil || bad != nil {
		return files == 0
	}
	after := created.Sub(time.Unix(unix, 0))
	return after >= -createdBefore && after <= createdAfter
}

const postsMax = 100 // noted posts that are remembered, more than find looks at

// noted remembers a post that is known to be there.
func (m *Account) noted(id api.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.posts = append(m.posts, id); len(m.posts) > postsMax {
		m.posts = slices.Clone(m.posts[1:])
	}
}

func (m *Account) isNoted(id api.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Contains(m.posts, id)
}

// plain takes the markup out of a status.
func plain(content string) string {
	var b strings.Builder
	inTag := false
	for _, r := range content {
		switch {
		case r == '<':
			inTag = true
		case r == '>' && inTag:
			inTag = false
		case !inTag:
			b.WriteRune(r)
		}
	}
	return strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&#39;", "'").Replace(b.String())
}

// letters is what servers leave as it is.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// accountID returns the name by which the server knows the token's account.
func (m *Account) accountID(ctx context.Context) (string, error) {
	m.mu.Lock()
	id := m.account
	m.mu.Unlock()
	if id != "" {
		return id, nil
	}
	me, err := m.whoAmI(ctx)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	m.account = string(me.ID)
	m.mu.Unlock()
	return string(me.ID), nil
}

// whoAmI asks whose token this is.
func (m *Account) whoAmI(ctx context.Context) (*api.Account, error) {
	me, err := (&call{m: m}).client().GetAccountCurrentUser(ctx)
	if err != nil {
		return nil, err
	}
	return me, checkID(me.ID)
}
