package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"snsbridge/src/mkipk/deflate"
)

// gzipped returns the data as a file of gzip without name and time.
func gzipped(data []byte) ([]byte, error) {
	const unknown, slowest, deflated = 255, 2, 8 // system, effort, method
	out := []byte{0x1f, 0x8b, deflated, 0, 0, 0, 0, 0, slowest, unknown}
	packed, err := squeeze(data)
	if err != nil {
		return nil, err
	}
	out = append(out, packed...)
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE(data))
	return binary.LittleEndian.AppendUint32(out, uint32(len(data))), nil
}

// squeeze returns the data as a deflate stream, and makes sure that what is to
// be unpacked on routers can be unpacked.
func squeeze(data []byte) ([]byte, error) {
	packed := deflate.Compress(data)
	back, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err == nil && !bytes.Equal(back, data) {
		err = errors.New("other bytes come back")
	}
	if err != nil {
		return nil, fmt.Errorf("deflate of %d bytes: %w", len(data), err)
	}
	return packed, nil
}
