package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
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
	Media   []struct {
		ID api.ID `json:"id"`
	} `json:"media_attachments"`
}

// find looks for part n among the account's newest posts, and notes it if it
// is there. Edits by a person after the post do not matter: the pictures tell.
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
	ids := a.ids(n)
	for _, f := range s.Media {
		if slices.Contains(ids, string(f.ID)) {
			return true
		}
	}
	if len(a.parts[n].Files) > 0 {
		return false
	}
	to := ""
	if n > 0 {
		to = a.id(n - 1)
	}
	return string(s.ReplyTo) == to && letters(plain(s.Content)) == letters(a.parts[n].Text)
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
