package email

import (
	"context"
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"snsbridge/src/spool"
)

// The test mail goes the way of photos, and what fails is told as it is for
// photos.
func TestTrial(t *testing.T) {
	const to = "you@there.example"
	for _, c := range []struct {
		reason string
		change func(*fakeServer, *Smarthost)
		to     string
		kind   spool.Kind
		code   string // "": it arrives
		words  string
	}{
		{"all is well", func(*fakeServer, *Smarthost) {}, to, 0, "", ""},
		{"the login is refused", func(s *fakeServer, e *Smarthost) { s.answer = when("AUTH", "", 0, "535 5.7.8 no") }, to, spool.Account, "login", "535"},
		{"no STARTTLS", func(s *fakeServer, e *Smarthost) { s.plain = true }, to, spool.Account, "tls", "does not offer STARTTLS"},
		{"the clock is in 1970", func(s *fakeServer, e *Smarthost) { e.Server.Now = func() time.Time { return time.Unix(1000, 0) } }, to, spool.Temporary, "clock", "not yet valid"},
		{"the server does not know the recipient", func(s *fakeServer, e *Smarthost) { s.answer = when("RCPT", "", 0, "550 no such user") }, to, spool.Permanent, "recipient", "you@there.example: 550"},
		{"the sender is refused", func(s *fakeServer, e *Smarthost) { s.answer = when("MAIL", "", 0, "553 not yours") }, to, spool.Account, "sender", "553"},
		{"the words are refused", func(s *fakeServer, e *Smarthost) { s.answer = when("message", "", 0, "554 spam") }, to, spool.Permanent, "refused", "554"},
		{"an address that is none", func(*fakeServer, *Smarthost) {}, "you\r\nRCPT TO:<x@y.example>", spool.Permanent, "recipient", "is not an e-mail address"},
		{"an address that may not be mailed", func(s *fakeServer, e *Smarthost) { e.Recipients = []string{"*@here.example"} }, to, spool.Permanent, "recipient-not-allowed", "not among those"},
		{"the day is full", func(s *fakeServer, e *Smarthost) { e.Quota.PerDay = 1; e.Quota.Take(1) }, to, spool.Temporary, "quota", "1 of 1"},
	} {
		server := startServer(t)
		e := server.smarthost()
		e.Quota = &Quota{Path: filepath.Join(t.TempDir(), "quota"), PerDay: 5}
		server.set(func(s *fakeServer) { c.change(s, e) })
		before := e.Quota.Used()
		reply, err := e.Trial(context.Background(), c.to)
		kind, code := kindOf(err)
		if kind != c.kind || code != c.code || c.code != "" && !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: got kind %v, code %q, %v", c.reason, kind, code, err)
		}
		mails := server.accepted()
		if c.code != "" {
			if len(mails) > 0 || e.Quota.Used() != before {
				t.Errorf("%s: %d mails, %d counted", c.reason, len(mails), e.Quota.Used()-before)
			}
			continue
		}
		if !strings.HasPrefix(reply, "250") || len(mails) != 1 || e.Quota.Used() != 1 {
			t.Fatalf("%s: reply %q, %d mails, %d counted", c.reason, reply, len(mails), e.Quota.Used())
		}
		m := parse(t, mails[0].data)
		if mails[0].from != "me@here.example" || mails[0].to[0] != to || m.header.Get("From") != `"Me" <me@here.example>` || !strings.Contains(m.text, "test mail") {
			t.Errorf("%s: %+v\n%+v", c.reason, mails[0], m)
		}
	}
}

// Without a sender in the settings it is the camera's, as for photos, and the
// account's where the server does not take that.
func TestTrialSender(t *testing.T) {
	for _, picky := range []bool{false, true} {
		server := startServer(t)
		e := server.smarthost()
		e.From, e.Server.User = "", "me@account.example"
		server.set(func(s *fakeServer) {
			s.auth = "PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00me@account.example\x00secret"))
			s.answer = func(step, arg string) string {
				if picky && step == "MAIL" && between(arg) != "me@account.example" {
					return "553 5.7.1 Sender address rejected: not owned by auth user."
				}
				return ""
			}
		})
		if _, err := e.Trial(context.Background(), "you@there.example"); err != nil {
			t.Fatal(err)
		}
		want := factory
		if picky {
			want = "me@account.example"
		}
		if got := server.accepted()[0].from; got != want {
			t.Errorf("picky %v: the mail is from %s, want %s", picky, got, want)
		}
	}
}
