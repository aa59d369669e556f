package sim

import "encoding/binary"

// EXIF value types.
const (
	exifByte     = 1
	exifASCII    = 2
	exifShort    = 3
	exifLong     = 4
	exifRational = 5
)

// entry is one value in an EXIF directory.
type entry struct {
	tag, kind uint16
	count     uint32
	value     []byte
}

func ascii(tag uint16, s string) entry {
	return entry{tag, exifASCII, uint32(len(s) + 1), append([]byte(s), 0)}
}

func short(tag uint16, n uint16) entry {
	return entry{tag, exifShort, 1, binary.LittleEndian.AppendUint16(nil, n)}
}

func long(tag uint16, n int) entry {
	return entry{tag, exifLong, 1, binary.LittleEndian.AppendUint32(nil, uint32(n))}
}

// degrees is an angle in the way GPS entries have it; centiseconds are hundredths of an arc second.
func degrees(tag uint16, degrees, minutes, centiseconds uint32) entry {
	var b []byte
	for _, n := range []uint32{degrees, 1, minutes, 1, centiseconds, 100} {
		b = binary.LittleEndian.AppendUint32(b, n)
	}
	return entry{tag, exifRational, 3, b}
}

// directory lays out entries, ascending by tag, for the offset at which they will stand. Values longer than four
// bytes follow the directory; next is the offset of the following directory, or 0.
func directory(at, next int, entries []entry) []byte {
	le := binary.LittleEndian
	table := le.AppendUint16(nil, uint16(len(entries)))
	after := at + 2 + 12*len(entries) + 4
	var values []byte
	for _, e := range entries {
		table = le.AppendUint16(table, e.tag)
		table = le.AppendUint16(table, e.kind)
		table = le.AppendUint32(table, e.count)
		if len(e.value) <= 4 {
			table = append(table, e.value...)
			table = append(table, make([]byte, 4-len(e.value))...)
			continue
		}
		table = le.AppendUint32(table, uint32(after+len(values)))
		values = append(values, e.value...)
		if len(values)%2 == 1 {
			values = append(values, 0) // offsets are even
		}
	}
	table = le.AppendUint32(table, uint32(next))
	return append(table, values...)
}

// exif is the APP1 segment of a photo: what a camera notes, and a small picture.
func exif(p Photo, thumbnail []byte) []byte {
	taken := p.Taken.Format("2006:01:02 15:04:05")
	main := []entry{
		ascii(0x010F, "SAMSUNG"),
		ascii(0x0110, p.Model),
		short(0x0112, 1), // upright
		ascii(0x0132, taken),
		long(0x8769, 0), // where the next two stand is known below
		long(0x8825, 0),
	}
	shot := []entry{
		{0x9000, 7, 4, []byte("0230")},
		ascii(0x9003, taken),
		long(0xA002, sceneWidth),
		long(0xA003, sceneHeight),
		ascii(0xA431, p.Serial()),
	}
	place := []entry{
		{0x0000, exifByte, 4, []byte{2, 3, 0, 0}},
		ascii(0x0001, "N"),
		degrees(0x0002, 46, 34, 3918),
		ascii(0x0003, "E"),
		degrees(0x0004, 8, 0, 1902),
	}
	small := []entry{
		short(0x0103, 6), // a JPEG
		long(0x0201, 0),
		long(0x0202, len(thumbnail)),
	}

	const first = 8
	shotAt := first + len(directory(0, 0, main))
	placeAt := shotAt + len(directory(0, 0, shot))
	smallAt := placeAt + len(directory(0, 0, place))
	main[4], main[5] = long(0x8769, shotAt), long(0x8825, placeAt)
	small[1] = long(0x0201, smallAt+len(directory(0, 0, small)))

	tiff := []byte{'I', 'I', 42, 0, first, 0, 0, 0}
	tiff = append(tiff, directory(first, smallAt, main)...)
	tiff = append(tiff, directory(shotAt, 0, shot)...)
	tiff = append(tiff, directory(placeAt, 0, place)...)
	tiff = append(tiff, directory(smallAt, 0, small)...)
	tiff = append(tiff, thumbnail...)

	segment := []byte{0xFF, 0xE1}
	segment = binary.BigEndian.AppendUint16(segment, uint16(2+6+len(tiff)))
	segment = append(segment, "Exif\x00\x00"...)
	return append(segment, tiff...)
}
