package photo

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
)

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
		{"first box of length 7", []byte("\x00\x00\x00\x07ftypmp42")},
		{"clip shorter than its own type", []byte("RIFF\x01\x00\x00\x00AVI ")},
		{"track that does not say what it is", append(mpBox("ftyp", []byte("mp42")), mpBox("moov", mpBox("trak", mpBox("mdia", mpBox("hdlr"))))...)},
	} {
		r, err := NewPublic(bytes.NewReader(c.file), int64(len(c.file)))
		if !errors.Is(err, ErrPrivate) || r != nil {
			t.Errorf("%s: got %v, want %v", c.why, err, ErrPrivate)
		}
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
