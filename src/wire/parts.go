package wire

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
)

const (
	maxParts      = 64
	maxPartHeader = 8 << 10 // of one part; also of what precedes the first delimiter
)

// Errors of Parts.Next, beside those of the body.
var (
	ErrBoundary   = errors.New("no multipart delimiter")
	ErrPartHeader = errors.New("part header too long")
	ErrPartCount  = errors.New("too many parts")

	errSkipped = errors.New("part read after the next one was asked for")
)

// An Ending tells how the end of a part was recognized.
type Ending int

const (
	Unread    Ending = iota // the part has not been read to its end
	Delimited               // a complete delimiter follows: the part is whole
	Cut                     // all data stops inside a delimiter, or at a CR that may begin one
	Open                    // all data stops: only the content can tell whether it is whole
)

func (e Ending) String() string {
	return [...]string{"unread", "delimited", "cut", "open"}[e]
}

// Parts reads a multipart body one part after another, through one buffer of 16 KiB.
//
// Some cameras end a body with a delimiter that lacks the closing "--" (seen in a capture of an
// NX300), and some announce a length that is too small by 4 bytes a part, so that the announced
// body stops inside the last delimiter or, with many parts, inside the last photo. Where it
// stops right after a delimiter, or after empty lines behind it, that is the end. Elsewhere Parts goes on with what the client
// sends after the announced body, the rest, up to the next delimiter.
type Parts struct {
	body, rest io.Reader
	boundary   string
	dash       []byte  // "--" and the boundary
	delim      *needle // a line end and dash

	buf      *[bufferSize]byte
	r, w     int   // buf[r:w] is unread
	bodyErr  error // how the body ended, io.EOF included
	bodyOver bool  // it ended well,
	bodyEnd  int   // here in buf; what follows is from the rest

	state partsState
	err   error // why there is no further part
	part  *Part // the last one
	count int
	eol   int // before a header: length of the line end at r, which may also begin a delimiter
	skip  int // in a part: bytes at r that are the line end before the content
	clean int // in a part: bytes at r that are no part of a delimiter
}

type partsState int

const (
	atStart partsState = iota
	atHeader
	inPart
	over
)

// A Part is one part of a body. The strings are as sent, in whatever charset, and hostile.
type Part struct {
	Name     string
	FileName string
	Type     string // media type without parameters, in lower case
	Ending   Ending // set when Read returns io.EOF

	parts *Parts
	err   error
}

// NewParts reads the parts of a body. The rest is touched only where the body ends before a
// delimiter is complete; it may be nil, and its errors count as its end. With an empty boundary
// the first line that begins with "--" is taken for a delimiter.
func NewParts(body, rest io.Reader, boundary string) *Parts {
	if rest == nil {
		rest = bytes.NewReader(nil)
	}
	return &Parts{body: body, rest: rest, boundary: boundary}
}

// Next returns the next part, passing over what is unread of the one before. After the last it
// returns io.EOF; then the body may have unread bytes that follow a closing delimiter. An error
// of the body is returned as it is. After an error there are no further parts.
func (p *Parts) Next() (*Part, error) {
	var err error
	switch p.state {
	case atStart:
		p.buf = buffers.Get().(*[bufferSize]byte)
		err = p.begin()
	case inPart:
		if _, err = p.part.WriteTo(io.Discard); err == nil {
			p.part.err = errSkipped
		}
	}
	if err == nil && p.state == atHeader {
		if err = p.header(); err == nil {
			return p.part, nil
		}
	}
	if p.err == nil {
		p.err = cmp.Or(err, io.EOF)
	}
	p.state = over
	if p.buf != nil {
		buffers.Put(p.buf)
		p.buf = nil
	}
	return nil, p.err
}

// begin finds the first delimiter. What precedes it is no part.
func (p *Parts) begin() error {
	line := 0
	for {
		window := p.buf[line:min(p.w, maxPartHeader)]
		n := bytes.IndexByte(window, '\n') + 1
		if n == 0 && p.bodyOver {
			n = len(window)
		}
		follows, at := undecided, 0
		if n > 0 {
			if follows = noDelimiter; p.isDelimiter(window[:n]) {
				follows, at = p.after(line + len(p.dash))
			}
		}
		switch {
		case follows == another:
			p.startHeader(at)
			p.delim = newNeedle(append(bytes.Clone(p.buf[at:at+p.eol]), p.dash...))
			return nil
		case follows == nothing, p.bodyOver && p.w == 0:
			return io.EOF
		case follows == noDelimiter:
			line += n
		case p.bodyOver, n == 0 && p.w >= maxPartHeader:
			return fmt.Errorf("%w in the first %d bytes", ErrBoundary, line+len(window))
		default:
			if err := p.more(); err != nil && err != io.EOF {
				return err
			}
		}
	}
}

// isDelimiter reports whether a line before the first part begins with the boundary, which
// some clients announce with the two dashes already in it.
func (p *Parts) isDelimiter(line []byte) bool {
	if !bytes.HasPrefix(line, dashes) {
		return false
	}
	if p.boundary == "" {
		p.boundary = string(bytes.TrimRight(line[2:], blankLines))
	}
	if p.boundary == "" || len(p.boundary) > maxBoundary {
		return false
	}
	p.dash = append(bytes.Clone(dashes), p.boundary...)
	if !bytes.HasPrefix(line, p.dash) {
		p.dash = p.dash[2:]
	}
	return bytes.HasPrefix(line, p.dash)
}

// startHeader puts r at the line end that precedes a header.
func (p *Parts) startHeader(at int) {
	p.r, p.eol, p.state = at, eolLength(p.buf[at:p.w]), atHeader
}

// header reads a part's header.
func (p *Parts) header() error {
	if p.count == maxParts {
		return fmt.Errorf("%w: more than %d", ErrPartCount, maxParts)
	}
	for {
		window := p.buf[p.r:min(p.w, p.r+maxPartHeader)]
		if header, content, skip, ok := p.cutHeader(window); ok {
			left := p.buf[p.r+content+skip : p.w]
			if len(header) == 0 && len(left) < maxPartHeader && len(bytes.Trim(left, "\r\n")) == 0 {
				// Empty lines behind the last delimiter are the end of the body.
				if err := p.more(); err == io.EOF {
					return io.EOF
				} else if err != nil {
					return err
				}
				continue
			}
			p.count++
			p.part = parsePart(header)
			p.part.parts = p
			p.r += content
			p.skip, p.clean, p.state = skip, 0, inPart
			return nil
		}
		if len(window) == maxPartHeader {
			return fmt.Errorf("%w: no end in %d bytes", ErrPartHeader, maxPartHeader)
		}
		if err := p.moreOrRest(); err == io.EOF {
			return fmt.Errorf("in the header of part %d: %w", p.count+1, io.ErrUnexpectedEOF)
		} else if err != nil {
			return err
		}
	}
}

// cutHeader returns a header if it ends in the window, where the part begins, and how many
// bytes there are no content. The line end before the content can also be that of a delimiter,
// and a delimiter can follow without an empty line: both parts are empty.
func (p *Parts) cutHeader(window []byte) (header []byte, content, skip int, ok bool) {
	for line := p.eol; line < len(window); {
		n := bytes.IndexByte(window[line:], '\n') + 1
		if n == 0 {
			break
		}
		if len(bytes.TrimRight(window[line:line+n], "\r\n")) == 0 {
			return window[p.eol:line], line, n, true
		}
		if before := line + len(p.dash) - len(p.delim.text); before >= 0 && bytes.HasPrefix(window[before:], p.delim.text) {
			return window[p.eol:line], before, 0, true
		}
		line += n
	}
	return nil, 0, 0, false
}
