package main

import (
	"encoding/binary"
	"strings"
	"testing"
)

// Values at the borders between the forms that apk has for them.
func TestValues(t *testing.T) {
	text := func(n int) func(*adb) value {
		return func(a *adb) value { return a.text(strings.Repeat("x", n)) }
	}
	number := func(n uint32) func(*adb) value {
		return func(a *adb) value { return a.int(n) }
	}
	cases := []struct {
		why   string
		put   func(*adb) value
		kind  value
		align int
		bytes string // that begin what is kept
	}{
		{"no text is no value", text(0), 0, 0, ""},
		{"the longest with one byte of length", text(255), adbBlob8, 1, "\xffx"},
		{"the shortest with two", text(256), adbBlob16, 2, "\x00\x01x"},
		{"the longest with two", text(65535), adbBlob16, 2, "\xff\xffx"},
		{"the shortest with four", text(65536), adbBlob32, 4, "\x00\x00\x01\x00x"},
		{"a number that fits the word is not kept", number(1<<28 - 1), adbInt, 0, ""},
		{"the smallest that does not", number(1 << 28), adbInt32, 4, "\x00\x00\x00\x10"},
	}
	for _, c := range cases {
		a := newADB()
		a.text("!") // so that the next byte is on no border
		v := c.put(a)
		if kind := v &^ (1<<28 - 1); kind != c.kind {
			t.Errorf("%s: kind %#x, want %#x", c.why, kind, c.kind)
		}
		if c.align == 0 {
			continue
		}
		at := int(v & (1<<28 - 1))
		if at%c.align != 0 || !strings.HasPrefix(string(a.buf[at:]), c.bytes) {
			t.Errorf("%s: at %d, aligned to %d: % x..., want % x", c.why, at, c.align, a.buf[at:min(len(a.buf), at+8)], c.bytes)
		}
		if again := c.put(a); again != v {
			t.Errorf("%s: put again it is %#x, and was %#x", c.why, again, v)
		}
	}
}

// Equal bytes serve a second time only where they may stand.
func TestAlignedAgain(t *testing.T) {
	a := newADB()
	number := binary.LittleEndian.AppendUint32(nil, 1<<28)
	a.put([]byte{1}, 1)
	first := a.put(number, 1)
	if v := a.int(1 << 28); uint32(v)&(1<<28-1) == first || uint32(v)%4 != 0 {
		t.Errorf("a number is at %#x, and the same bytes at %#x", v, first)
	}
}
