package photo

import (
	"encoding/binary"
	"io"
)

// Thumbnail returns the small JPEG that a photo's EXIF holds, ready for a browser: with the photo's
// orientation put into it, by which it stands upright (all browsers since 2020). Nothing is decoded. It is
// nil if the file has none, and else at most 64 KiB and a few bytes long. Whoever sent the file made its
// bytes: it begins as a JPEG does, more is not checked, so it must be served as JPEG and as nothing else.
// Errors are of r only.
func Thumbnail(r io.ReaderAt, size int64) ([]byte, error) {
	info, err := Read(r, size)
	if err != nil || info.Thumb.Length == 0 {
		return nil, err
	}
	head := upright(info.Orientation)
	out := make([]byte, len(head)+info.Thumb.Length-2)
	copy(out, head)
	// Its own start is the one of head.
	err = readFull(r, out[len(head):], info.Thumb.Offset+2)
	return out, err
}

// upright returns the start of a JPEG that is turned as EXIF's orientation says. An EXIF that follows in
// the thumbnail itself counts no more: the first one does.
func upright(orientation int) []byte {
	start := []byte{0xff, mSOI}
	if orientation <= 1 {
		return start
	}
	t := tiff{order: binary.BigEndian}
	exif := []byte("Exif\x00\x00")
	one := field{tag: 0x0112, typ: tShort, count: 1, value: []byte{0, byte(orientation)}}
	body, _ := t.appendDirectory([]byte("MM\x00*\x00\x00\x00\x08"), []field{one})
	exif = append(exif, body...)
	return append(append(start, 0xff, mAPP1, 0, byte(len(exif)+2)), exif...)
}
