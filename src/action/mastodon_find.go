package action

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

	mastodon "github.com/mattn/go-mastodon"
)

// mastodonFate is what became of a post whose answer was lost.
type mastodonFate int

const (
	mastodonUnknown mastodonFate = iota // the token does not allow to ask
	mastodonPosted
	mastodonAbsent
)

// mastodonFound is what is needed of a status in a list.
type mastodonFound struct {
	ID      mastodon.ID `json:"id"`
	URL     string      `json:"url"`
	URI     string      `json:"uri"`
	ReplyTo mastodon.ID `json:"in_reply_to_id"`
	Content string      `json:"content"`
	Media   []struct {
		ID mastodon.ID `json:"id"`
	} `json:"media_attachments"`
}

// find looks for part n among the account's newest posts, and notes it if it
// is there. Edits by a person after the post do not matter: the pictures tell.
func (a *mastodonAttempt) find(ctx context.Context, n int) (mastodonFate, error) {
	unknown := func(err error) (mastodonFate, error) {
		r, refused := asMastodonRefusal(err)
		if refused && r.status >= 400 && !r.passes() {
			return mastodonUnknown, nil
		}
		return mastodonUnknown, a.m.failure(ctx, "look whether the post is there", err)
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
		return unknown(errMastodonAnswer)
	}
	for list.More() {
		var s mastodonFound
		if err := list.Decode(&s); err != nil {
			return unknown(fmt.Errorf("%w: %w", errMastodonAnswer, err))
		}
		if checkMastodonID(s.ID) == nil && a.isPart(s, n) {
			return mastodonPosted, a.posted(n, &mastodon.Status{ID: s.ID, URL: s.URL, URI: s.URI})
		}
	}
	if _, err := list.Token(); err != nil {
		return unknown(fmt.Errorf("%w: %w", errMastodonAnswer, err)) // it was cut
	}
	return mastodonAbsent, nil
}

func (a *mastodonAttempt) isPart(s mastodonFound, n int) bool {
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
	return string(s.ReplyTo) == to && mastodonLetters(mastodonPlain(s.Content)) == mastodonLetters(a.parts[n].Text)
}

// mastodonPlain takes the markup out of a status.
func mastodonPlain(content string) string {
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

// mastodonLetters is what servers leave as it is.
func mastodonLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// accountID returns the name by which the server knows the token's account.
func (m *Mastodon) accountID(ctx context.Context) (string, error) {
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
func (m *Mastodon) whoAmI(ctx context.Context) (*mastodon.Account, error) {
	me, err := (&mastodonCall{m: m}).client().GetAccountCurrentUser(ctx)
	if err != nil {
		return nil, err
	}
	return me, checkMastodonID(me.ID)
}
