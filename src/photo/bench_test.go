package photo

import (
	"bytes"
	"io"
	"testing"
)

// photo5M is as large as a photo of 20 megapixels, coded data repeated.
func photo5M() []byte {
	b := builders["little-endian"]
	plain := plainJPEG(512, 512)
	out := splice(plain, exifSegment(b.exif(b.thumbnail())))
	out = out[:len(out)-2]
	coded := out[len(out)-len(plain)/2:]
	for len(out) < 5<<20 {
		out = append(out, coded...)
	}
	return append(out, 0xff, mEOI)
}

func BenchmarkPublic(b *testing.B) {
	file := photo5M()
	b.Run("copy", func(b *testing.B) {
		measure(b, file, func() io.Reader { return io.NewSectionReader(bytes.NewReader(file), 0, int64(len(file))) })
	})
	b.Run("public", func(b *testing.B) {
		measure(b, file, func() io.Reader {
			r, err := NewPublic(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				b.Fatal(err)
			}
			return r
		})
	})
}

func measure(b *testing.B, file []byte, open func() io.Reader) {
	buf := make([]byte, 32<<10)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, open(), buf)
		if err != nil || n != int64(len(file)) {
			b.Fatal(n, err)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	file := photo5M()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(bytes.NewReader(file), int64(len(file))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkComplete(b *testing.B) {
	file := photo5M()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if v := complete(b, file); v != Whole {
			b.Fatal(v)
		}
	}
}
