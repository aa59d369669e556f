package email

import (
	"encoding/base64"
	"testing"

	"snsbridge/src/spool"
)

// Who fills in server, user name and password but no sender has photos that
// arrive all the same: from the account's address, where the server does not
// take the camera's, at whatever step it says so.
func TestOwnAddress(t *testing.T) {
	const refusal = "553 5.7.1 <camera@b.example>: Sender address rejected: not owned by user me@here.example"
	for _, step := range []string{"MAIL", "RCPT", "message"} {
		server := startServer(t)
		server.set(func(s *fakeServer) {
			s.auth = "PLAIN " + base64.StdEncoding.EncodeToString([]byte("\x00me@here.example\x00secret"))
			ours := false
			s.answer = func(st, arg string) string {
				if st == "MAIL" {
					ours = between(arg) == "me@here.example"
				}
				if st == step && !ours {
					return refusal
				}
				return ""
			}
		})
		e := server.smarthost()
		e.From, e.Server.User = "", "me@here.example"
		s := openSpool(t)
		for range 2 {
			add(s, spool.Item{Sender: "camera@b.example"}, []string{"a@b.example"}, picture{"1.jpg", noise(1000, 1)})
			if _, err := try(s, e); err != nil {
				t.Fatalf("refused at %s: %v", step, err)
			}
		}
		mails := server.accepted()
		if len(mails) != 2 || mails[0].from != "me@here.example" || mails[1].from != "me@here.example" {
			t.Fatalf("refused at %s: got %+v", step, mails)
		}
		if got := parse(t, mails[0].data).header.Get("Reply-To"); got != "<camera@b.example>" {
			t.Errorf("refused at %s: answers go to %q", step, got)
		}
		if e.Sender() != "me@here.example" {
			t.Errorf("refused at %s: told as the sender: %q", step, e.Sender())
		}
	}
}

// The address that cameras are delivered with is nobody's, and gets no answers.
func TestFactorySender(t *testing.T) {
	server := startServer(t)
	s := openSpool(t)
	add(s, spool.Item{Sender: "camera@SamsungCamera.com"}, []string{"a@b.example"})
	if _, err := try(s, server.smarthost()); err != nil {
		t.Fatal(err)
	}
	if got := parse(t, server.accepted()[0].data).header.Get("Reply-To"); got != "" {
		t.Errorf("answers go to %q", got)
	}
}
