package wire

import (
	"bytes"
	"fmt"
)

// Repair turns the head of a request, from the request line to the empty line, into one that
// net/http's server accepts, or tells why that is impossible; the error wraps one of this
// package's. A well-formed head comes back unchanged, and so does a repaired one. Bytes above
// 0x7f are kept, since cameras send EUC-KR; bytes behind the empty line are left out.
//
// What decides where the body ends is never guessed: lengths that differ or are no numbers,
// a length beside a Transfer-Encoding and other encodings than chunked are refused.
func Repair(head []byte) ([]byte, error) {
	fixed, _, err := repair(head)
	return fixed, err
}

const (
	blanks     = " \t"
	blankLines = " \t\r\n"
)

// repair also returns the length of the announced body, math.MaxInt64 for a chunked one.
func repair(head []byte) (fixed []byte, body int64, err error) {
	if helloLength(head) > 0 {
		return nil, 0, ErrTLS
	}
	line, eol, rest := cutLine(bytes.TrimLeft(head, blankLines))
	req, err := parseRequestLine(line)
	if err != nil {
		return nil, 0, err
	}
	req.normalize()

	fields, end := parseFields(rest)
	fields, framing, err := repairFields(fields, req.version)
	if err != nil {
		return nil, 0, err
	}
	if req.version != "HTTP/1.0" && !framing.host {
		fields = append(fields, field{"Host", withBlank(req.host), eol})
	}

	fixed = make([]byte, 0, len(head)+32)
	fixed = fmt.Appendf(fixed, "%s %s %s%s", req.method, req.target, req.version, eol)
	for _, f := range fields {
		fixed = append(fixed, f.name...)
		fixed = append(fixed, ':')
		fixed = append(fixed, f.value...)
		fixed = append(fixed, f.eol...)
	}
	return append(fixed, end...), framing.body, nil
}

// cutLine returns the first line without its end, and the end that it is to have: a bare LF
// stays, CR CR LF and a missing end become CRLF.
func cutLine(b []byte) (line []byte, eol string, rest []byte) {
	line, rest, found := bytes.Cut(b, []byte("\n"))
	text := bytes.TrimRight(line, "\r")
	if found && len(text) == len(line) {
		return text, "\n", rest
	}
	return text, "\r\n", rest
}

// token marks the bytes of methods and field names.
var token = table("!#$%&'*+-.^_`|~" + alphanumeric)

const alphanumeric = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func table(bytes string) (t [256]bool) {
	for _, c := range []byte(bytes) {
		t[c] = true
	}
	return t
}

func isToken(b []byte) bool {
	for _, c := range b {
		if !token[c] {
			return false
		}
	}
	return len(b) > 0
}
