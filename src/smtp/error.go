package smtp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
)

// Error is what went wrong, and where. Codes of 400 to 499 are temporary, of
// 500 to 599 permanent; without a code it was the network, TLS, or one of this
// package's errors.
type Error struct {
	Host string
	// Step is one of connect, TLS, greeting, EHLO, STARTTLS, AUTH, MAIL, RCPT,
	// DATA, message (its bytes), answer (to the message), RSET and QUIT.
	Step string
	Code int    // of the server's reply; 0: there was none
	Text string // of the reply: one line of printable text, at most 400 bytes
	Err  error  // if Code is 0
}

func (e *Error) Error() string {
	if e.Code != 0 {
		return fmt.Sprintf("%s answered to %s: %v", e.Host, e.Step, Reply{e.Code, e.Text})
	}
	return fmt.Sprintf("%s, %s: %s", e.Host, e.Step, clean(e.Err.Error()))
}

func (e *Error) Unwrap() error { return e.Err }

// failed makes an *Error of one that no reply came with.
func (c *Session) failed(step string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	switch {
	case c.ctx.Err() != nil:
		err = c.ctx.Err()
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		err = silence{err}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err = fmt.Errorf("the server hung up (%w)", err)
	}
	return &Error{Host: c.server.Host, Step: step, Err: err}
}

// silence is a timeout in a person's words.
type silence struct{ error }

func (silence) Error() string   { return "no answer in time" }
func (s silence) Unwrap() error { return s.error }

// goesOn tells whether a session can be used after an error: the server said
// no, but is still there.
func goesOn(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code != 0 && e.Code != codeClosing
}

const textMax = 400 // bytes of a reply that are kept

// clean makes a server's words fit for logs, records and pages.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s[:min(len(s), 4*textMax)], "?"))
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > textMax {
		s = strings.ToValidUTF8(s[:textMax], "")
	}
	return s
}
