package deflate

import (
	"fmt"
	"slices"
	"testing"
)

// huffman is the size of what the best code without a limit makes.
func huffman(counts []uint32) (size int) {
	var open []int
	for _, n := range counts {
		if n > 0 {
			open = append(open, int(n))
		}
	}
	for len(open) > 1 {
		slices.Sort(open)
		size += open[0] + open[1]
		open = append(open[2:], open[0]+open[1])
	}
	return size
}

func TestCodeLengths(t *testing.T) {
	fibonacci := []uint32{1, 1}
	for i := 2; i < 20; i++ {
		fibonacci = append(fibonacci, fibonacci[i-1]+fibonacci[i-2])
	}
	cases := []struct {
		why    string
		counts []uint32
		limit  int
		size   int // -1: that of Huffman's code
	}{
		{"none is used: two get a code", make([]uint32, 5), 15, 0},
		{"one is used", []uint32{0, 0, 7}, 15, 7},
		{"equal ones", []uint32{3, 3, 3, 3, 3, 3, 3, 3}, 7, -1},
		{"as many as the limit allows", slices.Repeat([]uint32{1}, 128), 7, -1},
		{"some", []uint32{45, 13, 12, 16, 9, 5}, 15, -1},
		{"unused ones between", []uint32{0, 45, 0, 13, 12, 0, 16, 9, 5, 0}, 15, -1},
		{"the deepest tree within the limit", fibonacci[:16], 15, -1},
		// Without the limit it were 4, 4, 3, 2, 1 bits: 25 in all.
		{"deeper than the limit", []uint32{1, 1, 2, 3, 5}, 3, 26},
	}
	for _, c := range cases {
		lengths := codeLengths(c.counts, c.limit)
		size, space := 0, 0
		for symbol, n := range lengths {
			size += int(n) * int(c.counts[symbol])
			if n > 0 {
				space += 1 << (c.limit - int(n))
			} else if c.counts[symbol] > 0 {
				t.Errorf("%s: symbol %d has no code", c.why, symbol)
			}
			if int(n) > c.limit {
				t.Errorf("%s: a code of %d bits", c.why, n)
			}
		}
		if space != 1<<c.limit {
			t.Errorf("%s: the code %v has holes, or no room", c.why, lengths)
		}
		want := c.size
		if want < 0 {
			want = huffman(c.counts)
		}
		if size != want {
			t.Errorf("%s: %v makes %d bits, want %d", c.why, lengths, size, want)
		}
	}
}

// The example of RFC 1951, 3.2.2.
func TestCodes(t *testing.T) {
	lengths := []uint8{3, 3, 3, 3, 3, 2, 4, 4}
	want := []string{"010", "011", "100", "101", "110", "00", "1110", "1111"}
	for symbol, code := range codes(lengths) {
		text := ""
		for i := range lengths[symbol] {
			text += fmt.Sprint(code >> i & 1)
		}
		if text != want[symbol] {
			t.Errorf("symbol %d: %s, want %s", symbol, text, want[symbol])
		}
	}
}
