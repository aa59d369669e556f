package mastodon

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	"snsbridge/src/spool"
)

const pauseMax = time.Hour // that a server may ask for

// refusal is an answer by which a server did not do what it was asked.
type refusal struct {
	host   string
	status int
	words  string        // the server's own
	where  string        // of a redirect
	after  time.Duration // the server wants to be left alone for
}

func (r *refusal) Error() string {
	s := fmt.Sprintf("%s answered %d %s", r.host, r.status, http.StatusText(r.status))
	if r.where != "" {
		s += " to " + r.where
	}
	if r.words != "" {
		s += ": " + r.words
	}
	return s
}

// says tells whether the server's words contain one of these.
func (r *refusal) says(any ...string) bool {
	words := strings.ToLower(r.words)
	for _, s := range any {
		if strings.Contains(words, s) {
			return true
		}
	}
	return false
}

// troubled tells a server that can take nothing now.
func (r *refusal) troubled() bool {
	return r.status >= 500 || r.status == http.StatusTooManyRequests
}

// passes tells a refusal that has nothing to do with the question.
func (r *refusal) passes() bool {
	return r.troubled() || r.status == http.StatusUnauthorized
}

// missing tells that the server does not have what was asked for, or not at
// this address.
func (r *refusal) missing() bool {
	return r.status == http.StatusNotFound || r.status == http.StatusMethodNotAllowed
}

// tooLarge knows the words of Mastodon, GoToSocial and Pixelfed (Laravel), all
// with 422, for a file that has too many bytes or pixels.
func (r *refusal) tooLarge() bool {
	return r.says("file size", "max size", "size limit", "greater than", "images are not supported")
}

func (m *Account) refusal(resp *http.Response, body []byte) *refusal {
	r := &refusal{host: m.host(), status: resp.StatusCode, words: words(body)}
	if u, err := resp.Location(); err == nil && resp.StatusCode < 400 {
		r.where = u.Scheme + "://" + u.Host
	}
	if r.troubled() {
		r.after = m.pause(resp.Header)
	}
	return r
}

// words finds the sentence in an error: OAuth and Laravel (Pixelfed)
// have their own fields for it.
func words(body []byte) string {
	var e struct {
		Description string `json:"error_description"`
		Error       string `json:"error"`
		Message     string `json:"message"`
	}
	json.Unmarshal(body, &e) // what it can: not all errors are JSON
	return printable(cmp.Or(e.Description, e.Error, e.Message), 300)
}

func printable(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, "?"))
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return s
}

// pause reads how long a server wants to be left alone. Times of day are
// compared with the server's own clock, since a router's can be years off.
func (m *Account) pause(h http.Header) time.Duration {
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = m.now()
	}
	until := func(t time.Time) time.Duration { return min(max(t.Sub(now), 0), pauseMax) }
	if s := strings.TrimSpace(h.Get("Retry-After")); s != "" {
		if t, err := http.ParseTime(s); err == nil {
			return until(t)
		}
		n, err := strconv.ParseUint(s, 10, 64)
		if errors.Is(err, strconv.ErrRange) || n > uint64(pauseMax/time.Second) {
			return pauseMax
		}
		if err == nil {
			return time.Duration(n) * time.Second
		}
	}
	// Mastodon writes 2026-01-02T03:04:05.678901Z, others seconds since 1970.
	s := strings.TrimSpace(h.Get("X-RateLimit-Reset"))
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return until(t)
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 {
		return until(time.Unix(min(n, 1<<40), 0))
	}
	return 0
}

func asRefusal(err error) (*refusal, bool) {
	var r *refusal
	return r, errors.As(err, &r)
}

// isScope tells a token that is good, but not for this question: the login
// program of the known Flask implementation asks for the right to write only.
func isScope(err error) bool {
	r, ok := asRefusal(err)
	return ok && r.status == http.StatusForbidden && r.says("scope")
}

// failure turns what went wrong into what follows from it.
func (m *Account) failure(ctx context.Context, what string, err error) error {
	var done *spool.Error
	if err == nil || errors.As(err, &done) {
		return err
	}
	var ue *url.Error // its text is the whole address
	if errors.As(err, &ue) {
		err = ue.Err
	}
	e := &spool.Error{Err: fmt.Errorf("%s: %w", what, err)}
	var disk diskError
	var cert *tls.CertificateVerificationError
	var op *net.OpError
	r, refused := asRefusal(err)
	switch {
	case refused:
		m.judge(ctx, r, e)
	case errors.As(err, &disk):
		e.Code, e.Hint = "storage", "Check that the memory stick is plugged in and can be read."
	case errors.As(err, &cert) && m.now().Year() < 2026:
		e.Code, e.Hint = "clock", "The router's clock is not set yet: wait for it, or set it."
	case errors.As(err, &cert):
		e.Kind, e.Code = spool.Account, "tls"
		e.Hint = "The server cannot prove that it is " + m.host() +
			". A hotel's login page can be in between: open it in a browser. Otherwise check BASE_URL."
	case errors.Is(err, errAnswer):
		e.Kind = spool.Unavailable
		e.Code, e.Hint = "answer", "If this goes on, check BASE_URL: "+m.host()+"."
	default:
		e.Kind, e.Code = spool.Unavailable, "network"
		how := "the connection with %s broke"
		if errors.As(err, &op) && op.Op == "dial" {
			e.Kind, how = spool.Unreachable, "%s cannot be reached"
		}
		e.Err = fmt.Errorf("%s: "+how+": %w", what, m.host(), err)
	}
	return e
}

// judge says what follows from a refusal.
func (m *Account) judge(ctx context.Context, r *refusal, e *spool.Error) {
	login := "Log in again: snsbridge mastodon-login " + m.BaseURL
	switch {
	case r.status < 400 && r.status >= 300:
		e.Kind, e.Code = spool.Account, "redirect"
		e.Hint = "Nothing is sent elsewhere. If the server has moved, put its new address into BASE_URL and log in again."
	case r.status == http.StatusUnauthorized:
		e.Kind, e.Code, e.Hint = spool.Account, "login", login
	case r.status == http.StatusForbidden:
		if m.blames(ctx, r) {
			e.Kind, e.Code = spool.Permanent, "refused"
			e.Hint = "The server does not take it as it is. Edit the item and retry, or delete it."
			return
		}
		e.Kind, e.Code, e.Hint = spool.Account, "login", "Look at the account in a browser. "+login
	case r.status == http.StatusTooManyRequests:
		e.Kind, e.Code, e.After = spool.Unavailable, "busy", r.after
	case r.troubled():
		e.Kind, e.Code, e.After = spool.Unavailable, "server", r.after
	case r.status == http.StatusPartialContent, r.says("not finished processing"):
		e.Code = "processing"
	case r.status == http.StatusRequestTimeout, r.status == http.StatusTooEarly, r.status < 400:
		e.Code = "server"
	case r.status == http.StatusRequestEntityTooLarge, r.tooLarge():
		e.Kind, e.Code = spool.Permanent, "too-large"
		e.Hint = "Set the camera to a smaller picture size, or send this file elsewhere."
	default:
		e.Kind, e.Code = spool.Permanent, "refused"
		e.Hint = "The server does not take it as it is. Edit the item and retry, or delete it."
	}
}

// blames tells whether a 403 is about the item, not the account: the same
// token is good for another question. One bad item must not stop the rest.
func (m *Account) blames(ctx context.Context, r *refusal) bool {
	if r.says("scope") {
		return false
	}
	_, err := m.whoAmI(ctx)
	return err == nil
}
