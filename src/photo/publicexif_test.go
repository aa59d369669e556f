package photo

import (
	"bytes"
	"slices"
	"testing"
)

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
