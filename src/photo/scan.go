package photo

// A scan tells where the coded data of a JPEG's picture ends, for files whose end marker is missing:
// what follows the picture then looks like more of it. It reads the Huffman codes (ISO 10918-1, annex
// F.2) and makes no picture: some ten instructions a bit, two seconds for the photo of an NX on a
// router, and only where it is needed.
type scan struct {
	end   int64 // where the reading ended
	whole bool  // every block of the picture is there
	known bool  // false: a kind of JPEG that this does not read: progressive, arithmetic, of several scans
}

const (
	mSOF1 = 0xc1
	mDRI  = 0xdd
)

// component is one of a JPEG's colours.
type component struct {
	id, h, v byte // as in the frame: name, and blocks in each direction
	dc, ac   *huffman
}

// huffman are the codes of a table: how many there are of each length, and what they mean.
type huffman struct {
	counts [17]int
	values []byte
}

// readScan reads the picture that begins at pos.
func readScan(w *window, pos int64) (scan, error) {
	var tables [2][4]*huffman
	var frame []component
	var width, height, interval int
	walk := segments{w: w, pos: pos + 2}
	for {
		s, err := walk.next()
		if err != nil || s.marker == 0 || s.marker == mEOI || s.end > w.size {
			return scan{}, err
		}
		switch s.marker {
		case mSOF0, mSOF1, mDHT, mDRI, mSOS:
		default:
			if s.isFrame() {
				return scan{}, nil
			}
			continue
		}
		b := make([]byte, s.end-s.data)
		if err := readFull(w.r, b, s.data); err != nil {
			return scan{}, err
		}
		ok := false
		switch s.marker {
		case mDHT:
			ok = readTables(&tables, b)
		case mDRI:
			if ok = len(b) == 2; ok {
				interval = int(b[0])<<8 | int(b[1])
			}
		case mSOS:
			if !selectTables(frame, &tables, b) {
				return scan{}, nil
			}
			r := bitReader{w: w, at: s.end}
			whole := r.blocks(frame, width, height, interval) && r.padded()
			return scan{end: min(r.at, w.size), whole: whole, known: true}, r.err
		default:
			frame, width, height, ok = readFrame(b)
		}
		if !ok {
			return scan{}, nil
		}
	}
}

func readFrame(b []byte) (frame []component, width, height int, ok bool) {
	if len(b) < 6 || b[0] != 8 || len(b) != 6+3*int(b[5]) || b[5] == 0 || b[5] > 4 {
		return nil, 0, 0, false
	}
	height, width = int(b[1])<<8|int(b[2]), int(b[3])<<8|int(b[4])
	for c := b[6:]; len(c) > 0; c = c[3:] {
		k := component{id: c[0], h: c[1] >> 4, v: c[1] & 15}
		if k.h < 1 || k.h > 4 || k.v < 1 || k.v > 4 {
			return nil, 0, 0, false
		}
		frame = append(frame, k)
	}
	return frame, width, height, width > 0 && height > 0
}

func readTables(tables *[2][4]*huffman, b []byte) bool {
	for len(b) >= 17 {
		class, id := b[0]>>4, b[0]&15
		t := &huffman{}
		n := 0
		for i := 1; i <= 16; i++ {
			t.counts[i] = int(b[i])
			n += int(b[i])
		}
		if class > 1 || id > 3 || len(b) < 17+n {
			return false
		}
		t.values = b[17 : 17+n]
		tables[class][id] = t
		b = b[17+n:]
	}
	return len(b) == 0
}

// selectTables gives each component its tables. All components must be in the scan, in their order.
func selectTables(frame []component, tables *[2][4]*huffman, b []byte) bool {
	if len(frame) == 0 || len(b) != 4+2*len(frame) || int(b[0]) != len(frame) {
		return false
	}
	for i := range frame {
		id, dc, ac := b[1+2*i], b[2+2*i]>>4, b[2+2*i]&15
		if id != frame[i].id || dc > 3 || ac > 3 || tables[0][dc] == nil || tables[1][ac] == nil {
			return false
		}
		frame[i].dc, frame[i].ac = tables[0][dc], tables[1][ac]
	}
	return true
}

// bitReader reads coded data bit by bit.
type bitReader struct {
	w    *window
	at   int64  // the next byte
	buf  []byte // of the file, from at on
	bits uint32 // the last left bits are unread
	left uint
	over bool // a marker, or the end of the file
	err  error
}

// blocks reads the blocks of a picture, and tells whether all are there.
func (r *bitReader) blocks(frame []component, width, height, interval int) bool {
	hMax, vMax := byte(1), byte(1)
	for _, c := range frame {
		hMax, vMax = max(hMax, c.h), max(vMax, c.v)
	}
	if len(frame) == 1 { // its blocks are not grouped
		frame[0].h, frame[0].v, hMax, vMax = 1, 1, 1, 1
	}
	across := (width + 8*int(hMax) - 1) / (8 * int(hMax))
	down := (height + 8*int(vMax) - 1) / (8 * int(vMax))
	for n := range across * down {
		if interval > 0 && n > 0 && n%interval == 0 && !r.restart() {
			return false
		}
		for i := range frame {
			for range frame[i].h * frame[i].v {
				if !r.block(&frame[i]) {
					return false
				}
			}
		}
	}
	return true
}

// padded tells whether the last byte is filled up with ones, as the standard has it: zeros are codes,
// too, and files that were cut are filled with them.
func (r *bitReader) padded() bool {
	ones := uint32(1)<<r.left - 1
	return r.bits&ones == ones && r.bits != 0
}

func (r *bitReader) block(c *component) bool {
	size, ok := r.code(c.dc)
	if !ok || !r.skip(uint(size)) {
		return false
	}
	for k := 1; k < 64; k++ {
		run, ok := r.code(c.ac)
		if !ok {
			return false
		}
		if run == 0 { // the rest are zeros
			return true
		}
		if k += int(run >> 4); k > 63 || !r.skip(uint(run&15)) {
			return false
		}
	}
	return true
}

// code reads a Huffman code.
func (r *bitReader) code(t *huffman) (byte, bool) {
	code, first, index := 0, 0, 0
	for _, count := range t.counts[1:] {
		code |= int(r.bit())
		if r.over {
			return 0, false
		}
		if code-first < count {
			return t.values[index+code-first], true
		}
		index += count
		first = (first + count) << 1
		code <<= 1
	}
	return 0, false
}

func (r *bitReader) skip(n uint) bool {
	for range n {
		r.bit()
	}
	return n <= 16 && !r.over
}

func (r *bitReader) bit() uint32 {
	if r.left == 0 {
		c, ok := r.peek(0)
		if stuffed, more := r.peek(1); ok && c == 0xff {
			if !more || stuffed != 0 {
				ok = false
			}
			r.advance(ok)
		}
		if !ok {
			r.over = true
			return 0
		}
		r.advance(true)
		r.bits, r.left = uint32(c), 8
	}
	r.left--
	return r.bits >> r.left & 1
}

// restart reads a restart marker, at which the codes begin anew.
func (r *bitReader) restart() bool {
	r.left = 0
	c, _ := r.peek(0)
	m, ok := r.peek(1)
	if !ok || c != 0xff || m < mRST0 || m > mRST7 {
		return false
	}
	r.advance(true)
	r.advance(true)
	return true
}

// peek returns a byte behind the next one, if the file has it.
func (r *bitReader) peek(n int) (byte, bool) {
	if len(r.buf) <= n && r.err == nil {
		r.buf, r.err = r.w.from(r.at, n+1)
	}
	if len(r.buf) <= n || r.err != nil {
		return 0, false
	}
	return r.buf[n], true
}

func (r *bitReader) advance(yes bool) {
	if yes {
		r.at++
		r.buf = r.buf[1:]
	}
}
