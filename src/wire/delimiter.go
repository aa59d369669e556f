package wire

import (
	"bytes"
	"io"
)

const (
	maxBoundary = 256 // RFC 2046 allows 70
	maxPadding  = 64  // blanks after a delimiter
)

var dashes = []byte("--")

// What follows the boundary of a delimiter.
type following int

const (
	undecided following = iota // more of the body must tell
	noDelimiter
	another // part
	nothing
)

// after judges what follows a boundary that ends at an index of buf. Bytes that neither end the
// line nor the body make it content that looks like a delimiter. When another part follows,
// it returns the index of the line end.
func (p *Parts) after(at int) (following, int) {
	end := p.w
	if p.bodyOver {
		end = p.bodyEnd // the rest is too short for a part
	}
	if at > end {
		return nothing, 0
	}
	tail := p.buf[at:end]
	line := bytes.TrimLeft(tail, blanks)
	padding := len(tail) - len(line)
	eol := eolLength(line)
	switch {
	case padding > maxPadding:
		return noDelimiter, 0
	case eol > 0 && len(line) > eol:
		return another, at + padding
	case padding == 0 && bytes.HasPrefix(line, dashes):
		return nothing, 0
	case len(line) == eol, string(line) == "\r", padding == 0 && string(line) == "-":
		if p.bodyOver {
			return nothing, 0
		}
		return undecided, 0
	}
	return noDelimiter, 0
}

// eolLength returns the length of the line end that b begins with, 0 without one.
func eolLength(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte("\n")):
		return 1
	case bytes.HasPrefix(b, []byte("\r\n")):
		return 2
	}
	return 0
}

// more reads at least a byte of the body, or returns how it ended.
func (p *Parts) more() error {
	for p.bodyErr == nil {
		n, err := p.body.Read(p.room())
		p.w += n
		p.bodyErr = err
		if err == io.EOF {
			p.bodyOver, p.bodyEnd = true, p.w
		}
		if n > 0 {
			return nil
		}
	}
	return p.bodyErr
}

// moreOrRest reads at least a byte of the body or what follows it. io.EOF means that both are
// over.
func (p *Parts) moreOrRest() error {
	if err := p.more(); err != io.EOF {
		return err
	}
	for {
		n, err := p.rest.Read(p.room())
		p.w += n
		if n > 0 {
			return nil
		}
		if err != nil {
			return io.EOF
		}
	}
}

// room returns the free part of the buffer, after moving the unread bytes to its beginning.
func (p *Parts) room() []byte {
	if p.r > 0 {
		copy(p.buf[:], p.buf[p.r:p.w])
		p.w -= p.r
		p.bodyEnd -= p.r
		p.r = 0
	}
	return p.buf[p.w:]
}
