package gallery

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What is in the photo folder without being a photo is not given away, by neither of the two ways
// to it: a link, a pipe, and the spool by another name.
func TestInside(t *testing.T) {
	r := newRig(t)
	r.Open = true
	r.store("day/SAM_1.JPG", "\xff\xd8 photo")
	r.store("day/A~1.JPG", "\xff\xd8 photo")
	r.store("SPOOL~1/phone.json", "secret") // here really called so
	r.Private = []string{filepath.Join(r.Stored, "SPOOL~1")}
	for name, to := range map[string]string{
		"day/in.JPG": "SAM_1.JPG", "day/out.JPG": "/etc/passwd", "day/spool": "../SPOOL~1",
		"day/secret.JPG": "../SPOOL~1/phone.json", "night": "day",
	} {
		if err := os.Symlink(to, filepath.Join(r.Stored, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(r.Stored, "day", "pipe.JPG"), 0o644); err != nil {
		t.Fatal(err)
	}
	r.login()
	ask := func(path string) *httptest.ResponseRecorder {
		t.Helper()
		answer := make(chan *httptest.ResponseRecorder, 1)
		go func() { answer <- r.get(path) }()
		select {
		case w := <-answer:
			return w
		case <-time.After(20 * time.Second):
			t.Fatalf("%s is not answered", path)
			return nil
		}
	}
	for name, want := range map[string]int{
		"day/SAM_1.JPG": 200, "day/A~1.JPG": 200,
		"day/in.JPG": 404, "day/out.JPG": 404, "day/secret.JPG": 404, "day/spool/phone.json": 404,
		"night/SAM_1.JPG": 404, "day/pipe.JPG": 404, "SPOOL~1/phone.json": 404,
	} {
		for _, way := range []string{"/", "/phone/stored/"} {
			if w := ask(way + name); w.Code != want || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%s%s: status %d, want %d; %.100q", way, name, w.Code, want, w.Body)
			}
		}
	}
	for folder, want := range map[string]int{"day": 200, "night": 404, "day/spool": 404, "SPOOL~1": 404} {
		for _, way := range []string{"/" + folder + "/", "/phone/api/stored?folder=" + folder} {
			if w := ask(way); w.Code != want {
				t.Errorf("%s: status %d, want %d", way, w.Code, want)
			}
		}
	}
	for _, way := range []string{"/", "/phone/api/stored", "/day/", "/phone/api/stored?folder=day"} {
		for _, hidden := range []string{"SPOOL", "spool", "in.JPG", "out.JPG", "pipe", "night"} {
			if body := ask(way).Body.String(); strings.Contains(body, hidden) {
				t.Errorf("%s lists %s: %s", way, hidden, body)
			}
		}
	}
	for _, name := range []string{"SPOOL~1/phone.json", "day/in.JPG", "night/SAM_1.JPG"} {
		if w := r.send(r.request("DELETE", "/phone/api/stored?path="+name, "")); w.Code != 404 {
			t.Errorf("%s is deleted: status %d", name, w.Code)
		}
	}
}

// FAT gives second names that no list has to what begins with a dot.
func TestAlias(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a~1"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, want := range map[string]bool{"a~1": false, "A~1": true, "SPOOL~1": true, "plain": false} {
		if got := isAlias(root, name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// Other pages show no photos of the open folder; a person may follow a link to it.
func TestOpenFolderIsNotForOtherPages(t *testing.T) {
	r := newRig(t)
	r.Open = true
	r.store("day/SAM_1.JPG", "\xff\xd8 photo")
	for _, c := range []struct {
		why    string
		header map[string]string
		status int
	}{
		{"a camera's owner with an old browser", nil, 200},
		{"typed", map[string]string{"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"a link of another page", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}, 200},
		{"a picture in another page", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403},
		{"a frame in another page", map[string]string{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403},
		{"a script of another page", map[string]string{"Origin": "http://evil.example"}, 403},
	} {
		for _, path := range []string{"/", "/day/", "/day/SAM_1.JPG"} {
			q := r.request("GET", path, "")
			for name, value := range c.header {
				q.Header.Set(name, value)
			}
			w := r.send(q)
			if w.Code != c.status {
				t.Errorf("%s: %s: status %d, want %d", c.why, path, w.Code, c.status)
			}
			if got := w.Header().Get("Cross-Origin-Resource-Policy"); got != "same-origin" {
				t.Errorf("%s: %s: the policy is %q", c.why, path, got)
			}
		}
	}
	for _, path := range []string{"/phone", "/phone/page.js", "/phone/api/session"} {
		if got := r.get(path).Header().Get("Cross-Origin-Resource-Policy"); got != "same-origin" {
			t.Errorf("%s: the policy is %q", path, got)
		}
	}
}
