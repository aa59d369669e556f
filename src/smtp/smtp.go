// Package smtp hands large messages from disk to a mail server that accepts
// them for delivery (a smarthost).
//
// The surprising rule: whatever goes wrong after DATA closes the connection
// without the final dot, since a server that sees the dot delivers what it has,
// be it half a photo.
//
// It stands on net/textproto, not on net/smtp: the latter cannot announce a
// message's size before its bytes are paid for, waits without end, reads a
// reply of any length, and knows no AUTH LOGIN.
package smtp

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/textproto"
	"strconv"
	"time"
)

// Server is a mail server and how to log in to it. The zero values of the
// fields below Password are the usual ones.
type Server struct {
	Host     string // its certificate must be for this name
	Port     int
	User     string // "": no login
	Password string

	StartTLS bool // begin in plain text, then TLS or nothing: for ports 587 and 25
	TLS      bool // TLS from the first byte: for port 465

	LocalName string         // what we call ourselves; "": our address on the connection
	RootCAs   *x509.CertPool // nil: the system's
	Timeouts  Timeouts
	Now       func() time.Time // the clock that certificates are checked by; nil: time.Now
	// Dial connects; nil: a net.Dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Timeouts are how long one step may take; 0 is the default.
type Timeouts struct {
	Dial     time.Duration // 30 s, name resolution included
	Greeting time.Duration // 60 s from the connection to the server's first reply
	Command  time.Duration // 60 s for a reply, or for the TLS handshake
	Data     time.Duration // 60 s for a block of at most 16 KiB to leave
	Final    time.Duration // 10 min from the final dot to the reply (RFC 5321 4.5.3.2.6): who gives up sooner sends the mail twice
}

func (t Timeouts) orDefault() Timeouts {
	return Timeouts{
		Dial:     cmp.Or(t.Dial, 30*time.Second),
		Greeting: cmp.Or(t.Greeting, time.Minute),
		Command:  cmp.Or(t.Command, time.Minute),
		Data:     cmp.Or(t.Data, time.Minute),
		Final:    cmp.Or(t.Final, 10*time.Minute),
	}
}

// What a server lacks that was asked for. They come inside an *Error.
var (
	ErrStartTLS = errors.New("the server does not offer STARTTLS")
	ErrAuth     = errors.New("the server offers no login that we know (PLAIN, LOGIN, CRAM-MD5)")
	ErrOAuth    = errors.New("the server takes no passwords, only OAuth (XOAUTH2, OAUTHBEARER)")
	ErrNoTLS    = errors.New("a password is not sent without TLS")
)

// Open connects and logs in. The connection is closed when ctx ends. Errors
// are of type *Error.
func (s *Server) Open(ctx context.Context) (*Session, error) {
	c := &Session{server: s, ctx: ctx, timeouts: s.Timeouts.orDefault()}
	if err := c.dial(); err != nil {
		return nil, err
	}
	if err := c.open(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// Check connects, logs in and leaves again.
func (s *Server) Check(ctx context.Context) error {
	c, err := s.Open(ctx)
	if err == nil {
		c.Quit()
	}
	return err
}

func (c *Session) dial() error {
	s := c.server
	ctx, cancel := context.WithTimeout(c.ctx, c.timeouts.Dial)
	defer cancel()
	dial := s.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if err != nil {
		return c.failed("connect", err)
	}
	c.wire = &wire{Conn: conn, block: c.timeouts.Data}
	c.stop = context.AfterFunc(c.ctx, func() { conn.Close() })
	c.use(c.wire)
	return nil
}

// open goes from the greeting to the login.
func (c *Session) open() error {
	s := c.server
	if s.TLS {
		if err := c.handshake(); err != nil {
			return err
		}
	}
	if _, err := c.expect("greeting", c.timeouts.Greeting, 2); err != nil {
		return err
	}
	if err := c.hello(); err != nil {
		return err
	}
	if s.StartTLS && !s.TLS {
		if err := c.startTLS(); err != nil {
			return err
		}
		if err := c.hello(); err != nil { // what was offered before TLS counts for nothing
			return err
		}
	}
	if s.User == "" {
		return nil
	}
	return c.login()
}

func (c *Session) startTLS() error {
	if _, ok := c.extensions["STARTTLS"]; !ok {
		return c.failed("STARTTLS", ErrStartTLS)
	}
	if _, err := c.command("STARTTLS", c.timeouts.Command, 2, "STARTTLS"); err != nil {
		return err
	}
	if c.in.Buffered() > 0 {
		// Replies slipped in ahead of the encryption would be taken for the
		// server's own (CVE-2011-0411 is the same hole on the other side).
		return c.failed("STARTTLS", errors.New("something spoke in the server's name before TLS began"))
	}
	return c.handshake()
}

func (c *Session) handshake() error {
	s := c.server
	conn := tls.Client(c.wire, &tls.Config{
		ServerName: s.Host,
		RootCAs:    s.RootCAs,
		Time:       s.Now,
		// Small records give a web page its first byte early; here they are
		// only more work.
		DynamicRecordSizingDisabled: true,
	})
	c.wire.SetReadDeadline(time.Now().Add(c.timeouts.Command))
	if err := conn.HandshakeContext(c.ctx); err != nil {
		return c.failed("TLS", err)
	}
	c.secure = true
	c.use(conn)
	return nil
}

// use makes conn what commands are written to and replies read from.
func (c *Session) use(conn net.Conn) {
	c.conn = conn
	c.limit = &limited{conn: conn}
	c.in = bufio.NewReader(c.limit)
	c.text = textproto.NewReader(c.in)
	c.out = textproto.NewWriter(bufio.NewWriterSize(conn, blockSize))
}
