package wire

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A field is one header field; value is all that follows the colon, blanks included.
type field struct {
	name  string
	value string
	eol   string
}

func (f *field) is(name string) bool { return strings.EqualFold(f.name, name) }

// parseFields reads fields up to the empty line, whose end it returns. Folded lines are
// joined, lines that are no field are dropped.
func parseFields(b []byte) (fields []field, end string) {
	for len(b) > 0 {
		line, eol, rest := cutLine(b)
		if len(line) == 0 {
			return fields, eol
		}
		line, b = unfold(line, rest)
		name, value, found := bytes.Cut(line, []byte(":"))
		name = bytes.TrimRight(name, blanks)
		if found && isToken(name) {
			fields = append(fields, field{string(name), string(value), eol})
		}
	}
	return fields, "\r\n"
}

// unfold appends the continuation lines at the beginning of b to a line.
func unfold(line, b []byte) (whole, rest []byte) {
	for folded := false; len(b) > 0 && (b[0] == ' ' || b[0] == '\t'); folded = true {
		if !folded {
			line = bytes.Clone(line)
		}
		var more []byte
		more, _, b = cutLine(b)
		line = append(bytes.TrimRight(line, blanks), ' ')
		line = append(line, bytes.Trim(more, blanks)...)
	}
	return line, b
}

// framing is what the fields say about the request as a whole.
type framing struct {
	body int64
	host bool
}

// repairFields keeps of every field what net/http accepts.
func repairFields(fields []field, version string) ([]field, framing, error) {
	var fr framing
	lengths, chunked := 0, 0
	kept := fields[:0]
	for _, f := range fields {
		switch {
		case f.is("Host"):
			if fr.host {
				continue
			}
			fr.host = true
			value := strings.Trim(f.value, blanks)
			if host := cleanHost(value); host != value {
				f.value = withBlank(host)
			}
		case f.is("Content-Length"):
			n, listed, err := parseLength(f.value)
			if err != nil {
				return nil, fr, err
			}
			if lengths++; lengths > 1 {
				if n != fr.body {
					return nil, fr, fmt.Errorf("%w: both %d and %d", ErrLength, fr.body, n)
				}
				continue
			}
			fr.body = n
			if listed {
				f.value = withBlank(strconv.FormatInt(n, 10))
			}
		case f.is("Transfer-Encoding"):
			coding := strings.Trim(f.value, blanks)
			if strings.EqualFold(coding, "identity") {
				continue
			}
			if !strings.EqualFold(coding, "chunked") {
				return nil, fr, fmt.Errorf("%w: %.64q", ErrEncoding, coding)
			}
			chunked++
		case f.is("Expect"):
			if !strings.EqualFold(strings.Trim(f.value, blanks), "100-continue") {
				continue
			}
		case f.is("Trailer"):
			if announcesFraming(withoutControls(f.value)) {
				continue
			}
		}
		f.value = withoutControls(f.value)
		kept = append(kept, f)
	}
	switch {
	case chunked == 0:
		return kept, fr, nil
	case chunked > 1:
		return nil, fr, fmt.Errorf("%w: chunked twice", ErrEncoding)
	case lengths > 0:
		return nil, fr, fmt.Errorf("%w: beside a Content-Length", ErrEncoding)
	case version == "HTTP/1.0":
		return nil, fr, fmt.Errorf("%w: chunked in HTTP/1.0", ErrEncoding)
	}
	fr.body = math.MaxInt64
	return kept, fr, nil
}

// parseLength reads a Content-Length; some clients list the same one twice ("3, 3").
func parseLength(value string) (n int64, listed bool, err error) {
	for i, element := range strings.Split(value, ",") {
		element = strings.Trim(element, blanks)
		v, err := strconv.ParseUint(element, 10, 63)
		if err != nil || i > 0 && int64(v) != n {
			return 0, false, fmt.Errorf("%w: %.64q", ErrLength, value)
		}
		n, listed = int64(v), i > 0
	}
	return n, listed, nil
}

// announcesFraming reports whether a Trailer names a field that net/http allows only in a head.
func announcesFraming(value string) bool {
	for name := range strings.SplitSeq(value, ",") {
		f := field{name: strings.Trim(name, blanks)}
		if f.is("Content-Length") || f.is("Transfer-Encoding") || f.is("Trailer") {
			return true
		}
	}
	return false
}

func withBlank(value string) string {
	if value == "" {
		return ""
	}
	return " " + value
}

// withoutControls puts a blank for each byte that a field must not contain.
func withoutControls(value string) string {
	for i := range len(value) {
		if isControl(value[i]) {
			b := []byte(value)
			for ; i < len(b); i++ {
				if isControl(b[i]) {
					b[i] = ' '
				}
			}
			return string(b)
		}
	}
	return value
}

func isControl(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }
