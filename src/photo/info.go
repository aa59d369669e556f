package photo

import (
	"encoding/binary"
	"io"
	"time"
)

// Info is what a file tells about itself. What it does not tell is zero.
type Info struct {
	Type string // one of the content types

	// Taken is the wall clock of the camera, which knows no time zone, written down as UTC. Zero if
	// unknown or before 2000, when none of these cameras was made: a clock never set.
	Taken time.Time

	Make, Model   string // at most 256 bytes, printable
	Orientation   int    // EXIF's 1 to 8, 0 if unknown
	Width, Height int    // of a JPEG as coded, before Orientation is applied

	Thumb Thumb
}

// Thumb is where in the file a small JPEG of the picture lies; Length 0 if there is none. It lies in
// the EXIF segment, so Length is below 64 KiB, and it begins as a JPEG does; more is not checked.
type Thumb struct {
	Offset int64
	Length int
}

// Limits of Read: what is further inside a file than this many headers is not found.
const (
	readSegments = 256
	readGarbage  = 64 << 10
	readBoxes    = 64
)

// Read tells what the file says about itself: a JPEG by its EXIF and frame header, an MP4 by the
// time in its movie header, any other file only by its type. It reads the EXIF segment (at most
// 64 KiB) and a few headers. Damaged or hostile contents make fields zero; errors are of r only.
//
// An MP4's time is taken as it stands: the standard asks for UTC, but a camera that knows no zone can
// only write its wall clock (inferred, not seen on each model).
func Read(r io.ReaderAt, size int64) (Info, error) {
	w := newWindow(r, size, walkBuffer)
	head, err := w.from(0, HeadSize)
	if err != nil {
		return Info{}, err
	}
	info := Info{Type: Type(head)}
	switch info.Type {
	case JPEG:
		err = info.readJPEG(w)
	case MP4:
		err = info.readMP4(w)
	}
	return info, err
}

func (info *Info) readJPEG(w *window) error {
	walk := segments{w: w, pos: 2, reach: readGarbage}
	seen := false
	for range readSegments {
		s, err := walk.next()
		if err != nil {
			return err
		}
		switch {
		case s.marker == 0 || s.marker == mEOI || s.marker == mSOS:
			return nil
		case s.isFrame():
			b, err := w.from(s.data, 5)
			if err != nil {
				return err
			}
			if len(b) >= 5 && s.end-s.data >= 5 {
				info.Height = int(binary.BigEndian.Uint16(b[1:]))
				info.Width = int(binary.BigEndian.Uint16(b[3:]))
			}
			return nil
		case s.marker == mAPP1 && !seen:
			b, err := readEXIF(w, s)
			if err != nil {
				return err
			}
			if seen = b != nil; seen {
				info.readEXIF(b, s.data+exifHeader)
			}
		}
	}
	return nil
}

// exifHeader is the length of what stands before the TIFF in an EXIF segment.
const exifHeader = int64(len("Exif\x00\x00"))

// readEXIF returns the TIFF in s, cut where the file is; nil if s holds something else.
func readEXIF(w *window, s segment) ([]byte, error) {
	n := min(s.end, w.size) - s.data
	id, err := w.from(s.data, int(exifHeader))
	if err != nil || n < exifHeader || string(id[:5]) != "Exif\x00" {
		return nil, err
	}
	b := make([]byte, n-exifHeader)
	return b, readFull(w.r, b, s.data+exifHeader)
}

// readEXIF takes the fields from the TIFF b, which lies in the file at offset at.
func (info *Info) readEXIF(b []byte, at int64) {
	t, d0 := openTIFF(b)
	info.Make = t.text(d0, 0x010f)
	info.Model = t.text(d0, 0x0110)
	if o := t.number(d0, 0x0112); o >= 1 && o <= 8 {
		info.Orientation = int(o)
	}
	exif := t.directory(t.number(d0, tagExif))
	info.Taken = wallClock(t.text(exif, 0x9003))
	if info.Taken.IsZero() {
		info.Taken = wallClock(t.text(d0, 0x0132))
	}
	d1 := t.directory(d0.next)
	off, n := uint64(t.number(d1, 0x0201)), uint64(t.number(d1, 0x0202))
	if n >= 4 && off+n <= uint64(len(b)) && b[off] == 0xff && b[off+1] == mSOI {
		info.Thumb = Thumb{Offset: at + int64(off), Length: int(n)}
	}
}

// wallClock reads EXIF's date and time, which have colons everywhere.
func wallClock(s string) time.Time {
	t, err := time.Parse("2006:01:02 15:04:05", s)
	if err != nil {
		return time.Time{}
	}
	return ifSet(t)
}

func ifSet(t time.Time) time.Time {
	if t.Year() < 2000 {
		return time.Time{}
	}
	return t
}

// readMP4 looks for moov and in it for mvhd, which is the first box there in practice.
func (info *Info) readMP4(w *window) error {
	pos, end, want := int64(0), w.size, "moov"
	for range readBoxes {
		b, ok, err := mp4Box(w, pos, end)
		if err != nil || !ok {
			return err
		}
		switch {
		case b.name != want:
			pos = b.end
		case want == "moov":
			pos, end, want = b.data, min(b.end, end), "mvhd"
		default:
			h, err := w.from(b.data, 12)
			if err == nil && len(h) >= 12 && b.end-b.data >= 12 {
				info.Taken = movieTime(h)
			}
			return err
		}
	}
	return nil
}

// movieTime reads the creation time from the start of mvhd: seconds since 1904, 32 or 64 bits by version.
func movieTime(h []byte) time.Time {
	sec := uint64(binary.BigEndian.Uint32(h[4:]))
	if h[0] == 1 {
		sec = binary.BigEndian.Uint64(h[4:])
	}
	if sec > 1<<36 { // the year 4081; JSON has no times after 9999
		return time.Time{}
	}
	const from1904to1970 = 2082844800
	return ifSet(time.Unix(int64(sec)-from1904to1970, 0).UTC())
}
