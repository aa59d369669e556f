package photo

import (
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"testing"
	"testing/iotest"
)

func decode(t testing.TB, b []byte) image.Image {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("decode: %v", err)
	}
	return img
}

func samePixels(a, b image.Image) bool {
	if x, ok := a.(*image.YCbCr); ok {
		y, ok := b.(*image.YCbCr)
		return ok && x.Rect == y.Rect && bytes.Equal(x.Y, y.Y) && bytes.Equal(x.Cb, y.Cb) && bytes.Equal(x.Cr, y.Cr)
	}
	if a.Bounds() != b.Bounds() {
		return false
	}
	for y := a.Bounds().Min.Y; y < a.Bounds().Max.Y; y++ {
		for x := a.Bounds().Min.X; x < a.Bounds().Max.X; x++ {
			if a.At(x, y) != b.At(x, y) {
				return false
			}
		}
	}
	return true
}

func TestPublicPhoto(t *testing.T) {
	for name, b := range builders {
		t.Run(name, func(t *testing.T) {
			photo := b.secret()
			if got := leaks(photo); len(got) < len(needles)+1 {
				t.Fatalf("the test photo holds only %q", got)
			}
			picture := len(photo)
			photo = append(photo, b.secret()...) // a preview behind the picture
			before := bytes.Clone(photo)
			out := public(t, photo)

			if !bytes.Equal(photo, before) {
				t.Error("the original was changed")
			}
			if len(out) != len(photo) {
				t.Errorf("length: got %d, want %d", len(out), len(photo))
			}
			if got := leaks(out); got != nil {
				t.Errorf("the public copy tells %q", got)
			}
			if !samePixels(decode(t, out), decode(t, photo)) {
				t.Error("the public copy shows another picture")
			}
			coded := len(plainJPEG(64, 48)) - 2
			if !bytes.Equal(out[picture-coded:picture], photo[picture-coded:picture]) {
				t.Error("bytes of the picture differ")
			}
			if n := len(bytes.Trim(out[picture:], "\x00")); n != 0 {
				t.Errorf("%d bytes are left behind the picture, want zeros", n)
			}
			if !bytes.Contains(out, []byte("ICC_PROFILE\x00\x01\x01colours")) {
				t.Error("the colour profile is gone")
			}
			if again := public(t, out); !bytes.Equal(again, out) {
				t.Error("the public copy of the public copy differs from it")
			}

			want := read(t, photo)
			want.Thumb = Thumb{}
			if got := read(t, out); got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// One EXIF is enough for every reader, and what is remembered of it must not add up.
func TestPublicSecondEXIF(t *testing.T) {
	one := exifSegment(builders["little-endian"].exif(nil))
	out := public(t, splice(plainJPEG(8, 8), one, one))
	if got := bytes.Trim(out[2+len(one)+4:2+2*len(one)], "\x00"); len(got) != 0 {
		t.Errorf("got %q, want zeros", got)
	}
}

func TestPublicOddJPEG(t *testing.T) {
	b := builders["little-endian"]
	told := exifSegment(b.exif(nil))
	plain := plainJPEG(16, 16)
	sos := bytes.Index(plain, []byte{0xff, mSOS})
	two := append(plain[:len(plain)-2:len(plain)-2], told...)
	two = append(two, plain[sos:]...)
	for _, c := range []struct {
		why  string
		file []byte
		want string // must still be there
	}{
		{"EXIF between two scans", two, string(plain[sos:])},
		{"no end, EXIF at the cut", append(plain[:len(plain)-2:len(plain)-2], told[:len(told)-5]...), string(plain[sos : len(plain)-2])},
		{"cut inside EXIF", splice(plain, told)[:300], "NX300"},
		{"a second start inside the first picture", append(plain[:len(plain)-2:len(plain)-2], splice(plain, told)...), string(plain[:len(plain)-2])},
		{"marker of an extension that nobody uses", splice(plain, segmentOf(mJPG, needles[0])), string(plain[sos:])},
		{"reserved marker with a payload", splice(plain, segmentOf(0x42, needles[0])), string(plain[sos:])},
		{"fill bytes between segments stay", splice(plain, []byte("\xff\xff\xff\xff"), told), "\xff\xff\xff\xff\xff\xe1"},
		{"stand-alone EXIF header in another spelling", splice(plain, segmentOf(mAPP1, "EXIF\x00\x00"+string(b.exif(nil)))), string(plain[sos:])},
		{"EXIF outside APP1", splice(plain, segmentOf(mAPP2, "Exif\x00\x00"+string(b.exif(nil)))), string(plain[sos:])},
		{"identifiers cut by their segment", splice(plain, segmentOf(mAPP0, "JF"), told), string(plain[sos:])},
		{"more segments than the list holds", splice(plain, bytes.Repeat(segmentOf(mAPP2, "x"), 2*maxPatches), told), ""},
	} {
		out := public(t, c.file)
		if got := leaks(out); got != nil || len(out) != len(c.file) {
			t.Errorf("%s: the public copy tells %q, length %d of %d", c.why, got, len(out), len(c.file))
		}
		if !bytes.Contains(out, []byte(c.want)) {
			t.Errorf("%s: bytes of the picture are gone", c.why)
		}
	}
}

// What NewPublic remembers does not grow with the file.
func TestPublicIsBounded(t *testing.T) {
	file := splice(plainJPEG(8, 8), bytes.Repeat(segmentOf(mAPP2, "x"), 2*maxPatches))
	r, err := NewPublic(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	under, _, _ := r.Outer()
	if n := len(under.(*patched).list); n != maxPatches {
		t.Errorf("got %d patches, want %d", n, maxPatches)
	}
}

// However a public copy is read, it is the same: in small reads, from the middle, beyond its end.
func TestPublicReadsAlike(t *testing.T) {
	photo := builders["big-endian"].secret()
	want := public(t, photo)
	r, err := NewPublic(bytes.NewReader(photo), int64(len(photo)))
	if err != nil {
		t.Fatal(err)
	}
	if err := iotest.TestReader(r, want); err != nil {
		t.Error(err)
	}
	for n := 1; n < 70; n += 17 {
		for off := 0; off+n <= len(want); off += 3 {
			p := make([]byte, n)
			if _, err := r.ReadAt(p, int64(off)); err != nil || !bytes.Equal(p, want[off:off+n]) {
				t.Fatalf("%d bytes at %d: got %q, %v, want %q", n, off, p, err, want[off:off+n])
			}
		}
	}
	if _, err := r.ReadAt(make([]byte, 1), int64(len(want))); err != io.EOF {
		t.Errorf("beyond the end: got %v, want EOF", err)
	}
}
