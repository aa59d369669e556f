package gallery

import (
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDownload shows what INSECURE_DOWNLOAD gives away, and as what: a file is
// a photo or a video or nothing, whatever a camera called it.
func TestDownload(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"day/SAM_1.JPG": "\xff\xd8", "day/index.html": "<script>", "day/x.svg": "<svg>",
		".spool/items/1/item.json": "secret", "day/.part": "half",
		"day/<script>.JPG": "\xff\xd8", "day/a:b?c#%41.JPG": "\xff\xd8",
	} {
		os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755)
		os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644)
	}
	os.Symlink("/etc/passwd", filepath.Join(dir, "day", "link.JPG"))
	open := newRig(t)
	open.Stored, open.Open = dir, true
	closed := newRig(t)
	closed.Stored = dir
	for _, c := range []struct {
		page   *rig
		method string
		path   string
		status int
		typ    string
	}{
		{open, "GET", "/day/SAM_1.JPG", 200, "image/jpeg"},
		{open, "GET", "/day/x.svg", 200, "application/octet-stream"},
		{open, "GET", "/day/", 200, "text/html; charset=utf-8"},
		{open, "GET", "/day/index.html", 200, "application/octet-stream"},
		{open, "GET", "/day", 301, ""},
		{open, "GET", "/.spool/items/1/item.json", 404, ""},
		{open, "GET", "/day/.part", 404, ""},
		{open, "GET", "/day/../.spool/items/1/item.json", 404, ""},
		{open, "GET", "/day/link.JPG", 404, ""},
		{open, "DELETE", "/day/SAM_1.JPG", 405, ""},
		{open, "GET", "/", 200, "text/html; charset=utf-8"},
		{open, "GET", "/phone", 200, "text/html; charset=utf-8"},
		{open, "GET", "/phone/api/queue", 401, ""},
		{closed, "GET", "/day/SAM_1.JPG", 404, ""},
		{closed, "GET", "/day/", 404, ""},
	} {
		w := c.page.send(c.page.request(c.method, c.path, ""))
		body := w.Body.String()
		if w.Code != c.status || c.typ != "" && w.Header().Get("Content-Type") != c.typ {
			t.Errorf("%s %s: status %d, type %q; want %d, %q", c.method, c.path, w.Code, w.Header().Get("Content-Type"), c.status, c.typ)
		}
		if c.typ == "application/octet-stream" {
			continue // for no browser to show
		}
		for _, bad := range []string{"<script>", "secret", "half", ".spool", ".part", "root:"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s %s shows %q: %s", c.method, c.path, bad, body)
			}
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "form-action 'none'") {
			t.Errorf("%s %s: headers %v", c.method, c.path, w.Header())
		}
	}
}

// TestList shows that every link of a list leads to what it names.
func TestList(t *testing.T) {
	r := newRig(t)
	r.Stored, r.Open = t.TempDir(), true
	names := []string{"SAM_1.JPG", "\"><b>.JPG", "a:b?c#%41.JPG", "javascript:x", "세트.JPG", "日"}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(r.Stored, name), []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(r.Stored, "a day"), 0o755); err != nil {
		t.Fatal(err)
	}
	page := r.send(r.request("GET", "/", "")).Body.String()
	found := 0
	for line := range strings.Lines(page) {
		link, ok := strings.CutPrefix(line, `<a href="`)
		if !ok {
			continue
		}
		found++
		link, text, _ := strings.Cut(link, `">`)
		name := html.UnescapeString(strings.TrimSuffix(text, "</a>\n"))
		if !strings.HasPrefix(link, "./") {
			t.Errorf("%q is no link within the folder", link)
		}
		w := r.send(r.request("GET", link[1:], ""))
		if name == "a day/" {
			if !strings.HasPrefix(w.Body.String(), "<!doctype html>") {
				t.Errorf("%s leads to %q", link, w.Body)
			}
		} else if w.Body.String() != name {
			t.Errorf("%s leads to %q, and is called %q", link, w.Body, name)
		}
	}
	if found != len(names)+1 {
		t.Errorf("%d links, want %d:\n%s", found, len(names)+1, page)
	}
}
