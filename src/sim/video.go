package sim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"time"
)

// Video is a made-up recording: an MP4 whose boxes are valid but whose content is noise, so nothing can play it.
// The bytes follow from the fields alone.
type Video struct {
	Taken time.Time
	Size  int64 // bytes; 0 is as small as it can be
	Seed  uint64
}

// File gives the video as a file that is made up while it is read. It fails when Size is too small for the boxes.
func (v Video) File() (File, error) {
	head := append(box("ftyp", []byte("isom\x00\x00\x02\x00isommp42")), box("moov", box("mvhd", v.header()))...)
	smallest := int64(len(head) + 8)
	size := v.Size
	if size == 0 {
		size = smallest
	}
	if size < smallest {
		return File{}, fmt.Errorf("video: cannot be made in %d bytes; %d are the fewest", size, smallest)
	}
	media := size - int64(len(head))
	if media <= math.MaxUint32 {
		head = append(binary.BigEndian.AppendUint32(head, uint32(media)), "mdat"...)
	} else {
		head = append(head, 0, 0, 0, 1, 'm', 'd', 'a', 't') // 1: the length follows in 64 bits
		head = binary.BigEndian.AppendUint64(head, uint64(media))
	}
	return File{
		Name: fmt.Sprintf("SAM_%04d.MP4", v.Seed%10000),
		Type: "video/mp4",
		Size: size,
		Open: func() (io.ReadCloser, error) {
			filler := io.LimitReader(noise(v.Seed, "video"), size-int64(len(head)))
			return io.NopCloser(io.MultiReader(bytes.NewReader(head), filler)), nil
		},
	}, nil
}

func box(name string, content []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(content)))
	return append(append(b, name...), content...)
}

// header is the content of mvhd, version 0: when it was taken, one second long, normal speed, volume and orientation.
func (v Video) header() []byte {
	const from1904 = 2082844800 // seconds to 1970
	taken := uint32(v.Taken.Unix() + from1904)
	b := make([]byte, 100)
	be := binary.BigEndian
	be.PutUint32(b[4:], taken)
	be.PutUint32(b[8:], taken)
	be.PutUint32(b[12:], 1000) // units a second
	be.PutUint32(b[16:], 1000)
	be.PutUint32(b[20:], 1<<16)
	be.PutUint16(b[24:], 1<<8)
	for i, n := range []uint32{1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30} {
		be.PutUint32(b[36+4*i:], n)
	}
	be.PutUint32(b[96:], 1) // next track
	return b
}
