package sim

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// request is one request as its bytes, with files in the places where they belong.
type request struct {
	method, host, target string
	version              string   // what stands behind the target, blanks included
	headers              []string // whole lines in their order, without Content-Length, which comes last
	body                 []piece  // nil: no Content-Length either
	short                int64    // bytes that Content-Length hides
}

// piece is a stretch of a body: text, or a file.
type piece struct {
	text string
	file *File
}

func (r request) size() (n int64) {
	for _, p := range r.body {
		n += int64(len(p.text))
		if p.file != nil {
			n += p.file.Size
		}
	}
	return n
}

func (r request) head(absolute bool) string {
	if absolute {
		r.target = "http://" + r.host + r.target
	}
	var b strings.Builder
	b.WriteString(r.method + " " + r.target + r.version + "\r\n")
	for _, line := range r.headers {
		if line != "" {
			b.WriteString(line + "\r\n")
		}
	}
	if r.body != nil {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", max(0, r.size()-r.short))
	}
	return b.String() + "\r\n"
}

// hostLine is the Host header, or nothing.
func (c Camera) hostLine(host string) string {
	if c.Odd.HostUpper {
		host = strings.ToUpper(host)
	}
	if c.Odd.HostPort {
		host += ":80"
	}
	if c.Odd.NoHost {
		return ""
	}
	return "Host: " + host
}

// plain is a request with the least that HTTP needs: beyond the e-mail's no headers of cameras were published.
func (c Camera) plain(method, host, target string, body ...piece) request {
	return request{
		method: method, host: host, target: target, version: " HTTP/1.1",
		headers: []string{c.hostLine(host)},
		body:    body,
	}
}

// send says one request and hears the answer. The answer is given even when an error is, as far as it came.
func (c Camera) send(ctx context.Context, r request) (Answer, error) {
	head := r.head(c.Odd.Absolute)
	extra := c.Odd.Extra
	if r.body == nil {
		extra = ""
	}
	l, err := c.dial(ctx, int64(len(head))+r.size()+int64(len(extra)))
	if err != nil {
		return Answer{}, err
	}
	defer l.close()

	said := l.say(head, r.body, extra)
	switch {
	case said != nil && ctx.Err() != nil:
		return Answer{}, ctx.Err()
	case said != nil && !l.broken:
		return Answer{}, said // cut off on purpose, or the file could not be read: no answer will come
	}
	answer, heard := l.hear()
	switch {
	case said != nil && heard == nil:
		return answer, fmt.Errorf("answered before everything was sent: %w", said)
	case said != nil:
		return answer, said // the first trouble explains the second
	}
	return answer, heard
}

func (l *link) say(head string, body []piece, extra string) error {
	if err := l.write(head); err != nil {
		return err
	}
	for _, p := range body {
		if err := l.write(p.text); err != nil {
			return err
		}
		if p.file != nil {
			if err := l.copy(*p.file); err != nil {
				return err
			}
		}
	}
	return l.write(extra)
}

// copy sends a file, neither more nor less than was announced.
func (l *link) copy(f File) error {
	content, err := f.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	defer content.Close()
	l.trace(fmt.Sprintf("<%d bytes of %s>", f.Size, f.Name))
	n, err := io.CopyBuffer(l, io.LimitReader(content, f.Size), l.buffer)
	if err == nil && n < f.Size {
		err = fmt.Errorf("%s: ended after %d of %d bytes", f.Name, n, f.Size)
	}
	return err
}
