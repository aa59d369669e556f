package deflate

// writer gathers bits, the first of a byte lowest.
type writer struct {
	out     []byte
	pending uint64
	n       int // bits in pending
}

func (w *writer) bits(value uint32, n int) {
	w.pending |= uint64(value) << w.n
	w.n += n
	for w.n >= 8 {
		w.out = append(w.out, byte(w.pending))
		w.pending >>= 8
		w.n -= 8
	}
}

func (w *writer) finish() []byte {
	w.bits(0, 7)
	return w.out
}

func (w *writer) block(b block, last bool) {
	if last {
		w.bits(1, 1)
	} else {
		w.bits(0, 1)
	}
	const ownCodes = 2
	w.bits(ownCodes, 2)
	w.head(b.head)
	literal, distance := codes(b.literal), codes(b.distance)
	for _, t := range b.tokens {
		if t < 256 {
			w.bits(literal[t], int(b.literal[t]))
			continue
		}
		symbol, extra := lengthSymbol(t.length())
		w.bits(literal[symbol], int(b.literal[symbol]))
		w.bits(uint32(t.length()-minMatch)&(1<<extra-1), extra)
		far := distanceSymbol(t.distance())
		w.bits(distance[far], int(b.distance[far]))
		extra = distanceExtra(far)
		w.bits(uint32(t.distance()-1)&(1<<extra-1), extra)
	}
	w.bits(literal[endOfBlock], int(b.literal[endOfBlock]))
}

func (w *writer) head(h head) {
	w.bits(uint32(h.literals-257), 5)
	w.bits(uint32(h.distances-1), 5)
	w.bits(uint32(h.given-4), 4)
	for _, symbol := range headOrder[:h.given] {
		w.bits(uint32(h.lengths[symbol]), 3)
	}
	code := codes(h.lengths)
	for _, s := range h.symbols {
		w.bits(code[s.symbol], int(h.lengths[s.symbol]))
		w.bits(uint32(s.extra), int(headExtra[s.symbol]))
	}
}
