package mastodon

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snsbridge/src/spool"
)

func TestLogin(t *testing.T) {
	for _, c := range []struct{ reason, instance, scope string }{
		{"Mastodon: no more rights than are needed", fakeInstance, "write:media write:statuses read:accounts read:statuses"},
		{"Pixelfed has two kinds of rights", `{"version":"3.5.3 (compatible; Pixelfed 0.12.4)"}`, "read write"},
	} {
		fake := newFakeServer(t)
		fake.instance = c.instance
		var asked url.Values
		fake.on("POST /api/v1/apps", func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
			r.ParseForm()
			asked = r.PostForm
			next(w, r)
		})
		m := &Account{BaseURL: fake.URL}
		login, err := m.Login(t.Context(), "snsbridge", "https://example.org")
		if err != nil {
			t.Fatalf("%s: %v", c.reason, err)
		}
		u, err := url.Parse(login.Address)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		if u.Path != "/oauth/authorize" || q.Get("client_id") != "an id" || q.Get("scope") != c.scope || q.Get("redirect_uri") != noRedirect {
			t.Errorf("%s: the address is %s", c.reason, login.Address)
		}
		if asked.Get("scopes") != c.scope || asked.Get("client_name") != "snsbridge" || asked.Get("redirect_uris") != noRedirect {
			t.Errorf("%s: registered %v", c.reason, asked)
		}
		if _, _, err := m.Finish(t.Context(), login, "a wrong code"); err == nil || !strings.Contains(err.Error(), "grant is invalid") {
			t.Errorf("%s: a wrong code: %v", c.reason, err)
		} else if e, ok := err.(*spool.Error); !ok || e.Hint != codeHint {
			t.Errorf("%s: a wrong code leads to the hint %q", c.reason, e.Hint)
		}
		// Another process may bring the code.
		token, account, err := (&Account{BaseURL: login.BaseURL}).Finish(t.Context(), login, " the code\n")
		if err != nil || token != fakeToken || account != "jane" {
			t.Errorf("%s: got %q of %q, %v", c.reason, token, account, err)
		}
	}
}

func TestLoginElsewhere(t *testing.T) {
	fake := newFakeServer(t)
	for _, route := range []string{"GET /api/v2", "GET /api/v1", "POST /api"} {
		fake.always(route, fakeAnswer(404, "<html>"))
	}
	_, err := (&Account{BaseURL: fake.URL}).Login(t.Context(), "snsbridge", "")
	if e, ok := err.(*spool.Error); !ok || !strings.Contains(e.Hint, "address") {
		t.Errorf("a server that is no such server: %v", err)
	}
}

func TestURL(t *testing.T) {
	for _, c := range []struct{ typed, want string }{
		{"photog.social", "https://photog.social"},
		{" https://photog.social/@me \n", "https://photog.social"},
		{"https://photog.social:8443", "https://photog.social:8443"},
		{"http://localhost:3000/", "http://localhost:3000"},
		{"http://[::1]:3000", "http://[::1]:3000"},
		{"http://photog.social", ""},
		{"ftp://photog.social", ""},
		{"", ""},
		{"https://", ""},
		{"%zz", ""},
	} {
		got, err := URL(c.typed)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: got %q, %v, want %q", c.typed, got, err, c.want)
		}
	}
}

func TestToken(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("mastodon.secret", "abc\nhttps://photog.social\n", 0o600)
	write("new", "abc\r\nhttps://photog.social/\r\nclient\r\nsecret\r\n", 0o600)
	write("bare", "\uFEFFabc", 0o600)
	write("open", "abc\n", 0o644)
	write("other", "abc\nsome words\n", 0o600)
	write("empty", "\nabc\n", 0o600)
	write("page", "<html lang=en>\n", 0o600)
	jwt := "eyJ0eXAi." + strings.Repeat("x", 1000) + "." + strings.Repeat("y-_", 100)
	for _, c := range []struct {
		reason, value string
		want          Token
		ok            bool
	}{
		{"Mastodon.py's file", "mastodon.secret", Token{Token: "abc", BaseURL: "https://photog.social"}, true},
		{"an absolute name", filepath.Join(dir, "mastodon.secret"), Token{Token: "abc", BaseURL: "https://photog.social"}, true},
		{"its newer form", "new", Token{Token: "abc", BaseURL: "https://photog.social"}, true},
		{"a token alone", "bare", Token{Token: "abc"}, true},
		{"a second line that is no address", "other", Token{Token: "abc"}, true},
		{"a token of Mastodon", " " + strings.Repeat("a", 43), Token{Token: strings.Repeat("a", 43)}, true},
		{"a token of Pixelfed, too long for a file name", jwt, Token{Token: jwt}, true},
		{"nothing", "", Token{}, false},
		{"a file that is not there", "mastodon.secrets", Token{}, false},
		{"a path that is not there", "/etc/snsbridge/a-file-that-is-not-there.secret", Token{}, false},
		{"a file without a token", "empty", Token{}, false},
		{"a file that is something else", "page", Token{}, false},
		{"a folder", ".", Token{}, false},
	} {
		got, err := ReadToken(c.value, dir)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%s: got %+v, %v, want %+v", c.reason, got, err, c.want)
		}
	}
	if got, err := ReadToken("open", dir); err != nil || got.Token != "abc" || !strings.Contains(got.Warning, "chmod 600") {
		t.Errorf("a file that others can read: %+v, %v", got, err)
	}
}

func TestWriteToken(t *testing.T) {
	name := filepath.Join(t.TempDir(), "mastodon.secret")
	for _, token := range []string{"first", "second"} { // the second replaces one that others can read
		if err := WriteToken(name, token, "https://photog.social"); err != nil {
			t.Fatal(err)
		}
		got, err := ReadToken(name, "")
		if want := (Token{Token: token, BaseURL: "https://photog.social"}); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v without a warning", got, err, want)
		}
		if err := os.Chmod(name, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteToken(filepath.Join(name, "x"), "t", "u"); err == nil {
		t.Error("a folder that is none is no error")
	}
}
