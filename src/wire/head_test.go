package wire

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// heads are the files of testdata/head. Where err is nil, NAME.want beside NAME.http holds the
// repaired head, equal to NAME.http when nothing is wrong.
var heads = []struct {
	name string
	err  error
	why  string
}{
	{"nx300-email-one-blank", nil, "what an NX300 sends, printed with one blank: nothing to repair"},
	{"nx300-email-two-blanks-before-version", nil, "what an NX300 sends, as captured"},
	{"absolute-target", nil, "cameras may send it; net/http takes it"},
	{"absolute-target-without-path", nil, "net/http takes it"},
	{"bare-lf", nil, "net/http takes it"},
	{"euc-kr-in-value", nil, "Korean cameras; net/http passes the bytes on"},
	{"euc-kr-in-target", nil, "Korean cameras; net/http passes the bytes on"},
	{"expect-100-continue", nil, "the only expectation that net/http knows"},
	{"chunked", nil, "net/http decodes it"},
	{"bad-escape-in-query", nil, "net/http does not look into the query"},
	{"version-1.2", nil, "net/http takes it for 1.1"},
	{"star-target", nil, "well-formed"},
	{"host-with-port", nil, "well-formed"},
	{"no-host-in-1.0", nil, "well-formed"},

	{"two-blanks-after-method", nil, "net/http: 400"},
	{"blank-after-version", nil, "net/http: 400"},
	{"tabs-between-words", nil, "net/http: 400"},
	{"blank-in-target", nil, "net/http: 400"},
	{"tab-in-target", nil, "net/http: 400"},
	{"control-bytes-in-target", nil, "net/http: 400"},
	{"leading-empty-lines", nil, "net/http: 400; RFC 9112 asks servers to skip them"},
	{"leading-blank", nil, "net/http: 400"},
	{"no-version", nil, "HTTP/0.9, without an empty line even"},
	{"no-version-but-fields", nil, "net/http: 400"},
	{"no-slash", nil, "net/http: 400"},
	{"no-target", nil, "net/http: 400"},
	{"query-only", nil, "net/http: 400"},
	{"bad-escape", nil, "net/http: 400"},
	{"bad-escape-at-end", nil, "net/http: 400"},
	{"absolute-target-with-blank-in-host", nil, "net/http: 400; the host goes to Host"},
	{"absolute-target-with-bad-port", nil, "net/http: 400; the Host that was sent stays"},
	{"two-hosts-equal", nil, "net/http: 400"},
	{"two-hosts-different", nil, "net/http: 400; the first counts"},
	{"no-host-in-1.1", nil, "net/http: 400"},
	{"no-host-in-1.1-absolute-target", nil, "net/http: 400; how a social login is printed"},
	{"host-with-blank", nil, "net/http: 400"},
	{"host-is-a-url", nil, "net/http: 400"},
	{"blank-before-colon", nil, "net/http: 400"},
	{"blank-in-name", nil, "net/http: 400"},
	{"line-without-colon", nil, "net/http: 400"},
	{"empty-name", nil, "net/http: 400"},
	{"non-ascii-name", nil, "net/http: 400"},
	{"nul-in-name", nil, "net/http: 400"},
	{"cr-cr-lf", nil, "net/http: 400; text mode of some C libraries"},
	{"fold-after-request-line", nil, "net/http: 400; RFC 9112 2.2: drop such a line"},
	{"folds", nil, "one line each, so that no second parser can read them otherwise"},
	{"fold-of-a-bad-line", nil, "dropped with its line"},
	{"fold-in-length", nil, "decides where the body ends"},
	{"control-bytes-in-value", nil, "net/http: 400"},
	{"lower-case-version", nil, "net/http: 400"},
	{"version-1.01", nil, "net/http: 400"},
	{"version-1.00", nil, "net/http: 400"},
	{"version-1.10", nil, "net/http: 400"},
	{"version-1", nil, "net/http: 400"},
	{"version-0.9", nil, "net/http: 505"},
	{"lower-case-method", nil, "net/http passes it on as it is, which no handler expects"},
	{"lengths-equal", nil, "one is enough"},
	{"lengths-equal-in-a-list", nil, "net/http: 400"},
	{"length-with-blank-before-colon", nil, "net/http: 400"},
	{"encoding-identity", nil, "net/http: 501; it means no encoding"},
	{"expect-something-else", nil, "net/http: 417"},
	{"trailer-names-length", nil, "net/http: 400"},
	{"trailer-names-encoding", nil, "net/http: 400"},
	{"trailer-names-something-else", nil, "net/http takes it"},
	{"version-of-three-numbers", nil, "no version, so a part of the target"},
	{"absolute-target-with-blank-in-host-without-path", nil, "net/http: 400"},
	{"no-empty-line", nil, "the end of the bytes is the end of the head"},

	{"lengths-differ", ErrLength, "request smuggling, or a body that nobody can delimit"},
	{"lengths-differ-in-a-list", ErrLength, "the same"},
	{"length-negative", ErrLength, "list length"},
	{"length-with-plus", ErrLength, "no length by the grammar"},
	{"length-hexadecimal", ErrLength, "no length by the grammar"},
	{"length-empty", ErrLength, "list length"},
	{"length-of-two-numbers", ErrLength, "a fold must not make one number of two"},
	{"length-with-nul", ErrLength, "must not be repaired to 5"},
	{"length-too-large", ErrLength, "2^63"},
	{"length-and-chunked", ErrEncoding, "request smuggling"},
	{"chunked-in-1.0", ErrEncoding, "net/http would read an empty body"},
	{"chunked-twice", ErrEncoding, "net/http: 501"},
	{"encoding-gzip-chunked", ErrEncoding, "net/http: 501"},
	{"encoding-empty", ErrEncoding, "net/http: 501"},
	{"encoding-with-control-byte", ErrEncoding, "must not be repaired to chunked"},
	{"http2-preface", ErrVersion, "no HTTP/2 here"},
	{"version-2.0", ErrVersion, "net/http: 505"},
	{"connect", ErrConnect, "no proxy"},
	{"connect-lower-case", ErrConnect, "no proxy"},
	{"smtp", ErrNotHTTP, "two words, but no method of HTTP/0.9"},
	{"ssh", ErrNotHTTP, "one word"},
	{"rtsp", ErrNotHTTP, "another protocol's version"},
	{"one-word", ErrNotHTTP, "no target"},
	{"bracket-in-method", ErrNotHTTP, "net/http: 400"},
	{"binary", ErrNotHTTP, "SMB"},
	{"empty", ErrNotHTTP, "nothing"},
	{"only-empty-lines", ErrNotHTTP, "nothing"},
	{"tls-hello", ErrTLS, "a camcorder whose login is said to use TLS"},
	{"ssl2-hello", ErrTLS, "the same, older"},
}

func readHead(t testing.TB, file string) []byte {
	b, err := os.ReadFile(filepath.Join("testdata/head", file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRepair(t *testing.T) {
	for _, test := range heads {
		got, err := Repair(readHead(t, test.name+".http"))
		if test.err != nil {
			if !errors.Is(err, test.err) {
				t.Errorf("%s (%s): got %q, error %v, want error %v", test.name, test.why, got, err, test.err)
			}
			continue
		}
		if want := readHead(t, test.name+".want"); err != nil || string(got) != string(want) {
			t.Errorf("%s (%s):\n got %q, error %v\nwant %q", test.name, test.why, got, err, want)
		}
	}
	if files, _ := filepath.Glob("testdata/head/*.http"); len(files) != len(heads) {
		t.Errorf("testdata/head has %d heads, the table %d", len(files), len(heads))
	}
}

func TestRepairLeavesOutWhatFollows(t *testing.T) {
	got, err := Repair([]byte("POST / HTTP/1.0\r\n\r\nbody\r\n\r\n"))
	if want := "POST / HTTP/1.0\r\n\r\n"; err != nil || string(got) != want {
		t.Errorf("got %q, error %v, want %q", got, err, want)
	}
}

func TestRepairDoesNotChangeItsInput(t *testing.T) {
	for _, test := range heads {
		raw := readHead(t, test.name+".http")
		Repair(raw)
		if !bytes.Equal(raw, readHead(t, test.name+".http")) {
			t.Errorf("%s: the bytes kept for captures were changed", test.name)
		}
	}
}

func TestHeadEndIsFoundInAnyPieces(t *testing.T) {
	for _, test := range heads {
		head := readHead(t, test.name+".http")
		if test.err != nil || !bytes.Contains(head, []byte("\n\n")) && !bytes.HasSuffix(head, []byte("\n\r\n")) &&
			!bytes.HasSuffix(head, []byte("\n\r\r\n")) {
			continue
		}
		more := append(bytes.Clone(head), strings.Repeat("body\n\n", 3)...)
		for size := 1; size < 20; size++ {
			if got := scanInPieces(more, size); got != len(head) {
				t.Errorf("%s in pieces of %d: head ends at %d, want %d", test.name, size, got, len(head))
			}
		}
	}
}

func TestOnlyALoneRequestLineIsHTTP09(t *testing.T) {
	for sent, want := range map[string]bool{
		"GET /a":                      false,
		"GET /a\r\n":                  true,
		"GET /a\r\nHo":                false,
		"GET /a\r\nHost: a\r\n":       false,
		"GET /a HTTP/1.0\r\n":         false,
		"GET /a HTTP/1.0\r\nA: b\r\n": false,
	} {
		for size := 1; size <= len(sent); size++ {
			var scan headScan
			for have := 0; have < len(sent); have += size {
				scan.next([]byte(sent[:have]))
			}
			scan.next([]byte(sent))
			if scan.simple != want {
				t.Errorf("%q in pieces of %d: got %v, want %v", sent, size, scan.simple, want)
			}
		}
	}
}
