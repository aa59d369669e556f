// Package gallery is what people see who open the bridge's address in a
// browser. Cameras never come here.
package gallery

import (
	"io/fs"
	"net/http"
	"os"
	"path"
	"strings"
)

// Page answers browsers.
type Page struct {
	// Folder is given away to everybody who asks, if it is not empty.
	Folder string
}

// ServeHTTP answers one request.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "This address takes photos from Samsung cameras.", http.StatusMethodNotAllowed)
		return
	}
	switch {
	case p.Folder != "":
		p.download(w, r)
	case r.URL.Path == "/":
		h.Set("Content-Type", "text/plain; charset=utf-8")
		w.Write([]byte("snsbridge is ready: Samsung cameras can send their photos.\n"))
	default:
		http.NotFound(w, r)
	}
}

// download serves the photo folder as INSECURE_DOWNLOAD asks for. A file is
// never shown as anything but a photo or a video, whatever its name or bytes
// pretend.
func (p *Page) download(w http.ResponseWriter, r *http.Request) {
	for elem := range strings.SplitSeq(r.URL.Path, "/") {
		if strings.HasPrefix(elem, ".") { // the spool, and what is half copied
			http.NotFound(w, r)
			return
		}
	}
	root, err := os.OpenRoot(p.Folder)
	if err != nil {
		http.Error(w, "The photo folder is not there.", http.StatusServiceUnavailable)
		return
	}
	defer root.Close()
	if !strings.HasSuffix(r.URL.Path, "/") {
		w.Header().Set("Content-Type", mediaType(r.URL.Path))
	}
	http.FileServerFS(visible{root.FS()}).ServeHTTP(w, r)
}

func mediaType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".mp4":
		return "video/mp4"
	}
	return "application/octet-stream"
}

// visible hides what begins with a dot from the lists of folders.
type visible struct{ fs.FS }

func (v visible) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(v.FS, name)
	shown := entries[:0]
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			shown = append(shown, e)
		}
	}
	return shown, err
}
