package sim

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// oneSegment is how many bytes surely fit a TCP segment on Wi-Fi.
const oneSegment = 1400

// Answer is what the server said.
type Answer struct {
	Status int    // 0 when no status line came
	Raw    []byte // head and body as they came, the first 64 KiB
	Closed bool   // the server ended the connection within a second, instead of waiting for more
}

// Body is what stands behind the head.
func (a Answer) Body() []byte {
	_, body, _ := bytes.Cut(a.Raw, []byte("\r\n\r\n"))
	return body
}

// Value finds key="value" anywhere in the answer, as firmware does: by searching for the bytes, blanks and case
// included, so that "Response SessionKey" is found only when it is the first attribute of its element. Known from
// firmware (GetXmlString), which copies the value into 512 bytes: one that does not fit is ErrTooLong.
func (a Answer) Value(key string) (string, error) {
	_, rest, found := strings.Cut(string(a.Raw), key+`="`)
	value, _, closed := strings.Cut(rest, `"`)
	if !found || !closed {
		return "", fmt.Errorf("%s=\"...\": %w", key, ErrMissing)
	}
	if len(value) > 511 {
		return "", fmt.Errorf("%s=\"...\": %d bytes: %w", key, len(value), ErrTooLong)
	}
	return value, nil
}

func (a Answer) ok() error {
	if a.Status != 200 {
		return fmt.Errorf("%w: %d instead of 200", ErrStatus, a.Status)
	}
	return nil
}

// succeeded wants status 200 and Response Status="succ". For the HMX-QF30 the latter is known to be needed after a
// file; for an e-mail the NX300 looks at the status alone, but since 2024 only this answer is proven with all models.
func (a Answer) succeeded() error {
	if err := a.ok(); err != nil {
		return err
	}
	if status, err := a.Value("Response Status"); err != nil || status != "succ" {
		return fmt.Errorf("<Response Status=\"succ\": %w", ErrMissing)
	}
	return nil
}

// status is 0 until the head is complete.
func (a Answer) status() int {
	line, _, _ := bytes.Cut(a.Raw, []byte("\r\n"))
	words := strings.Fields(string(line))
	if len(words) < 2 || !strings.HasPrefix(words[0], "HTTP/1.") || !bytes.Contains(a.Raw, []byte("\r\n\r\n")) {
		return 0
	}
	n, _ := strconv.Atoi(words[1])
	return n
}

// length is what Content-Length says in any case, or -1.
func (a Answer) length() int {
	head, _, _ := strings.Cut(string(a.Raw), "\r\n\r\n")
	for line := range strings.SplitSeq(head, "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && strings.EqualFold(name, "Content-Length") {
			return n
		}
	}
	return -1
}

// whole tells whether as much came as the head promises.
func (a Answer) whole() bool {
	return a.Status != 0 && a.length() >= 0 && len(a.Body()) >= a.length()
}

// headers finds the values of a header as firmware does, by its name in just this case.
func (a Answer) headers(name string) []string {
	head, _, _ := strings.Cut(string(a.Raw), "\r\n\r\n")
	var values []string
	for line := range strings.SplitSeq(head, "\r\n") {
		if value, found := strings.CutPrefix(line, name+": "); found {
			values = append(values, value)
		}
	}
	return values
}
