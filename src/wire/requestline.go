package wire

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// A requestLine is the first line of a head: as parsed, then as net/http wants it.
type requestLine struct {
	method  string
	target  string
	version string // "" when the line has none
	host    string // from an absolute target
}

// versionless are the methods that make a line without a version a request: HTTP/0.9 had GET.
var versionless = []string{"GET", "HEAD", "POST", "PUT"}

// parseRequestLine splits a line at its blanks: the first word is the method, the last is the
// version if it looks like one, and the target is all between, blanks included.
func parseRequestLine(line []byte) (requestLine, error) {
	line = bytes.Trim(line, blanks)
	end := bytes.IndexAny(line, blanks)
	if end < 0 || !isToken(line[:end]) {
		return requestLine{}, fmt.Errorf("%w: %.64q", ErrNotHTTP, line)
	}
	r := requestLine{method: strings.ToUpper(string(line[:end]))}
	target := bytes.TrimLeft(line[end:], blanks)
	last := bytes.LastIndexAny(target, blanks) + 1
	version, err := parseVersion(string(target[last:]))
	if err != nil {
		return r, err
	}
	if r.version = version; version != "" {
		target = bytes.TrimRight(target[:last], blanks)
	}
	r.target = string(target)
	switch {
	case r.method == "CONNECT":
		return r, ErrConnect
	case version == "" && !slices.Contains(versionless, r.method):
		return r, fmt.Errorf("%w: %.64q", ErrNotHTTP, line)
	}
	return r, nil
}

// parseVersion returns the version in the form that net/http reads, "" if the word is none.
// Numbers count, not digits: HTTP/1.01 is 1.1.
func parseVersion(word string) (string, error) {
	if len(word) < 6 || !strings.EqualFold(word[:5], "HTTP/") {
		return "", nil
	}
	major, minor, _ := strings.Cut(word[5:], ".")
	if strings.Trim(major+minor, "0123456789") != "" || major == "" {
		return "", nil
	}
	major, minor = strings.TrimLeft(major, "0"), strings.TrimLeft(minor, "0")
	switch {
	case major == "":
		return "HTTP/1.0", nil // 0.9
	case major != "1":
		return "", fmt.Errorf("%w: %.16q", ErrVersion, word)
	case minor == "":
		return "HTTP/1.0", nil
	case len(minor) == 1:
		return "HTTP/1." + minor, nil
	}
	return "HTTP/1.1", nil
}

func (r *requestLine) normalize() {
	if r.version == "" {
		r.version = "HTTP/1.0"
	}
	r.target, r.host = repairTarget(r.target)
}

// repairTarget returns a target that net/http can parse, and the host in it.
func repairTarget(target string) (fixed, host string) {
	target = escapeBlanks(target)
	if u, err := url.ParseRequestURI(target); err == nil {
		return target, cleanHost(u.Host)
	}
	path, query, hasQuery := strings.Cut(target, "?")
	path = escapePercents(path)
	if hasQuery {
		path += "?" + query // net/http does not look into it
	}
	if u, err := url.ParseRequestURI(path); err == nil {
		return path, cleanHost(u.Host)
	}
	// What is left has no slash in front, or a host that is none.
	if scheme, rest, found := strings.Cut(path, "://"); found && !strings.Contains(scheme, "?") {
		end := strings.IndexAny(rest, "/?")
		if end < 0 {
			end = len(rest)
		}
		authority, _, _ := strings.Cut(rest[:end], "%") // a blank, escaped above
		host, path = cleanHost(authority), rest[end:]
	}
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path, host
}

// escapeBlanks writes blanks and control bytes as %XX.
func escapeBlanks(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] <= ' ' || s[i] == 0x7f {
			fmt.Fprintf(&b, "%%%02X", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// escapePercents writes a % that begins no escape as %25.
func escapePercents(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		if s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])) {
			b.WriteString("25")
		}
	}
	return b.String()
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

// hostByte marks the bytes that net/http allows in a Host.
var hostByte = table("!$%&'()*+,-.:;=[]_~" + alphanumeric)

// cleanHost returns the host at the beginning of a value, also of one that is a URL.
func cleanHost(value string) string {
	if _, rest, found := strings.Cut(value, "://"); found {
		value = rest
	}
	for i := range len(value) {
		if !hostByte[value[i]] {
			return value[:i]
		}
	}
	return value
}
