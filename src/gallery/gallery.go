// Package gallery is what people see who open the bridge's address in a
// browser. Cameras never come here.
package gallery

import (
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
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
	h.Set("Content-Security-Policy", "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
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

// visible hides what begins with a dot from the lists of folders, and the page
// that net/http would show instead of a list.
type visible struct{ fs.FS }

func (v visible) Open(name string) (fs.File, error) {
	if strings.EqualFold(path.Base(name), "index.html") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	f, err := v.FS.Open(name)
	if dir, ok := f.(fs.ReadDirFile); ok && err == nil {
		return folder{dir}, nil
	}
	return f, err
}

// folder is an open file, and its list if it is a folder.
type folder struct{ fs.ReadDirFile }

func (d folder) Seek(offset int64, whence int) (int64, error) {
	return d.ReadDirFile.(io.Seeker).Seek(offset, whence)
}

func (d folder) ReadDir(n int) ([]fs.DirEntry, error) {
	entries, err := d.ReadDirFile.ReadDir(n)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") }), err
}
