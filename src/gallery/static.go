package gallery

import (
	"embed"
	"fmt"
	"hash/fnv"
	"net/http"
)

//go:embed page
var files embed.FS

// pageTypes are the page's own files, which are for everybody.
var pageTypes = map[string]string{
	"page.html": "text/html; charset=utf-8",
	"page.css":  "text/css; charset=utf-8",
	"page.js":   "text/javascript; charset=utf-8",
	"icon.svg":  "image/svg+xml",
}

// static serves one of the page's files as it is. Browsers keep it, and a second
// copy of it, compressed, would be of use only once for each phone; to compress
// it here takes 800 KiB of memory.
func (p *Page) static(w http.ResponseWriter, r *http.Request, name string) {
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "This page is only for reading.", http.StatusMethodNotAllowed)
		return
	}
	b, err := files.ReadFile("page/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	sum := fnv.New64a()
	sum.Write(b)
	tag := fmt.Sprintf(`"%x"`, sum.Sum64())
	h.Set("Content-Security-Policy", ownPage)
	h.Set("Cache-Control", "no-cache") // asked for each time, sent when it has changed
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", pageTypes[name])
	h.Set("Content-Length", fmt.Sprint(len(b)))
	w.Write(b)
}
