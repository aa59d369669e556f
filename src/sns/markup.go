package sns

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// markup is a document that cameras call XML. Some of it is none: captures
// show text after a torn element, users type a bare "&", and who knows what
// other firmware does. So elements and attributes are searched for, without
// regard to case, nesting or order, in time linear in the document's length.
type markup struct {
	raw string
	low []byte // raw in lower case, with blanks for what is in CDATA: same positions
}

const cdata, cdataEnd = "<![cdata[", "]]>"

func parseMarkup(b []byte) markup {
	raw := strings.ToValidUTF8(string(b), "\uFFFD")
	low := []byte(raw)
	for i, c := range low { // keeps the length, unlike strings.ToLower
		if 'A' <= c && c <= 'Z' {
			low[i] = c + 'a' - 'A'
		}
	}
	for at := 0; ; {
		begin := bytes.Index(low[at:], []byte(cdata))
		if begin < 0 {
			return markup{raw, low}
		}
		at += begin + len(cdata)
		end := bytes.Index(low[at:], []byte(cdataEnd))
		if end < 0 {
			end = len(low) - at
		}
		for i := range end {
			low[at+i] = ' '
		}
		at += end
	}
}

// next returns the position after "<name" at or behind from, -1 if there is
// none. The name must end there.
func (m markup) next(name string, from int) int {
	for from < len(m.low) {
		i := bytes.Index(m.low[from:], []byte("<"+name))
		if i < 0 {
			return -1
		}
		from += i + 1 + len(name)
		if from == len(m.low) || strings.IndexByte(" \t\r\n/>", m.low[from]) >= 0 {
			return from
		}
	}
	return -1
}

// tagEnd returns the position of the ">" that ends the tag in which from is,
// passing over quoted values, or the document's length.
func (m markup) tagEnd(from int) int {
	quote := byte(0)
	for i := from; i < len(m.raw); i++ {
		switch c := m.raw[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i
		}
	}
	return len(m.raw)
}

// texts returns the contents of at most max elements of a name.
func (m markup) texts(name string, max int) []string {
	name = strings.ToLower(name)
	var list []string
	for at := 0; len(list) < max; {
		at = m.next(name, at)
		if at < 0 {
			return list
		}
		end := m.tagEnd(at)
		if end >= len(m.raw) {
			return list
		}
		at = end + 1
		if m.raw[end-1] == '/' {
			list = append(list, "")
			continue
		}
		var text string
		text, at = m.content(name, at)
		list = append(list, text)
	}
	return list
}

// content returns the text of an element from behind its start tag, and where
// it ends. An element that is never closed ends at the next tag.
func (m markup) content(name string, at int) (string, int) {
	end := bytes.Index(m.low[at:], []byte("</"+name))
	if end < 0 {
		end = bytes.IndexByte(bytes.ReplaceAll(m.low[at:], []byte(cdata), []byte("         ")), '<')
	}
	if end < 0 {
		end = len(m.low) - at
	}
	end += at
	var b strings.Builder
	for {
		begin := bytes.Index(m.low[at:end], []byte(cdata))
		if begin < 0 {
			b.WriteString(unescape(m.raw[at:end]))
			return b.String(), end
		}
		b.WriteString(unescape(m.raw[at : at+begin]))
		at += begin + len(cdata)
		stop := bytes.Index(m.low[at:end], []byte(cdataEnd))
		if stop < 0 {
			b.WriteString(m.raw[at:end])
			return b.String(), end
		}
		b.WriteString(m.raw[at : at+stop])
		at += stop + len(cdataEnd)
	}
}

// text returns the content of the first element of a name.
func (m markup) text(name string) string {
	if list := m.texts(name, 1); len(list) > 0 {
		return list[0]
	}
	return ""
}

// attr returns an attribute of the first element of a name.
func (m markup) attr(name, attribute string) (value string, ok bool) {
	at := m.next(strings.ToLower(name), 0)
	if at < 0 {
		return "", false
	}
	end := m.tagEnd(at)
	low, raw := m.low[at:end], m.raw[at:end]
	attribute = strings.ToLower(attribute)
	for from := 0; ; {
		i := bytes.Index(low[from:], []byte(attribute))
		if i < 0 {
			return "", false
		}
		i += from
		from = i + len(attribute)
		if i == 0 || strings.IndexByte(" \t\r\n\"'", low[i-1]) < 0 {
			continue
		}
		rest := strings.TrimLeft(raw[from:], " \t\r\n")
		if rest == "" || rest[0] != '=' {
			continue
		}
		rest = strings.TrimLeft(rest[1:], " \t\r\n")
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			continue
		}
		value, _, _ = strings.Cut(rest[1:], rest[:1])
		return unescape(value), true
	}
}

// unescape replaces the entities of XML, and leaves every other "&" as it is.
func unescape(s string) string {
	if strings.IndexByte(s, '&') < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			i = len(s)
		}
		b.WriteString(s[:i])
		s = s[i:]
		if s == "" {
			break
		}
		r, n := entity(s)
		if n == 0 {
			r, n = '&', 1
		}
		b.WriteRune(r)
		s = s[n:]
	}
	return b.String()
}

// entity returns the character that s begins with, and the length of its
// entity, 0 if it is none.
func entity(s string) (rune, int) {
	end := strings.IndexByte(s[:min(len(s), 12)], ';')
	if end < 0 {
		return 0, 0
	}
	name := s[1:end]
	switch name {
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "amp":
		return '&', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	}
	number, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, 0
	}
	base := 10
	if hex := strings.TrimLeft(number, "xX"); hex != number {
		number, base = hex, 16
	}
	n, err := strconv.ParseUint(number, base, 32)
	if err != nil || !utf8.ValidRune(rune(n)) || n == 0 {
		return 0, 0
	}
	return rune(n), end + 1
}
