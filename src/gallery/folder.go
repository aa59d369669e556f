package gallery

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"sort"
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
	if !fromHere(r) && !isVisit(r) {
		http.Error(w, "Other pages may not show these photos.", http.StatusForbidden)
		return
	}
	name := strings.Trim(path.Clean(r.URL.Path), "/")
	if f, fi, err := p.openPhoto(name); err == nil {
		defer f.Close()
		w.Header().Set("Content-Type", mediaType(name))
		http.ServeContent(w, r, "", fi.ModTime(), f)
		return
	}
	folder, err := p.openFolder(name)
	switch {
	case err != nil && name == "":
		http.Error(w, "The photo folder is not there.", http.StatusServiceUnavailable)
		return
	case err != nil:
		http.NotFound(w, r)
		return
	}
	defer folder.Close()
	if !strings.HasSuffix(r.URL.Path, "/") { // or the links of the list would lead astray
		w.Header().Set("Location", "./"+url.PathEscape(path.Base(name))+"/")
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	dir, err := folder.Open(".")
	if err != nil {
		http.Error(w, "This folder cannot be read.", http.StatusServiceUnavailable)
		return
	}
	defer dir.Close()
	list(w, dir, p.private())
}

// escaped makes a name text of a page. The package html does that, too, and
// brings the names of two thousand characters.
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// list writes what is in a folder, but for what begins with a dot or is private.
func list(w http.ResponseWriter, dir *os.File, private []fs.FileInfo) {
	entries, err := dir.ReadDir(-1)
	if err != nil {
		http.Error(w, "This folder cannot be read.", http.StatusServiceUnavailable)
		return
	}
	sort.Slice(entries, func(i, j int) bool { return entries[i].Name() < entries[j].Name() })
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	io.WriteString(w, "<!doctype html>\n<meta name=\"viewport\" content=\"width=device-width\">\n<pre>\n")
	for _, e := range entries {
		name := e.Name()
		if !isShown(name) || e.IsDir() && isPrivate(e, private) || !e.IsDir() && !e.Type().IsRegular() {
			continue
		}
		slash := ""
		if e.IsDir() {
			slash = "/"
		}
		fmt.Fprintf(w, "<a href=\"./%s%s\">%s%s</a>\n", url.PathEscape(name), slash, escaped.Replace(name), slash)
	}
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
