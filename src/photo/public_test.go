package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"slices"
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
			if want := bytes.Repeat([]byte("\x00"), len(b.exif(nil))); !bytes.Contains(out, want) {
				t.Error("the second EXIF is not blank")
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

// The EXIF of a public copy, byte by byte as the format asks for it.
func TestPublicEXIF(t *testing.T) {
	for name, b := range builders {
		t.Run(name, func(t *testing.T) {
			got := publicEXIF(b.exif(nil))
			d0 := tagsOf(t, b, got, 0)
			if want := []uint16{0x010f, 0x0110, 0x0112, 0x0131, 0x0132, 0x8298, 0x8769}; !slices.Equal(d0.tags, want) {
				t.Errorf("image: got %x, want %x", d0.tags, want)
			}
			d1 := tagsOf(t, b, got, d0.child)
			if want := []uint16{0x829a, 0x8827, 0x9000, 0x9003, 0xa001, 0xa002, 0xa005, 0xa432, 0xa434}; !slices.Equal(d1.tags, want) {
				t.Errorf("photo: got %x, want %x", d1.tags, want)
			}
			d2 := tagsOf(t, b, got, d1.child)
			if want := []uint16{1, 2}; !slices.Equal(d2.tags, want) {
				t.Errorf("interoperability: got %x, want %x", d2.tags, want)
			}
			for _, want := range [][]byte{
				[]byte("NX300\x00"), []byte("Copyright 2014\x00"), b.u32(1, 320), b.u32(50, 1, 150, 1, 28, 10, 28, 10),
			} {
				if !bytes.Contains(got, want) {
					t.Errorf("%q is missing", want)
				}
			}
		})
	}
}

type listed struct {
	tags  []uint16
	child uint32 // where the directory of tag 0x8769 or 0xa005 is
}

// tagsOf reads a directory of an EXIF payload without the package's reader; 0 is the first one.
func tagsOf(t *testing.T, b builder, payload []byte, at uint32) (l listed) {
	t.Helper()
	tiff := payload[6:]
	if at == 0 {
		at = b.order.Uint32(tiff[4:])
	}
	n := int(b.order.Uint16(tiff[at:]))
	for i := range n {
		e := tiff[int(at)+2+12*i:]
		tag := b.order.Uint16(e)
		l.tags = append(l.tags, tag)
		if tag == tagExif || tag == tagInterop {
			l.child = b.order.Uint32(e[8:])
		}
	}
	if next := b.order.Uint32(tiff[int(at)+2+12*n:]); next != 0 || at%2 != 0 {
		t.Errorf("directory at %d: next is %d, want 0 and an even place", at, next)
	}
	return l
}

func TestKeptTagsAscend(t *testing.T) {
	for name, table := range map[string][]keptTag{"image": keptImage, "exif": keptExif, "interop": keptInterop} {
		if !slices.IsSortedFunc(table, func(a, b keptTag) int { return int(a.tag) - int(b.tag) }) {
			t.Errorf("%s: tags do not ascend", name)
		}
	}
}

func TestPublicDamagedEXIF(t *testing.T) {
	b := builders["little-endian"]
	good := b.exif(b.thumbnail())
	change := func(at int, v string) []byte {
		out := bytes.Clone(good)
		copy(out[at:], v)
		return out
	}
	entryAt := func(tag uint16) int { return bytes.Index(good, b.u16(tag, tLong)) }
	for _, c := range []struct {
		why         string
		tiff        []byte
		orientation int
	}{
		{"first directory outside", change(4, "\xff\xff\xff\xff"), 0},
		{"first directory inside the header", change(4, "\x04\x00\x00\x00"), 0},
		{"first directory with 65535 entries", change(8, "\xff\xff"), 6},
		{"GPS pointer outside", change(entryAt(0x8825)+8, "\xff\xff\xff\xff"), 6},
		{"GPS directory twice", change(entryAt(0x8769)+8, string(good[entryAt(0x8825)+8:][:4])), 6},
		{"EXIF directory is the first one", change(entryAt(0x8769)+8, "\x08\x00\x00\x00"), 6},
		{"unknown byte order", change(0, "XX"), 0},
		{"a time that claims to be two, of them one is a position", b.tiff(nil, []entry{b.short(0x0112, 6), {tag: tagExif, sub: []entry{b.rational(0x829a, 1, 2, needleDegs[0], 3)}}}), 6},
		{"cut", good[:100], 6},
		{"empty", nil, 0},
	} {
		photo := splice(plainJPEG(16, 16), exifSegment(c.tiff))
		out := public(t, photo)
		if got := leaks(out); got != nil {
			t.Errorf("%s: the public copy tells %q", c.why, got)
		}
		if got := read(t, out).Orientation; got != c.orientation {
			t.Errorf("%s: orientation: got %d, want %d", c.why, got, c.orientation)
		}
		if len(out) != len(photo) || !samePixels(decode(t, out), decode(t, photo)) {
			t.Errorf("%s: got another picture or length", c.why)
		}
	}
}

// Values that overlap would make a new EXIF longer than the old one; then there is none.
func TestPublicEXIFNeverGrows(t *testing.T) {
	b := builders["big-endian"]
	var d []entry
	for _, tag := range []uint16{0x010f, 0x0110, 0x0131, 0x0132, 0x8298} {
		d = append(d, b.ascii(tag, "12345"))
	}
	tiff := b.tiff(nil, d)
	for i := range d {
		copy(tiff[10+12*i+4:], b.u32(200))
		copy(tiff[10+12*i+8:], b.u32(uint32(len(tiff))))
	}
	tiff = append(tiff, bytes.Repeat([]byte("x"), 200)...)
	if got := publicEXIF(tiff); got != nil {
		t.Errorf("got %d bytes for %d, want none", len(got), len(tiff))
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

func TestPublicMovie(t *testing.T) {
	for _, c := range []struct {
		why  string
		file []byte
		stay []string
	}{
		{"MP4", movie("vide"), []string{"ftypmp42", "mvhd", "hdlr", "minf", "mdat", "frame...frame"}},
		{"AVI", clip("vids"), []string{"AVI LIST", "avih", "strf", "00dc\x05\x00\x00\x00frame", "idx1"}},
		{"MP4, cut in its index", movie("vide")[:400], []string{"ftypmp42", "mvhd"}},
		{"MP4, box longer than the one around it", bytes.Join([][]byte{
			mpBox("ftyp", []byte("mp42")), mpBox("moov", []byte("\x00\x00\x01\x00udta"+needles[0])), mpBox("mdat", []byte("frame"))}, nil), []string{"mdatframe"}},
		{"AVI, list without room for its type", chunk("RIFFAVI ", chunk("LISTmovi", []byte("frame1")), []byte("LIST\x02\x00\x00\x00INFO"+needles[0])), []string{"frame1"}},
		{"MP4, box of length 3", append(mpBox("ftyp", []byte("mp42")), "\x00\x00\x00\x03loci"+needles[0]...), []string{"ftypmp42"}},
		{"MP4, box open to the end", append(mpBox("ftyp", []byte("mp42")), "\x00\x00\x00\x00udta"+needles[0]...), []string{"ftypmp42", "free"}},
		{"MP4, boxes without end", append(mpBox("ftyp", []byte("mp42")), append(bytes.Repeat(mpBox("free"), maxBoxes), needles[0]...)...), []string{"ftypmp42"}},
		{"MP4, 64-bit udta", append(mpBox("ftyp", []byte("mp42")), "\x00\x00\x00\x01udta\x00\x00\x00\x00\x00\x00\x00\x1e"+needles[0]...), []string{"\x00\x00\x00\x01free\x00\x00\x00\x00\x00\x00\x00\x1e"}},
	} {
		out := public(t, c.file)
		if got := leaks(out); got != nil || len(out) != len(c.file) {
			t.Errorf("%s: the public copy tells %q, length %d of %d", c.why, got, len(out), len(c.file))
		}
		for _, s := range c.stay {
			if !bytes.Contains(out, []byte(s)) {
				t.Errorf("%s: %q is gone", c.why, s)
			}
		}
		if again := public(t, out); !bytes.Equal(again, out) {
			t.Errorf("%s: the public copy of the public copy differs from it", c.why)
		}
		if got, want := complete(t, out), complete(t, c.file); got != want {
			t.Errorf("%s: the public copy is %v, want %v as before", c.why, got, want)
		}
	}
	if got, want := read(t, public(t, movie("vide"))), read(t, movie("vide")); got != want || want.Taken.IsZero() {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestPublicRefuses(t *testing.T) {
	for _, c := range []struct {
		why  string
		file []byte
	}{
		{"raw photo: its secrets lie between what a developer needs", []byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00")},
		{"PNG", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")},
		{"nothing", nil},
		{"movie with a track of text", movie("text")},
		{"movie with a track of metadata", movie("meta")},
		{"clip with a stream of text", clip("txts")},
		{"track that does not say what it is", append(mpBox("ftyp", []byte("mp42")), mpBox("moov", mpBox("trak", mpBox("mdia", mpBox("hdlr"))))...)},
	} {
		r, err := NewPublic(bytes.NewReader(c.file), int64(len(c.file)))
		if !errors.Is(err, ErrPrivate) || r != nil {
			t.Errorf("%s: got %v, want %v", c.why, err, ErrPrivate)
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

// A movie of 5 GiB costs a few headers, and its places beyond 4 GiB are blanked.
func TestPublicLargeMovie(t *testing.T) {
	start := append(mpBox("ftyp", []byte("mp42")), "\x00\x00\x00\x01mdat\x00\x00\x00\x01\x40\x00\x00\x00"...)
	end := mpBox("moov", movieHeader(1), mpBox("udta", []byte(needles[0])))
	at := int64(12) + 5<<30
	file := &pair{counter{content: start}, counter{content: end, at: at}}
	r, err := NewPublic(file, at+int64(len(end)))
	if err != nil {
		t.Fatal(err)
	}
	if file.a.bytes > 4*walkBuffer {
		t.Errorf("read %d bytes, want a few headers", file.a.bytes)
	}
	got := make([]byte, len(end))
	if _, err := r.ReadAt(got, at); err != nil {
		t.Fatal(err)
	}
	want := mpBox("moov", movieHeader(1), mpBox("free", make([]byte, len(needles[0]))))
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if n := binary.BigEndian.Uint32(got); int(n) != len(end) {
		t.Errorf("length of moov: got %d, want %d", n, len(end))
	}
}
