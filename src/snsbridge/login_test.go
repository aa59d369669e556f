package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestMastodonLogin goes the way of a person who logs in, against a server
// with as much of Mastodon's API as that needs.
func TestMastodonLogin(t *testing.T) {
	t.Chdir(t.TempDir())
	reply := func(v map[string]any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { json.NewEncoder(w).Encode(v) }
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/instance", reply(map[string]any{"version": "4.3.0"}))
	mux.HandleFunc("GET /api/v1/instance", reply(map[string]any{"version": "4.3.0"}))
	mux.HandleFunc("POST /api/v1/apps", reply(map[string]any{"id": "1", "client_id": "an-id", "client_secret": "a-secret"}))
	mux.HandleFunc("POST /oauth/token", func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("code") != "right" {
			w.WriteHeader(400)
			json.NewEncoder(w).Encode(map[string]any{"error": "the code is wrong"})
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"access_token": "the-token"})
	})
	mux.HandleFunc("GET /api/v1/accounts/verify_credentials", reply(map[string]any{"id": "7", "acct": "jane"}))
	server := httptest.NewServer(mux)
	defer server.Close()
	login := func(typed string, args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		status := run(context.Background(), environ{strings.NewReader(typed), &out, &errs}, append([]string{"mastodon-login"}, args...))
		return status, out.String(), errs.String()
	}
	status, out, errs := login("right\n", server.URL)
	if status != 0 || !strings.Contains(out, server.URL+"/oauth/authorize?") || !strings.Contains(out, "Logged in as jane.") || strings.Contains(out, "the-token") {
		t.Errorf("status %d\n%s%s", status, out, errs)
	}
	if b, _ := os.ReadFile("mastodon.secret"); string(b) != "the-token\n"+server.URL+"\n" {
		t.Errorf("the file has %q", b)
	}
	if fi, err := os.Stat("mastodon.secret"); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want mode 0600", fi.Mode(), err)
	}
	os.Remove("mastodon.secret")
	for _, c := range []struct {
		why, typed string
		args       []string
		status     int
		want       string
	}{
		{"a wrong code", "wrong\n", []string{server.URL}, 1, "the code is wrong\nhint: Begin again"},
		{"no code", "", []string{server.URL}, 1, "there is no code"},
		{"no server", "", nil, 2, "which server?"},
		{"a server without TLS", "", []string{"http://mastodon.social"}, 1, "snsbridge: error: "},
	} {
		status, _, errs := login(c.typed, c.args...)
		if status != c.status || !strings.Contains(errs, c.want) {
			t.Errorf("%s: status %d, %q; want %d, %q", c.why, status, errs, c.status, c.want)
		}
		if _, err := os.Stat("mastodon.secret"); err == nil {
			t.Errorf("%s: a token was written", c.why)
		}
	}
}
