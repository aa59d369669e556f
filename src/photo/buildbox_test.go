package photo

import (
	"bytes"
	"encoding/binary"
)

// mpBox writes an MP4 box.
func mpBox(name string, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), append([]byte(name), body...)...)
}

// chunk writes a RIFF chunk; a name of eight letters is a list of a type.
func chunk(name string, parts ...[]byte) []byte {
	body := append([]byte(name[4:]), bytes.Join(parts, nil)...)
	out := append([]byte(name[:4]), binary.LittleEndian.AppendUint32(nil, uint32(len(body)))...)
	return append(append(out, body...), make([]byte, len(body)%2)...)
}

// movieHeader is mvhd, version 0, made so many seconds after 1904.
func movieHeader(made uint32) []byte {
	return mpBox("mvhd", make([]byte, 4), binary.BigEndian.AppendUint32(nil, made), make([]byte, 88))
}

func track(kind string, more ...[]byte) []byte {
	hdlr := mpBox("hdlr", make([]byte, 8), []byte(kind), make([]byte, 13))
	mdia := mpBox("mdia", mpBox("mdhd", make([]byte, 20)), hdlr, mpBox("minf", make([]byte, 30)), mpBox("meta", []byte(needles[0])))
	return mpBox("trak", append([][]byte{mpBox("tkhd", make([]byte, 84)), mdia}, more...)...)
}

// movie is an MP4 that tells where it was made in six ways.
func movie(kind string) []byte {
	place := []byte("+" + needles[2] + "+013.404954/")
	return bytes.Join([][]byte{
		mpBox("ftyp", []byte("mp42\x00\x00\x00\x00mp42isom")),
		mpBox("free", place),
		mpBox("moov",
			movieHeader(0xd0ac5014),
			mpBox("udta", mpBox("\xa9xyz", []byte{0, 30, 0x15, 0xc7}, place), mpBox("loci", make([]byte, 6), []byte(needles[3])),
				mpBox("@sec", []byte(needles[0]), builders["big-endian"].thumbnail())),
			track("soun", mpBox("udta", place)),
			track(kind),
			mpBox("meta", place),
			[]byte("\x00\x00\x00")),
		mpBox("uuid", make([]byte, 16), place),
		append([]byte("\x00\x00\x00\x01mdat\x00\x00\x00\x00\x00\x00\x01\x10"), bytes.Repeat([]byte("frame..."), 32)...),
	}, nil)
}

// clip is an AVI as cameras of 2009 write them, with what they hide in it.
func clip(kind string) []byte {
	return chunk("RIFFAVI ",
		chunk("LISThdrl", chunk("avih", make([]byte, 56)),
			chunk("LISTstrl", chunk("strh", []byte(kind+"mjpg"), make([]byte, 48)), chunk("strf", make([]byte, 40)), chunk("strd", []byte(needles[0]))),
		),
		chunk("LISTINFO", chunk("IART", []byte(needles[1]))),
		chunk("JUNK", []byte(needles[1])), // of odd length
		chunk("LISTmovi", chunk("00dc", []byte("frame"))),
		chunk("idx1", make([]byte, 16)))
}
