package photo

import (
	"encoding/binary"
	"strings"
	"unicode"
)

// Field types of TIFF 6.0 that are asked for by name, and the size of one value of each type.
const (
	tASCII     = 2
	tShort     = 3
	tLong      = 4
	tRational  = 5
	tUndefined = 7
	tSRational = 10
)

var typeSize = [...]uint64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4}

// tiff is the small TIFF file inside a segment (EXIF, or the index of a multi-picture file). It is
// held whole, at most 64 KiB, so every offset in it is checked against one length. Nothing follows
// a chain of directories, so there are no loops to guard against.
type tiff struct {
	b     []byte
	order binary.ByteOrder
}

// directory is one IFD: its entries of 12 bytes each, and the offset of the next one (0: none).
type directory struct {
	entries []byte
	next    uint32
}

// field is one entry of a directory with its value, in the file's byte order.
type field struct {
	tag, typ uint16
	count    uint32
	value    []byte
}

// openTIFF returns the first directory too; no TIFF gives an empty one.
func openTIFF(b []byte) (tiff, directory) {
	if len(b) < 8 {
		return tiff{}, directory{}
	}
	t := tiff{b: b}
	switch string(b[:4]) {
	case "II*\x00":
		t.order = binary.LittleEndian
	case "MM\x00*":
		t.order = binary.BigEndian
	default:
		return tiff{}, directory{}
	}
	return t, t.directory(t.order.Uint32(b[4:]))
}

// directory reads the IFD at off; one that runs out of the segment is cut there and has no next.
func (t tiff) directory(off uint32) directory {
	if off < 8 || uint64(off)+2 > uint64(len(t.b)) {
		return directory{}
	}
	b := t.b[off:]
	n := 12 * int(t.order.Uint16(b))
	b = b[2:]
	if n+4 > len(b) {
		return directory{entries: b[:min(n, len(b))/12*12]}
	}
	return directory{entries: b[:n], next: t.order.Uint32(b[n:])}
}

// field finds a tag; ok is false too if its value lies outside the segment.
func (t tiff) field(d directory, tag uint16) (f field, ok bool) {
	for e := d.entries; len(e) >= 12; e = e[12:] {
		if t.order.Uint16(e) != tag {
			continue
		}
		f = field{tag: tag, typ: t.order.Uint16(e[2:]), count: t.order.Uint32(e[4:])}
		if int(f.typ) >= len(typeSize) {
			return f, false
		}
		size := uint64(f.count) * typeSize[f.typ]
		if size <= 4 {
			f.value = e[8 : 8+size]
			return f, true
		}
		off := uint64(t.order.Uint32(e[8:]))
		if off+size > uint64(len(t.b)) {
			return f, false
		}
		f.value = t.b[off : off+size]
		return f, true
	}
	return f, false
}

// number returns a single SHORT or LONG, 0 if there is none.
func (t tiff) number(d directory, tag uint16) uint32 {
	f, ok := t.field(d, tag)
	switch {
	case ok && f.typ == tShort && f.count == 1:
		return uint32(t.order.Uint16(f.value))
	case ok && f.typ == tLong && f.count == 1:
		return t.order.Uint32(f.value)
	}
	return 0
}

// text returns a string up to its NUL, cleaned; "" if there is none.
func (t tiff) text(d directory, tag uint16) string {
	f, ok := t.field(d, tag)
	if !ok || f.typ != tASCII {
		return ""
	}
	return clean(f.value)
}

// maxText is enough for every text that may be shown; a longer one is damage or malice.
const maxText = 256

// clean cuts at the first NUL, and takes out what could move a cursor, hide or reverse other text.
func clean(b []byte) string {
	s, _, _ := strings.Cut(string(b[:min(len(b), maxText)]), "\x00")
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(s, ""))
	return strings.TrimSpace(s)
}
