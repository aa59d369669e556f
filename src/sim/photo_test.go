package sim

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

var taken = time.Date(2015, 8, 2, 19, 30, 5, 0, time.UTC)

func smallest(t *testing.T) int64 {
	t.Helper()
	f, err := Photo{Model: "NX300", Taken: taken}.File()
	if err != nil {
		t.Fatal(err)
	}
	return f.Size
}

func read(t *testing.T, f File) []byte {
	t.Helper()
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A viewer can show it whatever the size.
func TestPhotoSizes(t *testing.T) {
	sizes := []int64{0, 100000, 1 << 20, 6000000, 20 << 20}
	for _, near := range []int64{4, 65537, 2 * 65537, 10 * 65537} { // where one comment more begins
		for d := int64(-4); d <= 5; d++ {
			sizes = append(sizes, smallest(t)-4+max(4, near+d))
		}
	}
	for _, size := range sizes {
		f, err := Photo{Model: "NX300", Taken: taken, Size: size, Seed: 7}.File()
		if err != nil {
			t.Fatal(err)
		}
		b := read(t, f)
		if want := max(size, smallest(t)); int64(len(b)) != want || f.Size != want {
			t.Errorf("got %d bytes, %d announced; want %d", len(b), f.Size, want)
		}
		m, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil || m.Bounds().Dx() != sceneWidth || m.Bounds().Dy() != sceneHeight {
			t.Errorf("%d bytes: got %v, want a picture of %dx%d", size, err, sceneWidth, sceneHeight)
		}
		if !bytes.HasSuffix(b, []byte{0xFF, 0xD9}) {
			t.Errorf("%d bytes: ends in %x", size, b[len(b)-2:])
		}
	}
	if _, err := (Photo{Model: "NX300", Size: smallest(t) - 1}).File(); err == nil {
		t.Error("too small: want an error")
	}
	if _, err := (Photo{Model: strings.Repeat("X", 70000)}).File(); err == nil {
		t.Error("no room for the model: want an error")
	}
}

// A test on another machine must find the same bytes.
func TestPhotoSame(t *testing.T) {
	p := Photo{Model: "NX300", Taken: taken, Size: 200000, Seed: 7}
	sum := func(p Photo) uint32 {
		f, err := p.File()
		if err != nil {
			t.Fatal(err)
		}
		first := read(t, f)
		if !bytes.Equal(first, read(t, f)) {
			t.Error("the second reading differs from the first")
		}
		return crc32.ChecksumIEEE(first)
	}
	const want uint32 = 0xe95f2411
	if got := sum(p); got != want {
		t.Errorf("got %#x, want %#x, unless the picture was painted anew", got, want)
	}
	p.Seed++
	if sum(p) == want {
		t.Error("another seed, the same photo")
	}
}

// EXIF is read back by hand, offsets and all.
func TestPhotoEXIF(t *testing.T) {
	p := Photo{Model: "NX mini", Taken: taken, Seed: 1234567}
	f, err := p.File()
	if err != nil {
		t.Fatal(err)
	}
	b := read(t, f)
	if !bytes.HasPrefix(b, []byte{0xFF, 0xD8, 0xFF, 0xE1}) || string(b[6:12]) != "Exif\x00\x00" {
		t.Fatalf("begins with %x", b[:12])
	}
	tiff := b[12 : 4+int(binary.BigEndian.Uint16(b[4:]))]
	le := binary.LittleEndian
	if string(tiff[:4]) != "II*\x00" {
		t.Fatalf("TIFF begins with %q", tiff[:4])
	}
	width := map[uint16]uint32{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}
	parse := func(at uint32) (values map[uint16][]byte, next uint32) {
		values = map[uint16][]byte{}
		n := uint32(le.Uint16(tiff[at:]))
		last := uint16(0)
		for i := range n {
			e := tiff[at+2+12*i:]
			tag := le.Uint16(e)
			if tag < last {
				t.Errorf("tag %#x stands after %#x", tag, last)
			}
			last = tag
			size := width[le.Uint16(e[2:])] * le.Uint32(e[4:])
			value := e[8:]
			if size > 4 {
				value = tiff[le.Uint32(e[8:]):]
			}
			values[tag] = value[:size]
		}
		return values, le.Uint32(tiff[at+2+12*n:])
	}
	main, next := parse(le.Uint32(tiff[4:]))
	shot, _ := parse(le.Uint32(main[0x8769]))
	place, _ := parse(le.Uint32(main[0x8825]))
	small, end := parse(next)
	for _, c := range []struct {
		what, got, want string
	}{
		{"make", string(main[0x010F]), "SAMSUNG\x00"},
		{"model", string(main[0x0110]), "NX mini\x00"},
		{"orientation", string(main[0x0112]), "\x01\x00"},
		{"time", string(shot[0x9003]), "2015:08:02 19:30:05\x00"},
		{"serial number", string(shot[0xA431]), "A2M5C90F01234567\x00"},
		{"as announced", p.Serial() + "\x00", string(shot[0xA431])},
		{"north", string(place[1]), "N\x00"},
		{"latitude", string(place[2]), "\x2E\x00\x00\x00\x01\x00\x00\x00\x22\x00\x00\x00\x01\x00\x00\x00\x4E\x0F\x00\x00\x64\x00\x00\x00"},
		{"east", string(place[3]), "E\x00"},
		{"compression", string(small[0x0103]), "\x06\x00"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, c.got, c.want)
		}
	}
	at, size := le.Uint32(small[0x0201]), le.Uint32(small[0x0202])
	if m, err := jpeg.Decode(bytes.NewReader(tiff[at : at+size])); err != nil || m.Bounds().Dx() != 160 || m.Bounds().Dy() != 120 {
		t.Errorf("thumbnail: %v", err)
	}
	if end != 0 {
		t.Errorf("a further directory at %d", end)
	}
}

func TestVideo(t *testing.T) {
	for _, size := range []int64{0, 1000, 3000000} {
		f, err := Video{Taken: taken, Size: size, Seed: 3}.File()
		if err != nil {
			t.Fatal(err)
		}
		b := read(t, f)
		if int64(len(b)) != f.Size || size > 0 && f.Size != size {
			t.Errorf("%d: got %d bytes, announced %d", size, len(b), f.Size)
		}
		var names []string
		for rest := b; len(rest) > 0; {
			n := int(binary.BigEndian.Uint32(rest))
			if n < 8 || n > len(rest) {
				t.Fatalf("%d: box of %d bytes in %d", size, n, len(rest))
			}
			names = append(names, string(rest[4:8]))
			rest = rest[n:]
		}
		if got := strings.Join(names, " "); got != "ftyp moov mdat" {
			t.Errorf("%d: got boxes %s", size, got)
		}
	}
	if _, err := (Video{Size: 100}).File(); err == nil {
		t.Error("too small: want an error")
	}

	// Beyond 4 GiB the length takes 64 bits; only the beginning is read.
	f, err := Video{Size: 5 << 30}.File()
	if err != nil {
		t.Fatal(err)
	}
	r, err := f.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	head := make([]byte, 300)
	if _, err := io.ReadFull(r, head); err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(head, []byte("\x00\x00\x00\x01mdat"))
	if at < 0 || int64(binary.BigEndian.Uint64(head[at+8:]))+int64(at) != 5<<30 {
		t.Errorf("no length of 64 bits that fits in %x", head)
	}
}

// However big, a photo is never in memory.
func TestPhotoMemory(t *testing.T) {
	f, err := Photo{Model: "NX300", Taken: taken, Size: 64 << 20}.File()
	if err != nil {
		t.Fatal(err)
	}
	server := serve(t, ok(succAnswer))
	server.keepNothing()
	cam := nx300(t, server)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := cam.Email(background, Mail{Files: []File{f}}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("64 MiB took %d bytes of memory, want less than 1 MiB", n)
	}
}

func TestFileFrom(t *testing.T) {
	dir := t.TempDir()
	for name, kind := range map[string]string{"SAM_1.JPG": "image/jpeg", "a.jpeg": "image/jpeg", "b.Mp4": "video/mp4", "notes": "application/octet-stream"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("12345"), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := FileFrom(path)
		if err != nil || f.Name != name || f.Type != kind || f.Size != 5 || string(read(t, f)) != "12345" {
			t.Errorf("%s: got %+v, %v; want type %s", name, f, err, kind)
		}
	}
	if _, err := FileFrom(filepath.Join(dir, "none.jpg")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want %v", err, os.ErrNotExist)
	}
	if _, err := FileFrom(dir); err == nil {
		t.Error("a folder: want an error")
	}
}
