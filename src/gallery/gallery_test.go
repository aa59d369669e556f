package gallery

import (
	"bytes"
	"compress/gzip"
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
)

// Hosts by which the page may be asked for. Any other could be the name of a
// page elsewhere that was led here to read photos.
func TestHost(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		reason, host, local string
		ours                bool
	}{
		{"its name", "camera.lan", "192.168.8.1", true},
		{"whatever the letters", "Camera.LAN", "192.168.8.1", true},
		{"with a port", "camera.lan:8080", "192.168.8.1", true},
		{"with the dot of DNS", "camera.lan.", "192.168.8.1", true},
		{"the virtual address", "10.23.42.99", "192.168.8.1", true},
		{"the router's own address", "192.168.8.1:18732", "192.168.8.1", true},
		{"the same in IPv6", "[fd00::1]:18732", "fd00::1", true},
		{"IPv4 on a socket of IPv6", "192.168.8.1", "::ffff:192.168.8.1", true},
		{"this machine", "localhost:8080", "127.0.0.1", true},
		{"another page's name", "evil.example", "192.168.8.1", false},
		{"a name that looks like ours", "camera.lan.evil.example", "192.168.8.1", false},
		{"ours inside another", "xcamera.lan", "192.168.8.1", false},
		{"an address of ours elsewhere", "192.168.9.1", "192.168.8.1", false},
		{"localhost from the network", "localhost", "192.168.8.1", false},
		{"no name at all", "", "192.168.8.1", false},
	} {
		for _, path := range []string{"/", "/phone/page.js", "/phone/api/login", "/phone/api/queue"} {
			q := r.request("GET", path, "")
			q.Host = c.host
			q = q.WithContext(context.WithValue(q.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(c.local), Port: 80}))
			w := r.send(q)
			if ours := w.Code != http.StatusMisdirectedRequest; ours != c.ours {
				t.Errorf("%s: %q at %s: status %d for %s, want ours %v", c.reason, c.host, c.local, w.Code, path, c.ours)
			}
			if !c.ours && !strings.Contains(w.Body.String(), "http://camera.lan/") {
				t.Errorf("%s: a person reads %q", c.reason, w.Body)
			}
		}
	}
	r.Name = ""
	q := r.request("GET", "/", "")
	q.Host = ""
	if w := r.send(q); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("without a name, no host at all gets %d", w.Code)
	}
}

// All that can be asked for, without a PIN and from other pages.
func TestAccess(t *testing.T) {
	r := newRig(t)
	it := r.put("SAM_0001.JPG", "\xff\xd8\xff photo")
	r.store("day/SAM_0001.JPG", "\xff\xd8\xff photo")
	path := it.ID + "/" + it.Files[0].Path
	reads := []string{
		"/phone/api/session", "/phone/api/live", "/phone/api/queue", "/phone/api/status", "/phone/api/items/" + it.ID, "/phone/api/stored",
		"/phone/file/" + path, "/phone/thumb/" + path, "/phone/stored/day/SAM_0001.JPG", "/phone/storedthumb/day/SAM_0001.JPG",
	}
	writes := []struct{ method, path, body string }{
		{"POST", "/phone/api/items/" + it.ID + "/edit", `{"text":"x","still":true}`},
		{"POST", "/phone/api/items/" + it.ID + "/retry", ""},
		{"POST", "/phone/api/retry?what=all", ""},
		{"POST", "/phone/api/targets/store/pause", `{}`},
		{"POST", "/phone/api/logout", ""},
		{"DELETE", "/phone/api/stored?path=day/SAM_0001.JPG", ""},
		{"DELETE", "/phone/api/items/" + it.ID, ""},
	}
	for _, path := range reads {
		if w := r.get(path); w.Code != 401 || strings.Contains(w.Body.String(), "photo") {
			t.Errorf("without the PIN, %s: %d %s", path, w.Code, w.Body)
		}
	}
	for _, c := range writes {
		if w := r.send(r.request(c.method, c.path, c.body)); w.Code != 401 {
			t.Errorf("without the PIN, %s %s: %d", c.method, c.path, w.Code)
		}
	}
	r.login()
	token := r.token
	for _, c := range writes {
		r.token = ""
		if w := r.send(r.request(c.method, c.path, c.body)); w.Code != 403 {
			t.Errorf("without the token, %s %s: %d", c.method, c.path, w.Code)
		}
		r.token = "-" + token
		if w := r.send(r.request(c.method, c.path, c.body)); w.Code != 403 {
			t.Errorf("with a wrong token, %s %s: %d", c.method, c.path, w.Code)
		}
		r.token = token
		for name, value := range map[string]string{"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"} {
			q := r.request(c.method, c.path, c.body)
			q.Header.Set(name, value)
			if w := r.send(q); w.Code != 403 {
				t.Errorf("from another page by %s, %s %s: %d", name, c.method, c.path, w.Code)
			}
		}
	}
	for _, path := range reads {
		q := r.request("GET", path, "")
		q.Header.Set("Sec-Fetch-Site", "cross-site")
		if w := r.send(q); w.Code != 403 {
			t.Errorf("put into another page, %s: %d", path, w.Code)
		}
		if w := r.get(path); w.Code != 200 && w.Code != 204 {
			t.Errorf("with the PIN, %s: %d %s", path, w.Code, w.Body)
		}
	}
	for _, c := range writes {
		r.login() // one of them is to leave
		q := r.request(c.method, c.path, c.body)
		q.Header.Set("Origin", "http://camera.lan")
		q.Header.Set("Sec-Fetch-Site", "same-origin")
		if w := r.send(q); w.Code != 200 {
			t.Errorf("by the page, %s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
}

// What is served is never more than the browser may do with it.
func TestHeaders(t *testing.T) {
	r := newRig(t)
	r.login()
	it := r.put("x.html", "<script>alert(1)</script>")
	for _, c := range []struct{ path, typ, policy string }{
		{"/", "text/html; charset=utf-8", "script-src 'self'"},
		{"/phone", "text/html; charset=utf-8", "script-src 'self'"},
		{"/phone/page.css", "text/css; charset=utf-8", "script-src 'self'"},
		{"/phone/page.js", "text/javascript; charset=utf-8", "script-src 'self'"},
		{"/phone/icon.svg", "image/svg+xml", "script-src 'self'"},
		{"/phone/api/queue", "application/json", "default-src 'none'"},
		{"/phone/file/" + it.ID + "/" + it.Files[0].Path, "application/octet-stream", "default-src 'none'"},
		{"/phone/nowhere", "text/plain; charset=utf-8", "default-src 'none'"},
		{"/nowhere", "text/plain; charset=utf-8", "default-src 'none'"},
	} {
		w := r.get(c.path)
		policy := w.Header().Get("Content-Security-Policy")
		if w.Header().Get("Content-Type") != c.typ || !strings.Contains(policy, c.policy) || strings.Contains(policy, "unsafe") ||
			!strings.Contains(policy, "frame-ancestors 'none'") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", c.path, w.Header())
		}
	}
	if w := r.send(r.request("POST", "/", "")); w.Code != 405 {
		t.Errorf("posted to the page: %d", w.Code)
	}
	tag := r.get("/phone/page.js").Header().Get("ETag")
	q := r.request("GET", "/phone/page.js", "")
	q.Header.Set("If-None-Match", tag)
	if w := r.send(q); tag == "" || w.Code != 304 || w.Body.Len() > 0 {
		t.Errorf("what the browser has is sent again: %d", w.Code)
	}
}

// The page's socket knows more than the page may ask.
func TestNoMoreThanThePageNeeds(t *testing.T) {
	r := newRig(t)
	r.login()
	for _, path := range []string{"/phone/api/doctor", "/phone/api/", "/phone/api/../status", "/phone/page.html.bak", "/phone/file/" + strings.Repeat("../", 9) + "etc/passwd"} {
		if w := r.get(path); w.Code == 200 {
			t.Errorf("%s: %d %.100s", path, w.Code, w.Body)
		}
	}
	if w := r.get("/phone/api/status"); strings.Contains(w.Body.String(), testPIN) || !strings.Contains(w.Body.String(), `"phone":null`) {
		t.Errorf("status tells the PIN: %s", w.Body)
	}
}

// The page is a part of the program, and of the package in which that comes.
func TestSize(t *testing.T) {
	r := newRig(t)
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	for name := range pageFiles {
		z.Write(r.get("/phone/" + name).Body.Bytes())
	}
	z.Close()
	if n := packed.Len(); n > 40_000 {
		t.Errorf("the page has %d bytes, compressed, want at most 40 kB", n)
	} else {
		t.Logf("the page has %d bytes, compressed", n)
	}
}
