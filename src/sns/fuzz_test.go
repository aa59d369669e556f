package sns

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"snsbridge/src/capture"
	"snsbridge/src/spool"
	"snsbridge/src/wire"
)

func FuzzMarkup(f *testing.F) {
	f.Add(loginTalk)
	f.Add(message)
	f.Add(`<file name='<![CDATA[">`)
	f.Fuzz(func(t *testing.T, doc string) {
		m := parseMarkup([]byte(doc))
		if len(m.raw) != len(m.low) {
			t.Fatalf("positions differ: %d and %d", len(m.raw), len(m.low))
		}
		for _, text := range m.texts("receiver", 10) {
			if len(text) > len(m.raw) {
				t.Fatalf("%d bytes came out of %d", len(text), len(m.raw))
			}
		}
		if v, ok := m.attr("File", "Name"); !ok && v != "" || len(v) > len(m.raw) {
			t.Fatalf("attribute %q, %t", v, ok)
		}
		// What is written can be read back.
		if strings.ToValidUTF8(doc, "") != doc {
			return
		}
		if !strings.Contains(doc, "]]>") {
			if got := parseMarkup([]byte("<q><x><![CDATA[" + doc + "]]></x></q>")).text("x"); got != doc {
				t.Fatalf("%q came back from CDATA as %q", doc, got)
			}
		}
		escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(doc)
		back := parseMarkup([]byte(`<q><x y="` + escaped + `">` + escaped + "</x></q>"))
		if got := back.text("x"); got != doc {
			t.Fatalf("%q came back from an element as %q", doc, got)
		}
		if got, _ := back.attr("x", "y"); got != doc {
			t.Fatalf("%q came back from an attribute as %q", doc, got)
		}
	})
}

// FuzzLetter reads the XML of an e-mail, which goes into mails and records.
func FuzzLetter(f *testing.F) {
	f.Add(message, "me@example.org", defaultTitle, defaultText)
	f.Add("<email><receiver>a@b.example\r\nBcc: x@y.example</receiver><receiver>\"x\"@[127.0.0.1]</receiver>", "a@b,c@d", "two\r\nlines", "\n.\n")
	f.Fuzz(func(t *testing.T, doc, to, title, text string) {
		s := &Server{Log: slog.New(slog.DiscardHandler)}
		if l, err := s.letter(strings.NewReader(doc)); err == nil {
			wellFormedLetter(t, l)
		}
		// What a camera means is what is understood.
		if strings.Contains(title+text, "]]>") || !utf8.ValidString(title+" "+text+" "+to) || len(title) > titleMax || len(text) > textMax ||
			strings.Contains(text, "language_sh100_") {
			return
		}
		escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(to)
		l, err := s.letter(strings.NewReader(`<?xml version="1.0" encoding="UTF-8"?>` + "\n<email><sender>Camera@samsungcamera.com</sender><receiverList><receiver>" + escaped +
			"</receiver></receiverList><title><![CDATA[" + title + "]]></title><body><![CDATA[" + text + "\nlanguage_sh100_utf8]]></body></email>\r\n"))
		if want, ok := address(oneLine(to)); err == nil && (len(l.recipients) != 1 || l.recipients[0] != want) || (err == nil) != ok {
			t.Fatalf("to %q: %+v, %v; want %q, %t", to, l, err, want, ok)
		}
		if err != nil {
			return
		}
		wellFormedLetter(t, l)
		if want := strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")); l.title != oneLine(title) || l.text != want || l.address != "Camera@samsungcamera.com" {
			t.Fatalf("%+v, want title %q and text %q", l, title, text)
		}
	})
}

func wellFormedLetter(t *testing.T, l *letter) {
	t.Helper()
	if len(l.recipients) == 0 || len(l.recipients) > recipientsMax {
		t.Errorf("%d recipients", len(l.recipients))
	}
	for _, to := range l.recipients {
		if to == "" || len(to) > addressMax || strings.ContainsFunc(to, unicode.IsControl) {
			t.Errorf("recipient %q", to)
		}
	}
	// The first is an address, others may be what was typed instead of one.
	if a, err := mail.ParseAddress("<" + l.recipients[0] + ">"); err != nil || a.Address != l.recipients[0] {
		t.Errorf("recipient %q: %v", l.recipients[0], err)
	}
	for _, line := range []string{l.title, l.sender} {
		if strings.ContainsFunc(line, unicode.IsControl) || !utf8.ValidString(line) || len(line) > titleMax {
			t.Errorf("%q is no line", line)
		}
	}
	if len(l.text) > textMax || !utf8.ValidString(l.text) {
		t.Errorf("text of %d bytes, or no UTF-8", len(l.text))
	}
}

// FuzzCredentials encrypts as an NX300 does, and decrypts what nobody encrypted.
func FuzzCredentials(f *testing.F) {
	f.Add("//////S3mbZSAQAA/LOitv////9IIgS2UgEAAAAQBLY=", "uFK%2Fz%2BkEchpulalnJr1rBw%3D%3D")
	f.Fuzz(func(t *testing.T, key, value string) {
		got, err := decrypt(key, value)
		if err == nil && (len(got) > 3*base64.StdEncoding.DecodedLen(len(value)+4) || !utf8.ValidString(got)) {
			t.Fatalf("%d bytes came out of %d: %q", len(got), len(value), got)
		}
		if !utf8.ValidString(value) {
			return
		}
		secret := make([]byte, 32)
		copy(secret, key)
		block, err := aes.NewCipher(secret[:16])
		if err != nil {
			t.Fatal(err)
		}
		padded := append([]byte(value), make([]byte, -len(value)&15)...)
		cipher.NewCBCEncrypter(block, secret[16:]).CryptBlocks(padded, padded)
		sent := url.QueryEscape(base64.StdEncoding.EncodeToString(padded))
		got, err = decrypt(base64.StdEncoding.EncodeToString(secret), sent)
		if want := strings.TrimRight(value, "\x00"); err != nil || got != want {
			t.Fatalf("%q came back as %q, %v", want, got, err)
		}
		doc := `<Request Method="login"><UserName Value="` + sent + `"/><CryptSessionKey Value="` + base64.StdEncoding.EncodeToString(secret) + `"/></Request>`
		if name, err := userName(parseMarkup([]byte(doc))); err != nil || name != got {
			t.Fatalf("the login of %q became %q, %v", value, name, err)
		}
	})
}

// FuzzConversation says anything to a whole server, also in a session that is
// open. KEY, UPLOAD and LENGTH stand for what a camera was told or counts.
func FuzzConversation(f *testing.F) {
	const post = "POST /facebook/%s HTTP/1.1\r\nHost: snsgw.samsungmobile.com\r\nContent-Length: LENGTH\r\n\r\n"
	f.Add("GET / HTTP/1.1\r\nHost: gld.samsungosp.com\r\n\r\n", "")
	f.Add(strings.Replace(emailHead, "%d", "LENGTH", 1), strings.SplitN(email(message, names(2), photos(2, 50), 0, delimiter), "\r\n\r\n", 2)[1])
	f.Add(fmt.Sprintf(post, "auth"), loginTalk)
	f.Add(fmt.Sprintf(post, "auth"), `<Request Method="logout" SessionKey="KEY"/>`)
	f.Add(fmt.Sprintf(post, "photo"), announcement("KEY", "../SAM_1.JPG", "text~alt"))
	f.Add("PUT /UPLOAD HTTP/1.1\r\nContent-Length: LENGTH\r\n\r\n", "abc")
	f.Add("PUT /UPLOAD HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n0\r\n\r\n")
	f.Add("\x16\x03\x01\x00\x05hello", "")
	b := newQuickBridge(f)
	f.Fuzz(func(t *testing.T, head, body string) {
		key := between(b.say(doc("/facebook/auth", loginTalk)), `SessionKey="`)
		upload := between(b.say(doc("/facebook/photo", announcement(key, "SAM_1.JPG", "text"))), `ResourceID="`)
		if key == "" || upload == "" {
			t.Fatal("no session to try it in")
		}
		before := b.accepted
		b.log.b.Reset()
		known := strings.NewReplacer("KEY", key, "UPLOAD", upload, "LENGTH", fmt.Sprint(len(body)))
		request := known.Replace(head) + known.Replace(body)
		answer := b.say(request)
		if strings.Contains(answer, success) && !strings.Contains(strings.ToLower(request), "logout") && b.accepted == before {
			t.Errorf("told success and kept nothing: %q", answer)
		}
		if len(answer) >= 1400 {
			t.Errorf("the answer has %d bytes, too many for one segment", len(answer))
		}
		if answer != "" && answer != string(tlsAlert) {
			r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
			if err != nil || !r.Close && r.ContentLength < 0 {
				t.Errorf("no answer that a camera can read, %v: %q", err, answer)
			}
		}
		if log := b.log.String(); strings.ContainsFunc(log, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) || len(log) > 4<<10 {
			t.Errorf("not fit for a log: %d bytes, %.500q", len(log), log)
		}
		b.forget(t)
	})
}

func between(s, begin string) string {
	_, s, _ = strings.Cut(s, begin)
	s, _, _ = strings.Cut(s, `"`)
	return s
}

// A quickBridge is a server without sockets.
type quickBridge struct {
	*Server
	dir      string
	log      *lines
	conns    quickListener
	accepted int
}

func newQuickBridge(f *testing.F) *quickBridge {
	b := &quickBridge{dir: f.TempDir(), log: &lines{}, conns: make(quickListener)}
	disk, err := spool.OpenDir(b.dir)
	if err != nil {
		f.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(b.log, nil))
	b.Server = &Server{
		Spool: &spool.Spool{Disk: disk, Log: log},
		Accept: func(it *spool.Item, _ []string) error {
			b.accepted++
			return nil
		},
		Finish:  func(*spool.Item) {},
		MaxFile: 1 << 20,
		Quiet:   time.Hour,
		Capture: &capture.Log{Path: filepath.Join(b.dir, "capture.txt")},
		Log:     log,
		Now:     time.Now,
	}
	if err := b.Spool.Open(); err != nil {
		f.Fatal(err)
	}
	server := &http.Server{Handler: b, ConnContext: wire.ConnContext, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	server.SetKeepAlivesEnabled(false)
	go server.Serve(&wire.Listener{Listener: b.conns, Refuse: b.Refused})
	f.Cleanup(func() { server.Close() })
	return b
}

// say returns the answer to what a client says before it is silent.
func (b *quickBridge) say(request string) string {
	c := &saying{Reader: strings.NewReader(request), closed: make(chan struct{})}
	b.conns <- c
	<-c.closed
	return c.answer.String()
}

// forget removes what was accepted, and fails if anything else is there.
func (b *quickBridge) forget(t *testing.T) {
	for _, id := range b.Spool.IDs() {
		if err := b.Spool.Remove(id); err != nil {
			t.Error(err)
		}
	}
	for _, folder := range []string{"tmp", "items"} {
		if left, err := os.ReadDir(filepath.Join(b.dir, folder)); err != nil || len(left) > 0 {
			t.Errorf("left in %s: %v, %v", folder, left, err)
		}
	}
}

// quickListener accepts the connections of a quickBridge.
type quickListener chan net.Conn

func (l quickListener) Accept() (net.Conn, error) {
	if c, ok := <-l; ok {
		return c, nil
	}
	return nil, net.ErrClosed
}

func (l quickListener) Close() error   { close(l); return nil }
func (l quickListener) Addr() net.Addr { return &net.TCPAddr{} }

// saying is a connection to a client that has said all it will say.
type saying struct {
	io.Reader
	answer bytes.Buffer
	once   sync.Once
	closed chan struct{}
}

func (c *saying) Write(p []byte) (int, error)      { return c.answer.Write(p) }
func (c *saying) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)} }
func (c *saying) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *saying) SetDeadline(time.Time) error      { return nil }
func (c *saying) SetReadDeadline(time.Time) error  { return nil }
func (c *saying) SetWriteDeadline(time.Time) error { return nil }

func (c *saying) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}
