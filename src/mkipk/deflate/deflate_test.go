package deflate

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"testing"
)

// random are bytes that look like none before.
func random(n int, seed uint64) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed)}).Read(b)
	return b
}

// words are text in which much comes again, near and far.
func words(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	for b.Len() < n {
		b.WriteString(strings.Repeat("snsbridge", 30)[r.IntN(9) : 9+r.IntN(250)])
		b.WriteByte(byte(r.IntN(256)))
	}
	return b.Bytes()[:n]
}

func same(t *testing.T, why string, data, packed []byte) {
	t.Helper()
	got, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil || !bytes.Equal(got, data) {
		t.Errorf("%s: of %d bytes %d came back, %v", why, len(data), len(got), err)
	}
}

// What compress/flate makes of it is what went in.
func TestUnpack(t *testing.T) {
	far := func(distance int) []byte {
		first := random(300, 3)
		return append(append(first, bytes.Repeat([]byte{0}, distance-len(first))...), first...)
	}
	cases := []struct {
		why  string
		data []byte
	}{
		{"nothing", nil},
		{"one byte", []byte("x")},
		{"fewer than a match has", []byte("xx")},
		{"the shortest match", []byte("abcabc")},
		{"only literals", random(3000, 1)},
		{"the longest matches, overlapping", bytes.Repeat([]byte("x"), 20_000)},
		{"text", words(30_000)},
		{"a match as far as possible", far(window)},
		{"one that is too far", far(window + 1)},
		{"blocks of different kinds", append(append(words(20_000), random(20_000, 2)...), words(20_000)...)},
	}
	for n := 250; n < 270; n++ {
		cases = append(cases, struct {
			why  string
			data []byte
		}{"lengths around the longest", append(append(random(n, 5), "between"...), random(n, 5)...)})
	}
	for _, c := range cases {
		same(t, c.why, c.data, Compress(c.data))
		same(t, c.why+", in segments", c.data, compress(c.data, 1000))
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte("abcabcabc"), 5)
	f.Add(words(5000), 1000)
	f.Fuzz(func(t *testing.T, data []byte, segment int) {
		same(t, "fuzz", data, compress(data, max(100, segment)))
	})
}

// A program is what packages are made of; this one stands for it.
func TestSmallerThanFlate(t *testing.T) {
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data = data[64<<10 : 384<<10]
	var theirs bytes.Buffer
	z, err := flate.NewWriter(&theirs, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	z.Write(data)
	z.Close()
	ours := Compress(data)
	same(t, "a program", data, ours)
	t.Logf("%d bytes, compress/flate %d", len(ours), theirs.Len())
	if len(ours) > theirs.Len()*95/100 {
		t.Errorf("%d bytes, want 5 %% fewer than the %d of compress/flate", len(ours), theirs.Len())
	}
}

// However many processors share the work, and in whatever order they end.
func TestSameBytes(t *testing.T) {
	data := words(50_000)
	want := compress(data, 3000)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if got := compress(data, 3000); !bytes.Equal(got, want) {
		t.Errorf("%d bytes on one processor, %d on all, or others", len(got), len(want))
	}
}
