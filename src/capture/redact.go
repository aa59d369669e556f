package capture

import "bytes"

// Redact returns raw with the values of passwords replaced by as many "x", so
// that lengths stay what they were. It knows the spellings that cameras and
// phones use: XML attributes and elements, forms, JSON, and the HTTP headers
// Cookie and Authorization (but for OAuth, whose fields are signatures and of
// use to nobody). A value that does not end is blotted out to the end.
func Redact(raw []byte) []byte {
	out := bytes.Clone(raw)
	low := lower(raw)
	for _, word := range []string{"passw", "pwd"} {
		each(low, word, func(start, end int) {
			for end < len(low) && 'a' <= low[end] && low[end] <= 'z' {
				end++
			}
			blotValue(out, low, start, end)
		})
	}
	each(low, "authorization:", func(_, end int) {
		if !bytes.HasPrefix(bytes.TrimLeft(low[end:], " \t"), []byte("oauth")) {
			blot(out, low, end, "\r\n")
		}
	})
	each(low, "cookie:", func(_, end int) { blot(out, low, end, "\r\n") })
	return out
}

// blotValue blots out what the word at low[start:end] names.
func blotValue(out, low []byte, start, end int) {
	rest := low[end:]
	switch {
	case bytes.HasSuffix(low[:start], []byte("/")): // </password>
	case inTag(low[:start]): // <password>x</, <ns:Password Value="x"/>
		i := end
		for i < len(low) && low[i] != '>' {
			switch c := low[i]; {
			case c == '"' || c == '\'':
				i = blot(out, low, i+1, string(c))
			case c == '=' && i+1 < len(low) && low[i+1] != '"' && low[i+1] != '\'' && low[i+1] != ' ':
				i = blot(out, low, i+1, " \t\r\n/>") - 1
			}
			i++
		}
		if i < len(low) && low[i-1] != '/' {
			stop := len(low)
			if n := bytes.Index(low[i:], []byte("</")); n >= 0 {
				stop = i + n
			}
			blot(out, low[:stop], i+1, "")
		}
	case bytes.HasPrefix(bytes.TrimLeft(rest, "\"'"), []byte("\r\n\r\n")): // a field of a form in parts
		stop := len(low)
		if n := bytes.Index(rest, []byte("\r\n--")); n >= 0 {
			stop = end + n
		}
		blot(out, low[:stop], end+5, "")
	default: // password=x&, "password": "x", password="x"
		value := bytes.TrimLeft(rest, "\"' \t")
		if len(value) == 0 || value[0] != '=' && value[0] != ':' {
			return
		}
		value = bytes.TrimLeft(value[1:], " \t")
		at := len(low) - len(value)
		if len(value) > 0 && (value[0] == '"' || value[0] == '\'') {
			blot(out, low, at+1, string(value[0]))
		} else {
			blot(out, low, at, "& \r\n;,<>\"'")
		}
	}
}

// blot overwrites out from start up to one of the ends, and returns where
// that stands.
func blot(out, low []byte, start int, ends string) int {
	end := len(low)
	if i := bytes.IndexAny(low[min(start, end):], ends); i >= 0 {
		end = start + i
	}
	for i := start; i < end; i++ {
		out[i] = 'x'
	}
	return end
}

// each calls fn with the bounds of every place where word stands.
func each(low []byte, word string, fn func(start, end int)) {
	for from := 0; ; {
		i := bytes.Index(low[from:], []byte(word))
		if i < 0 {
			return
		}
		fn(from+i, from+i+len(word))
		from += i + len(word)
	}
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

// inTag tells whether what follows is the name of an element, or its end.
func inTag(before []byte) bool {
	name := bytes.TrimRight(before, "abcdefghijklmnopqrstuvwxyz0123456789_-.:")
	return bytes.HasSuffix(name, []byte("<"))
}
