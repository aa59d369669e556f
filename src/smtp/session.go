package smtp

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/textproto"
	"strconv"
	"strings"
	"time"
)

// Session is a connection that is logged in. It serves one goroutine. Quit must
// be called in the end, also after an error.
type Session struct {
	// Size is the largest message that the server says it takes, in bytes of
	// the message as it is sent; 0: it does not say.
	Size int64

	server     *Server
	ctx        context.Context
	timeouts   Timeouts
	stop       func() bool
	wire       *wire
	conn       net.Conn // the wire, or TLS on it
	limit      *limited
	in         *bufio.Reader
	text       *textproto.Reader
	out        *textproto.Writer
	secure     bool
	names      []string // what we can call ourselves; the first is in use
	extensions map[string]string
}

// Reply is what the server said to something.
type Reply struct {
	Code int    // 0: nothing was asked
	Text string // one line of printable text, at most 400 bytes
}

// OK tells whether the server agreed.
func (r Reply) OK() bool { return r.Code/100 == 2 }

func (r Reply) String() string { return strings.TrimSpace(strconv.Itoa(r.Code) + " " + r.Text) }

func (r Reply) clean() Reply { return Reply{r.Code, clean(r.Text)} }

// Result is what became of one message.
type Result struct {
	Recipients []Reply // to each recipient, in the order given
	Final      Reply   // to the message; it was accepted if Final.OK()
}

// Send sends one message of size bytes to the recipients that the server
// accepts, in one transaction. If it accepts none, body is not called, and the
// error is nil.
//
// Errors are of type *Error, or body's own. After one with a Code the next
// message can be tried, unless the Code is 421 or the Step "message". After any
// other the session is closed and the server has dropped the message - except
// that after a lost answer (Step "answer") nobody knows.
//
// Addresses are bare: "a@b.example".
func (c *Session) Send(from string, to []string, size int64, body func(*Body) error) (Result, error) {
	res := Result{Recipients: make([]Reply, len(to))}
	for _, address := range append([]string{from}, to...) {
		if !bare(address) {
			return res, fmt.Errorf("%q is not a mail address", address)
		}
	}
	announced := ""
	if _, ok := c.extensions["SIZE"]; ok {
		announced = fmt.Sprintf(" SIZE=%d", size)
	}
	if _, err := c.command("MAIL", c.timeouts.Command, 2, "MAIL FROM:<"+from+">"+announced); err != nil {
		return res, err
	}
	accepted := 0
	for i, address := range to {
		r, err := c.command("RCPT", c.timeouts.Command, 2, "RCPT TO:<"+address+">")
		if err != nil && !goesOn(err) {
			return res, err
		}
		if err == nil {
			accepted++
		}
		res.Recipients[i] = r.clean()
	}
	if accepted == 0 {
		c.reset()
		return res, nil
	}
	if _, err := c.command("DATA", c.timeouts.Command, 3, "DATA"); err != nil {
		if goesOn(err) {
			c.reset()
		}
		return res, err
	}
	if err := c.data(body); err != nil {
		return res, err
	}
	r, err := c.expect("answer", c.timeouts.Final, 2)
	res.Final = r.clean()
	return res, err
}

// Try asks whether the server would take a message, without sending any. The
// reply is that to the recipient; with to == "" only the sender is asked for.
func (c *Session) Try(from, to string) (Reply, error) {
	if !bare(from) || !bare(to) {
		return Reply{}, fmt.Errorf("%q, %q: not a mail address", from, to)
	}
	if _, err := c.command("MAIL", c.timeouts.Command, 2, "MAIL FROM:<"+from+">"); err != nil || to == "" {
		if err == nil {
			c.reset()
		}
		return Reply{}, err
	}
	r, err := c.command("RCPT", c.timeouts.Command, 2, "RCPT TO:<"+to+">")
	if err != nil && !goesOn(err) {
		return Reply{}, err
	}
	c.reset()
	return r.clean(), nil
}

// bare tells whether an address can stand between < and > of a command and is
// nothing but an address there.
func bare(address string) bool {
	return !strings.ContainsFunc(address, func(r rune) bool {
		return r <= ' ' || r >= 0x7f || r == '<' || r == '>'
	})
}

// data sends the message up to and including the final dot.
func (c *Session) data(body func(*Body) error) error {
	b := &Body{w: c.out.W, lines: c.out.DotWriter()}
	err := body(b)
	if err == nil {
		err = b.lines.Close()
	}
	if err == nil {
		return nil
	}
	defer c.close()
	if !c.wire.broken {
		return err // the body's own
	}
	if c.ctx.Err() == nil {
		// A server that has had enough may say why before it hangs up. Not to
		// listen would mean to send the same megabytes again and again.
		if r, err := c.expect("message", time.Second, 2); r.Code >= 400 {
			return err
		}
	}
	return c.failed("message", err)
}

// reset ends a transaction that came to nothing. If it fails, so will the
// next one.
func (c *Session) reset() { c.command("RSET", c.timeouts.Command, 2, "RSET") }

// Quit takes leave and closes the connection.
func (c *Session) Quit() {
	c.command("QUIT", min(c.timeouts.Command, 5*time.Second), 2, "QUIT")
	c.conn.Close() // with TLS's own goodbye
	c.close()
}

// close closes the connection at once, without a word.
func (c *Session) close() {
	c.stop()
	c.wire.Close()
}
