package photo

import (
	"bytes"
	"testing"
)

func complete(t testing.TB, b []byte) Verdict {
	t.Helper()
	v, err := Complete(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatalf("Complete: %v", err)
	}
	return v
}

// stereo is a photo with a second picture behind it, and an index of both; end is where the first ends.
func (b builder) stereo() (file []byte, end int) {
	second := b.thumbnail()
	index := func(first, at int) []byte {
		list := b.u32(0x030000, uint32(first), 0, 0, 0, uint32(len(second)), uint32(at), 0)
		return segmentOf(mAPP2, "MPF\x00"+string(b.tiff(nil, []entry{b.undefined(0xb002, list)})))
	}
	one := splice(plainJPEG(32, 32), index(0, 0))
	base := 2 + 4 + 4 // SOI, marker and length, "MPF"
	one = splice(plainJPEG(32, 32), index(len(one), len(one)-base))
	return append(one, second...), len(one)
}

// The one rule: what was cut is never called whole.
func TestCutAnywhereIsNeverWhole(t *testing.T) {
	little, big := builders["little-endian"], builders["big-endian"]
	stereo, _ := little.stereo()
	movieFirst := bytes.Join([][]byte{mpBox("ftyp", []byte("mp42")), mpBox("mdat", make([]byte, 99)), mpBox("moov", movieHeader(1))}, nil)
	for name, file := range map[string][]byte{
		"plain photo":               plainJPEG(64, 48),
		"photo with everything":     big.secret(),
		"photo with a thumbnail":    splice(plainJPEG(64, 48), exifSegment(little.exif(little.thumbnail()))),
		"photo with a second":       stereo,
		"movie":                     movie("vide"),
		"movie with its index last": movieFirst,
		"clip":                      clip("vids"),
	} {
		if got := complete(t, file); got != Whole {
			t.Errorf("%s, not cut: got %v, want whole", name, got)
		}
		for n := range file {
			if got := complete(t, file[:n]); got == Whole {
				t.Errorf("%s, %d of %d bytes: got whole, want cut or unknown", name, n, len(file))
			}
		}
	}
}

func TestComplete(t *testing.T) {
	plain := plainJPEG(16, 16)
	stereo, first := builders["big-endian"].stereo()
	join := func(parts ...string) []byte {
		var b []byte
		for _, p := range parts {
			b = append(b, p...)
		}
		return b
	}
	jpg, zeros := string(plain), string(make([]byte, 100_000))
	ftyp, moov, mdat := string(mpBox("ftyp", []byte("mp42"))), string(mpBox("moov")), string(mpBox("mdat"))
	avi := string(clip("vids"))
	b := builders["little-endian"]
	alone := func(size int) []byte {
		list := b.u32(0x030000, uint32(size), 0, 0)
		return splice(plain, segmentOf(mAPP2, "MPF\x00"+string(b.tiff(nil, []entry{b.undefined(0xb002, list)}))))
	}
	for _, c := range []struct {
		why  string
		file []byte
		want Verdict
	}{
		{"padded with zeros to a whole cluster", join(jpg, zeros), Whole},
		{"only the end marker is missing", []byte(jpg[:len(jpg)-2]), Unknown},
		{"half of the end marker is missing", []byte(jpg[:len(jpg)-1]), Unknown},
		{"the end marker is missing, a line end behind it", join(jpg[:len(jpg)-2], "\r\n"), Unknown},
		{"more than the end marker is missing", []byte(jpg[:len(jpg)-4]), Cut},
		{"the end marker is missing, then padded", join(jpg[:len(jpg)-2], zeros), Unknown},
		{"cut, then padded", join(jpg[:len(jpg)-20], zeros), Cut},
		{"a preview of its own behind it", join(jpg, zeros, jpg), Whole},
		{"that preview cut", join(jpg, zeros, jpg[:len(jpg)-9]), Cut},
		{"a trailer that we cannot read may be cut", join(jpg, "SEFH....SEFT"), Unknown},
		{"the rest of a multipart delimiter", join(jpg, "\r\n-----"), Unknown},
		{"second picture listed but gone", stereo[:first], Cut},
		{"second picture listed, zeros instead", append(stereo[:first:first], make([]byte, len(stereo)-first)...), Whole},
		{"an index of itself only", alone(len(alone(0))), Whole},
		{"end of picture without a picture", []byte("\xff\xd8\xff\xd9"), Cut},
		{"end inside a segment is payload", join("\xff\xd8\xff\xe1\x00\x08\xff\xd9\xff\xd9"), Cut},
		{"end inside coded data is an end", join(jpg[:len(jpg)-20], "\xff\xd9"), Whole},
		{"stuffed 0xff before 0xd9 is data", join(jpg[:len(jpg)-20], "\xff\x00\xd9"), Cut},
		{"restart markers are data", join(jpg[:len(jpg)-2], "\xff\xd0\xff\xd7\xff\xd9"), Whole},
		{"fill bytes before the end", join(jpg[:len(jpg)-2], "\xff\xff\xff\xff\xd9"), Whole},
		{"a second start is damage", join(jpg[:len(jpg)-9], jpg), Cut},
		{"segment of length 1", join(jpg[:2], "\xff\xe1\x00\x01", jpg[2:]), Cut},

		{"movie without samples", join(ftyp, moov), Cut},
		{"movie without index", join(ftyp, mdat), Cut},
		{"movie with both", join(ftyp, mdat, moov), Whole},
		{"last box open to the end", join(ftyp, moov, "\x00\x00\x00\x00mdat12"), Unknown},
		{"box longer than the file", join(ftyp, moov, "\x00\x00\x00\x10mdat"), Cut},
		{"box of 2^63 bytes and more", join(ftyp, moov, "\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff"), Cut},
		{"box that ends beyond 2^63", join(ftyp, moov, mdat, "\x00\x00\x00\x01mdat\x7f\xff\xff\xff\xff\xff\xff\xff"), Unknown},
		{"three bytes too many", join(ftyp, moov, mdat, "abc"), Unknown},
		{"a line end behind it", join(ftyp, mdat, moov, "\r\n"), Unknown},
		{"two line ends and a scrap of a delimiter", join(ftyp, mdat, moov, "\r\n\r\n-----------------------------7d93"), Unknown},
		{"a third box, cut", join(ftyp, mdat, moov, "\x00\x00\x00\x20free1234"), Cut},
		{"scrap behind half of it", join(ftyp, moov, "\r\n-------------"), Cut},
		{"boxes without end", join(ftyp, string(bytes.Repeat([]byte("\x00\x00\x00\x08free"), maxBoxes+1))), Unknown},

		{"clip padded", join(avi, zeros), Whole},
		{"clip in two pieces", join(avi, string(chunk("RIFFAVIX"))), Whole},
		{"clip, second piece cut", join(avi, string(chunk("RIFFAVIX", []byte("12")))[:13]), Cut},
		{"clip with a stranger behind it", join(avi, "x"), Unknown},
		{"recording never closed", join("RIFF\x00\x00\x00\x00AVI ", avi[12:]), Unknown},

		{"text", []byte("hello"), Unknown},
		{"nothing", nil, Unknown},
		{"raw", join("II*\x00\x08\x00\x00\x00", zeros), Unknown},
	} {
		if got := complete(t, c.file); got != c.want {
			t.Errorf("%s: got %v, want %v", c.why, got, c.want)
		}
	}
}
