package gallery

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"snsbridge/src/durable"
)

// The photo folder can have any number of photos. It is shown one folder at a
// time, and of that one page: no list is held, sorted or sent that grows with
// what is there.
const (
	storedPage  = 60
	storedChunk = 256 // names read at a time
)

// stored is a page of a folder. Folders come first, then files, each by name,
// the last first: so are dates and the cameras' numbers.
type stored struct {
	Folder  string        `json:"folder"` // relative, with slashes; "": the photo folder itself
	Entries []storedEntry `json:"entries"`
	More    bool          `json:"more"` // ask with before, the key of the last
}

type storedEntry struct {
	Key    string     `json:"key"`
	Name   string     `json:"name"`
	Folder bool       `json:"is_folder"`
	Bytes  int64      `json:"bytes"`
	Time   *time.Time `json:"time"` // when it was written; null: the clock was not set
}

// key sorts files below folders.
func (e *storedEntry) key() string {
	if e.Folder {
		return "/" + e.Name
	}
	return "." + e.Name
}

// list answers with one page of a folder.
func (p *Page) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	folder, before := q.Get("folder"), q.Get("before")
	root, err := p.openFolder(folder)
	if err != nil {
		refuse(w, http.StatusNotFound, "not-found", "there is no such folder")
		return
	}
	defer root.Close()
	v, err := page(root, before, p.private())
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, "storage", err.Error())
		return
	}
	v.Folder = folder
	reply(w, http.StatusOK, v)
}

// page returns the entries of a folder that come after a key.
func page(root *os.Root, before string, private []fs.FileInfo) (*stored, error) {
	dir, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	v := &stored{Entries: []storedEntry{}}
	for {
		chunk, err := dir.ReadDir(storedChunk)
		for _, d := range chunk {
			e := storedEntry{Name: strings.Clone(d.Name()), Folder: d.IsDir()}
			if e.Key = e.key(); !d.IsDir() && !d.Type().IsRegular() || !isShown(e.Name) || before != "" && e.Key >= before {
				continue
			}
			if d.IsDir() && isPrivate(d, private) {
				continue
			}
			at, _ := slices.BinarySearchFunc(v.Entries, e, func(a, b storedEntry) int { return strings.Compare(b.Key, a.Key) })
			if at == storedPage {
				v.More = true
				continue
			}
			v.Entries = slices.Insert(v.Entries, at, e)
			if len(v.Entries) > storedPage {
				v.Entries, v.More = v.Entries[:storedPage], true
			}
		}
		if err == io.EOF || len(chunk) == 0 {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	for i := range v.Entries {
		if fi, err := root.Lstat(v.Entries[i].Name); err == nil {
			v.Entries[i].Bytes, v.Entries[i].Time = fi.Size(), believed(fi.ModTime())
		}
	}
	return v, nil
}

// believed leaves out a time of a clock that was not set.
func believed(t time.Time) *time.Time {
	if t.Year() < 2026 {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}

func (p *Page) storedFile(w http.ResponseWriter, r *http.Request, name string) {
	f, fi, err := p.openPhoto(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	w.Header().Set("Cache-Control", renewed)
	serve(w, r, f, path.Base(name), tagOf(fi))
}

// tagOf tells a file from one that takes its name later.
func tagOf(fi fs.FileInfo) string {
	return fmt.Sprintf("%s-%d-%d", fi.Name(), fi.Size(), fi.ModTime().UnixNano())
}

func (p *Page) storedThumb(w http.ResponseWriter, r *http.Request, name string) {
	f, fi, err := p.openPhoto(name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	tag := quoted(tagOf(fi))
	w.Header().Set("Cache-Control", renewed)
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		f.Close()
		w.WriteHeader(http.StatusNotModified)
		return
	}
	p.serveThumb(w, r, fi.Size(), func() (io.ReaderAt, io.Closer, error) { return f, f, nil })
}

// remove deletes one photo of the photo folder.
func (p *Page) remove(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("path")
	f, _, err := p.openPhoto(name)
	if err != nil {
		refuse(w, http.StatusNotFound, "not-found", "there is no such photo")
		return
	}
	f.Close()
	dir, base := path.Split(name)
	folder, err := p.openFolder(strings.TrimSuffix(dir, "/"))
	if err == nil {
		err = durable.Remove(folder, base)
		folder.Close()
	}
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, "storage", err.Error())
		return
	}
	p.Door.Log.Info("deleted by a person", "stored", name)
	reply(w, http.StatusOK, map[string]string{"removed": name})
}
