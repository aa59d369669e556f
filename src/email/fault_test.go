package email

import (
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"snsbridge/src/spool"
)

// when does something to a server at the n-th time that it comes to a step
// (with that argument, if one is given), counted from 1; 0: each time.
func when(step, arg string, n int, reply string) func(step, arg string) string {
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
func TestFaults(t *testing.T) {
	valid := func(from, to int) func(*fakeServer, *Smarthost) {
		return func(s *fakeServer, e *Smarthost) {
			s.cert, s.pool = certificate(t, "127.0.0.1", time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(to, 1, 1, 0, 0, 0, 0, time.UTC))
			e.Server.RootCAs = s.pool
		}
	}
	does := func(f func(step, arg string) string) func(*fakeServer, *Smarthost) {
		return func(s *fakeServer, e *Smarthost) { s.answer = f }
	}
	// At this step the server falls silent and the time is up, without waiting for either.
	silentAt := func(step string) func(*fakeServer, *Smarthost) {
		return func(s *fakeServer, e *Smarthost) {
			late := &lateConn{}
			e.Server.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
				conn, err := new(net.Dialer).DialContext(ctx, network, address)
				late.Conn = conn
				return late, err
			}
			s.answer = func(st, arg string) string {
				if st != step {
					return ""
				}
				late.over()
				return silent
			}
		}
	}
	both := []string{"a@b.example", "c@d.example"}
	tests := []struct {
		name    string
		fault   func(*fakeServer, *Smarthost)
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
			fault: func(s *fakeServer, e *Smarthost) { e.Server.Port = closedPort(t) },
			kind:  spool.Unreachable, code: "network", words: "connection refused",
		},
		{
			name: "silent before the banner",
			fault: func(s *fakeServer, e *Smarthost) {
				s.answer, e.Server.Timeouts.Greeting = when("greeting", "", 0, silent), 500*time.Millisecond
			},
			kind: spool.Unreachable, code: "network", words: "greeting: no answer in time", hint: "MAIL_USE_SSL",
		},
		{
			name: "silent after DATA", fault: silentAt("DATA"),
			code: "network", words: "DATA: no answer in time",
		},
		{
			name: "silent after the final dot", fault: silentAt("message"),
			code: "network", words: "answer: no answer in time",
		},
		{
			name: "a banner of a gigabyte", fault: does(when("greeting", "", 0, flood)),
			kind: spool.Unreachable, code: "network", words: "longer than",
		},
		{
			name: "a reply without an end", fault: does(when("EHLO", "", 0, goOn)),
			kind: spool.Unreachable, code: "network", words: "longer than",
		},
		{
			name: "speaks another protocol", fault: does(when("greeting", "", 0, "HTTP/1.1 302 Found")),
			kind: spool.Unreachable, code: "network", words: "not a mail server's reply",
		},
		{
			name: "slow, but well", fault: func(s *fakeServer, e *Smarthost) { s.slow = true },
			arrived: both,
		},
		{
			name: "bare codes, each after an empty line",
			fault: does(func(step, arg string) string {
				return map[string]string{"greeting": "\r\n220", "MAIL": "\r\n250", "RCPT": "\r\n250", "DATA": "\r\n354", "message": "\r\n250"}[step]
			}),
			arrived: both,
		},
		{
			name: "421 as a greeting", fault: does(when("greeting", "", 0, "421 4.3.2 too busy")),
			code: "busy", words: "421 4.3.2 too busy",
		},
		{
			name: "554 as a greeting", fault: does(when("greeting", "", 0, "554 5.7.1 your address is on a list")),
			kind: spool.Unreachable, code: "network-refused", words: "on a list", hint: "another network",
		},
		{
			name: "421 between two recipients", fault: does(when("RCPT", "c@d.example", 0, "421 4.3.2 going down")),
			code: "busy", words: "421",
		},
		{
			name: "450 for all", fault: does(when("RCPT", "", 0, "450 4.2.0 greylisted")),
			code: "busy", words: "a@b.example: 450 4.2.0 greylisted; c@d.example: 450",
		},
		{
			name: "450 for one of two", fault: does(when("RCPT", "c@d.example", 0, "450 4.2.0 greylisted")),
			code: "busy", words: "c@d.example: 450 4.2.0 greylisted",
			arrived: both[:1],
		},
		{
			name: "550 for one of two", fault: does(when("RCPT", "a@b.example", 0, "550 5.1.1 no such user")),
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
			name: "550 for one of two, in three mails", fault: does(when("RCPT", "a@b.example", 0, "550 5.1.1 no such user")), parts: 3,
			kind: spool.Permanent, code: "recipient", words: "a@b.example: 550 5.1.1 no such user", hint: "address",
			arrived: []string{"c@d.example", "c@d.example", "c@d.example"},
		},
		{
			name: "550 for all", fault: does(when("RCPT", "", 0, "550 5.1.1 no such user")),
			kind: spool.Permanent, code: "recipient", words: "c@d.example: 550", hint: "address",
		},
		{
			name: "hangs up within DATA", fault: does(when("DATA", "", 0, hangUp)),
			code: "network", words: "hung up",
		},
		{
			name: "hangs up after the dot, nothing accepted", fault: does(when("message", "", 0, hangUp)),
			code: "network", words: "answer: the server hung up",
		},
		{
			name: "hangs up after the dot, accepted", fault: does(when("message", "", 0, loseIt)),
			code: "network", words: "answer: the server hung up",
			arrived: both, twice: true,
		},
		{
			name: "451 after the dot", fault: does(when("message", "", 0, "451 4.3.0 try later")),
			kind: spool.Unavailable, code: "busy", words: "451 4.3.0 try later",
		},
		{
			name: "554 after the dot", fault: does(when("message", "", 0, "554 5.7.1 looks like spam")),
			kind: spool.Permanent, code: "refused", words: "1.jpg: 127.0.0.1 answered to answer: 554 5.7.1 looks like spam", hint: "server does not take",
		},
		{
			name: "554 after the second of three dots", fault: does(when("message", "", 2, "554 5.7.1 looks like spam")), parts: 3,
			kind: spool.Permanent, code: "refused", words: "2.jpg: ", hint: "server does not take",
			arrived: []string{"a@b.example", "c@d.example", "a@b.example", "c@d.example"},
		},
		{
			name: "hangs up after the second of three dots", fault: does(when("message", "", 2, hangUp)), parts: 3,
			code: "network", words: "hung up",
			arrived: both,
		},
		{
			name: "552 to the announced size", fault: does(when("MAIL", "", 0, "552 5.3.4 too large")),
			kind: spool.Permanent, code: "too-large", words: "1.jpg: ", hint: "smaller picture",
		},
		{
			name: "552 after the dot", fault: does(when("message", "", 0, "552 5.2.3 too large")),
			kind: spool.Permanent, code: "too-large", words: "1.jpg: ", hint: "smaller picture",
		},
		{
			name: "552 in the middle of the second of three", parts: 3,
			fault: func(s *fakeServer, e *Smarthost) {
				s.answer = when("DATA", "", 2, enough)
				e.Server.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, address)
					return &cutConn{conn, 250_000}, err
				}
			},
			kind: spool.Permanent, code: "too-large", words: "2.jpg: 127.0.0.1 answered to message: 552", hint: "smaller picture",
			arrived: []string{"a@b.example", "c@d.example", "a@b.example", "c@d.example"},
		},
		{
			name: "SIZE too small", fault: func(s *fakeServer, e *Smarthost) { s.size = 20_000 },
			kind: spool.Permanent, code: "too-large", words: "1.jpg: a mail of", hint: "smaller picture",
		},
		{
			name: "SIZE too small for one of three", fault: func(s *fakeServer, e *Smarthost) { s.size = 400_000 }, parts: -3,
			kind: spool.Permanent, code: "too-large", words: "3.jpg: a mail of", hint: "smaller picture",
			arrived: []string{"a@b.example", "c@d.example", "a@b.example", "c@d.example"},
		},
		{
			name: "550 to the sender", fault: does(when("MAIL", "", 0, "550 5.7.60 not yours")),
			kind: spool.Account, code: "sender", words: "550 5.7.60 not yours", hint: "MAIL_FROM",
		},
		{
			name: "550 to the camera's sender", fault: func(s *fakeServer, e *Smarthost) {
				s.answer, e.From = when("MAIL", "", 0, "550 5.7.60 not yours"), ""
			},
			kind: spool.Account, code: "sender", words: "550 5.7.60 not yours", hint: "MAIL_FROM",
		},
		{
			name: "the sender is refused at RCPT", fault: does(when("RCPT", "", 0, "553 5.7.1 <camera@b.example>: Sender address rejected: not owned by user me")),
			kind: spool.Account, code: "sender", words: "not owned", hint: "MAIL_FROM",
		},
		{
			name: "the network is refused at RCPT", fault: does(when("RCPT", "", 0, "554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org")),
			kind: spool.Unreachable, code: "network-refused", words: "spamhaus", hint: "another network",
		},
		{
			name: "TLS is wanted at RCPT", fault: does(when("RCPT", "", 0, "530 5.7.0 Must issue a STARTTLS command first")),
			kind: spool.Account, code: "tls", words: "STARTTLS", hint: "MAIL_USE_TLS",
		},
		{
			name: "an unclear policy that every recipient gets", fault: does(when("RCPT", "", 0, "554 5.7.1 Access denied")),
			kind: spool.Account, code: "server", words: "Access denied", hint: "MAIL_FROM",
		},
		{
			name: "an unclear policy that one of two gets", fault: does(when("RCPT", "a@b.example", 0, "554 5.7.1 Access denied")),
			kind: spool.Permanent, code: "recipient", words: "a@b.example: 554", hint: "address",
			arrived: both[1:],
		},
		{
			name: "the name is refused at RCPT",
			fault: func(s *fakeServer, e *Smarthost) {
				named := false
				s.answer = func(step, arg string) string {
					named = named || step == "EHLO" && arg == "snsbridge.local"
					if step == "RCPT" && !named {
						return "504 5.5.2 <[127.0.0.1]>: Helo command rejected: need fully-qualified hostname"
					}
					return ""
				}
			},
			arrived: both,
		},
		{
			name: "OAuth alone", fault: does(when("AUTH", "", 0, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.")),
			kind: spool.Account, code: "oauth", words: "5.7.139", hint: "OAuth",
		},
		{
			name: "530 to the sender", fault: does(when("MAIL", "", 0, "530 5.7.0 log in first")),
			kind: spool.Account, code: "login", words: "530", hint: "MAIL_PASSWORD",
		},
		{
			name: "452 to the sender", fault: does(when("MAIL", "", 0, "452 4.3.1 disk full")),
			code: "busy", words: "452",
		},
		{
			name: "535 to the login", fault: does(when("AUTH", "", 0, "535 5.7.8 no")),
			kind: spool.Account, code: "login", words: "AUTH: 535 5.7.8 no", hint: "app password",
		},
		{
			name: "454 to the login", fault: does(when("AUTH", "", 0, "454 4.7.0 directory down")),
			code: "busy", words: "454",
		},
		{
			name: "STARTTLS stripped", fault: func(s *fakeServer, e *Smarthost) { s.plain = true },
			kind: spool.Account, code: "tls", words: "does not offer STARTTLS", hint: "Without TLS nothing is sent",
		},
		{
			name: "STARTTLS refused for now", fault: does(when("STARTTLS", "", 0, "454 4.7.0 not now")),
			code: "busy", words: "454",
		},
		{
			name: "certificate for another host", fault: func(s *fakeServer, e *Smarthost) {
				s.cert, e.Server.RootCAs = certificate(t, "127.0.0.2", longAgo, farAhead)
			},
			kind: spool.Account, code: "tls", words: "127.0.0.2", hint: "login page",
		},
		{
			name: "certificate of nobody we know", fault: func(s *fakeServer, e *Smarthost) {
				_, e.Server.RootCAs = certificate(t, "127.0.0.1", longAgo, farAhead)
			},
			kind: spool.Account, code: "tls", words: "unknown authority", hint: "login page",
		},
		{
			name: "certificate not yet valid", fault: valid(2100, 2110),
			code: "clock", words: "not yet valid", hint: "clock",
		},
		{
			name: "the clock is in 1970", fault: func(s *fakeServer, e *Smarthost) {
				e.Server.Now = func() time.Time { return time.Unix(1000, 0) }
			},
			code: "clock", words: "not yet valid", hint: "clock",
		},
		{
			name: "the clock is in 2000, and the certificate too old even for that", fault: func(s *fakeServer, e *Smarthost) {
				valid(1980, 1990)(s, e)
				e.Server.Now = func() time.Time { return longAgo.AddDate(10, 0, 0) }
			},
			code: "clock", words: "expired", hint: "clock",
		},
		{
			name: "certificate expired", fault: valid(2000, 2010),
			kind: spool.Account, code: "tls", words: "expired", hint: "MAIL_SERVER",
		},
		{
			name: "TLS expected from the first byte", fault: func(s *fakeServer, e *Smarthost) { e.Server.TLS = true },
			kind: spool.Account, code: "tls", words: "first record", hint: "MAIL_USE_SSL",
		},
		{
			name: "no TLS is set at all, on another machine", fault: func(s *fakeServer, e *Smarthost) {
				e.Server.StartTLS = false
				e.Server.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, address)
					return farConn{conn}, err
				}
			},
			kind: spool.Account, code: "tls", words: "a password is not sent without TLS", hint: "MAIL_USE_TLS",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := startServer(t)
			e := server.smarthost()
			photos := []picture{{"1.jpg", noise(100_000, 1)}}
			switch tt.parts {
			case 3:
				photos = append(photos, picture{"2.jpg", noise(100_000, 2)}, picture{"3.jpg", noise(100_000, 3)})
				server.set(func(s *fakeServer) { s.size = 200_000 })
			case -3:
				photos = append(photos, picture{"2.jpg", noise(200_000, 2)}, picture{"3.jpg", noise(300_000, 3)})
			}
			server.set(func(s *fakeServer) { tt.fault(s, e) })
			s := openSpool(t)
			id := add(s, spool.Item{Sender: "camera@b.example", Title: "Hi"}, both, photos...)

			job, err := try(s, e)
			if tt.code == "" {
				if err != nil {
					t.Fatal(err)
				}
			} else {
				kind, code := kindOf(err)
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
			if got := arrivals(server); !slices.Equal(got, slices.Sorted(slices.Values(tt.arrived))) {
				t.Errorf("the first attempt brought mail to %v, want %v", got, tt.arrived)
			}
			if job.State == spool.Done {
				return
			}

			well := server.smarthost()
			server.set(func(s *fakeServer) { s.answer, s.plain = nil, false })
			if strings.HasPrefix(tt.name, "SIZE") {
				server.set(func(s *fakeServer) { s.size = 0 })
			}
			if strings.HasPrefix(tt.name, "certificate") || strings.HasPrefix(tt.name, "the clock") {
				server.set(func(s *fakeServer) { s.cert, s.pool = certificate(t, "127.0.0.1", longAgo, farAhead) })
				well.Server.RootCAs = server.pool
			}
			well.From = e.From
			if err := s.Retry(id); err != nil {
				t.Fatal(err)
			}
			if job, err := try(s, well); err != nil || job.State != spool.Done {
				t.Fatalf("the server is well, and the job is not done: %v, %+v", err, job)
			}
			wantOnce(t, server, both, photos, tt.twice)
		})
	}
}

var (
	longAgo  = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	farAhead = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// arrivals returns the recipients of all accepted mails.
func arrivals(s *fakeServer) []string {
	var to []string
	for _, m := range s.accepted() {
		to = append(to, m.to...)
	}
	slices.Sort(to)
	return to
}

// wantOnce wants every photo at every recipient, and once; twice only in a
// mail with the same Message-ID.
func wantOnce(t *testing.T, server *fakeServer, to []string, photos []picture, twice bool) {
	t.Helper()
	got := map[string]int{}
	seen := map[string]bool{}
	for _, m := range server.accepted() {
		r := parse(t, m.data)
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
			want[fmt.Sprintf("%s %x", address, sumOf(p.content))]++
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("how often each photo arrived:\n got %v\nwant %v", got, want)
	}
}

// farConn is a connection that does not look like one within the machine.
type farConn struct{ net.Conn }

func (farConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 587} }

// lateConn is a connection on which the time for replies can be over.
type lateConn struct {
	net.Conn
	mu   sync.Mutex
	late bool
}

func (c *lateConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.late {
		t = longAgo
	}
	return c.Conn.SetReadDeadline(t)
}

func (c *lateConn) over() {
	c.mu.Lock()
	c.late = true
	c.mu.Unlock()
	c.SetReadDeadline(longAgo)
}

// cutConn takes so many bytes and then breaks.
type cutConn struct {
	net.Conn
	left int
}

func (c *cutConn) Write(p []byte) (int, error) {
	if c.left -= len(p); c.left < 0 {
		return 0, syscall.EPIPE
	}
	return c.Conn.Write(p)
}

func closedPort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

// Servers that take one message a session, or a few, cost a new session, and no
// wait: each of five mails goes out in the first attempt.
func TestFewMailsASession(t *testing.T) {
	for name, says := range map[string]string{"hangs up": hangUp, "says so": "421 4.7.0 too many messages in this session", "says so, and stays": "452 4.5.3 one message a session"} {
		t.Run(name, func(t *testing.T) {
			server := startServer(t)
			mails := 0
			server.set(func(s *fakeServer) {
				s.answer = func(step, arg string) string {
					switch step {
					case "greeting":
						mails = 0
					case "MAIL":
						if mails++; mails > 2 {
							return says
						}
					}
					return ""
				}
			})
			s := openSpool(t)
			var photos []picture
			for i := range 5 {
				photos = append(photos, picture{fmt.Sprintf("%d.jpg", i), noise(100_000, byte(i))})
			}
			add(s, spool.Item{Sender: "a@b.example"}, []string{"me@here.example"}, photos...)
			e := server.smarthost()
			e.MaxSize = 200_000
			if _, err := try(s, e); err != nil {
				t.Error(err)
			}
			if n := len(server.accepted()); n != 5 {
				t.Errorf("%d mails were accepted, want 5", n)
			}
		})
	}
}

// A refusal that says nothing of its cause is about the only recipient if the
// server would take a mail to us, and about all mail if it would not.
func TestUnclearRefusal(t *testing.T) {
	for _, c := range []struct {
		refused []string
		kind    spool.Kind
		code    string
	}{
		{[]string{"a@b.example"}, spool.Permanent, "recipient"},
		{[]string{"a@b.example", "me@here.example"}, spool.Account, "server"},
	} {
		server := startServer(t)
		server.set(func(s *fakeServer) {
			s.answer = func(step, arg string) string {
				if step == "RCPT" && slices.Contains(c.refused, arg) {
					return "554 5.7.1 Access denied"
				}
				return ""
			}
		})
		s := openSpool(t)
		add(s, spool.Item{Sender: "a@b.example"}, []string{"a@b.example"}, picture{"1.jpg", noise(100, 1)})
		_, err := try(s, server.smarthost())
		if kind, code := kindOf(err); kind != c.kind || code != c.code {
			t.Errorf("%v are refused: kind %v, code %s; want %v, %s", c.refused, kind, code, c.kind, c.code)
		}
		if n := len(server.accepted()); n != 0 {
			t.Errorf("%v are refused: %d mails were accepted", c.refused, n)
		}
	}
}
