package photo

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"
)

// grayJPEG is a picture of one component, whose blocks are not grouped.
func grayJPEG(width, height int) []byte {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * i)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// flatJPEG is a picture of zeros: its codes are few.
func flatJPEG() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 100, 100))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func scanOf(t testing.TB, b []byte) scan {
	t.Helper()
	sc, err := readScan(newWindow(bytes.NewReader(b), int64(len(b)), 64), 0)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// TestScan follows pictures to their end, whatever is behind it, and to where
// they are cut.
func TestScan(t *testing.T) {
	for name, jpg := range map[string][]byte{"colour": plainJPEG(75, 41), "gray": grayJPEG(33, 9), "flat": flatJPEG(), "everything": builders["big-endian"].secret()} {
		end := int64(len(jpg) - 2)
		for _, behind := range []string{"", "\xff\xd9", "\xff", "\r\n", "\x00\x00", "Exif\x00 of somebody", "\xff\xd8\xff\xe1"} {
			if sc := scanOf(t, append(jpg[:end:end], behind...)); sc != (scan{end, true, true}) {
				t.Errorf("%s, then %q: %+v, want its end at %d", name, behind, sc, end)
			}
		}
		for n := range end {
			if sc := scanOf(t, jpg[:n]); sc.whole || sc.end > n {
				t.Errorf("%s, %d of %d bytes: %+v", name, n, len(jpg), sc)
			}
		}
	}
}

// TestPublicWithoutEnd has files behind pictures without an end marker.
func TestPublicWithoutEnd(t *testing.T) {
	b := builders["little-endian"]
	for name, cut := range map[string]int{"the end marker is missing": 2, "the picture is cut": 30} {
		jpg := plainJPEG(64, 48)
		jpg = jpg[:len(jpg)-cut]
		for _, behind := range [][]byte{b.secret(), b.secret()[2:], b.tiff(nil, []entry{b.ascii(0x013b, needles[1])}), []byte(needles[0])} {
			file := append(jpg[:len(jpg):len(jpg)], behind...)
			out := public(t, file)
			if got := leaks(out); got != nil {
				t.Errorf("%s: the public copy tells %q", name, got)
			}
			if n := len(jpg) - 3; !bytes.Equal(out[:n], file[:n]) {
				t.Errorf("%s: the picture has changed", name)
			}
		}
	}
}

// counted counts the bytes that are read of a file.
type counted struct {
	*bytes.Reader
	n int64
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// TestPublicReadsScanOnce has what looks like thousands of scans behind a
// picture: the picture must not be read again for each of them.
func TestPublicReadsScanOnce(t *testing.T) {
	jpg := plainJPEG(640, 480)
	file := append(jpg[:len(jpg)-2:len(jpg)-2], bytes.Repeat([]byte("\xff\xda\x00\x02\xff\xe1\x00\x02"), 2000)...)
	r := &counted{Reader: bytes.NewReader(file)}
	if _, err := NewPublic(r, int64(len(file))); err != nil && err != ErrPrivate {
		t.Fatal(err)
	}
	if size := int64(len(file)); r.n > 10*size {
		t.Errorf("%d bytes were read of a file of %d", r.n, size)
	}
}
