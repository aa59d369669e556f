package wire

import (
	"bytes"
	"testing"
)

func TestNeedleFindsWhatBytesIndexFinds(t *testing.T) {
	texts := []string{"\r\n--" + nx300Boundary, "\n--b", "\r\n--aaaa", "\r\n--abab", "x", "xx"}
	for _, text := range texts {
		n := newNeedle([]byte(text))
		// Every text of up to 3 of these, one of which has the needle.
		pieces := []string{"", text, text[1:], text[:len(text)-1], "a", "ab", "-", "\r", "\n", "x"}
		for _, a := range pieces {
			for _, b := range pieces {
				for _, c := range pieces {
					in := []byte(a + b + c)
					if got, want := n.index(in), bytes.Index(in, n.text); got != want {
						t.Errorf("%q in %q: got %d, want %d", text, in, got, want)
					}
				}
			}
		}
	}
}
