package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"
)

// counter counts what is read of a file of any size: content first, then zeros.
type counter struct {
	content []byte
	at      int64 // where in the file content lies
	bytes   int64
	calls   int
}

func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	c.bytes += int64(len(p))
	c.calls++
	clear(p)
	if end := c.at + int64(len(c.content)); off < end && off+int64(len(p)) > c.at {
		copy(p[max(c.at-off, 0):], c.content[max(off-c.at, 0):])
	}
	return len(p), nil
}

func read(t *testing.T, b []byte) Info {
	t.Helper()
	info, err := Read(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Errorf("Read: %v", err)
	}
	return info
}

func TestReadPhoto(t *testing.T) {
	for name, b := range builders {
		t.Run(name, func(t *testing.T) {
			photo := b.secret()
			got := read(t, photo)
			thumb := got.Thumb
			got.Thumb = Thumb{}
			want := Info{
				Type: JPEG, Make: "SAMSUNG", Model: "NX300", Orientation: 6, Width: 64, Height: 48,
				Taken: time.Date(2014, 12, 9, 11, 30, 12, 0, time.UTC),
			}
			if got != want {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			if got, want := photo[thumb.Offset:][:thumb.Length], b.thumbnail(); !bytes.Equal(got, want) {
				t.Errorf("thumbnail: got %d bytes at %d, want the %d bytes put in", thumb.Length, thumb.Offset, len(want))
			}
		})
	}
}

func TestReadOddEXIF(t *testing.T) {
	b := builders["little-endian"]
	date := func(s string) []byte { return b.tiff(nil, []entry{b.ascii(0x0132, s)}) }
	thumb := func(n uint32, content string) []byte {
		small := []entry{b.long(0x0201, 0), b.long(0x0202, n)}
		return b.tiff([]byte(content), []entry{b.short(0x0112, 1)}, small)
	}
	second := time.Date(2014, 12, 10, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		why  string
		tiff []byte
		want Info
	}{
		{"only DateTime", date("2014:12:10 00:00:00"), Info{Taken: second}},
		{"clock never set", date("0000:00:00 00:00:00"), Info{}},
		{"clock set to zero", date("1980:01:01 00:00:00"), Info{}},
		{"blank date", date("    :  :     :  :  "), Info{}},
		{"ISO dates are not EXIF", date("2014-12-10 00:00:00"), Info{}},
		{"orientation 9", b.tiff(nil, []entry{b.short(0x0112, 9)}), Info{}},
		{"orientation as LONG", b.tiff(nil, []entry{b.long(0x0112, 8)}), Info{Orientation: 8}},
		{"orientation as text", b.tiff(nil, []entry{b.ascii(0x0112, "6")}), Info{}},
		{"escapes and marks that turn text around", b.tiff(nil, []entry{b.ascii(0x0110, " \x1b[2JNX\r\n\u202e1\x7f\xff ")}), Info{Model: "[2JNX1"}},
		{"what follows a NUL is not the name", b.tiff(nil, []entry{b.ascii(0x0110, "NX1\x00rest")}), Info{Model: "NX1"}},
		{"no TIFF", []byte("JUNKJUNKJUNK"), Info{}},
		{"header only", []byte("II*\x00"), Info{}},
		{"first directory points at itself as the next and as the EXIF one",
			[]byte("II*\x00\x08\x00\x00\x00\x01\x00\x69\x87\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00\x08\x00\x00\x00"), Info{}},
		{"directory at 4 GiB", []byte("II*\x00\xff\xff\xff\xff\x00\x00\x00\x00"), Info{}},
		{"65535 entries in 14 bytes", []byte("II*\x00\x08\x00\x00\x00\xff\xff\x12\x01\x03\x00\x01\x00\x00\x00\x03\x00\x00\x00"), Info{Orientation: 3}},
		{"count times size overflows 32 bits", b.tiff(nil, []entry{{tag: 0x0110, typ: tASCII, count: 0xffffffff, value: make([]byte, 8)}}), Info{}},
		{"value at 4 GiB", []byte("II*\x00\x08\x00\x00\x00\x01\x00\x10\x01\x02\x00\x08\x00\x00\x00\xfc\xff\xff\xff\x00\x00\x00\x00"), Info{}},
		{"no EXIF directory: the header is none",
			[]byte("II*\x00\x32\x00\x00\x00zzzzzz\x03\x90\x02\x00\x14\x00\x00\x00\x1e\x00\x00\x00zzzz2014:12:10 00:00:00\x00\x00\x00\x00\x00\x00\x00"), Info{}},
		{"type 255", b.tiff(nil, []entry{{tag: 0x0110, typ: 255, count: 1, value: make([]byte, 4)}}), Info{}},
		{"thumbnail longer than the segment", thumb(60000, "\xff\xd8\xff\xdb"), Info{Orientation: 1}},
		{"thumbnail that is no JPEG", thumb(6, "<html>"), Info{Orientation: 1}},
		{"thumbnail of two bytes", thumb(2, "\xff\xd8"), Info{Orientation: 1}},
	} {
		c.want.Type = JPEG
		c.want.Width, c.want.Height = 8, 8
		if got := read(t, splice(plainJPEG(8, 8), exifSegment(c.tiff))); got != c.want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.why, got, c.want)
		}
	}
}

func TestReadOddJPEG(t *testing.T) {
	b := builders["big-endian"]
	small := exifSegment(b.tiff(nil, []entry{b.short(0x0112, 3)}))
	frame := segmentOf(mSOF0+2, "\x08\xff\xdc\xff\xdc\x03")
	for _, c := range []struct {
		why  string
		file []byte
		want Info
	}{
		{"no EXIF at all", plainJPEG(8, 8), Info{Width: 8, Height: 8}},
		{"65500 x 65500, progressive: a number, no memory", splice(bare, frame), Info{Width: 65500, Height: 65500}},
		{"frame header of one byte", splice(plainJPEG(8, 8), segmentOf(mSOF0, "\x08")), Info{}},
		{"tables before the frame", splice(plainJPEG(8, 8), segmentOf(mDHT, "\x00\x01\x01\x01\x01\x01"), segmentOf(mDAC, "\x00\x01\x01\x01\x01\x01")), Info{Width: 8, Height: 8}},
		{"other application data first", splice(bare, segmentOf(mAPP1, "http://ns.adobe.com/xap/1.0/\x00"), small, frame), Info{Width: 65500, Height: 65500, Orientation: 3}},
		{"the first EXIF counts", splice(bare, small, exifSegment(b.tiff(nil, []entry{b.short(0x0112, 8)}))), Info{Orientation: 3}},
		{"EXIF segment of two bytes", splice(bare, segmentOf(mAPP1, "Ex")), Info{}},
		{"nothing but the start", bare, Info{}},
		{"EXIF cut by the end of the file", splice(bare, small)[:2+4+6+8+14], Info{Orientation: 3}},
	} {
		c.want.Type = JPEG
		if got := read(t, c.file); got != c.want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.why, got, c.want)
		}
	}
}

// bare is a JPEG without contents: SOI, and the fill byte that Type wants to see.
var bare = []byte("\xff\xd8\xff")

func TestReadMovie(t *testing.T) {
	ftyp := mpBox("ftyp", []byte("mp42\x00\x00\x00\x00"))
	long := mpBox("mvhd", []byte("\x01\x00\x00\x00\x00\x00\x00\x00\xd0\xac\x50\x14"), make([]byte, 96))
	made := time.Date(2014, 12, 9, 11, 30, 12, 0, time.UTC)
	seconds := uint32(made.Unix() + 2082844800)
	binary.BigEndian.PutUint32(long[16:], seconds)
	moov := func(parts ...[]byte) []byte { return append(ftyp[:len(ftyp):len(ftyp)], mpBox("moov", parts...)...) }
	for _, c := range []struct {
		why  string
		file []byte
		want time.Time
	}{
		{"version 0", moov(movieHeader(seconds)), made},
		{"version 1", moov(long), made},
		{"other boxes first", moov(mpBox("free"), movieHeader(seconds)), made},
		{"0 is unknown", moov(movieHeader(0)), time.Time{}},
		{"1970 is a clock never set", moov(movieHeader(2082844800)), time.Time{}},
		{"no moov", ftyp, time.Time{}},
		{"header too short", moov(mpBox("mvhd", make([]byte, 4))), time.Time{}},
		{"mvhd outside moov does not count", append(moov(), movieHeader(seconds)...), time.Time{}},
		{"box of length 4", append(ftyp, "\x00\x00\x00\x04moov"...), time.Time{}},
		{"year 34000", moov(mpBox("mvhd", []byte("\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00"))), time.Time{}},
	} {
		want := Info{Type: MP4, Taken: c.want}
		if got := read(t, c.file); got != want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", c.why, got, want)
		}
	}
}

// A file of 5 GiB with moov at its end costs a few headers.
func TestReadSkips(t *testing.T) {
	start := append(mpBox("ftyp", []byte("mp42")), "\x00\x00\x00\x01mdat\x00\x00\x00\x01\x40\x00\x00\x00"...)
	end := mpBox("moov", movieHeader(0xd0ac5014))
	at := int64(12) + 5<<30
	two := &pair{counter{content: start}, counter{content: end, at: at}}
	info, err := Read(two, at+int64(len(end)))
	if err != nil || info.Taken.Year() != 2014 {
		t.Errorf("got %v, %v, want a time in 2014", info.Taken, err)
	}
	if n := two.a.bytes; n > 4*walkBuffer {
		t.Errorf("read %d bytes of %d, want a few headers", n, at)
	}
}

// pair joins two pieces of a large file.
type pair struct{ a, b counter }

func (p *pair) ReadAt(b []byte, off int64) (int, error) {
	if off >= p.b.at {
		return p.b.ReadAt(b, off)
	}
	return p.a.ReadAt(b, off)
}

// Read must stay cheap whatever a file looks like.
func TestReadIsBounded(t *testing.T) {
	most := segmentOf(mAPP1, "Exif\x00\x00"+string(make([]byte, 0xffff-8)))
	for _, c := range []struct {
		why     string
		content []byte
	}{
		{"application data without end", bytes.Repeat(segmentOf(mAPP1, string(make([]byte, 1000))), 10000)},
		{"EXIF without end", bytes.Repeat(most, 100)},
		{"empty segments without end", bytes.Repeat(segmentOf(mAPP2, ""), 1<<20)},
		{"zeros without end", nil},
		{"fill bytes without end", bytes.Repeat([]byte{0xff}, 1<<20)},
	} {
		r := &counter{content: append([]byte("\xff\xd8\xff\xdb\x00\x02"), c.content...)}
		if _, err := Read(r, 1<<40); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if limit := int64(2*65536 + readSegments*walkBuffer); r.bytes > limit || r.calls > 2*readSegments {
			t.Errorf("%s: read %d bytes in %d calls, want at most %d bytes", c.why, r.bytes, r.calls, limit)
		}
	}
}

// The beginning of a file must tell nothing that the whole file does not. (DateTime is a second time.)
func TestReadCutAnywhere(t *testing.T) {
	later := time.Date(2014, 12, 10, 0, 0, 0, 0, time.UTC)
	for _, file := range [][]byte{builders["big-endian"].secret(), movie("vide")} {
		whole := read(t, file)
		for n := range file {
			got := read(t, file[:n])
			if got.Taken != whole.Taken && got.Taken != later && !got.Taken.IsZero() ||
				got.Model != whole.Model && got.Model != "" ||
				got.Thumb != whole.Thumb && got.Thumb.Length != 0 {
				t.Fatalf("cut to %d bytes: got %+v, want a part of %+v", n, got, whole)
			}
		}
	}
}

// broken fails from an offset on.
type broken struct {
	*bytes.Reader
	from int64
}

var errDisk = errors.New("input/output error")

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > b.from {
		return 0, errDisk
	}
	return b.Reader.ReadAt(p, off)
}

// An error of the disk is reported, not mistaken for an odd file.
func TestDiskErrors(t *testing.T) {
	for name, file := range map[string][]byte{
		"photo": builders["big-endian"].secret(), "movie": movie("vide"), "clip": clip("vids"),
	} {
		size := int64(len(file))
		for _, from := range []int64{0, 5, 100} {
			r := broken{bytes.NewReader(file), from}
			if _, err := Read(r, size); !errors.Is(err, errDisk) {
				t.Errorf("%s, disk fails at %d: Read: got %v, want %v", name, from, err, errDisk)
			}
			if v, err := Complete(r, size); !errors.Is(err, errDisk) || v != Unknown {
				t.Errorf("%s, disk fails at %d: Complete: got %v, %v, want unknown, %v", name, from, v, err, errDisk)
			}
			if _, err := NewPublic(r, size); !errors.Is(err, errDisk) {
				t.Errorf("%s, disk fails at %d: NewPublic: got %v, want %v", name, from, err, errDisk)
			}
		}
		if _, err := NewPublic(bytes.NewReader(file[:20]), size); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s, shorter than stated: got %v, want %v", name, err, io.ErrUnexpectedEOF)
		}
	}
}
