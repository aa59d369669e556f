package gallery

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"snsbridge/src/photo"
	"snsbridge/src/spool"
)

// What an address of the spool shows never changes. In the photo folder another
// photo can get the name of one that was deleted: cameras begin again with
// SAM_0001.JPG.
const (
	forever = "private, max-age=31536000, immutable"
	renewed = "private, no-cache"
)

// find returns a file of an item in the spool, by ID/PATH.
func (p *Page) find(name string) (*spool.Item, spool.File, error) {
	id, path, _ := strings.Cut(name, "/")
	it, err := p.Control.Spool.Get(id)
	if err != nil {
		return nil, spool.File{}, err
	}
	for _, f := range it.Files {
		if f.Path == path {
			return it, f, nil
		}
	}
	return nil, spool.File{}, fmt.Errorf("%w: %s", spool.ErrNotFound, name)
}

// file serves a photo or video of the spool, in pieces if a browser asks for
// these.
func (p *Page) file(w http.ResponseWriter, r *http.Request, name string) {
	it, f, err := p.find(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	disk, err := p.Control.Spool.OpenFile(it.ID, f)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer disk.Close()
	w.Header().Set("Cache-Control", forever)
	serve(w, r, disk, f.Name, it.ID+"-"+f.Path)
}

// thumb serves the small picture in a photo of the spool.
func (p *Page) thumb(w http.ResponseWriter, r *http.Request, name string) {
	it, f, err := p.find(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", forever)
	p.serveThumb(w, r, f.Size, func() (io.ReaderAt, io.Closer, error) {
		disk, err := p.Control.Spool.OpenFile(it.ID, f)
		return disk, disk, err
	})
}

// serveThumb serves the small picture in a file, or says that there is none.
func (p *Page) serveThumb(w http.ResponseWriter, r *http.Request, size int64, open func() (io.ReaderAt, io.Closer, error)) {
	small, err := p.smallOf(size, open)
	switch {
	case err != nil:
		http.Error(w, "The photo cannot be read.", http.StatusInternalServerError)
		return
	case small == nil:
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", photo.JPEG)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(small))
}

// smallOf looks for one thumbnail at a time: each takes up to 128 KiB, and
// browsers ask for dozens at once.
func (p *Page) smallOf(size int64, open func() (io.ReaderAt, io.Closer, error)) ([]byte, error) {
	p.looking.Lock()
	defer p.looking.Unlock()
	from, file, err := open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return photo.Thumbnail(from, size)
}

// serve serves a file as what its first bytes say that it is, and as nothing
// that a browser would run. What browsers cannot show is saved.
func serve(w http.ResponseWriter, r *http.Request, f io.ReadSeeker, name, tag string) {
	head := make([]byte, photo.HeadSize)
	n, _ := io.ReadFull(f, head)
	typ := photo.Type(head[:n])
	disposition := "inline"
	if typ != photo.JPEG && typ != photo.MP4 || r.URL.Query().Has("download") {
		disposition = "attachment"
	}
	h := w.Header()
	h.Set("Content-Type", typ)
	h.Set("Content-Disposition", disposition+`; filename="`+asciiName(name)+`"; filename*=UTF-8''`+url.PathEscape(name))
	h.Set("ETag", quoted(tag))
	http.ServeContent(w, r, "", time.Time{}, f)
}

func quoted(tag string) string { return `"` + url.PathEscape(tag) + `"` }

// asciiName is a name for browsers that know no other.
func asciiName(name string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || strings.ContainsRune(`"\%`, c) {
			return '_'
		}
		return c
	}, name)
}
