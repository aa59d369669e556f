package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func FuzzParts(f *testing.F) {
	files, _ := filepath.Glob("testdata/parts/*.body")
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "b", uint16(len(body)))
		f.Add(body, "", uint16(len(body)))
		f.Add(body, nx300Boundary, uint16(max(len(body)-8, 0)))
		f.Add(body, nx300Boundary, uint16(len(body)))
	}
	f.Fuzz(func(t *testing.T, data []byte, boundary string, announced uint16) {
		// The same bytes give the same parts, in whatever pieces they arrive.
		body, rest := data, []byte(nil)
		if int(announced) < len(data) {
			body, rest = data[:announced], data[announced:]
		}
		var parts []got
		var end error
		for i, chunks := range []func(io.Reader) io.Reader{
			func(r io.Reader) io.Reader { return r },
			iotest.OneByteReader,
			iotest.DataErrReader,
			func(r io.Reader) io.Reader { return &pieces{Reader: r, size: 1 + int(announced%50)} },
		} {
			p := NewParts(chunks(bytes.NewReader(body)), chunks(bytes.NewReader(rest)), boundary)
			again, err := readParts(p)
			if i == 0 {
				parts, end = again, err
			}
			if !slices.Equal(parts, again) || fmt.Sprint(err) != fmt.Sprint(end) {
				t.Fatalf("in pieces %d: got %v, %v\nwant %v, %v", i, again, err, parts, end)
			}
		}
		for _, known := range []error{io.EOF, io.ErrUnexpectedEOF, ErrBoundary, ErrPartHeader, ErrPartCount} {
			if errors.Is(end, known) {
				end = nil
			}
		}
		if end != nil {
			t.Fatalf("got error %v", end)
		}
		// What comes out went in, in this order.
		unseen := data
		for _, part := range parts {
			i := bytes.Index(unseen, []byte(part.content))
			if i < 0 {
				t.Fatalf("content %q is not in %q", part.content, unseen)
			}
			unseen = unseen[i+len(part.content):]
			if part.ending == Unread {
				t.Fatalf("part without ending: %v", part)
			}
		}
		roundTrip(t, data, announced)
	})
}

// roundTrip makes a body of contents and expects them back.
func roundTrip(t *testing.T, data []byte, seed uint16) {
	eol := []string{"\r\n", "\n"}[seed%2]
	var want []string
	var body strings.Builder
	for content := range strings.SplitSeq(string(data), "|") {
		if len(want) == maxParts || strings.Contains(eol+content, eol+"--b") {
			break
		}
		want = append(want, content)
		body.WriteString("--b" + eol + eol + content + eol)
	}
	endings := []string{"", "--", eol, "--" + eol, "-"}
	body.WriteString("--b" + endings[int(seed)%len(endings)])
	if body.Len() < len("--b\n\n") {
		return
	}
	announced := body.Len() - int(seed)%min(body.Len(), 60)
	var parts []got
	var err error
	if announced == body.Len() || len(want) > 0 && announced > strings.LastIndex(body.String(), "--b"+eol+eol)+len("--b"+eol+eol) {
		p := NewParts(strings.NewReader(body.String()[:announced]), strings.NewReader(body.String()[announced:]), "b")
		parts, err = readParts(p)
	} else {
		parts, err = readParts(NewParts(strings.NewReader(body.String()), nil, "b"))
	}
	if err != io.EOF || len(parts) != len(want) {
		t.Fatalf("got %v, %v from %q in %d, want %q", parts, err, body.String(), announced, want)
	}
	for i, part := range parts {
		if part.content != want[i] || part.ending != Delimited {
			t.Fatalf("got %v from %q in %d, want %q", part, body.String(), announced, want[i])
		}
	}
}

// pieces reads a fixed number of bytes at a time.
type pieces struct {
	io.Reader
	size int
}

func (p *pieces) Read(b []byte) (int, error) {
	return p.Reader.Read(b[:min(len(b), p.size)])
}

// BenchmarkParts reads an e-mail of five photos of 6 MB, next to a copy of the same bytes.
func BenchmarkParts(b *testing.B) {
	noise := make([]byte, 6<<20)
	for i, x := 0, uint32(1); i < len(noise); i++ {
		x = x*1664525 + 1013904223
		noise[i] = byte(x >> 24)
	}
	var body bytes.Buffer
	for range 5 {
		body.WriteString("--" + nx300Boundary + "\r\ncontent-disposition: form-data; name=\"binary\"\r\n\r\n")
		body.Write(noise)
		body.WriteString("\r\n")
	}
	body.WriteString("--" + nx300Boundary)
	type onlyReader struct{ io.Reader }
	type onlyWriter struct{ io.Writer }
	sink := bytes.NewBuffer(make([]byte, 0, len(noise)+bytes.MinRead))
	buf := make([]byte, bufferSize)

	parts := func(b *testing.B, each func(*Part) error) {
		b.SetBytes(int64(body.Len()))
		for b.Loop() {
			p := NewParts(bytes.NewReader(body.Bytes()), nil, nx300Boundary)
			for {
				part, err := p.Next()
				if err == io.EOF {
					break
				}
				sink.Reset()
				if err = each(part); err != nil || sink.Len() != len(noise) {
					b.Fatalf("got %d bytes, %v", sink.Len(), err)
				}
			}
		}
	}
	b.Run("copy", func(b *testing.B) {
		b.SetBytes(int64(body.Len()))
		for b.Loop() {
			all := bytes.NewReader(body.Bytes())
			for range 5 {
				sink.Reset()
				io.CopyBuffer(onlyWriter{sink}, onlyReader{io.LimitReader(all, int64(len(noise)))}, buf)
			}
		}
	})
	b.Run("WriteTo", func(b *testing.B) {
		parts(b, func(p *Part) error { _, err := p.WriteTo(sink); return err })
	})
	b.Run("Read", func(b *testing.B) {
		parts(b, func(p *Part) error { _, err := io.CopyBuffer(onlyWriter{sink}, onlyReader{p}, buf); return err })
	})
}
