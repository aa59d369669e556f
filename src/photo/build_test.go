package photo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"testing"
)

// entry is one field for buildTIFF: a value, or a directory that it points to.
type entry struct {
	tag, typ uint16
	count    uint32
	value    []byte
	sub      []entry
}

// builder writes TIFF and EXIF in one byte order, sharing nothing with the package's writer.
type builder struct{ order binary.ByteOrder }

var builders = map[string]builder{
	"little-endian": {binary.LittleEndian},
	"big-endian":    {binary.BigEndian},
}

func (b builder) u16(v ...uint16) []byte {
	var out []byte
	for _, v := range v {
		p := make([]byte, 2)
		b.order.PutUint16(p, v)
		out = append(out, p...)
	}
	return out
}

func (b builder) u32(v ...uint32) []byte {
	var out []byte
	for _, v := range v {
		p := make([]byte, 4)
		b.order.PutUint32(p, v)
		out = append(out, p...)
	}
	return out
}

func (b builder) ascii(tag uint16, s string) entry {
	return entry{tag: tag, typ: tASCII, count: uint32(len(s) + 1), value: append([]byte(s), 0)}
}

func (b builder) short(tag, v uint16) entry {
	return entry{tag: tag, typ: tShort, count: 1, value: b.u16(v)}
}

func (b builder) long(tag uint16, v uint32) entry {
	return entry{tag: tag, typ: tLong, count: 1, value: b.u32(v)}
}

func (b builder) rational(tag uint16, v ...uint32) entry {
	return entry{tag: tag, typ: tRational, count: uint32(len(v) / 2), value: b.u32(v...)}
}

func (b builder) undefined(tag uint16, v []byte) entry {
	return entry{tag: tag, typ: tUndefined, count: uint32(len(v)), value: v}
}

// tiff writes a chain of directories; the last one's 0x0201 is set to where thumb lies.
func (b builder) tiff(thumb []byte, chain ...[]entry) []byte {
	magic := "MM\x00*"
	if b.order == binary.LittleEndian {
		magic = "II*\x00"
	}
	out := append([]byte(magic), b.u32(8)...)
	link := 4 // where the offset of the next directory goes
	for i, d := range chain {
		b.order.PutUint32(out[link:], uint32(len(out)))
		at := len(out)
		out = b.directory(out, d)
		link = at + 2 + 12*len(d)
		if i == len(chain)-1 && thumb != nil {
			for k := range d {
				if e := at + 2 + 12*k; d[k].tag == 0x0201 {
					b.order.PutUint32(out[e+8:], uint32(len(out)))
				}
			}
			out = append(out, thumb...)
		}
	}
	return out
}

func (b builder) directory(out []byte, d []entry) []byte {
	at := len(out)
	out = append(out, b.u16(uint16(len(d)))...)
	out = append(out, make([]byte, 12*len(d)+4)...)
	for i, f := range d {
		if f.sub != nil {
			f.typ, f.count, f.value = tLong, 1, b.u32(uint32(len(out)))
			out = b.directory(out, f.sub)
		}
		e := at + 2 + 12*i
		copy(out[e:], b.u16(f.tag, f.typ))
		copy(out[e+4:], b.u32(f.count))
		if len(f.value) <= 4 {
			copy(out[e+8:], f.value)
			continue
		}
		copy(out[e+8:], b.u32(uint32(len(out))))
		out = append(out, f.value...)
		out = append(out, make([]byte, len(out)%2)...)
	}
	return out
}

// What must be in no public copy. The numbers are those of the GPS rationals.
var (
	needles    = []string{"SERIAL-1234567", "Olive Owner", "52.520008", "Alexanderplatz"}
	needleDegs = []uint32{0x52a5c3e1, 0x4d3b9f77}
)

// leaks lists the needles in b, in each spelling that a segment may have.
func leaks(b []byte) []string {
	var found []string
	for _, n := range needles {
		if bytes.Contains(b, []byte(n)) || bytes.Contains(b, utf16le(n)) {
			found = append(found, n)
		}
	}
	for name, o := range builders {
		for _, n := range needleDegs {
			if bytes.Contains(b, o.u32(n)) {
				found = append(found, "GPS rational, "+name)
			}
		}
	}
	return found
}

func utf16le(s string) []byte {
	var out []byte
	for _, c := range []byte(s) {
		out = append(out, c, 0)
	}
	return out
}

// exif is a camera's EXIF with every secret that it can hold, and some that nobody asked for.
func (b builder) exif(thumb []byte) []byte {
	position := []entry{
		{tag: 0, typ: 1, count: 4, value: []byte{2, 3, 0, 0}},
		b.ascii(1, "N"),
		b.rational(2, needleDegs[0], 1000003, needleDegs[1], 1000003, 0, 0),
		b.ascii(3, "E"),
		b.rational(4, needleDegs[1], 1000003, needleDegs[0], 0, 1, 1),
	}
	interop := []entry{b.ascii(1, "R98"), b.undefined(2, []byte("0100"))}
	photo := []entry{
		b.rational(0x829a, 1, 320),
		b.short(0x8827, 200),
		b.undefined(0x9000, []byte("0230")),
		b.ascii(0x9003, "2014:12:09 11:30:12"),
		b.ascii(0x9010, "+01:00"),
		b.undefined(0x927c, b.tiff(nil, []entry{b.ascii(0xa002, needles[0]), b.ascii(0x30, needles[3])})),
		b.undefined(0x9286, []byte("ASCII\x00\x00\x00"+needles[1])),
		b.short(0xa001, 1),
		b.long(0xa002, 64),
		{tag: 0xa005, sub: interop},
		b.ascii(0xa420, needles[0]),
		b.ascii(0xa430, needles[1]),
		b.ascii(0xa431, needles[0]),
		b.rational(0xa432, 50, 1, 150, 1, 28, 10, 28, 10),
		b.ascii(0xa434, "NX 50-150mm F2.8 S"),
		b.ascii(0xa435, needles[0]),
		b.ascii(0xeeee, needles[3]),
	}
	picture := []entry{
		b.ascii(0x010e, needles[3]),
		b.ascii(0x010f, "SAMSUNG"),
		b.ascii(0x0110, "NX300 "),
		b.short(0x0112, 6),
		b.ascii(0x0131, "1.01"),
		b.ascii(0x0132, "2014:12:10 00:00:00"),
		b.ascii(0x013b, needles[1]),
		b.ascii(0x013c, needles[0]),
		b.ascii(0x8298, "Copyright 2014"),
		{tag: 0x8769, sub: photo},
		{tag: 0x8825, sub: position},
		{tag: 0x9c9d, typ: 1, count: 22, value: utf16le(needles[1])},
	}
	small := []entry{b.short(0x0103, 6), b.long(0x0201, 0), b.long(0x0202, uint32(len(thumb)))}
	return b.tiff(thumb, picture, small)
}

func exifSegment(tiff []byte) []byte { return segmentOf(mAPP1, "Exif\x00\x00"+string(tiff)) }

func segmentOf(marker byte, payload string) []byte {
	n := len(payload) + 2
	if n > 0xffff {
		panic("segment too long")
	}
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, payload...)
}

// plainJPEG is what image/jpeg writes: no metadata at all.
func plainJPEG(width, height int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.Set(x, y, color.RGBA{uint8(x*y + x), uint8(x ^ y*3), uint8(x*7 - y*5), 255})
		}
	}
	var buf bytes.Buffer
	if err := jpeg.Encode(&buf, img, &jpeg.Options{Quality: 90}); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// splice puts segments right behind SOI.
func splice(jpg []byte, segments ...[]byte) []byte {
	out := append([]byte(nil), jpg[:2]...)
	for _, s := range segments {
		out = append(out, s...)
	}
	return append(out, jpg[2:]...)
}

// thumbnail is a small JPEG with secrets of its own.
func (b builder) thumbnail() []byte {
	own := b.tiff(nil, []entry{b.ascii(0x013b, needles[1])})
	return splice(plainJPEG(16, 12), exifSegment(own))
}

// secret is a photo that tells everything in every way, up to the end of its picture.
func (b builder) secret() []byte {
	const ns = "http://ns.adobe.com/"
	return splice(plainJPEG(64, 48),
		segmentOf(mAPP0, "JFIF\x00\x01\x02\x01\x00\x48\x00\x48\x01\x05"+needles[1]+"1234"),
		exifSegment(b.exif(b.thumbnail())),
		exifSegment(b.exif(nil)),
		segmentOf(mAPP1, ns+"xap/1.0/\x00<x exif:GPSLatitude='"+needles[2]+"'/>"),
		segmentOf(mAPP1, ns+"xmp/extension/\x00"+needles[0]),
		segmentOf(mAPP2, "ICC_PROFILE\x00\x01\x01colours"),
		segmentOf(mAPP2, "MPF\x00"+string(b.tiff(nil, []entry{b.ascii(0xb003, needles[0])}))),
		segmentOf(mAPP0+5, "ssuniqueid\x00"+needles[0]),
		segmentOf(mAPP0+13, "Photoshop 3.0\x008BIM\x04\x04"+needles[3]),
		segmentOf(mAPP0+14, "Adobe\x00\x64\x00\x00\x00\x00\x01"+needles[0]),
		segmentOf(0xfe, needles[1]),
		[]byte("\x00"+needles[2]+"\xff\x00"+needles[3]),
	)
}

// public reads the whole public copy of b.
func public(t testing.TB, b []byte) []byte {
	t.Helper()
	r, err := NewPublic(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatalf("NewPublic: %v", err)
	}
	out := make([]byte, r.Size())
	if err := readFull(r, out, 0); err != nil {
		t.Fatalf("read the public copy: %v", err)
	}
	return out
}
