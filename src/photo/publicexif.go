package photo

import "sort"

// Tags that lead to a further directory.
const (
	tagExif    = 0x8769
	tagInterop = 0xa005
)

// keptTag is a field that may be shown. Type and count must be these (a text's count is free), so that
// a damaged entry does not bring its neighbours along.
type keptTag struct {
	tag, typ uint16
	count    uint32
}

// What EXIF 2.3 (CIPA DC-008) tells about the picture and not about the person. Tags ascend, as in
// the directory that is made of them. The time zone (0x9010) stays out: it narrows down the place.
var (
	keptImage = []keptTag{
		{0x010f, tASCII, 0},    // Make
		{0x0110, tASCII, 0},    // Model
		{0x0112, tShort, 1},    // Orientation
		{0x011a, tRational, 1}, // XResolution
		{0x011b, tRational, 1}, // YResolution
		{0x0128, tShort, 1},    // ResolutionUnit
		{0x0131, tASCII, 0},    // Software
		{0x0132, tASCII, 0},    // DateTime
		{0x0213, tShort, 1},    // YCbCrPositioning
		{0x8298, tASCII, 0},    // Copyright, written to be read
	}
	keptExif = []keptTag{
		{0x829a, tRational, 1},  // ExposureTime
		{0x829d, tRational, 1},  // FNumber
		{0x8822, tShort, 1},     // ExposureProgram
		{0x8827, tShort, 1},     // ISO
		{0x9000, tUndefined, 4}, // ExifVersion
		{0x9003, tASCII, 0},     // DateTimeOriginal
		{0x9004, tASCII, 0},     // DateTimeDigitized
		{0x9101, tUndefined, 4}, // ComponentsConfiguration
		{0x9102, tRational, 1},  // CompressedBitsPerPixel
		{0x9201, tSRational, 1}, // ShutterSpeedValue
		{0x9202, tRational, 1},  // ApertureValue
		{0x9203, tSRational, 1}, // BrightnessValue
		{0x9204, tSRational, 1}, // ExposureBiasValue
		{0x9205, tRational, 1},  // MaxApertureValue
		{0x9207, tShort, 1},     // MeteringMode
		{0x9208, tShort, 1},     // LightSource
		{0x9209, tShort, 1},     // Flash
		{0x920a, tRational, 1},  // FocalLength
		{0xa000, tUndefined, 4}, // FlashpixVersion
		{0xa001, tShort, 1},     // ColorSpace
		{0xa002, tShort, 1},     // PixelXDimension
		{0xa002, tLong, 1},
		{0xa003, tShort, 1}, // PixelYDimension
		{0xa003, tLong, 1},
		{0xa217, tShort, 1},     // SensingMethod
		{0xa300, tUndefined, 1}, // FileSource
		{0xa301, tUndefined, 1}, // SceneType
		{0xa401, tShort, 1},     // CustomRendered
		{0xa402, tShort, 1},     // ExposureMode
		{0xa403, tShort, 1},     // WhiteBalance
		{0xa404, tRational, 1},  // DigitalZoomRatio
		{0xa405, tShort, 1},     // FocalLengthIn35mmFilm
		{0xa406, tShort, 1},     // SceneCaptureType
		{0xa407, tShort, 1},     // GainControl
		{0xa408, tShort, 1},     // Contrast
		{0xa409, tShort, 1},     // Saturation
		{0xa40a, tShort, 1},     // Sharpness
		{0xa40c, tShort, 1},     // SubjectDistanceRange
		{0xa432, tRational, 4},  // LensSpecification
		{0xa433, tASCII, 0},     // LensMake
		{0xa434, tASCII, 0},     // LensModel
	}
	keptInterop = []keptTag{
		{0x0001, tASCII, 0},     // InteroperabilityIndex: R03 is Adobe RGB
		{0x0002, tUndefined, 4}, // InteroperabilityVersion
	}
)

// publicEXIF returns the payload of a new EXIF segment with what may be shown of the TIFF b, never longer
// than the old one; nil if there is nothing to show, or if b claims more than fits into it.
func publicEXIF(b []byte) []byte {
	t, d0 := openTIFF(b)
	d1 := t.directory(t.number(d0, tagExif))
	d2 := t.directory(t.number(d1, tagInterop))

	out := append([]byte(nil), b[:min(len(b), 8)]...)
	image, exif := t.kept(d0, keptImage), t.kept(d1, keptExif)
	if interop := t.kept(d2, keptInterop); len(interop) > 0 {
		out, exif = t.link(out, exif, tagInterop, interop)
	}
	if len(exif) > 0 {
		out, image = t.link(out, image, tagExif, exif)
	}
	if len(image) == 0 {
		return nil
	}
	out, at := t.appendDirectory(out, image)
	t.order.PutUint32(out[4:], at)
	if len(out) > len(b) {
		return nil
	}
	return append([]byte("Exif\x00\x00"), out...)
}

// kept picks what the table allows from d, in the table's order, texts cleaned.
func (t tiff) kept(d directory, table []keptTag) []field {
	var fields []field
	for _, k := range table {
		f, ok := t.field(d, k.tag)
		if !ok || f.typ != k.typ {
			continue
		}
		if f.typ == tASCII {
			s := clean(f.value)
			if s == "" {
				continue
			}
			f.value = append([]byte(s), 0)
			f.count = uint32(len(f.value))
		} else if f.count != k.count {
			continue
		}
		fields = append(fields, f)
	}
	return fields
}

// link appends sub to out, and to fields the tag that leads there.
func (t tiff) link(out []byte, fields []field, tag uint16, sub []field) ([]byte, []field) {
	out, at := t.appendDirectory(out, sub)
	f := field{tag: tag, typ: tLong, count: 1, value: make([]byte, 4)}
	t.order.PutUint32(f.value, at)
	fields = append(fields, f)
	sort.Slice(fields, func(i, j int) bool { return fields[i].tag < fields[j].tag })
	return out, fields
}

// appendDirectory appends an IFD that has no next one, followed by its values.
func (t tiff) appendDirectory(out []byte, fields []field) ([]byte, uint32) {
	at := len(out)
	out = append(out, make([]byte, 2+12*len(fields)+4)...)
	t.order.PutUint16(out[at:], uint16(len(fields)))
	for i, f := range fields {
		e := out[at+2+12*i:]
		t.order.PutUint16(e, f.tag)
		t.order.PutUint16(e[2:], f.typ)
		t.order.PutUint32(e[4:], f.count)
		if len(f.value) <= 4 {
			copy(e[8:12], f.value)
			continue
		}
		t.order.PutUint32(e[8:], uint32(len(out)))
		out = append(out, f.value...)
		out = append(out, make([]byte, len(out)%2)...) // values begin at even offsets
	}
	return out, uint32(at)
}
