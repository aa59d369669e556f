package photo

import "bytes"

// Markers of ISO 10918-1 (JPEG), the byte after 0xFF.
const (
	mTEM  = 0x01
	mSOF0 = 0xc0
	mDHT  = 0xc4
	mJPG  = 0xc8
	mDAC  = 0xcc
	mRST0 = 0xd0
	mRST7 = 0xd7
	mSOI  = 0xd8
	mEOI  = 0xd9
	mSOS  = 0xda
	mEXP  = 0xdf
	mAPP0 = 0xe0
	mAPP1 = 0xe1
	mAPP2 = 0xe2
)

// segment is a marker of a JPEG with its payload. marker 0: no further marker can be read, at start
// the walk is over.
type segment struct {
	marker    byte
	start     int64 // the first 0xFF, fill bytes included
	data, end int64 // the payload; end may lie beyond a file that was cut
}

// isFrame tells the markers (SOF0 to SOF15) whose payload begins with the picture's size.
func (s segment) isFrame() bool {
	return s.marker >= mSOF0 && s.marker <= 0xcf && s.marker != mDHT && s.marker != mJPG && s.marker != mDAC
}

// segments walks the markers of one picture, payloads skipped, the coded data of scans searched.
type segments struct {
	w     *window
	pos   int64 // next byte to look at; at first just behind SOI
	reach int64 // how far to search for a marker, 0: to the end of the file
}

// next returns the next segment. Bytes between the old pos and its start are a scan's coded data or,
// outside a scan, garbage that decoders skip.
func (j *segments) next() (segment, error) {
	s, err := j.marker()
	if err != nil || s.marker == 0 || s.marker == mEOI {
		return s, err
	}
	b, err := j.w.from(s.data, 2)
	if err != nil {
		return s, err
	}
	if s.marker == mSOI || len(b) < 2 || b[0] == 0 && b[1] < 2 {
		return segment{start: s.start}, nil
	}
	s.end = s.data + int64(b[0])<<8 + int64(b[1])
	s.data += 2
	j.pos = s.end
	return s, nil
}

// marker searches for 0xFF and a byte that is neither stuffing, fill, restart nor TEM.
func (j *segments) marker() (segment, error) {
	end := j.w.size
	if j.reach > 0 {
		end = min(end, j.pos+j.reach)
	}
	fill := int64(-1)
	for pos := j.pos; pos+1 < end; {
		b, err := j.w.from(pos, 2)
		if err != nil {
			return segment{}, err
		}
		k := bytes.IndexByte(b[:len(b)-1], 0xff)
		if k < 0 {
			pos += int64(len(b) - 1)
			continue
		}
		pos += int64(k)
		switch m := b[k+1]; {
		case m == 0xff:
			if fill < 0 {
				fill = pos
			}
			pos++
		case m == 0, m == mTEM, m >= mRST0 && m <= mRST7:
			fill = -1
			pos += 2
		default:
			if fill < 0 {
				fill = pos
			}
			return segment{marker: m, start: fill, data: pos + 2, end: pos + 2}, nil
		}
	}
	return segment{start: j.w.size}, nil
}
