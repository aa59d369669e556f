package wire

import (
	"bytes"
	"io"
)

// Read returns io.EOF at the end of the part. Any other error is the body's, and means that
// the part is not whole.
func (t *Part) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	chunk, err := t.chunk()
	n := copy(b, chunk)
	t.consume(n)
	return n, err
}

// WriteTo writes the unread content. It spares io.Copy a buffer and a copy of each byte.
func (t *Part) WriteTo(w io.Writer) (int64, error) {
	var total int64
	for {
		chunk, err := t.chunk()
		if err == io.EOF {
			return total, nil
		}
		if err != nil {
			return total, err
		}
		n, err := w.Write(chunk)
		t.consume(n)
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
}

// chunk returns the next bytes of the content, valid until consume.
func (t *Part) chunk() ([]byte, error) {
	p := t.parts
	for t.err == nil {
		if p.clean > 0 {
			return p.buf[p.r : p.r+p.clean], nil
		}
		p.scan()
		n := min(p.skip, p.clean)
		p.skip -= n
		t.consume(n)
	}
	return nil, t.err
}

func (t *Part) consume(n int) {
	t.parts.r += n
	t.parts.clean -= n
}

// scan finds content, or how the part ends.
func (p *Parts) scan() {
	for {
		window := p.buf[p.r:p.w]
		at, follows, header := p.findDelimiter(window)
		if at > 0 {
			p.clean = at
			return
		}
		var err error
		switch follows {
		case another:
			p.end(Delimited)
			p.startHeader(header)
			return
		case nothing:
			p.end(Delimited)
			return
		case undecided:
			err = p.more()
			if err == io.EOF {
				continue
			}
		case noDelimiter:
			err = p.moreOrRest()
		}
		switch {
		case err == io.EOF && len(window) > p.skip:
			p.end(Cut)
			return
		case err == io.EOF:
			p.end(Open)
			return
		case err != nil:
			p.part.err, p.err, p.state = err, err, over
			return
		}
	}
}

func (p *Parts) end(how Ending) {
	p.part.Ending, p.part.err = how, io.EOF
	p.state = over
}

// findDelimiter returns where in the window, which begins at r, the first delimiter is, what
// follows it, and where in buf that is. Without a delimiter it returns where one may begin at
// the window's end.
func (p *Parts) findDelimiter(window []byte) (at int, follows following, header int) {
	for from := 0; ; from++ {
		i := p.delim.index(window[from:])
		if i < 0 {
			return len(window) - partialSuffix(window[from:], p.delim.text), noDelimiter, 0
		}
		from += i
		if follows, header = p.after(p.r + from + len(p.delim.text)); follows != noDelimiter {
			return from, follows, header
		}
	}
}

// partialSuffix returns the length of the longest beginning of delim, short of the whole, that
// b ends with.
func partialSuffix(b, delim []byte) int {
	tail := b[max(0, len(b)-len(delim)+1):]
	for {
		i := bytes.IndexByte(tail, delim[0])
		if i < 0 {
			return 0
		}
		if tail = tail[i:]; bytes.HasPrefix(delim, tail) {
			return len(tail)
		}
		tail = tail[1:]
	}
}
