package luci

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// instance is as much of a Mastodon server as a login needs.
func instance(t *testing.T) string {
	reply := func(v map[string]any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { json.NewEncoder(w).Encode(v) }
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/instance", reply(map[string]any{"version": "4.3.0"}))
	mux.HandleFunc("POST /api/v1/apps", reply(map[string]any{"id": "1", "client_id": "an-id", "client_secret": "a-secret"}))
	mux.HandleFunc("POST /oauth/token", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("code") != "right" || r.FormValue("client_secret") != "a-secret" {
			w.WriteHeader(400)
			json.NewEncoder(w).Encode(map[string]any{"error": "the code is wrong"})
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"access_token": "the-token"})
	})
	mux.HandleFunc("GET /api/v1/accounts/verify_credentials", reply(map[string]any{"id": "7", "acct": "jane"}))
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// A person begins, comes back with the code, and has a token that only the
// bridge can read.
func TestMastodonLogin(t *testing.T) {
	url := instance(t)
	s := newServer(t, nil)
	begin := func() Begun {
		t.Helper()
		var b Begun
		out := call(t, s, "mastodon_begin", `{"server":"`+url+`"}`)
		if err := json.Unmarshal([]byte(out), &b); err != nil || b.Server != url || !strings.HasPrefix(b.Address, url+"/oauth/authorize?") || strings.Contains(out, "a-secret") {
			t.Fatalf("%v, %s", err, out)
		}
		return b
	}
	finish := func(handle, code string) string {
		return call(t, s, "mastodon_finish", `{"handle":"`+handle+`","code":"`+code+`","name":"pub"}`)
	}
	old := begin()
	b := begin()
	if fi, err := os.Stat(s.Pending); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: want mode 0600", fi, err)
	}
	if out := finish(old.Handle, "right"); !strings.Contains(out, `"login-gone"`) {
		t.Errorf("a login that another one has replaced: %s", out)
	}
	defer syscall.Umask(syscall.Umask(0o077)) // rpcd's
	if out := finish(b.Handle, "wrong"); !strings.Contains(out, "the code is wrong") || !strings.Contains(out, `"login-code"`) {
		t.Errorf("a wrong code: %s", out)
	}
	file := filepath.Join(s.Tokens, "pub.token")
	out := finish(b.Handle, "right")
	var f Finished
	if err := json.Unmarshal([]byte(out), &f); err != nil || f.Account != "jane" || f.Server != url || f.Token != file || strings.Contains(out, "the-token") {
		t.Errorf("%v, %s", err, out)
	}
	if b, _ := os.ReadFile(file); string(b) != "the-token\n"+url+"\n" {
		t.Errorf("the file has %q", b)
	}
	if fi, err := os.Stat(file); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: want mode 0600", fi, err)
	}
	if fi, err := os.Stat(s.Tokens); err != nil || fi.Mode().Perm() != 0o755 {
		t.Errorf("the folder: %v, %v: the bridge could not get in", fi.Mode(), err)
	}
	if out := finish(b.Handle, "right"); !strings.Contains(out, `"login-gone"`) {
		t.Errorf("a second time: %s", out)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(s.Pending), ".snsbridge-*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

func TestLoginElsewhere(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	out := call(t, newServer(t, nil), "mastodon_begin", `{"server":"`+server.URL+`"}`)
	if !strings.Contains(out, `"login-server"`) || !strings.Contains(out, "404") {
		t.Errorf("a server that is none for Mastodon apps: %s", out)
	}
}
