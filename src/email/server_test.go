package email

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"math/big"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"snsbridge/src/smtp"
)

// fakeServer is a smarthost that keeps what it accepts and fails as it is
// told. It asks for STARTTLS and a login.
type fakeServer struct {
	port int
	pool *x509.CertPool

	mu     sync.Mutex
	size   int64 // its SIZE; 0: not announced
	cert   tls.Certificate
	auth   string                        // what is wanted behind AUTH; "": the login of smarthost()
	plain  bool                          // STARTTLS is not offered
	slow   bool                          // one byte at a time
	forget bool                          // mails are thrown away, and only their files' sums kept
	answer func(step, arg string) string // nil or "": the usual; or one of the words below
	mails  []sent                        // accepted
	steps  []string                      // heard, in all connections
	faults []string                      // of ours
	sized  int64                         // bytes of the last message, dots not doubled
	sums   [][32]byte                    // of its files, if it was thrown away

	conns  map[net.Conn]bool // all that there were
	closed bool
}

// What answer may return instead of a reply.
const (
	silent = "silent" // say nothing more until the client leaves
	hangUp = "hang up"
	loseIt = "lose it" // accept the message, and hang up without saying so
	flood  = "flood"   // a line without an end
	goOn   = "go on"   // lines without an end
	enough = "enough"  // take some bytes of the message, then say 552
)

type sent struct {
	from string
	to   []string
	data []byte // as received, dots and all undone
}

func startServer(t testing.TB) *fakeServer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fakeServer{port: ln.Addr().(*net.TCPAddr).Port, conns: map[net.Conn]bool{}}
	s.cert, s.pool = certificate(t, "127.0.0.1", time.Unix(0, 0).AddDate(30, 0, 0), time.Unix(0, 0).AddDate(130, 0, 0))
	var running sync.WaitGroup
	t.Cleanup(func() {
		ln.Close()
		s.mu.Lock()
		s.closed = true
		for conn := range s.conns {
			conn.Close()
		}
		s.mu.Unlock()
		running.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, f := range s.faults {
			t.Errorf("the mail server: %s", f)
		}
	})
	running.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				// No deadline: on a busy machine a large mail takes its time.
				if s.enter(conn) {
					(&talk{server: s, conn: conn}).serve()
				}
			})
		}
	})
	return s
}

// enter tells whether the server still serves.
func (s *fakeServer) enter(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns[conn] = true
	return !s.closed
}

// email is the action that mails through the server.
func (s *fakeServer) smarthost() *Smarthost {
	return &Smarthost{
		Server: smtp.Server{Host: "127.0.0.1", Port: s.port, User: "me", Password: "secret", StartTLS: true, RootCAs: s.pool},
		From:   "Me <me@here.example>",
	}
}

// set changes the server between two attempts.
func (s *fakeServer) set(change func(s *fakeServer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *fakeServer) accepted() []sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.mails)
}

func (s *fakeServer) heard() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.steps)
}

func (s *fakeServer) fault(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, fmt.Sprintf(format, args...))
}

// talk is one connection.
type talk struct {
	server *fakeServer
	conn   net.Conn
	in     *bufio.Reader
	mail   sent
	secure bool
	known  bool
}

func (c *talk) serve() {
	c.in = bufio.NewReaderSize(c.conn, 32<<10)
	if !c.reply("greeting", "", "220 mail.test ESMTP") {
		return
	}
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		if !c.do(strings.ToUpper(verb), arg) {
			return
		}
	}
}

func (c *talk) do(verb, arg string) (goesOn bool) {
	s := c.server
	switch verb {
	case "EHLO":
		offers := "250-mail.test\r\n"
		s.mu.Lock()
		if s.size > 0 {
			offers += fmt.Sprintf("250-SIZE %d\r\n", s.size)
		}
		if !c.secure && !s.plain {
			offers += "250-STARTTLS\r\n"
		}
		s.mu.Unlock()
		return c.reply(verb, arg, offers+"250 AUTH PLAIN LOGIN")
	case "STARTTLS":
		if !c.reply(verb, arg, "220 go on") {
			return false
		}
		s.mu.Lock()
		conn := tls.Server(c.conn, &tls.Config{Certificates: []tls.Certificate{s.cert}})
		s.mu.Unlock()
		if conn.Handshake() != nil {
			return false
		}
		c.conn, c.secure = conn, true
		c.in = bufio.NewReaderSize(conn, 32<<10)
		return true
	case "AUTH":
		if !c.secure {
			s.fault("a password without TLS")
		}
		if arg != cmp.Or(s.auth, "PLAIN AG1lAHNlY3JldA==") {
			s.fault("AUTH %s", arg)
		}
		c.known = true
		return c.reply(verb, arg, "235 welcome")
	case "MAIL":
		if !c.known {
			s.fault("MAIL before the login")
		}
		c.mail = sent{from: between(arg)}
		return c.reply(verb, arg, "250 2.1.0 Ok")
	case "RCPT":
		return c.reply(verb, between(arg), "250 2.1.5 Ok")
	case "DATA":
		return c.reply(verb, arg, "354 go on") && c.message()
	case "QUIT":
		c.reply(verb, arg, "221 bye")
		return false
	}
	return c.reply(verb, arg, "250 Ok")
}

// message takes a message up to the dot.
func (c *talk) message() bool {
	s := c.server
	s.mu.Lock()
	forget := s.forget
	s.mu.Unlock()
	var data bytes.Buffer
	var sums fileSums
	var size int64
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return false // nothing was accepted
		}
		if string(line) == ".\r\n" {
			break
		}
		if len(line) > 1000 || !bytes.HasSuffix(line, []byte("\r\n")) || bytes.IndexByte(line, 0) >= 0 {
			s.fault("a line of %d bytes: %.100q", len(line), line)
		}
		line = bytes.TrimPrefix(line, []byte("."))
		size += int64(len(line))
		if forget {
			sums.line(line)
		} else {
			data.Write(line)
		}
	}
	c.mail.data = data.Bytes()
	s.mu.Lock()
	s.sized, s.sums = size, sums.sums
	s.mu.Unlock()
	return c.reply("message", "", "250 2.0.0 queued")
}

// fileSums adds up the files of a mail line by line, in constant memory.
type fileSums struct {
	sums   [][32]byte
	hash   hash.Hash // of a file; nil outside
	inHead bool
	base64 bool // the part is a file
	buffer [64]byte
}

func (f *fileSums) line(line []byte) {
	line = bytes.TrimRight(line, "\r\n")
	switch {
	case bytes.HasPrefix(line, []byte("--")):
		if f.hash != nil {
			f.sums = append(f.sums, [32]byte(f.hash.Sum(nil)))
		}
		f.hash, f.inHead, f.base64 = nil, true, false
	case f.inHead && len(line) == 0:
		f.inHead = false
		if f.base64 {
			f.hash = sha256.New()
		}
	case f.inHead:
		f.base64 = f.base64 || string(line) == "Content-Transfer-Encoding: base64"
	case f.hash != nil:
		n, err := base64.StdEncoding.Decode(f.buffer[:], line)
		if err != nil {
			n = 0 // the sum will be wrong
		}
		f.hash.Write(f.buffer[:n])
	}
}

// reply answers as usual or as it is told.
func (c *talk) reply(step, arg, usual string) (goesOn bool) {
	s := c.server
	s.mu.Lock()
	s.steps = append(s.steps, step)
	text := ""
	if s.answer != nil {
		text = s.answer(step, arg)
	}
	slow := s.slow
	if text == "" {
		text = usual
	}
	if strings.HasPrefix(strings.TrimSpace(text), "2") || text == loseIt {
		switch step {
		case "RCPT":
			c.mail.to = append(c.mail.to, arg)
		case "message":
			s.mails = append(s.mails, c.mail)
		}
	}
	s.mu.Unlock()
	switch text {
	case hangUp, loseIt:
		return false
	case silent:
		io.Copy(io.Discard, c.in)
		return false
	case enough:
		io.WriteString(c.conn, "354 go on\r\n")
		io.CopyN(io.Discard, c.in, 50_000)
		io.WriteString(c.conn, "552 5.3.4 enough\r\n")
		io.Copy(io.Discard, c.in)
		return false
	case flood, goOn:
		block := bytes.Repeat([]byte("220-x\r\n"), 1000)
		if text == flood {
			block = bytes.Repeat([]byte("x"), 1000)
		}
		for n := 0; n < 1<<30; n += len(block) {
			if _, err := c.conn.Write(block); err != nil {
				return false
			}
		}
		s.fault("the client reads a gigabyte")
		return false
	}
	out := []byte(text + "\r\n")
	if slow {
		for i := range out {
			if _, err := c.conn.Write(out[i : i+1]); err != nil {
				return false
			}
		}
		return true
	}
	_, err := c.conn.Write(out)
	return err == nil
}

func between(arg string) string {
	_, rest, _ := strings.Cut(arg, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}

// certificate makes a certificate for an address of this machine, and the
// pool that trusts it.
func certificate(t testing.TB, address string, from, to time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.ParseIP(address)}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
