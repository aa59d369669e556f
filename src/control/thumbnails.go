package control

import (
	"io"
	"net/http"
	"strings"

	"snsbridge/src/photo"
	"snsbridge/src/spool"
)

// Thumbnails are the small pictures that an item's photos have in them, by the
// numbers of the files: JPEG, as the camera made it. Files without one are
// there, too.
type Thumbnails struct {
	Thumbnails map[int][]byte `json:"thumbnails"`
}

const (
	thumbnailsMost = 4        // files of an item whose pictures are looked for
	thumbnailMax   = 64 << 10 // bytes; larger ones are left out
)

// thumbnails reads the first photos of an item. What they hold is a camera's:
// it is read here, and not by root.
func (s *Server) thumbnails(r *http.Request) (any, error) {
	it, err := s.Spool.Get(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	t := Thumbnails{map[int][]byte{}}
	for i, f := range it.Files[:min(len(it.Files), thumbnailsMost)] {
		t.Thumbnails[i+1] = nil
		if strings.HasPrefix(f.Type, "image/") && it.Damaged == "" {
			t.Thumbnails[i+1] = s.thumbnail(it, f)
		}
	}
	return t, nil
}

// thumbnail returns nil if there is none, for whatever reason: a page does
// without.
func (s *Server) thumbnail(it *spool.Item, f spool.File) []byte {
	file, err := s.Spool.OpenFile(it.ID, f)
	if err != nil {
		return nil
	}
	defer file.Close()
	b, err := photo.Thumbnail(io.NewSectionReader(file, 0, f.Size), f.Size)
	if err != nil || len(b) > thumbnailMax {
		return nil
	}
	return b
}
