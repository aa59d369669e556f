package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// The parts of a dialogue that are the same in most cases.
const (
	welcome = `
		S: 220 mail.test ESMTP
		C: EHLO [127.0.0.1]
`
	secured = welcome + `
		S: 250-mail.test
		S: 250 STARTTLS
		C: STARTTLS
		S: 220 go on
		TLS
		C: EHLO [127.0.0.1]
`
	message = `
		C: DATA
		S: 354 go on
		C: Subject: x
		C:
		C: ..dot
		C: photo
		C: .
`
)

func TestDialogues(t *testing.T) {
	cert, pool := certificate(t, "mail.test", longAgo, longFrom)
	short := Timeouts{Greeting: 300 * time.Millisecond}
	tests := []struct {
		name, why string
		server    Server
		to        []string // none: Check
		dialogue  string
		want      string // of the result: each recipient's reply, the final reply, the error
		is        error
	}{
		{
			name: "one of two", why: "each recipient has a result of its own",
			to: []string{"a@b.example", "c@d.example"},
			dialogue: welcome + `
				S: 250 mail.test
				C: MAIL FROM:<me@here.example>
				S: 250 2.1.0 Ok
				C: RCPT TO:<a@b.example>
				S: 250 2.1.5 Ok
				C: RCPT TO:<c@d.example>
				S: 550-5.1.1 no such
				S: 550 5.1.1 user` + message + `
				S: 250 2.0.0 queued as 1
				C: QUIT
				S: 221 bye
				END`,
			want: "250 2.1.5 Ok|550 5.1.1 no such 5.1.1 user|250 2.0.0 queued as 1|",
		},
		{
			name: "none of one", why: "no recipient, no DATA, and the session goes on",
			to: []string{"a@b.example"},
			dialogue: welcome + `
				S: 250-mail.test
				S: 250 SIZE 1000
				C: MAIL FROM:<me@here.example> SIZE=27
				S: 250 Ok
				C: RCPT TO:<a@b.example>
				S: 450 later
				C: RSET
				S: 250 Ok
				C: QUIT
				S: 221 bye
				END`,
			want: "450 later|0|",
		},
		{
			name: "login, PLAIN", why: "under TLS the plain one is the surest",
			server: Server{User: "me", Password: "secret", StartTLS: true},
			dialogue: secured + `
				S: 250-mail.test
				S: 250 AUTH CRAM-MD5 LOGIN PLAIN
				C: AUTH PLAIN AG1lAHNlY3JldA==
				S: 235 welcome
				C: QUIT
				S: 221 bye
				END`,
		},
		{
			name: "login, LOGIN", why: "Microsoft's servers know no other, and some write = after AUTH",
			server: Server{User: "me", Password: "secret", StartTLS: true},
			dialogue: secured + `
				S: 250-mail.test
				S: 250 auth=login
				C: AUTH LOGIN
				S: 334 VXNlcm5hbWU6
				C: bWU=
				S: 334 UGFzc3dvcmQ6
				C: c2VjcmV0
				S: 235 welcome
				C: QUIT
				S: 221 bye
				END`,
		},
		{
			name: "login, CRAM-MD5", why: "the example of RFC 2195, on this machine without TLS",
			server: Server{User: "tim", Password: "tanstaaftanstaaf"},
			dialogue: welcome + `
				S: 250-mail.test
				S: 250 AUTH PLAIN CRAM-MD5
				C: AUTH CRAM-MD5
				S: 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+
				C: dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw
				S: 235 welcome
				C: QUIT
				S: 221 bye
				END`,
		},
		{
			name: "login, the second", why: "504 means: not this one",
			server: Server{User: "me", Password: "secret", TLS: true},
			dialogue: "TLS" + welcome + `
				S: 250-mail.test
				S: 250 AUTH PLAIN LOGIN
				C: AUTH PLAIN AG1lAHNlY3JldA==
				S: 504 5.5.4 not that
				C: AUTH LOGIN
				S: 334 name?
				C: bWU=
				S: 334 password?
				C: c2VjcmV0
				S: 235 welcome
				C: QUIT
				S: 221 bye
				END`,
		},
		{
			name: "login, refused", why: "a second try could lock the account; the password is not repeated",
			server: Server{User: "me", Password: "secret", StartTLS: true},
			dialogue: secured + `
				S: 250-mail.test
				S: 250 AUTH PLAIN LOGIN
				C: AUTH PLAIN AG1lAHNlY3JldA==
				S: 535 5.7.8 I do not like AG1lAHNlY3JldA== nor secret
				END`,
			want: "mail.test answered to AUTH: 535 5.7.8 I do not like *** nor ***",
		},
		{
			name: "login, not offered", why: "to send without it would be refused later, or logged as somebody else's",
			server:   Server{User: "me", Password: "secret", StartTLS: true},
			dialogue: secured + "S: 250 mail.test\nEND",
			is:       ErrAuth,
		},
		{
			name: "login, strange ones only", why: "we know three",
			server:   Server{User: "me", Password: "secret", StartTLS: true},
			dialogue: secured + "S: 250-mail.test\nS: 250 AUTH NTLM GSSAPI\nEND",
			is:       ErrAuth,
		},
		{
			name: "login, by OAuth alone", why: "another password does not help",
			server:   Server{User: "me", Password: "secret", StartTLS: true},
			dialogue: secured + "S: 250-mail.test\nS: 250 AUTH NTLM XOAUTH2\nEND",
			is:       ErrOAuth,
		},
		{
			name: "login, challenge of garbage", why: "nothing is computed from it",
			server: Server{User: "me", Password: "secret"},
			dialogue: welcome + `
				S: 250-mail.test
				S: 250 AUTH CRAM-MD5
				C: AUTH CRAM-MD5
				S: 334 ????
				END`,
			want: "mail.test, AUTH: the server's challenge is not base64",
		},
		{
			name: "STARTTLS stripped", why: "asked for means TLS or nothing",
			server:   Server{User: "me", Password: "secret", StartTLS: true},
			dialogue: welcome + "S: 250-mail.test\nS: 250 AUTH PLAIN\nEND",
			is:       ErrStartTLS,
		},
		{
			name: "STARTTLS refused", why: "an offer is no promise",
			server:   Server{StartTLS: true},
			dialogue: welcome + "S: 250-mail.test\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 not now\nEND",
			want:     "mail.test answered to STARTTLS: 454 not now",
		},
		{
			name: "STARTTLS injected", why: "a reply in plain text is not taken for one under TLS",
			server:   Server{StartTLS: true},
			dialogue: welcome + "S: 250-mail.test\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go on\\r\\n250-mail.test\\r\\n250 AUTH PLAIN\nEND",
			want:     "mail.test, STARTTLS: something spoke in the server's name before TLS began",
		},
		{
			name: "busy", why: "421 in the greeting",
			dialogue: "S: 421 4.3.2 too many\nEND",
			want:     "mail.test answered to greeting: 421 4.3.2 too many",
		},
		{
			name: "busy at RCPT", why: "421 ends the session, it says nothing about the recipient",
			to: []string{"a@b.example", "c@d.example"},
			dialogue: welcome + `
				S: 250 mail.test
				C~ MAIL
				S: 250 Ok
				C~ RCPT
				S: 421 4.3.2 going down`,
			want: "0|0|0|mail.test answered to RCPT: 421 4.3.2 going down",
		},
		{
			name: "too large", why: "known before the bytes are sent",
			to: []string{"a@b.example"},
			dialogue: welcome + `
				S: 250-mail.test
				S: 250 SIZE
				C~ MAIL FROM:<me@here.example> SIZE=27
				S: 552 5.3.4 too large`,
			want: "0|0|mail.test answered to MAIL: 552 5.3.4 too large",
		},
		{
			name: "DATA refused", why: "the session goes on",
			to: []string{"a@b.example"},
			dialogue: welcome + `
				S: 250 mail.test
				C~ MAIL
				S: 250 Ok
				C~ RCPT
				S: 250 Ok
				C: DATA
				S: 554 5.5.1 no
				C: RSET
				S: 250 Ok
				C: QUIT
				S: 221 bye
				END`,
			want: "250 Ok|0|mail.test answered to DATA: 554 5.5.1 no",
		},
		{
			name: "no final answer", why: "whether it was accepted nobody knows",
			to: []string{"a@b.example"},
			dialogue: welcome + `
				S: 250 mail.test
				C~ MAIL
				S: 250 Ok
				C~ RCPT
				S: 250 Ok` + message + "HANG UP",
			want: "250 Ok|0|mail.test, answer: the server hung up (EOF)",
		},
		{
			name: "silent", why: "no greeting",
			server:   Server{Timeouts: short},
			dialogue: "SILENCE",
			want:     "mail.test, greeting: no answer in time",
			is:       os.ErrDeadlineExceeded,
		},
		{
			name: "flood", why: "a banner of a gigabyte", dialogue: "FLOOD x",
			want: "mail.test, greeting: the reply is longer than 16384 bytes",
		},
		{
			name: "flood of lines", why: "a reply that never ends",
			dialogue: `FLOOD 220-and so on\r\n`,
			want:     "mail.test, greeting: the reply is longer than 16384 bytes",
		},
		{
			name: "no mail server", why: "somebody else's port",
			dialogue: "S: HTTP/1.0 400 Bad Request\nEND",
			want:     `mail.test, greeting: not a mail server's reply: "HTTP/1.0 400 Bad Request"`,
		},
		{
			name: "another step's words", why: "terminals and pages are not driven by a server's reply",
			dialogue: "S: 554 \x1b[31mred\x00\u202e\xff<b>\nEND",
			want:     "mail.test answered to greeting: 554 [31mred ?<b>",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			port, verdict := play(t, cert, tt.dialogue)
			s := tt.server
			s.Host, s.Port, s.RootCAs, s.Dial = "mail.test", port, pool, toLoopback
			got := ""
			if tt.to == nil {
				err := s.Check(t.Context())
				got = words(err)
				if tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("%s: got error %v, want %v", tt.why, err, tt.is)
				}
			} else {
				got = send(t, &s, tt.to)
			}
			if tt.is == nil || tt.want != "" {
				if got != tt.want && (tt.want == "" || !strings.HasPrefix(got, tt.want)) {
					t.Errorf("%s:\n got %s\nwant %s", tt.why, got, tt.want)
				}
			}
			if v := <-verdict; v != "" {
				t.Errorf("%s: the server %s", tt.why, v)
			}
		})
	}
}

func send(t *testing.T, s *Server, to []string) string {
	c, err := s.Open(t.Context())
	if err != nil {
		return words(err)
	}
	res, err := c.Send("me@here.example", to, 27, func(b *Body) error {
		_, err := io.WriteString(b, "Subject: x\r\n\r\n.dot\nphoto\n")
		return err
	})
	c.Quit()
	var out []string
	for _, r := range append(res.Recipients, res.Final) {
		out = append(out, r.String())
	}
	return strings.Join(out, "|") + "|" + words(err)
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// toLoopback is a Dial for which every name is this machine's.
func toLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
}

func TestCertificates(t *testing.T) {
	good, trusted := certificate(t, "mail.test", longAgo, longFrom)
	_, strangers := certificate(t, "mail.test", longAgo, longFrom)
	other, othersTrusted := certificate(t, "other.test", longAgo, longFrom)
	in1970 := func() time.Time { return time.Unix(100, 0) }
	tests := []struct {
		why  string
		run  func(s *Server)
		want func(error) bool
	}{
		{"trusted", func(s *Server) {}, func(err error) bool { return err == nil }},
		{"nobody we know signed it", func(s *Server) { s.RootCAs = strangers },
			func(err error) bool { return errors.As(err, new(x509.UnknownAuthorityError)) }},
		{"the clock is not set yet", func(s *Server) { s.Now = in1970 },
			func(err error) bool {
				var e x509.CertificateInvalidError
				return errors.As(err, &e) && e.Reason == x509.Expired
			}},
	}
	for _, tt := range tests {
		port, _ := play(t, good, "TLS\nS: 220 hello\nC~ EHLO\nS: 250 hi\nC: QUIT\nS: 221 bye\nEND")
		s := &Server{Host: "mail.test", Port: port, TLS: true, RootCAs: trusted, Dial: toLoopback}
		tt.run(s)
		if err := s.Check(t.Context()); !tt.want(err) {
			t.Errorf("%s: got %v", tt.why, err)
		}
	}
	port, _ := play(t, other, "TLS")
	s := &Server{Host: "mail.test", Port: port, TLS: true, RootCAs: othersTrusted, Dial: toLoopback}
	if err := s.Check(t.Context()); !errors.As(err, new(x509.HostnameError)) {
		t.Errorf("a certificate for another host: got %v", err)
	}
}

// A password leaves the machine under TLS or not at all, whatever the login.
func TestNoPasswordInTheClear(t *testing.T) {
	client, server := net.Pipe() // not a loopback address
	verdict := make(chan string, 1)
	cert, _ := certificate(t, "mail.test", longAgo, longFrom)
	go func() {
		verdict <- act(server, cert, "S: 220 hi\nC: EHLO snsbridge.local\nS: 250-hi\nS: 250 AUTH PLAIN LOGIN CRAM-MD5\nEND")
	}()
	s := &Server{Host: "mail.test", User: "me", Password: "secret",
		Dial: func(context.Context, string, string) (net.Conn, error) { return client, nil }}
	if err := s.Check(t.Context()); !errors.Is(err, ErrNoTLS) {
		t.Errorf("got %v, want %v", err, ErrNoTLS)
	}
	if v := <-verdict; v != "" {
		t.Error(v)
	}
}

func TestRefusedConnection(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	s := &Server{Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port}
	err = s.Check(t.Context())
	var e *Error
	if !errors.As(err, &e) || e.Step != "connect" || e.Code != 0 {
		t.Errorf("got %v, want an error at the step connect", err)
	}
}

// The end of the context ends a step that would wait for minutes.
func TestCancel(t *testing.T) {
	cert, _ := certificate(t, "mail.test", longAgo, longFrom)
	port, verdict := play(t, cert, welcome+"SILENCE")
	ctx, cancel := context.WithCancel(t.Context())
	s := &Server{Host: "127.0.0.1", Port: port}
	done := make(chan error)
	connected := make(chan bool)
	s.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		defer close(connected)
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	go func() { done <- s.Check(ctx) }()
	<-connected
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	<-verdict
}

// A server's limit is a number, or there is none.
func TestSize(t *testing.T) {
	for offer, want := range map[string]int64{
		"SIZE 35882577": 35882577, "size 7": 7, "SIZE=7": 7, "SIZE  7 ": 7,
		"SIZE": 0, "SIZE 0": 0, "SIZE -5": 0, "SIZE many": 0, "SIZE 99999999999999999999": math.MaxInt64, "HELP": 0,
	} {
		port, _ := play(t, tls.Certificate{}, welcome+"S: 250-hi\nS: 250 "+offer+"\nC: QUIT\nS: 221 bye\nEND")
		c, err := (&Server{Host: "127.0.0.1", Port: port}).Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if c.Size != want {
			t.Errorf("%s: got %d, want %d", offer, c.Size, want)
		}
		c.Quit()
	}
}

// A name that would become more than an address is not sent.
func TestBareAddresses(t *testing.T) {
	for _, address := range []string{"a@b> SIZE=1", "a@b\r\nRCPT TO:<c@d", "<a@b", "a b@c", "ä@b", "a@b\x00"} {
		port, verdict := play(t, tls.Certificate{}, welcome+"S: 250 hi\nC: QUIT\nS: 221 bye\nEND")
		s := &Server{Host: "127.0.0.1", Port: port}
		if got := send(t, s, []string{address}); !strings.Contains(got, "is not a mail address") {
			t.Errorf("%q: got %s", address, got)
		}
		if v := <-verdict; v != "" {
			t.Errorf("%q: %s", address, v)
		}
	}
}
