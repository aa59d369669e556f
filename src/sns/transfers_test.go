package sns

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestTransfers watches an e-mail arrive: who sends, which photo, how much.
func TestTransfers(t *testing.T) {
	b := newBridge(t)
	b.sighted("127.0.0.1", "NX300", "time", "")
	const photo = 100_000
	xml := "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n<email><sender>a@example.org</sender><receiverList><receiver>b@example.org</receiver></receiverList></email>\r\n"
	part := func(name string) string {
		return "--x\r\nContent-Disposition: form-data; name=\"binary\"; filename=\"" + name + "\"\r\n\r\n" + strings.Repeat("p", photo) + "\r\n"
	}
	pieces := []string{xml + part("SAM_1.JPG") + part("SAM_2.JPG")[:photo/2], part("SAM_2.JPG")[photo/2:] + "--x--\r\n"}
	c, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(20 * time.Second))
	total := len(pieces[0]) + len(pieces[1])
	fmt.Fprintf(c, "POST /social/columbus/email HTTP/1.1\r\nHost: www.ospserver.net\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n%s", total, pieces[0])
	want := Transfer{Client: "127.0.0.1", Model: "NX300", File: "SAM_2.JPG", Number: 2, Bytes: int64(len(pieces[0])), Total: int64(total)}
	wait(t, func() bool { l := b.Transfers(); return len(l) == 1 && l[0] == want }, func() any { return b.Transfers() }, want)
	io.WriteString(c, pieces[1])
	if answer, err := io.ReadAll(c); err != nil || !strings.Contains(string(answer), "succ") {
		t.Fatalf("answer %q, %v", answer, err)
	}
	wait(t, func() bool { return len(b.Transfers()) == 0 }, func() any { return b.Transfers() }, "none")
}

// TestTransferOfPost shows that what breaks off is not shown for ever, and
// that a post's photos are counted.
func TestTransferOfPost(t *testing.T) {
	b := newBridge(t)
	sess, _ := b.sessions.begin("127.0.0.1", "facebook", "me", time.Now())
	sl := &slot{session: sess, site: "facebook", name: "SAM_3.JPG", model: "NX mini", typed: "Sea"}
	sess.post = &post{site: "facebook", typed: "Sea", count: 2}
	token := b.sessions.announce(sl)
	c, err := net.Dial("tcp", b.addr)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(c, "PUT /upload/%s HTTP/1.1\r\nHost: www.ospserver.net\r\nContent-Length: 1000\r\n\r\n%s", token, "half")
	want := Transfer{Client: "127.0.0.1", Model: "NX mini", Site: "facebook", File: "SAM_3.JPG", Number: 3, Bytes: 4, Total: 1000}
	wait(t, func() bool { l := b.Transfers(); return len(l) == 1 && l[0] == want }, func() any { return b.Transfers() }, want)
	c.Close()
	wait(t, func() bool { return len(b.Transfers()) == 0 }, func() any { return b.Transfers() }, "none")
}

// TestTransferWithoutLength has no total to show.
func TestTransferWithoutLength(t *testing.T) {
	var all transfers
	r, _ := http.NewRequest("POST", "/", strings.NewReader("12345"))
	r.ContentLength = -1
	one := all.begin(r, "", "")
	io.Copy(io.Discard, r.Body)
	if one.Total != 0 || one.received.Load() != 5 {
		t.Errorf("total %d, received %d; want 0 and 5", one.Total, one.received.Load())
	}
}

// wait waits for what another goroutine does.
func wait(t *testing.T, done func() bool, got func() any, want any) {
	t.Helper()
	for limit := time.Now().Add(20 * time.Second); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("got  %+v\nwant %+v", got(), want)
		}
	}
}
