package photo

import "encoding/binary"

// box is a part of a container file: an MP4 box (ISO 14496-12) or an AVI chunk (RIFF).
type box struct {
	name      string // four letters; for RIFF and LIST chunks eight, with the type of list that data begins with
	data, end int64  // what it holds; end may lie beyond a file that was cut
	open      bool   // no length is written: it goes on to the end of whatever it is in
}

// maxBoxes ends a walk: a camera writes a dozen at each level.
const maxBoxes = 4096

// padding is no header, though it would pass for a box without length.
const padding = "\x00\x00\x00\x00\x00\x00\x00\x00"

// mp4Box reads the header at pos; ok is false if that cannot be one.
func mp4Box(w *window, pos, end int64) (b box, ok bool, err error) {
	h, err := w.from(pos, 16)
	h = h[:min(int64(len(h)), max(end-pos, 0))]
	if err != nil || len(h) < 8 || string(h[:8]) == padding {
		return box{}, false, err
	}
	b = box{name: string(h[4:8]), data: pos + 8}
	size := uint64(binary.BigEndian.Uint32(h))
	switch {
	case size == 0:
		b.open = true
		size = uint64(end - pos)
	case size == 1 && len(h) < 16:
		return box{}, false, nil
	case size == 1:
		size = binary.BigEndian.Uint64(h[8:])
		b.data = pos + 16
	}
	if size > 1<<62 || int64(size) < b.data-pos {
		return box{}, false, nil
	}
	b.end = pos + int64(size)
	return b, true, nil
}

// aviBox is mp4Box for RIFF. The length 0 is what a recorder writes first and corrects at the end.
func aviBox(w *window, pos, end int64) (b box, ok bool, err error) {
	h, err := w.from(pos, 12)
	h = h[:min(int64(len(h)), max(end-pos, 0))]
	if err != nil || len(h) < 8 || string(h[:8]) == padding {
		return box{}, false, err
	}
	b = box{name: string(h[:4]), data: pos + 8}
	b.end = b.data + int64(binary.LittleEndian.Uint32(h[4:]))
	if b.name == "RIFF" || b.name == "LIST" {
		if len(h) < 12 {
			return box{}, false, nil
		}
		b.name += string(h[8:12])
		if b.open = b.end == b.data; b.open {
			b.end = end
		}
		if b.end < b.data+4 {
			return box{}, false, nil
		}
	}
	if (b.end-pos)%2 == 1 && b.end < end {
		b.end++ // chunks are padded to even lengths
	}
	return b, true, nil
}
