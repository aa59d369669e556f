package wire

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

func TestPartsMayBeSkipped(t *testing.T) {
	body, want := email(3, "--")
	p := NewParts(strings.NewReader(body), nil, nx300Boundary)
	var skipped *Part
	for _, w := range want {
		part, err := p.Next()
		if err != nil || part.Name != w.name || part.FileName != w.file {
			t.Fatalf("got %v, %v, want %v", part, err, w)
		}
		if skipped != nil {
			if n, err := skipped.Read(make([]byte, 9)); n != 0 || err == io.EOF || err == nil {
				t.Errorf("reading a skipped part: got %d bytes, %v, want an error", n, err)
			}
		}
		skipped = part
	}
	if _, err := p.Next(); err != io.EOF {
		t.Errorf("after the last part: got %v, want EOF", err)
	}
}

func TestPartIsTestedAsReader(t *testing.T) {
	body, want := email(20, "--")
	p := NewParts(strings.NewReader(body), nil, nx300Boundary)
	for _, w := range want {
		part, err := p.Next()
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(part, []byte(w.content)); err != nil {
			t.Error(err)
		}
	}
}

func TestWriteTo(t *testing.T) {
	body, want := email(20, "--")
	p := NewParts(iotest.HalfReader(strings.NewReader(body)), nil, nx300Boundary)
	for _, w := range want {
		part, err := p.Next()
		if err != nil {
			t.Fatal(err)
		}
		var content strings.Builder
		if n, err := io.Copy(&content, part); err != nil || content.String() != w.content || int(n) != len(w.content) {
			t.Errorf("got %d bytes %q, %v, want %q", n, content.String(), err, w.content)
		}
	}
	part, _ := firstPart(body)
	if _, err := part.WriteTo(fullDisk{}); err != errFull {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

func firstPart(body string) (*Part, error) {
	return NewParts(strings.NewReader(body), nil, "").Next()
}

var errFull = errors.New("no space left")

type fullDisk struct{}

func (fullDisk) Write(p []byte) (int, error) { return len(p) / 2, errFull }

// zeros is a file that fits into no memory.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestLargePartNeedsNoMemory(t *testing.T) {
	const size = 256 << 20
	body := io.MultiReader(strings.NewReader("--b\r\n\r\n"), io.LimitReader(zeros{}, size), strings.NewReader("\r\n--b--"))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	part, err := NewParts(body, nil, "b").Next()
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, part)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; n != size || err != nil || used > 1<<20 {
		t.Errorf("read %d bytes with %d bytes of memory, %v, want %d with less than 1 MiB", n, used, err, size)
	}
}
