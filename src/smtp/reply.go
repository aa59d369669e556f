package smtp

import (
	"strconv"
	"strings"
	"time"
)

// command sends one line and reads the reply, whose code must begin with want.
func (c *Session) command(step string, wait time.Duration, want int, line string) (Reply, error) {
	if err := c.out.PrintfLine("%s", line); err != nil {
		c.close()
		return Reply{}, c.failed(step, err)
	}
	return c.expect(step, wait, want)
}

// expect reads a reply, whose code must begin with want. Its text is as the
// server sent it, with "\n" between its lines.
func (c *Session) expect(step string, wait time.Duration, want int) (Reply, error) {
	c.limit.left = replyMax
	c.wire.SetReadDeadline(time.Now().Add(wait))
	final := step == "answer"
	r, err := c.reply(final)
	if err != nil {
		c.close()
	}
	if err != nil && !(final && r.Code != 0) {
		return Reply{}, c.failed(step, err)
	}
	if r.Code/100 != want {
		return r, &Error{Host: c.server.Host, Step: step, Code: r.Code, Text: clean(r.Text)}
	}
	return r, nil
}

// reply reads a reply by the three digits of its code (RFC 5321 4.2), which
// some servers send without a text, or after an empty line.
//
// final is for the reply to a message. A server that has accepted one gets it
// a second time if its reply is not understood, so lines that are none are
// skipped there, and the code of the first one counts even if the rest of the
// reply does not come: then there is an error beside it.
func (c *Session) reply(final bool) (r Reply, err error) {
	for {
		line, err := c.text.ReadLine()
		if err != nil {
			return r, err
		}
		code, text, more, ok := parseReply(line)
		switch {
		case r.Code == 0 && !ok:
			if strings.TrimSpace(line) == "" || final {
				continue
			}
			return r, oddReply(line)
		case r.Code == 0:
			r = Reply{code, text}
			if final && more {
				c.wire.SetReadDeadline(time.Now().Add(min(c.timeouts.Command, restTime)))
			}
		case !ok || code != r.Code: // a line of text without the code
			r.Text += "\n" + line
			more = true
		default:
			r.Text += "\n" + text
		}
		if !more {
			return r, nil
		}
	}
}

// oddReply is a line that is not a reply.
type oddReply string

func (o oddReply) Error() string {
	return "not a mail server's reply: " + strconv.Quote(clean(string(o)))
}

// restTime is how long the other lines may take once a message is accepted.
const restTime = 10 * time.Second

// parseReply takes a line of a reply apart: "250-mail.example". more tells
// that another line follows.
func parseReply(line string) (code int, text string, more, ok bool) {
	if len(line) < 3 || strings.Trim(line[:3], "0123456789") != "" || line[0] < '1' || line[0] > '9' {
		return 0, "", false, false
	}
	code, _ = strconv.Atoi(line[:3])
	text = line[3:]
	if more = strings.HasPrefix(text, "-"); more {
		text = text[1:]
	}
	return code, strings.TrimLeft(text, " \t"), more, true
}
