package photo

import (
	"errors"
	"io"
	"slices"
)

// ErrPrivate: no public copy can be made, because nobody knows where such a file keeps its secrets.
// It is so for every type but JPEG, MP4 and AVI, for a video with a track that is neither picture nor
// sound (where some cameras write the position, second by second), and for one damaged in its first bytes.
var ErrPrivate = errors.New("photo: no public copy can be made of this file, send it to a private target")

// NewPublic returns the copy of r that may be shown to everyone: as long as r, with the same picture
// and sound, but without the position, serial numbers, names of the owner, of faces and of places,
// and without the thumbnail, which may show more than the picture. r itself is not changed.
//
// A JPEG keeps everything that a decoder needs, its colour profile, and of the EXIF a list of fields: the
// camera and lens models, the exposure, the time, the orientation and the copyright line. All the
// rest is zeros: the GPS directory, owner, artist, serial numbers and ImageUniqueID, comments, XMP and
// IPTC. So is the whole maker note, where Samsung's cameras have fields for the names of places (the
// NX100, the NX mini) and faces (the NX1) and for the serial numbers of body and lens, as ExifTool's
// tables and published dumps show. Bytes after the end of the picture (previews,
// stereo partners, trailers) are zeros too, for they are files with an EXIF of their own.
//
// An MP4 or AVI keeps what plays; every other box or chunk becomes free space: udta with the
// position, and in Samsung's own @sec box of the WB30F a thumbnail with an EXIF of its own.
// What lies inside the coded picture and sound is not looked at.
//
// A file that cannot be followed is zeros from there on. Reading a JPEG once is the price of NewPublic,
// afterwards reading costs what reading r does. Memory: 96 KiB, then a list of at most 4096 places,
// in practice five. Errors are those of r, and ErrPrivate.
func NewPublic(r io.ReaderAt, size int64) (*io.SectionReader, error) {
	size = max(size, 0)
	head := make([]byte, min(size, HeadSize))
	if err := readFull(r, head, 0); err != nil {
		return nil, err
	}
	p := patches{size: size}
	var err error
	switch Type(head) {
	case JPEG:
		err = p.jpeg(newWindow(r, size, searchBuffer))
	case MP4:
		err = p.container(newWindow(r, size, walkBuffer), mp4Format, 0, size, mp4Format.keep)
	case AVI:
		err = p.container(newWindow(r, size, walkBuffer), aviFormat, 0, size, aviFormat.keep)
	default:
		err = ErrPrivate
	}
	if err == nil && len(p.list) > 0 && p.list[0].off == 0 {
		err = ErrPrivate // not even the first box can be followed: nothing would be left
	}
	if err != nil {
		return nil, err
	}
	return io.NewSectionReader(&patched{r: r, list: p.list}, 0, size), nil
}

// patch is a place that reads as data, then zeros up to end.
type patch struct {
	off, end int64
	data     []byte
}

// patches collects places in the order of the file. When there are too many, all the rest of the
// file becomes part of the last one.
type patches struct {
	size int64
	list []patch
	scan *scan // of a JPEG's first picture, once it was read
}

const maxPatches = 4096

func (p *patches) blank(off, end int64) { p.replace(off, end, nil) }

func (p *patches) replace(off, end int64, data []byte) {
	end = min(end, p.size)
	if off >= end {
		return
	}
	if n := len(p.list); n > 0 {
		last := &p.list[n-1]
		switch {
		case n == maxPatches:
			last.end = p.size
			return
		case last.end == off && data == nil:
			last.end = end
			return
		}
	}
	p.list = append(p.list, patch{off, end, data})
}

// patched reads r with the patches laid over it.
type patched struct {
	r    io.ReaderAt
	list []patch // in order, not overlapping
}

func (c *patched) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	end := off + int64(n)
	i, _ := slices.BinarySearchFunc(c.list, off, func(q patch, off int64) int {
		if q.end <= off {
			return -1
		}
		return 1
	})
	for ; i < len(c.list) && c.list[i].off < end; i++ {
		q := c.list[i]
		from := max(off, q.off)
		part := p[from-off : min(end, q.end)-off]
		clear(part)
		if skip := from - q.off; skip < int64(len(q.data)) {
			copy(part, q.data[skip:])
		}
	}
	return n, err
}
