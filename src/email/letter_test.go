package email

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"snsbridge/src/spool"
)

// rendered puts a message together the way a test can check: with the
// standard encoder, the whole file at once.
func rendered(t testing.TB, m *message) []byte {
	t.Helper()
	var b bytes.Buffer
	for i, text := range m.texts {
		b.Write(text)
		if i == len(m.files) {
			break
		}
		content, err := io.ReadAll(io.NewSectionReader(m.files[i].content, 0, m.files[i].size))
		if err != nil {
			t.Fatal(err)
		}
		for line := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(content)), 76) {
			b.Write(append(line, "\r\n"...))
		}
	}
	if int64(b.Len()) != m.size {
		t.Errorf("the message has %d bytes, its size is said to be %d", b.Len(), m.size)
	}
	return b.Bytes()
}

func memoryFile(name, typ string, content []byte) file {
	return file{name: name, path: name, typ: typ, size: int64(len(content)), content: bytes.NewReader(content)}
}

// Long subjects and lists of recipients are folded and come back whole.
func TestHeaderLines(t *testing.T) {
	var crowd []string
	for i := range 100 {
		crowd = append(crowd, fmt.Sprintf("recipient-%d@a-rather-long-domain.example", i))
	}
	tests := []struct{ why, title, want string }{
		{"80 Hangul in one word", strings.Repeat("가", 80), strings.Repeat("가", 80)},
		{"80 Hangul in short words", strings.TrimSpace(strings.Repeat("가나 ", 40)), strings.TrimSpace(strings.Repeat("가나 ", 40))},
		{"long in ASCII", strings.TrimSpace(strings.Repeat("holiday ", 25)), strings.TrimSpace(strings.Repeat("holiday ", 25))},
		{"one long word, which cannot be folded", strings.Repeat("x", 200), strings.Repeat("x", 200)},
		{"too long, cut between characters", strings.Repeat("👩", 300), strings.Repeat("👩", 200)},
		{"looks encoded and is not", "=?utf-8?q?=0D=0ABcc:_x?=", "=?utf-8?q?=0D=0ABcc:_x?="},
		{"line breaks", "a\r\nBcc: x@y.example\n\n.\r\n", "a Bcc: x@y.example ."},
		{"control characters", "a\x00\x1b[2Jb\u202ec", "a [2Jb c"},
		{"no UTF-8", "\xff\xfe사\xff", "사"},
		{"nothing", " \r\n ", "Photos"},
	}
	for _, tt := range tests {
		from, _ := parseSender("김" + strings.Repeat("치", 100) + " <a@b.example>")
		l := newLetter(&spool.Item{ID: "000001-abcd", Title: tt.title}, from, from, crowd)
		m, err := l.compose(part{n: 1, of: 1})
		if err != nil {
			t.Fatal(err)
		}
		data := rendered(t, m)
		header, _, _ := bytes.Cut(data, []byte("\r\n\r\n"))
		for _, line := range strings.Split(string(header), "\r\n") {
			if len(line) > 100 && !strings.Contains(tt.why, "cannot be folded") {
				t.Errorf("%s: a line of %d: %s", tt.why, len(line), line)
			}
			if i := strings.Index(line, "=?utf-8?b?"); i >= 0 && len(line) > 76 {
				t.Errorf("%s: a line of %d with an encoded word: %s", tt.why, len(line), line)
			}
		}
		r := parse(t, data)
		if got := r.subject(t); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.why, got, tt.want)
		}
		to, err := r.header.AddressList("To")
		if err != nil || len(to) != len(crowd) || to[99].Address != crowd[99] {
			t.Errorf("%s: %d recipients, error %v", tt.why, len(to), err)
		}
		for _, field := range []string{"From", "Reply-To"} {
			list, err := r.header.AddressList(field)
			if err != nil || len(list) != 1 || list[0].Address != "a@b.example" || list[0].Name != "김"+strings.Repeat("치", 39) {
				t.Errorf("%s: %s came back as %v, error %v", tt.why, field, list, err)
			}
		}
	}
}

// Two mails have one id only if they are the same: servers that know an id
// throw the second away.
func TestID(t *testing.T) {
	it := &spool.Item{ID: "000001-abcd"}
	write := func(to ...string) *letter {
		l := newLetter(it, mail.Address{}, mail.Address{}, to)
		return &l
	}
	a, b := memoryFile("a.jpg", "", nil), memoryFile("b.jpg", "", nil)
	id := write("x@y.example", "a@b.example").id(part{n: 1, of: 2, files: []file{a}})
	if got := write("a@B.example", "X@y.example").id(part{n: 1, of: 2, files: []file{a}}); got != id {
		t.Errorf("the same recipients in another order: got %s, want %s", got, id)
	}
	later := *it
	later.Received = time.Unix(1, 0)
	others := map[string]string{
		"another file":         write("x@y.example", "a@b.example").id(part{n: 1, of: 2, files: []file{b}}),
		"one file more":        write("x@y.example", "a@b.example").id(part{n: 1, of: 2, files: []file{a, b}}),
		"another recipient":    write("x@y.example").id(part{n: 1, of: 2, files: []file{a}}),
		"the counter was lost": (&letter{item: &later, to: []string{"x@y.example", "a@b.example"}}).id(part{n: 1, of: 2, files: []file{a}}),
	}
	for why, got := range others {
		if got == id {
			t.Errorf("%s: the same id", why)
		}
	}
}

// Whatever a camera sends, the mail is one that mail programs read, with the
// header fields that we write and no others, and with the files as they are.
func FuzzMessage(f *testing.F) {
	f.Add("Hi", "text", "a@b.example", "x@y.example", "SAM_0001.JPG", "image/jpeg", []byte("content"))
	f.Add("여름\r\nBcc: x@y.example", ".\r\n..\r\nFrom x\n", "김치 <a@b.example>", "x@y.example\r\nz@y.example", "사진.JPG", "text/html", []byte{})
	f.Add("=?utf-8?q?=0D=0A?=", "\x00\xff--boundary\r\n", "\"a\" <a@b.example>, c@d", "\"x\"@y", "../a\r\n\"b\".jpg", "image/jpeg\r\nX: y", bytes.Repeat([]byte("."), 200))
	f.Add(strings.Repeat(" long", 300), strings.Repeat("x", 5000), strings.Repeat("n", 300)+" <a@b.example>", "a@"+strings.Repeat("b.", 100)+"c", strings.Repeat("가", 300), "image/x-"+strings.Repeat("x", 100), noise(300, 1))
	f.Add("0", "0", `\\ \x치 <B@7>`, "A@cc.\x01Abz", "x", "\x107", []byte("////"))
	fields := []string{"Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Reply-To", "Subject", "To", "Content-Transfer-Encoding"}
	f.Fuzz(func(t *testing.T, title, text, sender, to, name, typ string, content []byte) {
		it := &spool.Item{ID: "000001-abcd", Title: title, Text: text, Sender: sender}
		from, ok := parseSender("Me <me@here.example>")
		if !ok {
			t.Fatal("our own address")
		}
		replyTo, _ := parseSender(sender)
		recipients := []string{"a@b.example"}
		if address, ok := parseAddress(to); ok {
			recipients = append(recipients, address)
		}
		l := newLetter(it, from, replyTo, recipients)
		files := []file{memoryFile(name, typ, content), memoryFile(name, typ, append([]byte("2"), content...))}
		for n := range 3 {
			m, err := l.compose(part{n: n + 1, of: 3, files: files[:n]})
			if err != nil {
				t.Fatal(err)
			}
			data := rendered(t, m)
			if longest := longestLine(data); longest > 998 {
				t.Errorf("a line of %d bytes", longest)
			}
			if rest := bytes.ReplaceAll(data, []byte("\r\n"), nil); bytes.ContainsAny(rest, "\r\n\x00") || bytes.ContainsFunc(rest, func(r rune) bool { return r > 0x7e }) {
				t.Error("bytes that do not belong into a mail")
			}
			r := parse(t, data)
			for field, values := range r.header {
				if !slices.Contains(fields, field) || len(values) != 1 {
					t.Errorf("the header has %s: %q", field, values)
				}
			}
			list, err := r.header.AddressList("To")
			if err != nil || len(list) != len(recipients) {
				t.Errorf("To: %v, error %v", list, err)
			}
			if list, err := r.header.AddressList("Reply-To"); replyTo.Address != "" && (err != nil || len(list) != 1 || list[0].Address != replyTo.Address) {
				t.Errorf("Reply-To: %v, error %v", list, err)
			}
			if got, want := r.subject(t), fmt.Sprintf("%s (%d/3)", l.title, n+1); got != want {
				t.Errorf("subject: got %q, want %q", got, want)
			}
			if r.text != l.text || !utf8.ValidString(r.text) {
				t.Errorf("text: got %q, want %q", r.text, l.text)
			}
			if len(r.files) != n {
				t.Fatalf("%d files, want %d", len(r.files), n)
			}
			for i, f := range r.files {
				if want := append(bytes.Repeat([]byte("2"), i), content...); f.sum != sumOf(want) || f.name != spool.Name(name) {
					t.Errorf("file %q came as %q; same content: %t", name, f.name, f.sum == sumOf(want))
				}
				if f.typ != contentType(typ) || !strings.HasPrefix(f.id, fmt.Sprintf("<%d.000001-abcd.", i+1)) {
					t.Errorf("type %q, id %q", f.typ, f.id)
				}
			}
		}
	})
}

func longestLine(data []byte) int {
	longest := 0
	for line := range bytes.SplitSeq(data, []byte("\r\n")) {
		longest = max(longest, len(line))
	}
	return longest
}
