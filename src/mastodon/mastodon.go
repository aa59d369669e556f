// Package mastodon posts photos, and finds out what became of a post whose
// answer was lost.
package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	api "github.com/mattn/go-mastodon"

	"snsbridge/src/action"
	"snsbridge/src/spool"
)

// Account is where an item is posted: at a server that speaks the Mastodon API
// (Mastodon, Pixelfed, GoToSocial, Friendica). What is more than the server allows in one
// post becomes a thread.
//
// A post whose answer was lost is never sent again blindly. Mastodon remembers
// an Idempotency-Key for an hour, others do not know it, and a router may be
// without an uplink for days: before a second try the account's posts are
// searched for the first.
//
// The fields are set before the first use. Instances share nothing.
type Account struct {
	BaseURL    string // "https://photog.social"; http only for this machine itself
	Token      string
	Postscript string // last paragraph of every post
	Visibility string // public, unlisted, private or direct; "": unlisted
	Language   string // of items that have none, as in ISO 639; "": the account's own
	AltText    string // a mode of action.Described; "": draft
	Public     bool   // blank position, serial numbers and names in what is uploaded
	UserAgent  string

	Transport  http.RoundTripper // nil: HTTP/1.1 with verified TLS
	Timeout    time.Duration     // for an answer, from the last byte of the request; 0: 2 minutes
	Stall      time.Duration     // for an upload that does not move; 0: 1 minute
	Processing time.Duration     // for the server to digest a file, in one attempt; 0: 2 minutes
	Now        func() time.Time  // nil: time.Now

	mu      sync.Mutex
	base    http.RoundTripper
	account string // our account's id at the server
	limits  limits
	asked   time.Time // when limits was read; monotonic
	v1      bool      // files go to the first version of the media endpoint: there is no second
	date    time.Time // by the server's clock, of its last answer
	dated   time.Time // when that answer came; monotonic
	posts   []api.ID  // the last that were noted
}

// Do posts the item, or what an earlier attempt left of it.
func (m *Account) Do(ctx context.Context, d *spool.Delivery) error {
	if err := m.usable(); err != nil {
		return err
	}
	if err := action.Described(m.AltText, d.Item); err != nil {
		return err
	}
	limits, err := m.limitsNow(ctx)
	if err != nil {
		return m.failure(ctx, "ask for the limits", err)
	}
	a := &attempt{m: m, d: d, limits: limits, fresh: map[string]bool{}, ready: map[string]bool{}}
	if err := a.plan(ctx); err != nil {
		return err
	}
	if err := a.probe(ctx); err != nil {
		return err
	}
	for n := range a.parts {
		if err := a.part(ctx, n); err != nil {
			return err
		}
	}
	d.Job.Result = a.address(0)
	return nil
}

// Check tells whether the server can be reached and takes the token.
func (m *Account) Check(ctx context.Context) error {
	if err := m.usable(); err != nil {
		return err
	}
	if _, err := m.whoAmI(ctx); err != nil && !isScope(err) {
		return m.failure(ctx, "log in", err)
	}
	if _, err := m.askLimits(ctx); err != nil {
		return m.failure(ctx, "ask for the limits", err)
	}
	return nil
}

// usable refuses settings by which the token or a photo could go to a
// stranger.
func (m *Account) usable() error {
	var err error
	switch {
	case m.Token == "":
		err = errors.New("there is no token")
	case m.BaseURL == "":
		err = errors.New("there is no server address")
	default:
		_, err = parseURL(m.BaseURL)
	}
	if err == nil {
		return nil
	}
	return &spool.Error{
		Kind: spool.Account,
		Code: "settings",
		Hint: "Log in and follow the instructions: snsbridge mastodon-login SERVER",
		Err:  err,
	}
}

// parseURL checks the address of a server.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("%q is not a server address", s)
	}
	host := u.Hostname()
	local := host == "localhost" || net.ParseIP(host).IsLoopback()
	switch {
	case host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("%q is not a server address", u.Redacted())
	case u.Scheme != "https" && !(u.Scheme == "http" && local):
		return nil, fmt.Errorf("the address %q must begin with https://", u.Redacted())
	}
	return u, nil
}

func (m *Account) host() string {
	u, err := url.Parse(m.BaseURL)
	if err != nil {
		return "the server"
	}
	return u.Host
}

// visibility is what a person chose for the item, else the account's.
func (m *Account) visibility(it *spool.Item, part int) string {
	v := strings.ToLower(m.Visibility)
	if it.Visibility != "" {
		v = it.Visibility
	}
	switch {
	case v == "":
		return "unlisted"
	case v == "public" && part > 0:
		// One post, not nine, on the timelines of everybody.
		return "unlisted"
	}
	return v
}

func (m *Account) timeout() time.Duration    { return or(m.Timeout, 2*time.Minute) }
func (m *Account) stall() time.Duration      { return or(m.Stall, time.Minute) }
func (m *Account) processing() time.Duration { return or(m.Processing, 2*time.Minute) }

func or(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

func (m *Account) now() time.Time {
	if m.Now == nil {
		return time.Now()
	}
	return m.Now()
}
