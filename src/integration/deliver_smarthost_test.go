//go:build integration

package integration

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"sync"
	"testing"
)

// smarthost is a mail server that counts. It outlives the program that mails.
type smarthost struct {
	port int
	// Encryption offers and demands STARTTLS; nil: it is not offered.
	encryption *tls.Config
	size       int64 // what it says it takes at most; 0: nothing
	// Answer gives another reply than the usual one, which is "". Step is RCPT,
	// with the recipient, or "message", with the subject, behind the final dot;
	// there it can be silence or loss only. nil: all is as usual.
	answer func(step, words string) string

	talks sync.WaitGroup
	mu    sync.Mutex
	conns []net.Conn
	mails []*handed
	wrong []error
}

// What can be said to a message.
const (
	silence = "silence" // until the client leaves; nothing is accepted
	loss    = "loss"    // accept the message, and hang up without saying so
)

// handed is a message that was accepted.
type handed struct {
	letter
	to []string
	// Noted tells that the client heard of it and went on. From then on the
	// message belongs to us, and must never come again.
	noted bool
}

func startSmarthost(tb testing.TB, s *smarthost) *smarthost {
	tb.Helper()
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		tb.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			s.talks.Go(func() {
				defer conn.Close()
				(&smarthostTalk{smarthost: s, conn: conn}).serve()
			})
		}
	}()
	tb.Cleanup(func() {
		l.Close()
		<-accepting
		for _, c := range s.conns {
			c.Close()
		}
		s.talks.Wait()
		for _, err := range s.wrong {
			tb.Error(err)
		}
	})
	return s
}

// settings lead a bridge to the server.
func (s *smarthost) settings() []string {
	lines := []string{`MAIL_SERVER = "127.0.0.1"`, fmt.Sprintf("MAIL_PORT = %d", s.port), "MAIL_PER_DAY = 1_000_000"}
	if s.encryption != nil {
		lines = append(lines, "MAIL_USE_TLS = true", `MAIL_USERNAME = "me"`, `MAIL_PASSWORD = "secret"`)
	}
	return lines
}

// accepted returns the messages in the order of their coming.
func (s *smarthost) accepted() []*handed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

// smarthostTalk is one connection.
type smarthostTalk struct {
	*smarthost
	conn  net.Conn
	in    *textproto.Reader
	tls   bool
	to    []string
	given *handed // whose acceptance was the last thing that we said
}

func (t *smarthostTalk) serve() {
	t.in = textproto.NewReader(bufio.NewReaderSize(t.conn, 64<<10))
	for goesOn := t.say("220 counting"); goesOn; {
		line, err := t.in.ReadLine()
		if err != nil {
			return
		}
		if t.given != nil {
			t.mu.Lock()
			t.given.noted = true
			t.mu.Unlock()
			t.given = nil
		}
		verb, words, _ := strings.Cut(line, " ")
		goesOn = t.do(strings.ToUpper(verb), words)
	}
}

func (t *smarthostTalk) say(line string) (goesOn bool) {
	_, err := io.WriteString(t.conn, line+"\r\n")
	return err == nil
}

func (t *smarthostTalk) do(verb, words string) (goesOn bool) {
	switch verb {
	case "EHLO":
		lines := "250-counting\r\n"
		if t.size > 0 {
			lines += fmt.Sprintf("250-SIZE %d\r\n", t.size)
		}
		if t.encryption != nil && !t.tls {
			lines += "250-STARTTLS\r\n"
		}
		return t.say(lines + "250 AUTH PLAIN")
	case "STARTTLS":
		t.say("220 go on")
		c := tls.Server(t.conn, t.encryption)
		t.conn, t.tls, t.in = c, true, textproto.NewReader(bufio.NewReaderSize(c, 64<<10))
		return c.Handshake() == nil
	case "MAIL":
		if t.encryption != nil && !t.tls {
			t.fault(fmt.Errorf("a mail without TLS"))
		}
		t.to = nil
	case "RCPT":
		_, address, _ := strings.Cut(strings.TrimSuffix(words, ">"), "<")
		if line := t.told(verb, address); line != "" {
			return t.say(line)
		}
		t.to = append(t.to, address)
	case "DATA":
		return t.say("354 go on") && t.message()
	case "QUIT":
		t.say("221 bye")
		return false
	}
	return t.say("250 ok")
}

// message takes a message. Who sees the final dot has accepted it, whether the
// client hears so or not.
func (t *smarthostTalk) message() (goesOn bool) {
	body := t.in.DotReader()
	l, err := readLetter(body)
	if _, cut := io.Copy(io.Discard, body); cut != nil {
		return false // it ended without a dot
	}
	if err != nil {
		t.fault(fmt.Errorf("a mail that cannot be read: %w", err))
	}
	line := t.told("message", l.subject)
	if line == silence {
		io.Copy(io.Discard, t.conn)
		return false
	}
	t.given = &handed{letter: l, to: t.to}
	t.mu.Lock()
	t.mails = append(t.mails, t.given) // before the client can hear of it
	t.mu.Unlock()
	return line != loss && t.say("250 it is ours")
}

// told is what the test wants to be answered.
func (s *smarthost) told(step, words string) string {
	if s.answer == nil {
		return ""
	}
	return s.answer(step, words)
}

func (s *smarthost) fault(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, err)
}
