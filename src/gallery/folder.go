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

// download serves the photo folder as INSECURE_DOWNLOAD asks for. A file is
// never shown as anything but a photo or a video, whatever its name or bytes
// pretend.
func (p *Page) download(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "This folder is only for reading.", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Security-Policy", openFolder)
	for elem := range strings.SplitSeq(r.URL.Path, "/") {
		if strings.HasPrefix(elem, ".") { // the spool, and what is half copied
			http.NotFound(w, r)
			return
		}
	}
	root, err := os.OpenRoot(p.Stored)
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

const openFolder = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"

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
