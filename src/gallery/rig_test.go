package gallery

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snsbridge/src/control"
	"snsbridge/src/spool"
)

const testPIN = "271828"

// rig is a page with a spool and a photo folder, and a browser.
type rig struct {
	*Page
	t      *testing.T
	dir    string
	cookie string
	token  string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	dir := t.TempDir()
	disk, err := spool.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	sp := &spool.Spool{Disk: disk}
	if err := sp.Open(); err != nil {
		t.Fatal(err)
	}
	if err := sp.Recover(func(*spool.Item) {}); err != nil {
		t.Fatal(err)
	}
	stored := filepath.Join(dir, "photos")
	if err := os.Mkdir(stored, 0o755); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	r := &rig{t: t, dir: dir, Page: &Page{
		Name: "camera.lan", Address: netip.MustParseAddr("10.23.42.99"), Stored: stored,
		Door:    OpenDoor(filepath.Join(dir, "phone.json"), filepath.Join(dir, "phone.json"), testPIN, log),
		Control: &control.Server{Spool: sp, Log: log, Targets: []string{"store"}},
	}}
	sp.Changed(r.Changed)
	return r
}

// request is one of a browser at the page's own address.
func (r *rig) request(method, path, body string) *http.Request {
	q := httptest.NewRequest(method, path, strings.NewReader(body))
	q.Host = "camera.lan"
	q.RemoteAddr = "192.168.8.50:4711"
	q = q.WithContext(context.WithValue(q.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP("192.168.8.1"), Port: 80}))
	if body != "" {
		q.Header.Set("Content-Type", "application/json")
	}
	if r.cookie != "" {
		q.Header.Set("Cookie", r.cookie)
	}
	if r.token != "" && method != "GET" {
		q.Header.Set("X-Token", r.token)
	}
	return q
}

func (r *rig) send(q *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return w
}

func (r *rig) get(path string) *httptest.ResponseRecorder { return r.send(r.request("GET", path, "")) }

// login opens the door for the rig's browser.
func (r *rig) login() {
	r.t.Helper()
	w := r.send(r.request("POST", "/phone/api/login", `{"pin":"`+testPIN+`"}`))
	var v struct{ Token string }
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != 200 || v.Token == "" {
		r.t.Fatalf("login: %d %s", w.Code, w.Body)
	}
	r.cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
	r.token = v.Token
}

// put accepts an item with one file.
func (r *rig) put(name, content string) *spool.Item {
	r.t.Helper()
	u, err := r.Control.Spool.Begin(0)
	if err != nil {
		r.t.Fatal(err)
	}
	w, err := u.Create(name)
	if err != nil {
		r.t.Fatal(err)
	}
	io.WriteString(w, content)
	if err := w.Close(); err != nil {
		r.t.Fatal(err)
	}
	it := &spool.Item{Kind: spool.Email, Jobs: []spool.Job{{Target: "store", State: spool.Waiting}}}
	if err := u.Commit(it); err != nil {
		r.t.Fatal(err)
	}
	return it
}

// store writes a file into the photo folder.
func (r *rig) store(name, content string) {
	r.t.Helper()
	path := filepath.Join(r.Stored, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}
