package action

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"snsbridge/src/smtp"
	"snsbridge/src/spool"
)

// mailWhen does something to a server at the n-th time that it comes to a step
// (with that argument, if one is given), counted from 1; 0: each time.
func mailWhen(step, arg string, n int, reply string) func(step, arg string) string {
	count := 0
	return func(s, a string) string {
		if s != step || arg != "" && a != arg {
			return ""
		}
		if count++; n > 0 && count != n {
			return ""
		}
		return reply
	}
}

// Whatever the server does: the state of the job, what a person is told, that
// the photos arrive once the server is well again, and that nothing arrives
// twice.
func TestEmailFaults(t *testing.T) {
	valid := func(from, to int) func(*mailServer, *Email) {
		return func(s *mailServer, e *Email) {
			s.cert, s.pool = mailCertificate(t, "127.0.0.1", time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(to, 1, 1, 0, 0, 0, 0, time.UTC))
			e.Server.RootCAs = s.pool
		}
	}
	does := func(f func(step, arg string) string) func(*mailServer, *Email) {
		return func(s *mailServer, e *Email) { s.answer = f }
	}
	impatient := func(f func(step, arg string) string, times smtp.Timeouts) func(*mailServer, *Email) {
		return func(s *mailServer, e *Email) { s.answer, e.Server.Timeouts = f, times }
	}
	both := []string{"a@b.example", "c@d.example"}
	const brief = 500 * time.Millisecond
	tests := []struct {
		name    string
		fault   func(*mailServer, *Email)
		parts   int // mails that the item is divided into; 0: 1
		kind    spool.Kind
		code    string
		words   string   // in the error
		hint    string   // in what a person can do
		arrived []string // in the first attempt; nil: nothing
		twice   bool     // the answer itself is lost: a second copy with the same Message-ID
	}{
		{
			name:  "refuses the connection",
			fault: func(s *mailServer, e *Email) { e.Server.Port = mailClosedPort(t) },
			code:  "network", words: "connection refused",
		},
		{
			name:  "silent before the banner",
			fault: impatient(mailWhen("greeting", "", 0, mailSilent), smtp.Timeouts{Greeting: brief}),
			code:  "network", words: "greeting: no answer in time", hint: "MAIL_USE_SSL",
		},
		{
			name:  "silent after DATA",
			fault: impatient(mailWhen("DATA", "", 0, mailSilent), smtp.Timeouts{Command: 2 * time.Second}),
			code:  "network", words: "DATA: no answer in time",
		},
		{
			name:  "silent after the final dot",
			fault: impatient(mailWhen("message", "", 0, mailSilent), smtp.Timeouts{Final: brief}),
			code:  "network", words: "answer: no answer in time",
		},
		{
			name: "a banner of a gigabyte", fault: does(mailWhen("greeting", "", 0, mailFlood)),
			code: "network", words: "longer than",
		},
		{
			name: "a reply without an end", fault: does(mailWhen("EHLO", "", 0, mailGoOn)),
			code: "network", words: "longer than",
		},
		{
			name: "speaks another protocol", fault: does(mailWhen("greeting", "", 0, "HTTP/1.1 302 Found")),
			code: "network", words: "short response",
		},
		{
			name: "slow, but well", fault: func(s *mailServer, e *Email) { s.slow = true },
			arrived: both,
		},
		{
			name: "421 as a greeting", fault: does(mailWhen("greeting", "", 0, "421 4.3.2 too busy")),
			code: "busy", words: "421 4.3.2 too busy",
		},
		{
			name: "554 as a greeting", fault: does(mailWhen("greeting", "", 0, "554 5.7.1 your address is on a list")),
			kind: spool.Account, code: "server", words: "on a list", hint: "another network",
		},
		{
			name: "421 between two recipients", fault: does(mailWhen("RCPT", "c@d.example", 0, "421 4.3.2 going down")),
			code: "busy", words: "421",
		},
		{
			name: "450 for all", fault: does(mailWhen("RCPT", "", 0, "450 4.2.0 greylisted")),
			code: "busy", words: "a@b.example: 450 4.2.0 greylisted; c@d.example: 450",
		},
		{
			name: "450 for one of two", fault: does(mailWhen("RCPT", "c@d.example", 0, "450 4.2.0 greylisted")),
			code: "busy", words: "c@d.example: 450 4.2.0 greylisted",
			arrived: both[:1],
		},
		{
			name: "550 for one of two", fault: does(mailWhen("RCPT", "a@b.example", 0, "550 5.1.1 no such user")),
			kind: spool.Permanent, code: "recipient", words: "a@b.example: 550 5.1.1 no such user", hint: "address",
			arrived: both[1:],
		},
		{
			name: "450 for one, 550 for the other",
			fault: does(func(step, arg string) string {
				return map[string]string{"RCPT a@b.example": "550 5.1.1 no such user", "RCPT c@d.example": "450 4.2.0 greylisted"}[step+" "+arg]
			}),
			code: "busy", words: "c@d.example: 450 4.2.0 greylisted; a@b.example: 550 5.1.1 no such user",
		},
		{
			name: "550 for one of two, in three mails", fault: does(mailWhen("RCPT", "a@b.example", 0, "550 5.1.1 no such user")), parts: 3,
			kind: spool.Permanent, code: "recipient", words: "a@b.example: 550 5.1.1 no such user", hint: "address",
			arrived: []string{"c@d.example", "c@d.example", "c@d.example"},
		},
		{
			name: "550 for all", fault: does(mailWhen("RCPT", "", 0, "550 5.1.1 no such user")),
			kind: spool.Permanent, code: "recipient", words: "c@d.example: 550", hint: "address",
		},
		{
			name: "hangs up within DATA", fault: does(mailWhen("DATA", "", 0, mailHangUp)),
			code: "network", words: "hung up",
		},
		{
			name: "hangs up after the dot, nothing accepted", fault: does(mailWhen("message", "", 0, mailHangUp)),
			code: "network", words: "answer: the server hung up",
		},
		{
			name: "hangs up after the dot, accepted", fault: does(mailWhen("message", "", 0, mailLoseIt)),
			code: "network", words: "answer: the server hung up",
			arrived: both, twice: true,
		},
		{
			name: "451 after the dot", fault: does(mailWhen("message", "", 0, "451 4.3.0 try later")),
			code: "busy", words: "451 4.3.0 try later",
		},
		{
			name: "554 after the dot", fault: does(mailWhen("message", "", 0, "554 5.7.1 looks like spam")),
			kind: spool.Permanent, code: "refused", words: "1.jpg: 127.0.0.1 answered to answer: 554 5.7.1 looks like spam", hint: "server does not take",
		},
		{
			name: "554 after the second of three dots", fault: does(mailWhen("message", "", 2, "554 5.7.1 looks like spam")), parts: 3,
			kind: spool.Permanent, code: "refused", words: "2.jpg: ", hint: "server does not take",
			arrived: []string{"a@b.example", "c@d.example", "a@b.example", "c@d.example"},
		},
		{
			name: "hangs up after the second of three dots", fault: does(mailWhen("message", "", 2, mailHangUp)), parts: 3,
			code: "network", words: "hung up",
			arrived: both,
		},
		{
			name: "552 to the announced size", fault: does(mailWhen("MAIL", "", 0, "552 5.3.4 too large")),
			kind: spool.Permanent, code: "too-large", words: "1.jpg: ", hint: "smaller picture",
		},
		{
			name: "552 after the dot", fault: does(mailWhen("message", "", 0, "552 5.2.3 too large")),
			kind: spool.Permanent, code: "too-large", words: "1.jpg: ", hint: "smaller picture",
		},
		{
			name: "552 in the middle of the second of three", parts: 3,
			fault: func(s *mailServer, e *Email) {
				s.answer = mailWhen("DATA", "", 2, mailEnough)
				e.Server.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, address)
					return &mailCutConn{conn, 250_000}, err
				}
			},
			kind: spool.Permanent, code: "too-large", words: "2.jpg: 127.0.0.1 answered to message: 552", hint: "smaller picture",
			arrived: []string{"a@b.example", "c@d.example", "a@b.example", "c@d.example"},
		},
		{
			name: "SIZE too small", fault: func(s *mailServer, e *Email) { s.size = 20_000 },
			kind: spool.Permanent, code: "too-large", words: "1.jpg: a mail of", hint: "smaller picture",
		},
		{
			name: "SIZE too small for one of three", fault: func(s *mailServer, e *Email) { s.size = 400_000 }, parts: -3,
			kind: spool.Permanent, code: "too-large", words: "3.jpg: a mail of", hint: "smaller picture",
			arrived: []string{"a@b.example", "c@d.example", "a@b.example", "c@d.example"},
		},
		{
			name: "550 to the sender", fault: does(mailWhen("MAIL", "", 0, "550 5.7.60 not yours")),
			kind: spool.Account, code: "sender", words: "550 5.7.60 not yours", hint: "MAIL_FROM",
		},
		{
			name: "550 to the camera's sender", fault: func(s *mailServer, e *Email) {
				s.answer, e.From = mailWhen("MAIL", "", 0, "550 5.7.60 not yours"), ""
			},
			kind: spool.Permanent, code: "sender", words: "550 5.7.60 not yours", hint: "MAIL_FROM",
		},
		{
			name: "530 to the sender", fault: does(mailWhen("MAIL", "", 0, "530 5.7.0 log in first")),
			kind: spool.Account, code: "login", words: "530", hint: "MAIL_PASSWORD",
		},
		{
			name: "452 to the sender", fault: does(mailWhen("MAIL", "", 0, "452 4.3.1 disk full")),
			code: "busy", words: "452",
		},
		{
			name: "535 to the login", fault: does(mailWhen("AUTH", "", 0, "535 5.7.8 no")),
			kind: spool.Account, code: "login", words: "AUTH: 535 5.7.8 no", hint: "app password",
		},
		{
			name: "454 to the login", fault: does(mailWhen("AUTH", "", 0, "454 4.7.0 directory down")),
			code: "busy", words: "454",
		},
		{
			name: "STARTTLS stripped", fault: func(s *mailServer, e *Email) { s.plain = true },
			kind: spool.Account, code: "tls", words: "does not offer STARTTLS", hint: "Without TLS nothing is sent",
		},
		{
			name: "STARTTLS refused for now", fault: does(mailWhen("STARTTLS", "", 0, "454 4.7.0 not now")),
			code: "busy", words: "454",
		},
		{
			name: "certificate for another host", fault: func(s *mailServer, e *Email) {
				s.cert, e.Server.RootCAs = mailCertificate(t, "127.0.0.2", mailLongAgo, mailFarAhead)
			},
			kind: spool.Account, code: "tls", words: "127.0.0.2", hint: "login page",
		},
		{
			name: "certificate of nobody we know", fault: func(s *mailServer, e *Email) {
				_, e.Server.RootCAs = mailCertificate(t, "127.0.0.1", mailLongAgo, mailFarAhead)
			},
			kind: spool.Account, code: "tls", words: "unknown authority", hint: "login page",
		},
		{
			name: "certificate not yet valid", fault: valid(2100, 2110),
			code: "clock", words: "not yet valid", hint: "clock",
		},
		{
			name: "the clock is in 1970", fault: func(s *mailServer, e *Email) {
				e.Server.Now = func() time.Time { return time.Unix(1000, 0) }
			},
			code: "clock", words: "not yet valid", hint: "clock",
		},
		{
			name: "the clock is in 2000, and the certificate too old even for that", fault: func(s *mailServer, e *Email) {
				valid(1980, 1990)(s, e)
				e.Server.Now = func() time.Time { return mailLongAgo.AddDate(10, 0, 0) }
			},
			code: "clock", words: "expired", hint: "clock",
		},
		{
			name: "certificate expired", fault: valid(2000, 2010),
			kind: spool.Account, code: "tls", words: "expired", hint: "MAIL_SERVER",
		},
		{
			name: "TLS expected from the first byte", fault: func(s *mailServer, e *Email) { e.Server.TLS = true },
			kind: spool.Account, code: "tls", words: "first record", hint: "MAIL_USE_SSL",
		},
		{
			name: "no TLS is set at all, on another machine", fault: func(s *mailServer, e *Email) {
				e.Server.StartTLS = false
				e.Server.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, address)
					return mailFarConn{conn}, err
				}
			},
			kind: spool.Account, code: "tls", words: "a password is not sent without TLS", hint: "MAIL_USE_TLS",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := startMailServer(t)
			e := server.email()
			photos := []mailPhoto{{"1.jpg", mailNoise(100_000, 1)}}
			switch tt.parts {
			case 3:
				photos = append(photos, mailPhoto{"2.jpg", mailNoise(100_000, 2)}, mailPhoto{"3.jpg", mailNoise(100_000, 3)})
				server.set(func(s *mailServer) { s.size = 200_000 })
			case -3:
				photos = append(photos, mailPhoto{"2.jpg", mailNoise(200_000, 2)}, mailPhoto{"3.jpg", mailNoise(300_000, 3)})
			}
			server.set(func(s *mailServer) { tt.fault(s, e) })
			s := mailSpool(t)
			id := mailItem(t, s, spool.Item{Sender: "camera@b.example", Title: "Hi"}, both, photos...)

			err, job := mailTry(t, s, id, e)
			if tt.code == "" {
				if err != nil {
					t.Fatal(err)
				}
			} else {
				kind, code := mailKind(err)
				if kind != tt.kind || code != tt.code || strings.Count(job.Error, tt.words) != 1 || !strings.Contains(job.Hint, tt.hint) {
					t.Errorf("got kind %v, code %q, error %q, hint %q\nwant %v, %q, ...%s..., ...%s...",
						kind, code, job.Error, job.Hint, tt.kind, tt.code, tt.words, tt.hint)
				}
				want := spool.Waiting
				if tt.kind == spool.Permanent {
					want = spool.Failed
				}
				if job.State != want {
					t.Errorf("got state %s, want %s", job.State, want)
				}
			}
			if got := mailArrivals(server); !slices.Equal(got, slices.Sorted(slices.Values(tt.arrived))) {
				t.Errorf("the first attempt brought mail to %v, want %v", got, tt.arrived)
			}
			if job.State == spool.Done {
				return
			}

			well := server.email()
			server.set(func(s *mailServer) { s.answer, s.plain = nil, false })
			if strings.HasPrefix(tt.name, "SIZE") {
				server.set(func(s *mailServer) { s.size = 0 })
			}
			if strings.HasPrefix(tt.name, "certificate") || strings.HasPrefix(tt.name, "the clock") {
				server.set(func(s *mailServer) { s.cert, s.pool = mailCertificate(t, "127.0.0.1", mailLongAgo, mailFarAhead) })
				well.Server.RootCAs = server.pool
			}
			well.From = e.From
			if err := s.Retry(id); err != nil {
				t.Fatal(err)
			}
			if err, job := mailTry(t, s, id, well); err != nil || job.State != spool.Done {
				t.Fatalf("the server is well, and the job is not done: %v, %+v", err, job)
			}
			mailOnce(t, server, both, photos, tt.twice)
		})
	}
}

var (
	mailLongAgo  = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	mailFarAhead = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// mailArrivals returns the recipients of all accepted mails.
func mailArrivals(s *mailServer) []string {
	var to []string
	for _, m := range s.accepted() {
		to = append(to, m.to...)
	}
	slices.Sort(to)
	return to
}

// mailOnce wants every photo at every recipient, and once; twice only in a
// mail with the same Message-ID.
func mailOnce(t *testing.T, server *mailServer, to []string, photos []mailPhoto, twice bool) {
	t.Helper()
	got := map[string]int{}
	seen := map[string]bool{}
	for _, m := range server.accepted() {
		r := parseMail(t, m.data)
		for _, address := range m.to {
			key := address + " " + r.header.Get("Message-Id")
			if seen[key] && twice {
				continue
			}
			seen[key] = true
			for _, f := range r.files {
				got[fmt.Sprintf("%s %x", address, f.sum)]++
			}
		}
	}
	want := map[string]int{}
	for _, address := range to {
		for _, p := range photos {
			want[fmt.Sprintf("%s %x", address, mailSum(p.content))]++
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("how often each photo arrived:\n got %v\nwant %v", got, want)
	}
}

// mailFarConn is a connection that does not look like one within the machine.
type mailFarConn struct{ net.Conn }

func (mailFarConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 587} }

// mailCutConn takes so many bytes and then breaks.
type mailCutConn struct {
	net.Conn
	left int
}

func (c *mailCutConn) Write(p []byte) (int, error) {
	if c.left -= len(p); c.left < 0 {
		return 0, syscall.EPIPE
	}
	return c.Conn.Write(p)
}

func mailClosedPort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}
