package config

import "strings"

const uciBlanks = " \t\n\v\f\r"

// word reads the word that begins a command; "" if there is only a comment.
func (r *uciReader) word() string {
	if r.peek() == '#' {
		r.comment()
		return ""
	}
	start := r.pos
	for r.pos < len(r.text) && strings.IndexByte(" \t\n", r.text[r.pos]) < 0 {
		r.pos++
	}
	return r.text[start:r.pos]
}

// arguments reads what follows a word up to the end of the line, or a
// semicolon: max texts, of which min must not be empty.
func (r *uciReader) arguments(line int, word string, min, max int) ([]string, error) {
	args := make([]string, max)
	for n := 0; ; n++ {
		r.skip(" \t\v\f\r")
		switch r.peek() {
		case '#':
			r.comment()
			fallthrough
		case '\n', ';', 0:
			r.next()
			if n < min {
				return nil, r.fail(line, word+" stands alone", "give it a name, or remove the line")
			}
			return args, nil
		}
		arg, ok := r.argument()
		switch {
		case !ok:
			return nil, r.fail(line, "a quote is opened and never closed", `end the value with the quote that it begins with`)
		case n >= max:
			return nil, r.fail(line, "there is too much behind "+args[max-1], "put a value with blanks into quotes: 'like this'")
		case arg == "" && n < min:
			return nil, r.fail(line, word+" has an empty name", "give it a name, or remove the line")
		}
		args[n] = arg
	}
}

// argument reads one text: pieces with and without quotes, one behind the
// other, up to a blank. It returns false if a quote is not closed.
func (r *uciReader) argument() (string, bool) {
	var b strings.Builder
	for {
		switch c := r.peek(); c {
		case '\'', '"':
			if !r.quoted(&b) {
				return "", false
			}
		case '\\':
			r.backslash(&b)
		case '#', ';', 0:
			return b.String(), true
		default:
			b.WriteByte(r.next())
		}
		if strings.IndexByte(uciBlanks, r.peek()) >= 0 {
			return b.String(), true
		}
	}
}

// quoted reads a piece in quotes, which may have lines. A backslash means
// itself in single quotes.
func (r *uciReader) quoted(b *strings.Builder) bool {
	quote := r.next()
	for r.pos < len(r.text) {
		switch c := r.peek(); {
		case c == quote:
			r.next()
			return true
		case c == '\\' && quote == '"':
			r.backslash(b)
		default:
			b.WriteByte(r.next())
		}
	}
	return false
}

// backslash takes the next byte as it is; at the end of a line both vanish.
func (r *uciReader) backslash(b *strings.Builder) {
	r.next()
	switch {
	case r.peek() == '\n':
		r.next()
	case strings.HasPrefix(r.text[r.pos:], "\r\n"):
		r.next()
		r.next()
	case r.pos < len(r.text):
		b.WriteByte(r.next())
	}
}

func (r *uciReader) comment() {
	for r.pos < len(r.text) && r.text[r.pos] != '\n' {
		r.pos++
	}
}

func (r *uciReader) skip(blanks string) {
	for r.pos < len(r.text) && strings.IndexByte(blanks, r.text[r.pos]) >= 0 {
		r.next()
	}
}

// peek returns the next byte, 0 at the end.
func (r *uciReader) peek() byte {
	if r.pos == len(r.text) {
		return 0
	}
	return r.text[r.pos]
}

func (r *uciReader) next() byte {
	c := r.peek()
	if r.pos < len(r.text) {
		r.pos++
	}
	if c == '\n' {
		r.line++
	}
	return c
}
