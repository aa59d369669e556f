package wire

import "strings"

// Boundary returns the boundary in a Content-Type header, "" if there is none. It takes what
// mime.ParseMediaType refuses: blanks, commas and slashes without quotes, a quote that is never
// closed, a semicolon at the end.
func Boundary(contentType string) string {
	for _, p := range parameters(contentType) {
		if strings.EqualFold(p.key, "boundary") {
			return p.value
		}
	}
	return ""
}

// parsePart reads the header of a part. An NX300 writes "content-disposition" and "fileName",
// and ends the content type with a semicolon.
func parsePart(header []byte) *Part {
	t := &Part{}
	fields, _ := parseFields(header)
	for _, f := range fields {
		switch {
		case f.is("Content-Disposition"):
			for _, p := range parameters(f.value) {
				switch {
				case t.Name == "" && strings.EqualFold(p.key, "name"):
					t.Name = p.value
				case t.FileName == "" && strings.EqualFold(p.key, "filename"):
					t.FileName = p.value
				}
			}
		case f.is("Content-Type") && t.Type == "":
			kind, _, _ := strings.Cut(f.value, ";")
			t.Type = strings.ToLower(strings.Trim(kind, blanks))
		}
	}
	return t
}

const maxParameters = 16 // of one field, empty ones included

type parameter struct{ key, value string }

// parameters splits the parameters of a header field. A quote closes a value only where the
// value can end, since file names with quotes in them are sent as they are; backslashes mean
// nothing, since old clients send whole Windows paths.
func parameters(s string) []parameter {
	var list []parameter
	for range maxParameters {
		i := strings.IndexAny(s, "=;,")
		if i < 0 {
			return list
		}
		key, sign := strings.Trim(s[:i], blanks), s[i]
		s = strings.TrimLeft(s[i+1:], blanks)
		if sign != '=' {
			continue
		}
		p := parameter{key: key[strings.LastIndexAny(key, blanks)+1:]}
		p.value, s = cutValue(s)
		list = append(list, p)
	}
	return list
}

// cutValue returns the value that s begins with, without its quotes.
func cutValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ";")
		return strings.TrimRight(value, blanks), rest
	}
	s = s[1:]
	for i := range len(s) {
		if s[i] == '"' {
			rest = strings.TrimLeft(s[i+1:], blanks)
			if rest == "" {
				return s[:i], ""
			}
			if rest[0] == ';' || rest[0] == ',' {
				return s[:i], rest[1:]
			}
		}
	}
	value, rest, _ = strings.Cut(s, ";") // the quote is never closed
	value, _, _ = strings.Cut(value, `"`)
	return value, rest
}
