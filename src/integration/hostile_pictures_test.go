//go:build integration

package integration

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// exifJPEG is a small photo with an EXIF segment made of a TIFF of any kind.
func exifJPEG(tiff string) string {
	return "\xff\xd8" + segmentOf(0xe1, "Exif\x00\x00"+tiff) + "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00abc\xff\xd9"
}

func segmentOf(marker byte, payload string) string {
	payload = payload[:min(len(payload), 65533)]
	return string([]byte{0xff, marker}) + string(binary.BigEndian.AppendUint16(nil, uint16(len(payload)+2))) + payload
}

// directory is a TIFF directory of entries of tag, type, count and value.
func directory(next uint32, entries ...[4]uint32) string {
	b := binary.LittleEndian.AppendUint16(nil, uint16(len(entries)))
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint16(b, uint16(e[0]))
		b = binary.LittleEndian.AppendUint16(b, uint16(e[1]))
		b = binary.LittleEndian.AppendUint32(b, e[2])
		b = binary.LittleEndian.AppendUint32(b, e[3])
	}
	return string(binary.LittleEndian.AppendUint32(b, next))
}

const tiffHead = "II*\x00\x08\x00\x00\x00"

// horrors are files that a reader of photos may loop in, read beyond, or make
// room for.
func horrors() map[string]string {
	const exif, gps, makerNote, orientation, thumbnail, thumbnailSize = 0x8769, 0x8825, 0x927c, 0x0112, 0x0201, 0x0202
	many := make([][4]uint32, 5000)
	for i := range many {
		many[i] = [4]uint32{exif, 4, 1, 8}
	}
	sof := "\x08\xff\xdc\xff\xdc\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"
	box := func(size uint32, name, rest string) string {
		return string(binary.BigEndian.AppendUint32(nil, size)) + name + rest
	}
	return map[string]string{
		"a directory that is its own next":         exifJPEG(tiffHead + directory(8, [4]uint32{orientation, 3, 1, 9})),
		"a directory that is its own EXIF":         exifJPEG(tiffHead + directory(0, [4]uint32{exif, 4, 1, 8}, [4]uint32{gps, 4, 1, 8})),
		"5,000 directories in each other":          exifJPEG(tiffHead + directory(8, many...)),
		"offsets of 4 GiB":                         exifJPEG(tiffHead + directory(0xfffffff0, [4]uint32{exif, 4, 1, 0xffffffff}, [4]uint32{gps, 4, 1, 0xfffffff8}, [4]uint32{thumbnail, 4, 1, 0xffffff00}, [4]uint32{thumbnailSize, 4, 1, 0xffffffff})),
		"counts of 4 billion":                      exifJPEG(tiffHead + directory(0, [4]uint32{makerNote, 7, 0xffffffff, 8}, [4]uint32{0x0110, 2, 0xffffffff, 8}, [4]uint32{0x9003, 2, 0x80000000, 0})),
		"a thumbnail that is the whole photo":      exifJPEG(tiffHead + directory(26, [4]uint32{orientation, 3, 1, 1}) + directory(0, [4]uint32{thumbnail, 4, 1, 0}, [4]uint32{thumbnailSize, 4, 1, 65535})),
		"a first directory behind the end":         exifJPEG("MM\x00*\xff\xff\xff\xff"),
		"a position divided by nothing":            exifJPEG(tiffHead + directory(0, [4]uint32{gps, 4, 1, 26}) + directory(0, [4]uint32{2, 5, 3, 0}, [4]uint32{4, 5, 3, 0})),
		"65,500 x 65,500 pixels":                   "\xff\xd8" + segmentOf(0xc0, sof) + "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00abc\xff\xd9",
		"10,000 segments":                          "\xff\xd8" + strings.Repeat(segmentOf(0xe5, ""), 10_000) + "\xff\xd9",
		"segments of a megabyte, and no end":       "\xff\xd8" + strings.Repeat(segmentOf(0xe1, strings.Repeat("Exif\x00\x00II*", 9000)), 16) + "\xff\xd9",
		"a segment of length 0":                    "\xff\xd8\xff\xe1\x00\x00Exif\x00\x00\xff\xd9",
		"fill bytes only":                          "\xff\xd8" + strings.Repeat("\xff", 1<<20) + "\xd9",
		"a PNG that is a bomb, called a photo":     "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x06\x00\x00\x00" + strings.Repeat("\x00", 1000),
		"a page, called a photo":                   "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>",
		"a film whose index is 4 GiB":              box(24, "ftyp", "isom\x00\x00\x02\x00isommp41") + box(0xffffffff, "moov", strings.Repeat("x", 1000)),
		"a film of boxes in boxes":                 box(24, "ftyp", "isom\x00\x00\x02\x00isommp41") + strings.Repeat(box(0, "moov", ""), 5000),
		"a film of boxes without a size":           box(24, "ftyp", "isom\x00\x00\x02\x00isommp41") + strings.Repeat(box(1, "free", "\x00\x00\x00\x00\x00\x00\x00\x00"), 1000),
		"a film that ends before it begins":        box(24, "ftyp", "isom\x00\x00\x02\x00isommp41") + box(1, "mdat", "\xff\xff\xff\xff\xff\xff\xff\xff"),
		"an AVI of 4 GiB":                          "RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xffhdrlavih\xff\xff\xff\xff",
		"a photo and a page and an archive in one": "\xff\xd8" + segmentOf(0xfe, "<script>alert(1)</script>") + "\xff\xd9PK\x03\x04" + strings.Repeat("x", 100),
	}
}

// pictures sends such files by e-mail and as posts that are to lose their
// position. They are taken as they are, or refused.
func pictures(ctx context.Context, s *siege) error {
	const from = "127.0.16.1"
	key := valueOf(s.say(ctx, from, loginTo("attic")), "Response SessionKey")
	if key == "" {
		return errors.New("there is no session to send pictures in")
	}
	for why, file := range horrors() {
		raw := letterOf(receiver("drop@example.org"), "t", "HORROR.JPG", file)
		if answer := s.say(ctx, from, raw); statusOf(answer) != "200" {
			return fmt.Errorf("%s: the answer is %q", why, answer)
		}
		// An e-mail that ends without a delimiter, so that only the photo can tell its end.
		cut := strings.TrimSuffix(raw, "\r\n--x\r\n")
		cut = strings.Replace(cut, fmt.Sprint("Content-Length: ", len(raw)-strings.Index(raw, "\r\n\r\n")-4), fmt.Sprint("Content-Length: ", len(cut)-strings.Index(cut, "\r\n\r\n")-4), 1)
		if answer := s.say(ctx, from, cut); statusOf(answer) != "200" && statusOf(answer) != "400" {
			return fmt.Errorf("%s, cut: the answer is %q", why, answer)
		}
		place := valueOf(s.say(ctx, from, announceTo("attic", key, why)), "ResourceID")
		if answer := s.say(ctx, from, uploadTo(place, file)); statusOf(answer) != "200" {
			return fmt.Errorf("%s as a post: the answer is %q", why, answer)
		}
	}
	return nil
}
