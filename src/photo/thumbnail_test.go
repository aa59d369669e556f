package photo

import (
	"bytes"
	"image/jpeg"
	"testing"
)

func thumbnailOf(t testing.TB, b []byte) []byte {
	t.Helper()
	small, err := Thumbnail(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Errorf("Thumbnail: %v", err)
	}
	return small
}

// turned is a photo with a thumbnail and an orientation.
func (b builder) turned(orientation uint16, thumb []byte) []byte {
	first := []entry{b.short(0x0112, orientation)}
	second := []entry{b.long(0x0201, 0), b.long(0x0202, uint32(len(thumb)))}
	return splice(plainJPEG(64, 48), exifSegment(b.tiff(thumb, first, second)))
}

func TestThumbnail(t *testing.T) {
	own := plainJPEG(16, 12)
	for name, b := range builders {
		t.Run(name, func(t *testing.T) {
			for _, c := range []struct {
				why         string
				orientation uint16
				thumb       []byte
				want        int // orientation that a browser finds
			}{
				{"upright: the bytes as they are", 1, own, 0},
				{"turned to the right", 6, own, 6},
				{"mirrored", 2, own, 2},
				{"no such orientation", 9, own, 0},
				{"its own orientation does not count", 8, splice(own, exifSegment(b.tiff(nil, []entry{b.short(0x0112, 3)}))), 8},
			} {
				got := thumbnailOf(t, b.turned(c.orientation, c.thumb))
				if info := read(t, got); info.Orientation != c.want || info.Width != 16 {
					t.Errorf("%s: a browser finds %+v, want orientation %d and 16 pixels", c.why, info, c.want)
				}
				if c.want == 0 && !bytes.Equal(got, c.thumb) {
					t.Errorf("%s: %d bytes differ from the %d put in", c.why, len(got), len(c.thumb))
				}
				if !bytes.HasSuffix(got, c.thumb[2:]) {
					t.Errorf("%s: the picture is not what was put in", c.why)
				}
				if _, err := jpeg.Decode(bytes.NewReader(got)); err != nil {
					t.Errorf("%s: cannot be decoded: %v", c.why, err)
				}
			}
		})
	}
}

func TestNoThumbnail(t *testing.T) {
	b := builders["little-endian"]
	for _, c := range []struct {
		why  string
		file []byte
	}{
		{"a photo without EXIF", plainJPEG(8, 8)},
		{"markup instead of a picture", b.turned(6, []byte("<html><script>"))},
		{"a video", movie("vide")},
		{"cut before it", b.turned(6, plainJPEG(16, 12))[:80]},
		{"nothing", nil},
	} {
		if got := thumbnailOf(t, c.file); got != nil {
			t.Errorf("%s: got %d bytes", c.why, len(got))
		}
	}
}

// A file that shrinks between two looks is an error, not half a picture.
func TestThumbnailShrinks(t *testing.T) {
	whole := builders["big-endian"].turned(6, plainJPEG(16, 12))
	at := read(t, whole).Thumb
	if _, err := Thumbnail(&shrinking{whole, at.Offset + 2}, int64(len(whole))); err == nil {
		t.Error("no error")
	}
}

// shrinking has only one byte left from the second read at an offset on.
type shrinking struct {
	b  []byte
	at int64
}

func (s *shrinking) ReadAt(p []byte, off int64) (int, error) {
	if off == s.at {
		return bytes.NewReader(s.b[:off+1]).ReadAt(p, off)
	}
	return bytes.NewReader(s.b).ReadAt(p, off)
}

func FuzzThumbnail(f *testing.F) {
	seeds(f)
	f.Add(builders["big-endian"].turned(6, plainJPEG(16, 12)))
	f.Fuzz(func(t *testing.T, b []byte) {
		small := thumbnailOf(t, b)
		if small == nil {
			return
		}
		if Type(small) != JPEG && !bytes.HasPrefix(small, []byte("\xff\xd8")) {
			t.Errorf("%d bytes that do not begin as a JPEG", len(small))
		}
		want := read(t, b).Orientation
		if got := read(t, small).Orientation; want > 1 && got != want {
			t.Errorf("orientation %d, want %d", got, want)
		}
		if len(small) > len(b)+64 || len(small) > 1<<16+64 {
			t.Errorf("%d bytes of %d", len(small), len(b))
		}
	})
}
