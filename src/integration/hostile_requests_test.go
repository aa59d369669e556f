//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"snsbridge/src/camera"
)

const (
	tinyJPEG = "\xff\xd8\xff\xd9"
	mine     = "<receiver>me@example.org</receiver>"
	chunked  = "Transfer-Encoding: chunked\r\n\r\n"
)

// oversized sends too much of everything that has a length.
func oversized(ctx context.Context, s *siege) error {
	const from = "127.0.9.1"
	long := strings.Repeat("x", 1<<20)
	for _, c := range []struct{ why, raw, status string }{
		{"a head line of 1 MiB", emailLine + "X: " + long + "\r\n\r\n", "431"},
		{"a head of 60,000 lines", emailLine + strings.Repeat("A: b\r\n", 60_000) + "\r\n", "431"},
		{"a path of 64 KiB", "GET /" + long[:64<<10] + " HTTP/1.1\r\nHost: x\r\n\r\n", "431"},
		{"an e-mail of 1 TB", emailLine + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000000000\r\n\r\n", "413"},
		{"a part header of 1 MiB", emailOf("--x\r\nA: " + long), "400"},
		{"the text of an e-mail of 1 MiB", multipartOf("<email>"+long, "A.JPG", tinyJPEG), "413"},
		{"a login of 1 MiB", xmlTo("/facebook/auth", "<Request Method=\"login\">"+long), "413"},
		{"1,500 recipients", letterOf(strings.Repeat(mine, 1500), "x", "A.JPG", tinyJPEG), "400"},
		{"a photo beyond MAX_FILE in chunks", emailLine[:len(emailLine)-len("HTTP/1.0\r\nHost: "+camera.HostEmail+"\r\n")] + "HTTP/1.1\r\nHost: " + camera.HostEmail +
			"\r\nContent-Type: multipart/form-data; boundary=x\r\n" + chunked + chunks("--x\r\ncontent-disposition: form-data; name=\"message\"\r\n\r\n<email>"+mine+
			"</email>\r\n--x\r\ncontent-disposition: form-data; name=\"binary\"; fileName=\"A.JPG\"\r\n\r\n", strings.Repeat(long, siegeMaxFile>>20), "x"), "413"},
	} {
		if err := s.wants(ctx, from, c.why, c.raw, c.status); err != nil {
			return err
		}
		pause(ctx, 50*time.Millisecond) // what so many bytes take on Wi-Fi
	}
	// What is too long for a record is cut, not refused: the photo counts.
	name := strings.Repeat("사", 99)
	return s.wants(ctx, from, "a title of 60 KiB, a name of 300 bytes", letterOf(receiver("drop@example.org"), long[:60<<10], name+".JPG", tinyJPEG), "200")
}

// emailOf is an e-mail with any body.
func emailOf(body string) string {
	return fmt.Sprintf("%sContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n%s", emailLine, len(body), body)
}

func chunks(texts ...string) string {
	var b strings.Builder
	for _, text := range texts {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(text), text)
	}
	return b.String() + "0\r\n\r\n"
}

// endlessParts sends bodies whose parts do not end, nest, or hide.
func endlessParts(ctx context.Context, s *siege) error {
	const from = "127.0.10.1"
	part := "--x\r\ncontent-disposition: form-data; name=\"binary\"; fileName=\"A.JPG\"\r\n\r\n" + tinyJPEG + "\r\n"
	text := "--x\r\ncontent-disposition: form-data; name=\"message\"\r\n\r\n<email>" + mine + "</email>\r\n"
	for why, body := range map[string]string{
		"a text and 10,000 photos":    text + strings.Repeat(part, 10_000) + "--x--\r\n",
		"10,000 empty parts":          strings.Repeat("--x\r\n\r\n", 10_000),
		"10,000 delimiters":           strings.Repeat("--x\r\n", 10_000),
		"no delimiter":                strings.Repeat("x", 100_000),
		"a first line without an end": "--" + strings.Repeat("x", 100_000),
		"photos without a text":       part + part + "--x--\r\n",
		"a text without photos":       text + "--x--\r\n",
		"a message within a message":  "--x\r\ncontent-type: multipart/mixed; boundary=y\r\n\r\n" + strings.Repeat("--y\r\ncontent-type: multipart/mixed; boundary=y\r\n\r\n", 1000),
		"nothing":                     "",
	} {
		if err := s.wants(ctx, from, why, emailOf(body), "400"); err != nil {
			return err
		}
	}
	for _, boundary := range []string{"", strings.Repeat("x", 5000), "\xff\xd8\xff", "\"", "x; boundary=y"} {
		raw := strings.Replace(letterOf(mine, "t", "A.JPG", tinyJPEG), "boundary=x", "boundary="+boundary, 1)
		if answer := s.say(ctx, from, raw); !strings.HasPrefix(answer, "HTTP/1.") {
			return fmt.Errorf("boundary %.20q: the answer is %q", boundary, answer)
		}
	}
	return nil
}

// bombs sends XML that grows, nests or reads files where it is let.
func bombs(ctx context.Context, s *siege) error {
	const from = "127.0.11.1"
	laughs := `<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">`
	for i := 'b'; i < 'l'; i++ {
		laughs += fmt.Sprintf("<!ENTITY %c \"%s\">", i, strings.Repeat(fmt.Sprintf("&%c;", i-1), 10))
	}
	laughs += "]>"
	shadow := `<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % y SYSTEM "http://127.0.0.1:9/"> %y;]>`
	letter := func(before, title string) string {
		return before + "<email><sender>a@b.example</sender><receiverList>" + receiver("drop@example.org") + "</receiverList><title>" + title + "</title><body>b</body></email>"
	}
	for why, xml := range map[string]string{
		"billion laughs":         letter(laughs, "&k;"),
		"a file of the router's": letter(shadow, "&x;"),
		"60,000 unclosed":        letter(strings.Repeat("<", 60_000), "t"),
		"nested 8,000 deep":      letter(strings.Repeat("<title>", 8_000), "t"),
		"CDATA that never ends":  letter("", "<![CDATA["+strings.Repeat("]]", 10_000)),
	} {
		if answer := s.say(ctx, from, multipartOf(xml, "A.JPG", tinyJPEG)); statusOf(answer) != "200" && statusOf(answer) != "400" {
			return fmt.Errorf("%s: the answer is %q", why, answer)
		}
		login := xml[:min(len(xml), 60_000)]
		if answer := s.say(ctx, from, xmlTo("/facebook/auth", login)); statusOf(answer) != "400" {
			return fmt.Errorf("%s as a login: the answer is %q", why, answer)
		}
	}
	return s.recorded(func(it string) error {
		if strings.Contains(it, "root:") || strings.Contains(it, "hahaha") {
			return fmt.Errorf("an entity was read: %.300s", it)
		}
		return nil
	})
}

// recorded looks at the records of all items.
func (s *siege) recorded(check func(record string) error) error {
	records, err := filepath.Glob(filepath.Join(s.spool, "items", "*", "item.json"))
	if err != nil || len(records) == 0 {
		return fmt.Errorf("there are no records: %v", err)
	}
	for _, path := range records {
		b, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue // delivered and swept meanwhile
		}
		if err != nil {
			return err
		}
		if err := check(string(b)); err != nil {
			return err
		}
	}
	return nil
}

// smuggling hides a second request in a first.
func smuggling(ctx context.Context, s *siege) error {
	const from = "127.0.12.1"
	hidden := letterOf(receiver("smuggled@example.org"), "smuggled", "A.JPG", tinyJPEG)
	line := "POST /facebook/auth" + snsHost
	for _, c := range []struct{ why, raw, status string }{
		{"two lengths", line + fmt.Sprintf("Content-Length: 3\r\nContent-Length: %d\r\n\r\nabc%s", 3+len(hidden), hidden), "400"},
		{"a length twice in one field", line + fmt.Sprintf("Content-Length: 3, %d\r\n\r\nabc%s", 3+len(hidden), hidden), "400"},
		{"a length and chunks", line + "Content-Length: 3\r\n" + chunked + chunks("abc") + hidden, "400"},
		{"chunks and a length", line + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n" + chunks("abc") + hidden, "400"},
		{"chunks twice", line + "Transfer-Encoding: chunked\r\n" + chunked + chunks("abc") + hidden, "400"},
		{"chunks by another name", line + "Transfer-Encoding: xchunked\r\n\r\n" + chunks("abc") + hidden, "400"},
		{"chunks and identity", line + "Transfer-Encoding: chunked, identity\r\n\r\n" + chunks("abc") + hidden, "400"},
		{"chunks in HTTP/1.0", strings.Replace(line, "HTTP/1.1", "HTTP/1.0", 1) + chunked + chunks("abc") + hidden, "400"},
		{"a length with a sign", line + "Content-Length: +3\r\n\r\nabc" + hidden, "400"},
		{"a negative length", line + "Content-Length: -3\r\n\r\n" + hidden, "400"},
		{"a length in hex", line + "Content-Length: 0x3\r\n\r\nabc" + hidden, "400"},
		{"a request behind a request", line + "Content-Length: 3\r\nConnection: keep-alive\r\n\r\nabc" + hidden, "400"},
		{"a request behind a hotspot check", "GET / HTTP/1.1\r\nHost: " + camera.HostGLD + "\r\nConnection: keep-alive\r\n\r\n" + hidden, "200"},
		{"a request behind chunks", line + chunked + chunks("abc") + hidden, "400"},
		{"a request in a field", "GET / HTTP/1.1\r\nHost: " + camera.HostGLD + "\r\nX: y\r\r\n\r\n" + hidden, "200"},
		{"a request behind an upgrade", "GET / HTTP/1.1\r\nHost: " + camera.HostGLD + "\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n" + hidden, "200"},
		{"the second half of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden, "400"},
	} {
		answer := s.say(ctx, from, c.raw)
		if statusOf(answer) != c.status || strings.Count(answer, "HTTP/1.1 ") != 1 {
			return fmt.Errorf("%s: the answer is %.300q, want %s alone", c.why, answer, c.status)
		}
	}
	return s.recorded(func(it string) error {
		if strings.Contains(it, "smuggled") {
			return fmt.Errorf("the hidden request was done: %.300s", it)
		}
		return nil
	})
}

// injection puts lines where one line is meant.
func injection(ctx context.Context, s *siege) error {
	const from = "127.0.13.1"
	for _, to := range []string{
		"a@example.org", "a@example.org\r\nBcc: victim@spam.example", "a@example.org\nRCPT TO:<victim@spam.example>", "a@example.org&#13;&#10;Bcc: victim@spam.example",
		"a@example.org,victim@spam.example", "victim@spam.example <a@example.org", `"victim@spam.example>, <"@example.org`, `"x"@[127.0.0.1]`,
		"|/bin/sh@example.org", "-oQ/tmp@example.org", "a@example.org@spam.example", "a@example.org%spam.example", "@relay:victim@spam.example", "a@example.org\x00@spam.example",
		"<![CDATA[a@example.org\r\n.\r\nMAIL FROM:<x>]]>",
	} {
		for _, title := range []string{"x\r\nBcc: victim@spam.example\r\n\r\nhidden", "&#10;&#13;.&#13;&#10;QUIT", "\x1b]0;owned\x07\u202e", "=?utf-8?q?=0D=0ABcc:_victim@spam.example?="} {
			if answer := s.say(ctx, from, letterOf(receiver(to), title, "x\r\nEvil: 1\r\n", tinyJPEG)); !strings.HasPrefix(answer, "HTTP/1.") {
				return fmt.Errorf("to %q: the answer is %q", to, answer)
			}
		}
	}
	for _, raw := range []string{
		"GET /\x1b[2J\x07%0a%0dlevel=ERROR HTTP/1.1\r\nHost: " + camera.HostSNS + "\r\nUser-Agent: \x1b]0;owned\x07\r\n\r\n",
		"POST /facebook/auth\nlevel=ERROR" + snsHost + "\r\n\r\n",
		xmlTo("/facebook/auth", "<Request Method=\"login\"><UserName Value=\"a&#10;level=ERROR msg=owned\x1b[2J\"/></Request>"),
		xmlTo("/face\x1bbook/auth", "<Request Method=\"login\"/>"),
	} {
		s.say(ctx, from, raw)
	}
	for _, m := range s.smarthost.accepted() {
		for _, to := range m.to {
			if strings.Contains(to, "spam.example") {
				return fmt.Errorf("a mail went to %q", to)
			}
		}
	}
	return nil
}

// oddHTTP asks for what no server in this place does.
func oddHTTP(ctx context.Context, s *siege) error {
	const from = "127.0.14.1"
	for _, c := range []struct {
		why, raw string
		status   []string
	}{
		{"CONNECT", "CONNECT example.org:25 HTTP/1.1\r\nHost: example.org:25\r\n\r\n", []string{"400"}},
		{"TRACE, which tells cookies", "TRACE / HTTP/1.1\r\nHost: x\r\nCookie: secret\r\n\r\n", []string{"404", "405", "421"}},
		{"OPTIONS of everything", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", []string{"404", "405", "421"}},
		{"an address of a cloud", "GET http://169.254.169.254/latest/meta-data/ HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n", []string{"404", "403", "421", "301", "302"}},
		{"HTTP/9.9", "GET / HTTP/9.9\r\n\r\n", []string{"400"}},
		{"no HTTP", "\x00\x01\x02\x03\r\n\r\n", []string{"400"}},
		{"a mail from a web page", strings.Replace(letterOf(mine, "t", "A.JPG", tinyJPEG), "\r\n", "\r\nOrigin: http://evil.example\r\n", 1), []string{"403"}},
		{"a mail from a web page without an origin", strings.Replace(letterOf(mine, "t", "A.JPG", tinyJPEG), "\r\n", "\r\nSec-Fetch-Site: cross-site\r\n", 1), []string{"403"}},
	} {
		answer := s.say(ctx, from, c.raw)
		ok := false
		for _, status := range c.status {
			ok = ok || statusOf(answer) == status
		}
		if !ok || strings.Contains(answer, "Cookie: secret") {
			return fmt.Errorf("%s: the answer is %.300q, want %v", c.why, answer, c.status)
		}
	}
	secret := `<Request Method="resolve"><pass Value="` + cameraPassword + `"/></Request>`
	if err := s.wants(ctx, from, "a request of a phone, which is captured", xmlTo("/facebook/auth/key", secret), "404"); err != nil {
		return err
	}
	if answer := s.say(ctx, from, "LOGIN password="+cameraPassword+"\r\n\r\n"); statusOf(answer) != "400" {
		return fmt.Errorf("no HTTP: the answer is %q", answer)
	}
	if answer := s.say(ctx, from, "\x16\x03\x01\x40\x00\x01\x00\x3f\xfc\x03\x03"+strings.Repeat("\xc0\x2f", 8190)); len(answer) > 7 {
		return fmt.Errorf("a TLS client hears %q", answer)
	}
	if answer := s.say(ctx, from, "GET /\r\n"); strings.Count(answer, "HTTP/1.") > 1 {
		return fmt.Errorf("HTTP/0.9: the answer is %q", answer)
	}
	return nil
}

// paths asks for files that are not photos, and for a photo in too many pieces.
func paths(ctx context.Context, s *siege) error {
	const from = "127.0.15.1"
	for _, path := range []string{
		"/../settings.toml", "/%2e%2e/settings.toml", "/..%2fsettings.toml", "/..%5csettings.toml", "/./../settings.toml", "//../settings.toml",
		"/.spool/capture.txt", "/%2espool/capture.txt", "//.spool//items/", "/x/../.spool/mail-quota", "/.spool", "/.%00/", "/%00", "/etc/passwd", "//etc/passwd",
		"/.spool/control.sock", `/..\settings.toml`, "/" + strings.Repeat("../", 500) + "etc/passwd",
	} {
		answer := s.say(ctx, from, "GET "+path+" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
		if statusOf(answer) == "200" || strings.Contains(answer, "root:") || strings.Contains(answer, "MAIL_") || strings.Contains(answer, "===") {
			return fmt.Errorf("%s: the answer is %.300q", path, answer)
		}
	}
	files := visible(s.photos)
	if len(files) == 0 {
		return errors.New("there is no photo to ask for")
	}
	photo, _ := filepath.Rel(s.photos, files[0])
	get := "GET /" + photo + " HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes="
	whole := s.pieces(ctx, from, "GET /"+photo+" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
	if whole < 1<<20 {
		return fmt.Errorf("a photo has %d bytes, want all", whole)
	}
	for why, ranges := range map[string]string{
		"one byte 3,000 times":     strings.TrimSuffix(strings.Repeat("0-0,", 3000), ","),
		"all of it 1,000 times":    strings.TrimSuffix(strings.Repeat("0-,", 1000), ","),
		"ranges that overlap":      strings.TrimSuffix(strings.Repeat("0-1000000,5-,", 300), ","),
		"numbers beyond all files": "99999999999999999999-, -99999999999999999999",
	} {
		if n := s.pieces(ctx, from, get+ranges+"\r\n\r\n"); n > 2*whole {
			return fmt.Errorf("%s: %d bytes are answered for a photo of %d", why, n, whole)
		}
	}
	return nil
}

// pieces counts the bytes of an answer.
func (s *siege) pieces(ctx context.Context, from, raw string) int64 {
	conn, err := s.dial(ctx, from)
	if err != nil {
		return 0
	}
	defer conn.Close()
	io.WriteString(conn, raw)
	n, _ := io.Copy(io.Discard, conn)
	pause(ctx, 50*time.Millisecond) // what the bytes take on Wi-Fi
	return n
}
