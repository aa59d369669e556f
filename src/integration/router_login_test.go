//go:build integration

package integration

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// loginServer is as much of a Mastodon server as a login needs.
func loginServer(tb testing.TB) string {
	mux := http.NewServeMux()
	for pattern, answer := range map[string]string{
		"GET /api/v2/instance":                    `{"version": "4.3.0"}`,
		"POST /api/v1/apps":                       `{"id": "1", "client_id": "an-id", "client_secret": "a-secret"}`,
		"POST /oauth/token":                       `{"access_token": "the-token"}`,
		"GET /api/v1/accounts/verify_credentials": `{"id": "7", "acct": "jane"}`,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, answer) })
	}
	server := httptest.NewServer(mux)
	tb.Cleanup(server.Close)
	return server.URL
}

// TestInitLogin: who logs in on a router does what is printed, and has an
// account whose token the bridge can read.
func TestInitLogin(t *testing.T) {
	r, url := newRouter(t), loginServer(t)
	name := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, strings.TrimPrefix(url, "http://"))
	token := "/etc/snsbridge/" + name + ".token"
	login := func(args string) said {
		return r.shell("-c", "umask 077; cd /; snsbridge mastodon-login --code right "+args+" "+url)
	}
	s := login("")
	if !strings.Contains(s.output, "Logged in as jane. The token is in "+token+"; tell the settings:") || !strings.Contains(s.output, "\n  uci commit snsbridge\n  /etc/init.d/snsbridge reload\n") {
		t.Fatal(s.output)
	}
	if got := r.read(token); got != "the-token\n"+url+"\n" {
		t.Errorf("the token's file has %q", got)
	}
	r.mode(token, 0o600, routerUser)
	r.mode("/etc/snsbridge", os.ModeDir|0o755, 0)

	section := "" // as uci makes it
	for line := range strings.Lines(s.output) {
		if typ, ok := strings.CutPrefix(strings.TrimSpace(line), "uci add snsbridge "); ok {
			section += "config " + typ + "\n"
		}
		at, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if at, ok2 := strings.CutPrefix(at, "uci set snsbridge."); ok && ok2 {
			if _, option, ok := strings.Cut(at, "."); ok {
				section += "\toption " + option + " " + value + "\n"
			} else {
				section += "config " + value + " '" + at + "'\n"
			}
		}
	}
	r.uci(section)
	if s := r.init("start"); s.service.instance == nil || strings.Contains(s.output, "mastodon") || !strings.Contains(r.read(routerConf), `TOKEN = "`+token+`"`) {
		t.Errorf("with\n%s\nit says %s\n%s", section, s.output, r.read(routerConf))
	}

	// As a file is that root has made by hand.
	if err := os.Chown(r.at(token), 0, 0); err != nil {
		t.Fatal(err)
	}
	warning := "mastodon." + name + ": the user snsbridge cannot read " + token + ": its posts will wait; run chown snsbridge " + token
	if s := r.init("reload"); s.service.instance == nil || !strings.Contains(s.output, warning) {
		t.Errorf("of a token that only root can read the log says %q, want %q", s.output, warning)
	}
	if s := r.init("doctor"); !strings.Contains(flat(s.output), warning) {
		t.Errorf("doctor says\n%s", s.output)
	}
	if s := login(""); !strings.Contains(s.output, token+"; now run /etc/init.d/snsbridge restart.") {
		t.Errorf("a second login says\n%s", s.output)
	}
	r.mode(token, 0o600, routerUser)
	if err := os.Chmod(r.at("/etc/snsbridge"), 0o700); err != nil {
		t.Fatal(err)
	}
	if s := r.init("reload"); !strings.Contains(s.output, "since /etc/snsbridge is closed to it") {
		t.Errorf("of a closed folder the log says %q", s.output)
	}
	if s := login("--out /etc/pub.token"); !strings.Contains(s.output, "uci set snsbridge.pub.token='/etc/pub.token'") {
		t.Errorf("a file that was named: %s", s.output)
	}
	r.mode("/etc/pub.token", 0o600, routerUser)
}

// TestInitTokens: what the init script starts removes the token of an account
// that was deleted, and only when there are settings that are right.
func TestInitTokens(t *testing.T) {
	r := newRouter(t)
	shipped := r.read("/etc/config/snsbridge")
	if err := os.MkdirAll(r.at("/etc/snsbridge"), 0o755); err != nil {
		t.Fatal(err)
	}
	const deleted, begun, forgotten = "/etc/snsbridge/deleted.token", "/etc/snsbridge/begun.token", "/etc/snsbridge/forgotten.token"
	for _, file := range []string{deleted, begun, forgotten} {
		r.write(file, "the-token\nhttps://photog.example\n")
	}
	week := time.Now().Add(-7 * 24 * time.Hour)
	if err := os.Chtimes(r.at(forgotten), week, week); err != nil {
		t.Fatal(err)
	}
	left := func() (list []string) {
		for _, file := range []string{deleted, begun, forgotten} {
			if r.read(file) != "" {
				list = append(list, file)
			}
		}
		return list
	}
	want := func(when string, files ...string) {
		t.Helper()
		if got := left(); !slices.Equal(got, files) {
			t.Errorf("%s there are %q, want %q", when, got, files)
		}
	}
	r.uci("config mastodon 'deleted'\n\toption token '" + deleted + "'\nconfig bananas")
	if s := r.init("start"); s.service.instance != nil {
		t.Fatal(s.output)
	}
	want("after a start with wrong settings", deleted, begun, forgotten)
	r.write("/etc/config/snsbridge", shipped+"\nconfig mastodon 'deleted'\n\toption token '"+deleted+"'\n")
	r.write("/etc/config/other", shipped)
	if s := r.shell("-c", "snsbridge config --start snsbridge --uci /etc/config/other </network.json"); !strings.Contains(s.output, "\n# 10.23.42.99 ") {
		t.Fatal(s.output)
	}
	want("after a try of other settings", deleted, begun, forgotten)
	if s := r.init("start"); s.service.instance == nil {
		t.Fatal(s.output)
	}
	want("with its account", deleted, begun)
	r.write("/etc/config/snsbridge", shipped)
	if s := r.init("reload"); s.service.instance == nil {
		t.Fatal(s.output)
	}
	want("without it", begun)
}
