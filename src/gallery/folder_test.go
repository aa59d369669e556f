package gallery

import (
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
		{open, "GET", "/day/index.html", 301, ""},
		{open, "GET", "/.spool/items/1/item.json", 404, ""},
		{open, "GET", "/day/.part", 404, ""},
		{open, "GET", "/day/../.spool/items/1/item.json", 404, ""},
		{open, "GET", "/day/link.JPG", 500, ""},
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
