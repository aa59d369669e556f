package main

import "encoding/binary"

// adb is the tree of values at the head of an .apk of version 3, apk-tools'
// own binary form: values are words of 32 bits, little-endian, with a type in
// the upper four and the value, or the offset of the value, in the others.
// The same bytes are kept once, which is how apk itself writes it.
type adb struct {
	buf  []byte
	kept map[string]uint32
}

// value is one word; 0 is the absent value.
type value uint32

const (
	adbInt    value = 0x1 << 28
	adbInt32  value = 0x2 << 28
	adbBlob8  value = 0x8 << 28
	adbBlob16 value = 0x9 << 28
	adbBlob32 value = 0xa << 28
	adbObject value = 0xe << 28 // also of arrays: apk reads both alike

	adbHead = 8 // bytes: version of the format, and the root's value
)

func newADB() *adb { return &adb{buf: make([]byte, adbHead), kept: map[string]uint32{}} }

// put returns the offset of the bytes.
func (a *adb) put(b []byte, align int) uint32 {
	if at, ok := a.kept[string(b)]; ok && int(at)%align == 0 {
		return at
	}
	at := a.fresh(b, align)
	a.kept[string(b)] = at
	return at
}

// fresh is put, for bytes that will be changed.
func (a *adb) fresh(b []byte, align int) uint32 {
	for len(a.buf)%align != 0 {
		a.buf = append(a.buf, 0)
	}
	at := uint32(len(a.buf))
	a.buf = append(a.buf, b...)
	return at
}

func (a *adb) int(n uint32) value {
	if n < 1<<28 {
		return adbInt | value(n)
	}
	return adbInt32 | value(a.put(binary.LittleEndian.AppendUint32(nil, n), 4))
}

func (a *adb) text(s string) value {
	switch n := len(s); {
	case n == 0:
		return 0
	case n <= 0xff:
		return adbBlob8 | value(a.put(append([]byte{byte(n)}, s...), 1))
	case n <= 0xffff:
		return adbBlob16 | value(a.put(append(binary.LittleEndian.AppendUint16(nil, uint16(n)), s...), 2))
	default:
		return adbBlob32 | value(a.put(append(binary.LittleEndian.AppendUint32(nil, uint32(n)), s...), 4))
	}
}

// object keeps values in numbered slots, the first of which is 1: slot 0 is
// the number of slots. Absent values at the end are not written.
func (a *adb) object(slots ...value) value {
	for len(slots) > 0 && slots[len(slots)-1] == 0 {
		slots = slots[:len(slots)-1]
	}
	if len(slots) == 0 {
		return 0
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(slots)+1))
	for _, v := range slots {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return adbObject | value(a.put(b, 4))
}

// root ends the tree.
func (a *adb) root(v value) { binary.LittleEndian.PutUint32(a.buf[4:], uint32(v)) }

// block returns a block of the file: a word of two bits of type and thirty of
// length with that word, padded to eight bytes.
func block(kind uint32, payload ...[]byte) []byte {
	b := make([]byte, 4)
	for _, p := range payload {
		b = append(b, p...)
	}
	binary.LittleEndian.PutUint32(b, kind<<30|uint32(len(b)))
	for len(b)%8 != 0 {
		b = append(b, 0)
	}
	return b
}
