package sns

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	stranger = "127.0.0.7"
	remote   = "127.0.0.8" // of whom the kernel knows no hardware address
)

// knownBridge serves one device.
func knownBridge(t *testing.T) *bridge {
	b := newBridge(t)
	macs := map[string]string{nx300: "00:16:6c:12:34:56", stranger: "00:16:6c:65:43:21"}
	b.Server.MAC = func(client string) string { return macs[client] }
	b.Server.Known = func(client, mac string) bool { return mac == macs[nx300] }
	return b
}

// TestStranger shows what a device hears that is not among the known cameras,
// and that nothing of what it sends is kept.
func TestStranger(t *testing.T) {
	const end = "Host: www.ospserver.net\r\nContent-Length: 3\r\n\r\nabc"
	for _, c := range []struct{ reason, request, what string }{
		{"an e-mail", email(message, names(1), photos(1, 3000), 0, delimiter+"\r\n"), "wanted to send an e-mail"},
		{"a login", doc("/facebook/auth", `<Request Method="login"/>`), "wanted to log in to facebook"},
		{"an announcement", doc("/facebook/photo", "<x/>"), "asked for /facebook/photo"},
		{"an upload", put("PUT", "upload/0123456789", "image/jpeg", jpeg(1, 3000)), "asked for /upload/0123456789"},
		{"the time", "GET /security/sso/initialize/time HTTP/1.1\r\n" + end, "asked for /security/sso/initialize/time"},
		{"a list", "GET /social/columbus/serviceproviders/list HTTP/1.1\r\n" + end, "asked for /social/columbus/serviceproviders/list"},
		{"a page of a login", "GET /oauth HTTP/1.1\r\n" + end, "asked for /oauth"},
		{"what nobody understands", "POST /a/b/c HTTP/1.1\r\n" + end, "asked for /a/b/c"},
	} {
		for _, client := range []string{stranger, remote} {
			b := knownBridge(t)
			status, body := split(b.sayAndHangUp(client, c.request))
			if !strings.HasPrefix(status, "401") || !strings.HasPrefix(body, `<Response ErrCode="9001" ErrSubCode="0" />`) {
				t.Errorf("%s of %s: %s %s, want an error that a camera shows", c.reason, client, status, body)
			}
			if got := b.Strangers(); len(got) != 1 || got[0].Client != client || got[0].MAC != b.mac(client) || got[0].What != c.what ||
				got[0].Value != b.mac(client) || got[0].Lacks != "mac" {
				t.Errorf("%s of %s: sighted %+v", c.reason, client, got)
			}
			b.keptNothing(t, c.reason)
		}
	}
}

// keptNothing shows that the disk has nothing of a request.
func (b *bridge) keptNothing(t *testing.T, reason string) {
	t.Helper()
	found, err := os.ReadDir(filepath.Join(b.dir, "tmp"))
	if err != nil || len(found) > 0 || len(b.items()) > 0 {
		t.Errorf("%s: there are %d items and %v; %v", reason, len(b.items()), found, err)
	}
	if text, err := os.ReadFile(filepath.Join(b.dir, "capture.txt")); !os.IsNotExist(err) {
		t.Errorf("%s: captured %q, %v", reason, text, err)
	}
}

// TestStrangersConnection is about what is no HTTP at all.
func TestStrangersConnection(t *testing.T) {
	for client, want := range map[string]int{stranger: 0, remote: 0, nx300: 1} {
		b := knownBridge(t)
		if got := b.say(client, "SSH-2.0-OpenSSH_9.2\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 400 ") {
			t.Errorf("%s hears %q", client, got)
		}
		if got := b.Capture.Count(); got != want || len(b.Strangers()) > 0 {
			t.Errorf("%s: %d captured, want %d; sighted %v", client, got, want, b.Strangers())
		}
	}
}

// TestKnown shows that a known camera notices nothing, that people and hotspot
// checks are nobody's camera, and that sightings have the hardware address.
func TestKnown(t *testing.T) {
	b := knownBridge(t)
	b.want(b.say(nx300, email(message, names(1), photos(1, 300), 0, delimiter+"\r\n")), "200", success)
	for _, host := range []string{"gld.samsungosp.com", "www.msn.com", "samsungimaging.com"} {
		if status, _ := split(b.say(stranger, "GET / HTTP/1.1\r\nHost: "+host+"\r\n\r\n")); !strings.HasPrefix(status, "200") {
			t.Errorf("%s of a stranger: %s", host, status)
		}
	}
	if got := b.Strangers(); len(got) > 0 {
		t.Errorf("refused: %+v", got)
	}
	seen := map[string]string{}
	for _, c := range b.Cameras() {
		seen[c.MAC] = c.Code + ", " + c.About + ": " + c.What
	}
	if seen["00:16:6c:12:34:56"] != "mailed, : sent an e-mail" || seen["00:16:6c:65:43:21"] != "check, www.msn.com: hotspot check at www.msn.com" {
		t.Errorf("seen: %v", seen)
	}
}

// TestRefusedSenders shows what is known of a device that may come, and whose
// sender, user or recipient may not: which of the settings' lists lacks what.
func TestRefusedSenders(t *testing.T) {
	b := newBridge(t)
	b.Sender = func(name string) bool { return name == "me@example.org" || name == "x" }
	b.Recipient = func(address string) bool { return address != "them@example.org" && address[0] != '*' }
	send := func(client, sender, recipient string) string {
		text := strings.NewReplacer("Camera@samsungcamera.com", sender, "me@example.org", recipient).Replace(message)
		return b.say(client, email(text, names(1), photos(1, 100), 0, delimiter+"\r\n"))
	}
	const cam2, cam3, cam4, cam5 = "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6"
	send(nx300, "Holiday &lt;Camera@samsungcamera.com&gt;", "me@example.org")
	send(cam2, "me@example.org", "them@example.org")
	send(cam5, "me@example.org", "*@example.org") // would let in a whole domain: not offered
	b.say(cam3, doc("/facebook/auth", loginWiki))
	b.say(cam4, doc("/facebook/auth", `<Request Method="login"/>`))
	refused := func() (list []string) {
		for _, c := range b.Strangers() {
			list = append(list, fmt.Sprintf("%s %s %s, %s: %s", c.Client, c.Code, c.About, c.Lacks, c.Value))
		}
		return list
	}
	want := []string{
		"127.0.0.5 wanted-login facebook, sender: ",
		"127.0.0.4 wanted-login facebook, sender: f",
		"127.0.0.3 wanted-mail , recipient: them@example.org",
		"127.0.0.2 wanted-mail , sender: Camera@samsungcamera.com",
	}
	if got := refused(); !slices.Equal(got, want) {
		t.Errorf("refused %q\n   want %q", got, want)
	}
	for _, c := range b.Cameras() {
		if c.Code != "wanted-mail" && c.Code != "wanted-login" && c.Client != cam5 || c.Lacks != "" {
			t.Errorf("among the cameras: %+v", c)
		}
	}
	// It is forgotten once the device does what it was refused.
	send(nx300, "me@example.org", "me@example.org")
	b.say(cam2, doc("/facebook/auth", loginTalk))
	b.say(cam3, doc("/facebook/auth", loginTalk))
	if got, want := refused(), []string{want[0], want[2]}; !slices.Equal(got, want) {
		t.Errorf("afterwards refused %q\n             want %q", got, want)
	}
}

// TestFailedMail shows that a camera whose e-mail was not accepted is not
// listed as one that sends or sent it.
func TestFailedMail(t *testing.T) {
	for name, request := range map[string]string{
		"no recipient": email(strings.Replace(message, "me@example.org", "", 1), names(1), photos(1, 100), 0, delimiter+"\r\n"),
		"broken off":   email(message, names(1), photos(1, 9000), 0, delimiter+"\r\n")[:5000],
	} {
		b := newBridge(t)
		b.sayAndHangUp(nx300, request)
		if got := b.Cameras(); len(got) != 1 || got[0].Code != "mail-failed" || got[0].What != "could not send its e-mail" || len(b.Strangers()) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestSightings shows that one device has one line, whatever its address, and
// that nobody can have more than there is room for.
func TestSightings(t *testing.T) {
	var l sightings
	l.add(Sighting{Client: "a", MAC: "1", Model: "NX300", What: "first"})
	l.add(Sighting{Client: "b", MAC: "2"})
	l.add(Sighting{Client: "c"})
	l.add(Sighting{Client: "c", What: "again"})
	l.add(Sighting{Client: "d", MAC: "1", What: "moved"})
	l.add(Sighting{Client: "a", What: "another has its address now"})
	want := "[{a    another has its address now    } {d 1 NX300  moved    } {c    again    } {b 2       }]"
	if got := strings.ReplaceAll(fmt.Sprint(l.latest()), "0001-01-01 00:00:00 +0000 UTC", ""); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for i := range 3 * sightingsMax {
		l.add(Sighting{Client: fmt.Sprint(i)})
	}
	if got := l.latest(); len(got) != sightingsMax || got[0].Client != fmt.Sprint(3*sightingsMax-1) {
		t.Errorf("%d are kept, the latest is %s", len(got), got[0].Client)
	}
}

// TestTenThousandStrangers shows that devices that are not known fill nothing,
// however many addresses they make up.
func TestTenThousandStrangers(t *testing.T) {
	b := knownBridge(t)
	b.Server.MAC = func(client string) string { return "02:" + client }
	for i := range 10_000 {
		r := httptest.NewRequest(http.MethodPost, "/social/columbus/email", strings.NewReader("--x"))
		r.Host = "www.ospserver.net"
		r.RemoteAddr = fmt.Sprintf("10.1.%d.%d:5000", i>>8, i&255)
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Fatalf("stranger %d: %d %s", i, w.Code, w.Body)
		}
	}
	if n := len(b.Strangers()); n != sightingsMax {
		t.Errorf("%d strangers are remembered, want %d", n, sightingsMax)
	}
	if n := len(b.checks.turns); n > checksMax {
		t.Errorf("%d turns of hotspot checks are remembered", n)
	}
	b.keptNothing(t, "ten thousand strangers")
}
