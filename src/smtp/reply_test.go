package smtp

import (
	"testing"
	"time"
)

// A reply is its three digits, whatever stands around them. What a server has
// accepted is never taken for lost.
func TestReplies(t *testing.T) {
	const before = `
		S: 250 mail.test
		C~ MAIL
		S: 250 Ok
		C~ RCPT
		S: 250 Ok` + message
	const after = `
		C: QUIT
		S: 221 bye
		END`
	tests := []struct{ why, dialogue, want string }{
		{"bare codes throughout (RFC 5321 4.2)", `
			S: 220
			C~ EHLO
			S: 250
			C~ MAIL
			S: 250
			C~ RCPT
			S: 250
			C: DATA
			S: 354
			C: Subject: x
			C:
			C: ..dot
			C: photo
			C: .
			S: 250
			C: QUIT
			S: 221
			END`, "250|250|"},
		{"empty lines before each reply", `
			S: \r\n220 hello
			C~ EHLO
			S: \r\n\r\n250-mail.test\r\n250 SIZE 1000
			C~ MAIL FROM:<me@here.example> SIZE=27
			S:
			S: 250 Ok
			C~ RCPT
			S:
			S: 250 Ok
			C: DATA
			S:
			S: 354 go on
			C: Subject: x
			C:
			C: ..dot
			C: photo
			C: .
			S:
			S: 250 queued` + after, "250 Ok|250 queued|"},
		{"no blank behind the code", welcome + before + "S: 250Ok" + after, "250 Ok|250 Ok|"},
		{"a tab behind the code", welcome + before + "S: 250\tOk" + after, "250 Ok|250 Ok|"},
		{"a line of chatter before the acceptance", welcome + before + "S: Scanning for viruses...\nS: 250 queued" + after, "250 Ok|250 queued|"},
		{"several lines, the last one bare", welcome + before + "S: 250-queued\nS: 250" + after, "250 Ok|250 queued|"},
		{"a second line without a code", welcome + before + "S: 250-queued\nS: as 1234\nS: 250 bye" + after, "250 Ok|250 queued as 1234 bye|"},
		{"another code in the second line", welcome + before + "S: 250-queued\nS: 226 all done\nHANG UP", "250 Ok|250 queued 226 all done|"},
		{"an acceptance that breaks off", welcome + before + "S: 250-queued\nHANG UP", "250 Ok|250 queued|"},
		{"another code of success", welcome + before + "S: 200 fine" + after, "250 Ok|200 fine|"},
		{"a bare refusal", welcome + before + "S: 554" + after, "250 Ok|554|mail.test answered to answer: 554"},
		{"a refusal after an empty line", welcome + before + "S:\nS: 451 4.3.0 later" + after, "250 Ok|451 4.3.0 later|mail.test answered to answer: 451 4.3.0 later"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			cert, _ := certificate(t, "mail.test", longAgo, longFrom)
			port, verdict := play(t, cert, tt.dialogue)
			s := Server{Host: "mail.test", Port: port, Dial: toLoopback}
			if got := send(t, &s, []string{"a@b.example"}); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
			if v := <-verdict; v != "" {
				t.Errorf("the server %s", v)
			}
		})
	}
}

// Who gives up before the server does sends the mail again: RFC 5321 4.5.3.2.6
// asks for 10 minutes.
func TestPatience(t *testing.T) {
	if got := (Timeouts{}).orDefault().Final; got < 10*time.Minute {
		t.Errorf("the reply to a message is waited for %v", got)
	}
}

// A server that does not like our greeting gets another one.
func TestHello(t *testing.T) {
	const done = "\nC: QUIT\nS: 221 bye\nEND"
	tests := []struct {
		why      string
		server   Server
		dialogue string
		want     string
	}{
		{"501 to an address: a name", Server{}, welcome + "S: 501 5.5.2 invalid\nC: EHLO snsbridge.local\nS: 250 hi" + done, ""},
		{"504 to an address: a name", Server{}, welcome + "S: 504 5.5.2 need a name\nC: EHLO snsbridge.local\nS: 250 hi" + done, ""},
		{"550 to an address: a name", Server{}, welcome + "S: 550 Invalid HELO name\nC: EHLO snsbridge.local\nS: 250 hi" + done, ""},
		{"the name is refused, too", Server{}, welcome + "S: 501 no\nC: EHLO snsbridge.local\nS: 501 no\nEND", "mail.test answered to EHLO: 501 no"},
		{"a name of our own is the only one", Server{LocalName: "here.example"}, "S: 220 hi\nC: EHLO here.example\nS: 501 no\nEND", "mail.test answered to EHLO: 501 no"},
		{"500: HELO", Server{}, welcome + "S: 500 what?\nC: HELO [127.0.0.1]\nS: 250 hi" + done, ""},
		{"502, and HELO wants a name", Server{}, welcome + "S: 502 no\nC: HELO [127.0.0.1]\nS: 501 no\nC: HELO snsbridge.local\nS: 250 hi" + done, ""},
		{"502 where TLS is required", Server{StartTLS: true}, welcome + "S: 502 no\nEND", "mail.test, STARTTLS: " + ErrStartTLS.Error()},
		{"502 where a login is required", Server{User: "me", Password: "secret"}, welcome + "S: 502 no\nEND", "mail.test, AUTH: " + ErrAuth.Error()},
		{"421 is no matter of names", Server{}, welcome + "S: 421 later\nEND", "mail.test answered to EHLO: 421 later"},
		{"the name that was taken is said again under TLS", Server{StartTLS: true}, welcome + `
			S: 504 no
			C: EHLO snsbridge.local
			S: 250-hi
			S: 250 STARTTLS
			C: STARTTLS
			S: 220 go on
			TLS
			C: EHLO snsbridge.local
			S: 250 hi` + done, ""},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			cert, pool := certificate(t, "mail.test", longAgo, longFrom)
			port, verdict := play(t, cert, tt.dialogue)
			s := tt.server
			s.Host, s.Port, s.RootCAs, s.Dial = "mail.test", port, pool, toLoopback
			if got := words(s.Check(t.Context())); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
			if v := <-verdict; v != "" {
				t.Errorf("the server %s", v)
			}
		})
	}
}
