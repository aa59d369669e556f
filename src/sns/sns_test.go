package sns

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"snsbridge/src/capture"
	"snsbridge/src/spool"
	"snsbridge/src/wire"
)

// bridge is a server behind a real socket, with a spool that delivers nothing.
type bridge struct {
	*Server
	t    *testing.T
	addr string
	dir  string
	log  *lines
}

// lines collects a log.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newBridge(t *testing.T) *bridge {
	t.Helper()
	dir := t.TempDir()
	disk, err := spool.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	log := &lines{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	sp := &spool.Spool{Disk: disk, Log: logger}
	if err := sp.Open(); err != nil {
		t.Fatal(err)
	}
	s := &Server{
		Spool: sp,
		Accept: func(it *spool.Item, to []string) error {
			if it.ID == "" {
				t.Error("what is accepted has no name, by which a hint could tell of it")
			}
			it.Jobs = []spool.Job{{Target: "store", To: to, State: spool.Waiting}}
			return nil
		},
		Finish:  func(*spool.Item) {},
		MaxFile: 1 << 30,
		Quiet:   time.Hour,
		Settle:  time.Hour,
		Capture: &capture.Log{Path: filepath.Join(dir, "capture.txt")},
		Log:     logger,
		Now:     time.Now,
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &wire.Listener{Listener: tcp, Refuse: s.Refused}
	hs := &http.Server{Handler: s, ConnContext: wire.ConnContext, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelWarn)}
	hs.SetKeepAlivesEnabled(false)
	go hs.Serve(l)
	t.Cleanup(func() { hs.Close() })
	return &bridge{Server: s, t: t, addr: tcp.Addr().String(), dir: dir, log: log}
}

// say sends the bytes of one request from a client and returns the answer. It
// fails unless the answer comes as these cameras need it: in one segment of
// less than 1,400 bytes, followed by the end of the connection, and HTTP/1.1
// whatever the request says.
func (b *bridge) say(client string, request ...string) string {
	b.t.Helper()
	d := net.Dialer{Timeout: 5 * time.Second, LocalAddr: &net.TCPAddr{IP: net.ParseIP(client)}}
	c, err := d.Dial("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	for _, part := range request {
		if _, err := io.WriteString(c, part); err != nil {
			b.t.Fatalf("sending: %v", err)
		}
	}
	first := make([]byte, 64<<10)
	n, err := c.Read(first)
	if err != nil {
		b.t.Fatalf("no answer: %v", err)
	}
	if n >= 1400 {
		b.t.Errorf("the answer has %d bytes, too many for one segment", n)
	}
	if more, err := io.ReadAll(c); err != nil || len(more) > 0 {
		b.t.Errorf("after the first segment came %q, %v; want the end of the connection", more, err)
	}
	answer := string(first[:n])
	const alert = "\x15" // of TLS
	if !strings.HasPrefix(answer, alert) && (!strings.HasPrefix(answer, "HTTP/1.1 ") || !strings.Contains(answer, "\r\nConnection: close\r\n")) {
		b.t.Errorf("answer %q, want one of HTTP/1.1 that closes", answer)
	}
	return answer
}

const nx300 = "127.0.0.2"

// status and body of an answer.
func split(answer string) (status, body string) {
	head, body, _ := strings.Cut(answer, "\r\n\r\n")
	line, _, _ := strings.Cut(head, "\r\n")
	_, status, _ = strings.Cut(line, " ")
	return status, body
}

func (b *bridge) want(answer, status, body string) {
	b.t.Helper()
	gotStatus, gotBody := split(answer)
	if !strings.HasPrefix(gotStatus, status) || gotBody != body {
		b.t.Errorf("answer %q, %q\n  want %q, %q\nlog:\n%s", gotStatus, gotBody, status, body, b.log)
	}
}

// items returns all items, oldest first.
func (b *bridge) items() []*spool.Item {
	b.t.Helper()
	var list []*spool.Item
	for _, id := range b.Spool.IDs() {
		it, err := b.Spool.Get(id)
		if err != nil {
			b.t.Fatal(err)
		}
		if it.Damaged != "" {
			b.t.Errorf("item %s: %s", id, it.Damaged)
		}
		list = append([]*spool.Item{it}, list...)
	}
	return list
}

// content returns the bytes of an item's file.
func (b *bridge) content(it *spool.Item, file int) string {
	b.t.Helper()
	c, err := os.ReadFile(filepath.Join(b.dir, "items", it.ID, it.Files[file].Path))
	if err != nil {
		b.t.Fatal(err)
	}
	return string(c)
}

// jpeg is a made-up photo: whole as far as its markers tell, of any size from
// 30 bytes, with delimiter-like bytes in it.
func jpeg(seed, size int) string {
	head := "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xda\x00\x02"
	fill := fmt.Sprintf("%04d\r\n-----------------------------7d93b9550d4\r\n--", seed)
	body := strings.Repeat(fill, size/len(fill)+1)
	return head + body[:max(0, size-len(head)-2)] + "\xff\xd9"
}

// TestHotspotCheck has the checks of all models that are known.
func TestHotspotCheck(t *testing.T) {
	// What the NX mini searches for, byte for byte (firmware 1.10).
	literals := []string{"ETag: \"", "Server: nginx/", "Content-Length: 0"}
	for _, c := range []struct {
		name, request string
		want          []string
	}{
		{"NX300", "GET / HTTP/1.1\r\nHost: gld.samsungosp.com\r\n\r\n", literals},
		{"absolute form, as the talk prints it", "GET http://gld.samsungosp.com/ HTTP/1.1\r\nHost: gld.samsungosp.com\r\n\r\n", literals},
		{"absolute form without a path", "GET http://gld.samsungosp.com HTTP/1.1\r\nHost: gld.samsungosp.com\r\n\r\n", literals},
		{"port and upper case in the host", "GET / HTTP/1.1\r\nHost: GLD.samsungosp.com:80\r\n\r\n", literals},
		{"HTTP/1.0", "GET / HTTP/1.0\r\nHost: gld.samsungosp.com\r\n\r\n", literals},
		{"two blanks before the version", "GET /  HTTP/1.0\r\nHost: gld.samsungosp.com\r\n\r\n", literals},
		{"host only in the target", "GET http://gld.samsungosp.com/ HTTP/1.1\r\n\r\n", literals},
		{"no host at all", "GET / HTTP/1.1\r\n\r\n", literals},
		{"no host at all, HTTP/1.0", "GET / HTTP/1.0\r\n\r\n", literals},
		{"Yahoo", "GET http://www.yahoo.co.kr/ HTTP/1.1\r\nHost: www.yahoo.co.kr\r\n\r\n", []string{"HTTP/1.1 200 OK", "Set-Cookie: samsung=hotspot; Domain=.yahoo.co.kr; Path=/\r\n"}},
		{"MSN", "GET / HTTP/1.1\r\nHost: www.msn.com\r\n\r\n", []string{"HTTP/1.1 200 OK", "Set-Cookie: samsung=hotspot; Domain=.msn.com; Path=/\r\n"}},
		{"browser of a mirrorless camera", "GET / HTTP/1.1\r\nHost: samsungimaging.com\r\n\r\n", []string{"HTTP/1.1 200 OK", "<html>"}},
		{"it is told how it calls itself", "GET / HTTP/1.1\r\nHost: www.samsungimaging.com\r\nUser-Agent: NX300 <b>&\r\n\r\n", []string{"HTTP/1.1 200 OK", "calls itself: NX300 &lt;b&gt;&amp;<", "capture.txt"}},
		{"the same with www", "GET / HTTP/1.1\r\nHost: www.samsungimaging.com\r\n\r\n", []string{"HTTP/1.1 200 OK", "<html>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBridge(t)
			got := b.say(nx300, c.request)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("the answer lacks %q:\n%s", want, got)
				}
			}
			if status, _ := split(got); !strings.HasPrefix(status, "200") {
				t.Errorf("status %q, want 200", status)
			}
		})
	}
}

// TestBrowserHost asks the host of the cameras' browser for more than its page:
// a check for new firmware is evidence, not a person with a browser.
func TestBrowserHost(t *testing.T) {
	for n, request := range []string{
		"GET /fw/check?m=NX300 HTTP/1.1\r\nHost: www.samsungimaging.com\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: samsungimaging.com\r\nContent-Length: 2\r\n\r\nhi",
	} {
		b := newBridge(t)
		if status, body := split(b.say(nx300, request)); !strings.HasPrefix(status, "404") || !strings.Contains(body, `ErrCode="404"`) {
			t.Errorf("request %d: %s %s", n, status, body)
		}
		file, _ := os.ReadFile(filepath.Join(b.dir, "capture.txt"))
		if !bytes.Contains(file, []byte(request)) {
			t.Errorf("request %d is not captured: %q", n, file)
		}
	}
	b := newBridge(t)
	if got := b.say(nx300, "GET / HTTP/1.1\r\nHost: samsungimaging.com\r\nUser-Agent: "+strings.Repeat("<&>", 3000)+"\r\n\r\n"); len(got) > 1400 || !strings.Contains(got, "&lt;&amp;&gt;") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

// TestShortValues holds every value that a camera takes out of an answer below
// 64 bytes: the firmware of the NX2000 copies SessionKey, PersistKey and
// LoginPeopleID into places of that size (its published table of preferences).
func TestShortValues(t *testing.T) {
	b := newBridge(t)
	values := regexp.MustCompile(`="([^"]*)"`)
	for _, site := range []string{"facebook", strings.Repeat("x", 32)} {
		answers := b.say(nx300, doc("/"+site+"/auth", loginTalk))
		answers += b.say(nx300, doc("/"+site+"/photo", announcement(b.login(nx300, site, loginTalk), strings.Repeat("n", 200)+".JPG", "x")))
		found := values.FindAllStringSubmatch(answers, -1)
		if len(found) < 6 {
			t.Fatalf("%d values in %s", len(found), answers)
		}
		for _, v := range found {
			if len(v[1]) >= 64 {
				t.Errorf("%d bytes: %q", len(v[1]), v[1])
			}
		}
	}
}

// TestHotspotTurns shows that two cameras, and two hosts, do not take each
// other's turn, and that a camera that got through begins anew.
func TestHotspotTurns(t *testing.T) {
	b := newBridge(t)
	check := func(client, host string) string {
		t.Helper()
		a := b.say(client, "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
		switch {
		case strings.Contains(a, "\r\nLocation: http://yahoo.com\r\n"), strings.Contains(a, "\r\nLocation: http://msn.com\r\n"):
			if status, _ := split(a); status != "302 Found" {
				t.Errorf("a redirect with status %q", status)
			}
			return "redirect"
		case strings.Contains(a, "\r\nSet-Cookie: "):
			return "cookie"
		}
		return a
	}
	const yahoo, msn = "www.yahoo.co.kr", "www.msn.com"
	for i, step := range []struct{ client, host, want, why string }{
		{"127.0.0.2", yahoo, "cookie", "the cookie is known to work with most"},
		{"127.0.0.3", yahoo, "cookie", "another camera has its own turn"},
		{"127.0.0.2", msn, "cookie", "another host has its own turn"},
		{"127.0.0.2", yahoo, "redirect", "the cookie did not please: the redirect is next"},
		{"127.0.0.2", yahoo, "cookie", "and so on"},
		{"127.0.0.3", yahoo, "redirect", "the other camera's second"},
	} {
		if got := check(step.client, step.host); got != step.want {
			t.Errorf("step %d: %s, want %s: %s", i, got, step.want, step.why)
		}
	}
	b.say("127.0.0.3", "POST /facebook/auth HTTP/1.1\r\nHost: snsgw.samsungmobile.com\r\nContent-Length: 0\r\n\r\n")
	if got := check("127.0.0.3", yahoo); got != "cookie" {
		t.Errorf("after the camera came through: %s, want cookie", got)
	}
	// Index 7 is within the 11 that the WB850F looks at.
	if i := strings.Index("http://yahoo.com", "yahoo."); i > 11 {
		t.Errorf("yahoo. stands at %d", i)
	}
}

func TestTime(t *testing.T) {
	b := newBridge(t)
	b.Now = func() time.Time { return time.UnixMilli(1795240336177) }
	for _, path := range []string{"/security/sso/initialize/time", "/security/sso/initialize/time/"} {
		got := b.say(nx300, "GET "+path+" HTTP/1.0\r\nHost: www.ospserver.net\r\n\r\n")
		b.want(got, "200", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><initializeResult><currentServerTime>1795240336177</currentServerTime></initializeResult>`)
	}
}

// TestCapture shows that what nobody understood is on disk byte for byte, but
// for passwords.
// A name that is led here for a camera that nobody has decoded is none of the page's.
func TestCaptureOfOtherHosts(t *testing.T) {
	b := newBridge(t)
	b.Page = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Error(w, "page", http.StatusMisdirectedRequest) })
	b.Asked = func(r *http.Request) bool { return r.Host == "camera.lan" }
	for n, host := range []string{"camera.lan", "openapi.samsungosp.com"} {
		request := "POST /new/thing HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 3\r\n\r\na=b"
		if got := b.say(nx300, request); !strings.Contains(got, "page") {
			t.Errorf("%s: answer %q, want the page's", host, got)
		}
		file, _ := os.ReadFile(filepath.Join(b.dir, "capture.txt"))
		if b.Capture.Count() != n || bytes.Contains(file, []byte(request)) != (n == 1) {
			t.Errorf("%s: counted %d, kept %q", host, b.Capture.Count(), file)
		}
	}
	b.Known = func(string, string) bool { return false }
	b.say(nx300, "GET /else HTTP/1.1\r\nHost: else.samsungosp.com\r\n\r\n")
	if n := b.Capture.Count(); n != 1 {
		t.Errorf("a device that is not known is captured: %d", n)
	}
}

func TestCapture(t *testing.T) {
	b := newBridge(t)
	b.Sender = func(user string) bool { return user != "" }
	for _, c := range []struct {
		name, request, answer, kept string
		secret                      string
	}{
		{"ST1000's list of sites", "GET /social/columbus/serviceproviders/list?DUID=1  HTTP/1.0\r\nx-osp-version:v1\r\nHost: www.ospserver.net\r\n\r\n",
			"<error><code>404</code>", "GET /social/columbus/serviceproviders/list?DUID=1  HTTP/1.0\r\nx-osp-version:v1\r\nHost: www.ospserver.net\r\n\r\n", ""},
		{"AllShare login", "POST /security/sso/userprofiles/authentication/emailid HTTP/1.1\r\nHost: www.ospserver.net\r\nContent-Length: 68\r\n\r\n<userAuthRequest><loginID>xxx</loginID><password>eee</password></use",
			"<error><code>404</code>", "<password>xxx</password></use", "eee"},
		{"a phone's way to leave", "POST /facebook/auth/key HTTP/1.1\r\nHost: snsgw.samsungmobile.com\r\nContent-Length: 4\r\n\r\n\x00\xff<>",
			`<Response ErrCode="404" ErrSubCode="0" />`, "\r\n\r\n\x00\xff<>", ""},
		{"a login that cannot be decoded", "POST /facebook/auth HTTP/1.1\r\nHost: snsgw.samsungmobile.com\r\nContent-Length: 120\r\n\r\n" + fmt.Sprintf("%-120s", `<Request Method="login"><UserName Value="!"/><Password Value="geheim"/><CryptSessionKey Value="x"/></Request>`),
			`<Response ErrCode="9001" ErrSubCode="0" />`, `<UserName Value="!"/><Password Value="xxxxxx"/>`, "geheim"},
		{"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", `<Response ErrCode="400" ErrSubCode="0" />`, "SSH-2.0-OpenSSH_9.2\r\n\r\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := b.Capture.Count()
			got := b.say(nx300, c.request)
			if !strings.Contains(got, c.answer) {
				t.Errorf("answer %q, want %q in it", got, c.answer)
			}
			if status, _ := split(got); strings.HasPrefix(status, "200") {
				t.Errorf("status %q: nobody knows that this is right", status)
			}
			if n := b.Capture.Count() - before; n != 1 {
				t.Errorf("counted %d, want 1", n)
			}
			file, _ := os.ReadFile(filepath.Join(b.dir, "capture.txt"))
			if !bytes.Contains(file, []byte(c.kept)) {
				t.Errorf("the capture lacks %q:\n%q", c.kept, file)
			}
			if c.secret != "" && (bytes.Contains(file, []byte(c.secret)) || strings.Contains(b.log.String(), c.secret)) {
				t.Errorf("the secret %q was written", c.secret)
			}
		})
	}
}

// TestHello has a TLS client hello as the HMX-QF30 may send it: nobody knows
// yet, which is why it is written down.
func TestHello(t *testing.T) {
	b := newBridge(t)
	body := "\x03\x01" + strings.Repeat("\x11", 32) + "\x00" + "\x00\x04\x00\x2f\x00\x05" + "\x01\x00" +
		"\x00\x1b\x00\x00\x00\x17\x00\x15\x00\x00\x12snsgw.samsungmobil"
	hello := "\x16\x03\x01" + string([]byte{0, byte(4 + len(body))}) + "\x01\x00\x00" + string([]byte{byte(len(body))}) + body
	if got := b.say(nx300, hello); got != "\x15\x03\x01\x00\x02\x02\x28" {
		t.Errorf("answer %q, want a TLS alert", got)
	}
	file, _ := os.ReadFile(filepath.Join(b.dir, "capture.txt"))
	for _, want := range []string{hello, "snsgw.samsungmobil", "TLS 1.0", "TLS_RSA_WITH_AES_128_CBC_SHA"} {
		if !bytes.Contains(bytes.ToLower(file), bytes.ToLower([]byte(want))) {
			t.Errorf("the capture lacks %q:\n%q", want, file)
		}
	}
}

// TestLongAndSecretReasons shows that what is quoted of a broken connection
// neither fills the log nor tells a password.
func TestLongAndSecretReasons(t *testing.T) {
	b := newBridge(t)
	ciphers := strings.Repeat("\xc0\x2f", 7000)
	body := "\x03\x03" + strings.Repeat("\x11", 32) + "\x00" + string([]byte{14000 >> 8, 14000 & 255}) + ciphers + "\x01\x00"
	n := len(body)
	message := "\x01\x00" + string([]byte{byte(n >> 8), byte(n)}) + body
	n = len(message)
	b.say(nx300, "\x16\x03\x01"+string([]byte{byte(n >> 8), byte(n)})+message)
	b.say(nx300, "LOGIN password=geheim\r\n\r\n")
	file, err := os.ReadFile(filepath.Join(b.dir, "capture.txt"))
	if err != nil || !bytes.Contains(file, []byte("TLS_ECDHE_RSA")) || len(file) > n+4<<10 {
		t.Errorf("of a hello of %d bytes the capture has %d, %v", n, len(file), err)
	}
	for name, text := range map[string]string{"capture": string(file), "log": b.log.String()} {
		if strings.Contains(text, "geheim") || !strings.Contains(text, "xxxxxx") {
			t.Errorf("the %s tells the password: %q", name, text)
		}
	}
	if log := b.log.String(); len(log) > 4<<10 {
		t.Errorf("two connections wrote %d bytes of log", len(log))
	}
}

// sayAndHangUp sends a request that may be cut short, ends its side of the
// connection, and returns the answer.
func (b *bridge) sayAndHangUp(client, request string) string {
	b.t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(client)}}
	c, err := d.Dial("tcp", b.addr)
	if err != nil {
		b.t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		b.t.Fatalf("sending: %v", err)
	}
	c.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(c)
	if err != nil {
		b.t.Fatalf("the answer is lost: %v", err)
	}
	return string(answer)
}

// Who never ends a long text takes memory from nobody else.
func TestLongTexts(t *testing.T) {
	b := newBridge(t)
	login := func(text int) string {
		xml := `<Request Method="logout"><SessionKey>x</SessionKey></Request>` + strings.Repeat(" ", text)
		return fmt.Sprintf("POST /facebook/auth HTTP/1.1\r\nHost: snsgw.samsungmobile.com\r\nContent-Length: %d\r\n\r\n%s", len(xml), xml)
	}
	is := func(n int32) {
		t.Helper()
		for limit := time.Now().Add(20 * time.Second); b.large.Load() != n; time.Sleep(time.Millisecond) {
			if time.Now().After(limit) {
				t.Fatalf("%d long texts are being read, want %d", b.large.Load(), n)
			}
		}
	}
	usual := b.say(nx300, login(100))
	var slow []net.Conn
	for range largeMax {
		c, err := net.Dial("tcp", b.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		whole := login(30_000)
		io.WriteString(c, whole[:len(whole)-1])
		slow = append(slow, c)
	}
	is(largeMax)
	if status, body := split(b.say(nx300, login(30_000))); !strings.HasPrefix(status, "503") || !strings.Contains(body, `ErrCode="1000"`) {
		t.Errorf("one more: %s %s, want to try again", status, body)
	}
	if got := b.say(nx300, login(100)); got != usual {
		t.Errorf("a camera meanwhile: %q, want %q", got, usual)
	}
	for _, c := range slow {
		c.Close()
	}
	is(0)
	if got := b.say(nx300, login(30_000)); got != usual {
		t.Errorf("a long one afterwards: %q, want %q", got, usual)
	}
}
