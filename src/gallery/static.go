package gallery

import (
	_ "embed"
	"fmt"
	"hash/fnv"
	"net/http"
)

// A variable each: embed's file system comes with 14 KB for what a map does.
var (
	//go:embed page/page.html
	pageHTML []byte
	//go:embed page/page.css
	pageCSS []byte
	//go:embed page/page.js
	pageJS []byte
	//go:embed page/why.js
	pageWhy []byte
	//go:embed page/icon.svg
	pageIcon []byte
)

type pageFile struct {
	kind string // media type
	data []byte
}

// pageFiles are the page's own files, which are for everybody.
var pageFiles = map[string]pageFile{
	"page.html": {"text/html; charset=utf-8", pageHTML},
	"page.css":  {"text/css; charset=utf-8", pageCSS},
	"page.js":   {"text/javascript; charset=utf-8", pageJS},
	"why.js":    {"text/javascript; charset=utf-8", pageWhy},
	"icon.svg":  {"image/svg+xml", pageIcon},
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
	file, ok := pageFiles[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	sum := fnv.New64a()
	sum.Write(file.data)
	tag := fmt.Sprintf(`"%x"`, sum.Sum64())
	h.Set("Content-Security-Policy", ownPage)
	h.Set("Cache-Control", "no-cache") // asked for each time, sent when it has changed
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", file.kind)
	h.Set("Content-Length", fmt.Sprint(len(file.data)))
	w.Write(file.data)
}
