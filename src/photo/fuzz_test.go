package photo

import (
	"bytes"
	"encoding/binary"
	"image/jpeg"
	"testing"
)

func seeds(f *testing.F) {
	for _, b := range builders {
		stereo, _ := b.stereo()
		for _, file := range [][]byte{
			b.secret(), stereo, splice(plainJPEG(8, 8), exifSegment(b.exif(b.thumbnail()))), splice(bare, exifSegment(b.exif(nil))),
		} {
			f.Add(file)
			f.Add(file[:len(file)*2/3])
		}
	}
	for _, file := range [][]byte{plainJPEG(8, 8), movie("vide"), movie("text"), clip("vids"), []byte("II*\x00\x08\x00\x00\x00"), nil} {
		f.Add(file)
	}
}

func FuzzRead(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		info, err := Read(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Errorf("Read: %v", err)
		}
		if at, n := info.Thumb.Offset, int64(info.Thumb.Length); n != 0 {
			if n > 65536 || at < 0 || at+n > int64(len(b)) || !bytes.HasPrefix(b[at:], []byte("\xff\xd8")) {
				t.Errorf("thumbnail of %d bytes at %d in %d bytes", n, at, len(b))
			}
		}
		if info.Orientation < 0 || info.Orientation > 8 {
			t.Errorf("orientation %d", info.Orientation)
		}
		if _, err := info.Taken.MarshalText(); err != nil {
			t.Errorf("time %v: %v", info.Taken, err)
		}
		if clean([]byte(info.Make)) != info.Make || clean([]byte(info.Model)) != info.Model {
			t.Errorf("unclean text %q, %q", info.Make, info.Model)
		}
	})
}

func FuzzWhole(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		v := complete(t, b)
		if v == Whole && Type(b) == Other {
			t.Error("whole, but of no known type")
		}
		if v == Whole && Type(b) == JPEG {
			end := bytes.LastIndex(b, []byte("\xff\xd9"))
			if end < 0 || len(bytes.Trim(b[end+2:], "\x00")) != 0 {
				t.Error("a whole photo without an end")
			}
			if end := bytes.Index(b, []byte("\xff\xd9")); complete(t, b[:end+1]) == Whole {
				t.Error("whole before its first end")
			}
		}
	})
}

func FuzzPublic(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewPublic(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return // refused
		}
		if r.Size() != int64(len(b)) {
			t.Fatalf("length: got %d, want %d", r.Size(), len(b))
		}
		out := public(t, b)
		if again := public(t, out); !bytes.Equal(again, out) {
			t.Error("the public copy of the public copy differs from it")
		}
		if hasPosition(out) {
			t.Error("the public copy has a GPS directory")
		}
		// A text that is kept is cleaned of what cannot be seen, which can make a secret of it.
		told := bytes.Map(func(r rune) rune {
			if r < ' ' || r > '~' {
				return -1
			}
			return r
		}, b)
		if head := b[:min(len(b), 4096)]; len(leaks(head)) == 0 && len(leaks(out)) != 0 && len(leaks(b))+len(leaks(told)) == 0 {
			t.Error("the public copy tells what the original did not")
		}
		config, err := jpeg.DecodeConfig(bytes.NewReader(b))
		if err != nil || config.Width*config.Height > 1<<16 {
			return
		}
		before, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			return
		}
		after, err := jpeg.Decode(bytes.NewReader(out))
		if err != nil || !samePixels(before, after) {
			t.Errorf("the picture changed: %v", err)
		}
	})
}

// hasPosition looks for tag 0x8825 in the first directory of every EXIF segment before the first scan,
// without the package's reader and as strict as the format is.
func hasPosition(b []byte) bool {
	for at := 2; at+4 <= len(b) && b[at] == 0xff && b[at+1] != mSOS; {
		n := int(binary.BigEndian.Uint16(b[at+2:]))
		if n < 2 || at+2+n > len(b) {
			return false
		}
		payload := b[at+4 : at+2+n]
		if b[at+1] == mAPP1 && len(payload) > 16 && string(payload[:6]) == "Exif\x00\x00" && firstHas(payload[6:], 0x8825) {
			return true
		}
		at += 2 + n
	}
	return false
}

func firstHas(tiff []byte, tag uint16) bool {
	var order binary.ByteOrder = binary.BigEndian
	if tiff[0] == 'I' {
		order = binary.LittleEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return false
	}
	n := int(order.Uint16(tiff[at:]))
	for e := tiff[at+2:]; n > 0 && len(e) >= 12; e, n = e[12:], n-1 {
		if order.Uint16(e) == tag {
			return true
		}
	}
	return false
}

// The fuzz target is worth as much as what it looks for.
func TestHasPosition(t *testing.T) {
	for name, b := range builders {
		photo := splice(plainJPEG(8, 8), exifSegment(b.exif(nil)))
		if !hasPosition(photo) || hasPosition(public(t, photo)) {
			t.Errorf("%s: got no position in the photo, or one in its public copy", name)
		}
	}
}
