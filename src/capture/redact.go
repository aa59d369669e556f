package capture

import "bytes"

// Redact returns raw with the values of passwords replaced by as many "x", so
// that lengths stay what they were. It knows the spellings that cameras,
// phones and their programs use: XML attributes and elements, the keys of
// property lists, forms, JSON, and the HTTP headers Cookie and Authorization
// (but for OAuth, whose fields are signatures and of use to nobody). Where a
// value ends is a guess: rather too much is redacted, to the end if need be.
func Redact(raw []byte) []byte {
	r := redaction{out: bytes.Clone(raw), low: lower(raw)}
	r.each("pass", r.named) // password, passwd, passphrase
	r.each("pwd", r.named)
	r.each("authorization", func(_, end int) {
		if at, ok := r.sign(end, ":"); ok && !bytes.HasPrefix(bytes.TrimLeft(r.low[at:], blanks), []byte("oauth")) {
			r.line(at)
		}
	})
	r.each("cookie", func(_, end int) {
		if at, ok := r.sign(end, ":"); ok {
			r.line(at)
		}
	})
	return r.out
}

const blanks = " \t\r\n"

// redaction has what is searched, in lower case, and what becomes of it.
type redaction struct{ low, out []byte }

// each calls fn with the bounds of every place where word stands.
func (r *redaction) each(word string, fn func(start, end int)) {
	for from := 0; ; {
		i := bytes.Index(r.low[from:], []byte(word))
		if i < 0 {
			return
		}
		fn(from+i, from+i+len(word))
		from += i + len(word)
	}
}

// named blots out what the name that has low[start:end] in it names. What it
// looks like can be true of several readings; each is heeded.
func (r *redaction) named(start, end int) {
	for end < len(r.low) && isName(r.low[end]) {
		end++
	}
	if at, ok := r.sign(end, "=:"); ok { // password=x&, "password": "x", Password="x"
		r.value(at)
	}
	if open := bytes.LastIndexAny(r.low[:start], "<>"); open >= 0 && r.low[open] == '<' {
		r.tag(open, end) // <password>x</, <ns:Password Value="x"/>, <value for="password">x</
	}
	if before := bytes.TrimRight(r.low[:start], `"'`); bytes.HasSuffix(before, []byte("name=")) { // a field of a form in parts
		r.part(end)
	}
	if rest := bytes.TrimLeft(r.low[end:], blanks); bytes.HasPrefix(rest, []byte("</")) { // <key>password</key><string>x</
		closing := len(r.low) - len(rest)
		if open := r.find(closing+2, "<"); open < len(r.low) {
			r.tag(open, open+1)
		}
	}
}

// sign returns where the value of a name begins that ends at an index: behind
// one of some signs.
func (r *redaction) sign(end int, signs string) (at int, ok bool) {
	rest := bytes.TrimLeft(r.low[end:], `"'\]`+blanks)
	if len(rest) == 0 || bytes.IndexByte([]byte(signs), rest[0]) < 0 {
		return 0, false
	}
	return len(r.low) - len(rest) + 1, true
}

// value blots out a value, and what of it is in brackets.
func (r *redaction) value(at int) {
	rest := bytes.TrimLeft(r.low[at:], "\\"+blanks)
	at = len(r.low) - len(rest)
	if len(rest) == 0 {
		return
	}
	switch c := rest[0]; c {
	case '"', '\'':
		r.blot(at+1, r.quoted(at))
	case '{':
		r.blot(at+1, r.find(at, "}"))
	case '[':
		r.blot(at+1, r.find(at, "]"))
	default:
		r.blot(at, r.find(at, `&<>"`+blanks))
	}
}

// tag blots out the values that stand behind an index in the tag that begins
// at open, and what is between it and its end.
func (r *redaction) tag(open, from int) {
	i := open
	for i < from { // the name may itself be quoted
		if r.low[i] == '"' || r.low[i] == '\'' {
			i = r.quoted(i)
		}
		i++
	}
	for i < len(r.low) && r.low[i] != '>' {
		switch r.low[i] {
		case '"', '\'':
			end := r.quoted(i)
			r.blot(i+1, end)
			i = end
		case '=':
			if rest := bytes.TrimLeft(r.low[i+1:], blanks); len(rest) > 0 && rest[0] != '"' && rest[0] != '\'' {
				at := len(r.low) - len(rest)
				i = r.find(at, blanks+"/>")
				r.blot(at, i)
				i--
			}
		}
		i++
	}
	if i >= len(r.low) || r.low[i-1] == '/' || r.low[open+1] == '/' {
		return
	}
	name := open + 1
	for name < i && (isName(r.low[name]) || r.low[name] == ':') {
		name++
	}
	end := bytes.Index(r.low[i:], append([]byte("</"), r.low[open+1:name]...))
	if end < 0 {
		end = bytes.Index(r.low[i:], []byte("</"))
	}
	if end < 0 {
		end = len(r.low) - i
	}
	r.blot(i+1, i+end)
}

// part blots out the body of the part whose header has a name that ends at an
// index.
func (r *redaction) part(end int) {
	for _, eol := range []string{"\r\n", "\n"} {
		begin := bytes.Index(r.low[end:], []byte(eol+eol))
		if begin < 0 {
			continue
		}
		begin += end + 2*len(eol)
		stop := bytes.Index(r.low[begin:], []byte(eol+"--"))
		if stop < 0 {
			stop = len(r.low) - begin
		}
		r.blot(begin, begin+stop)
	}
}

// line blots out the rest of a header line, with the lines that go on from it.
func (r *redaction) line(at int) {
	for {
		end := r.find(at, "\r\n")
		r.blot(at, end)
		at = end + 1
		if end+1 < len(r.low) && r.low[end] == '\r' && r.low[end+1] == '\n' {
			at++
		}
		if at >= len(r.low) || r.low[at] != ' ' && r.low[at] != '\t' {
			return
		}
	}
}

// quoted returns where the quote is closed that is opened at an index.
func (r *redaction) quoted(at int) int {
	end := at + 1
	for end < len(r.low) && r.low[end] != r.low[at] {
		if r.low[end] == '\\' {
			end++
		}
		end++
	}
	return min(end, len(r.low))
}

// find returns where the first of some bytes stands behind an index.
func (r *redaction) find(from int, any string) int {
	if i := bytes.IndexAny(r.low[from:], any); i >= 0 {
		return from + i
	}
	return len(r.low)
}

func (r *redaction) blot(start, end int) {
	for i := start; i < end; i++ {
		r.out[i] = 'x'
	}
}

func isName(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.' || c == '['
}

// lower keeps the length, which bytes.ToLower does not on odd bytes.
func lower(b []byte) []byte {
	out := bytes.Clone(b)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return out
}
