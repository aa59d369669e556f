package deflate

const (
	endOfBlock = 256
	literals   = 286 // symbols of bytes, of the end and of lengths
	distances  = 30
	longest    = 15 // bits of a code
)

// block is a part of the data with codes of its own.
type block struct {
	tokens   []token
	counts   counts
	literal  []uint8 // code lengths, by symbol
	distance []uint8
	head     head
	bits     int // of all of it
}

// counts says how often each symbol is used.
type counts struct {
	literal  [literals]uint32
	distance [distances]uint32
	extra    int // bits behind the symbols
}

func count(tokens []token) counts {
	var c counts
	c.literal[endOfBlock] = 1
	for _, t := range tokens {
		if t < 256 {
			c.literal[t]++
			continue
		}
		symbol, extra := lengthSymbol(t.length())
		far := distanceSymbol(t.distance())
		c.literal[symbol]++
		c.distance[far]++
		c.extra += extra + distanceExtra(far)
	}
	return c
}

// with returns the counts of two blocks as one.
func (c counts) with(d counts) counts {
	for i, n := range d.literal {
		c.literal[i] += n
	}
	for i, n := range d.distance {
		c.distance[i] += n
	}
	c.literal[endOfBlock] = 1
	c.extra += d.extra
	return c
}

func newBlock(tokens []token) block { return coded(tokens, count(tokens)) }

// coded gives a block the codes for its counts.
func coded(tokens []token, c counts) block {
	b := block{tokens: tokens, counts: c}
	b.literal = codeLengths(c.literal[:], longest)
	b.distance = codeLengths(c.distance[:], longest)
	b.head = newHead(b.literal, b.distance)
	b.bits = b.head.bits + c.extra
	for i, n := range c.literal {
		b.bits += int(n) * int(b.literal[i])
	}
	for i, n := range c.distance {
		b.bits += int(n) * int(b.distance[i])
	}
	return b
}

// size is how many bytes of data it stands for.
func (b block) size() int {
	n := 0
	for _, t := range b.tokens {
		n += t.length()
	}
	return n
}

// prices returns what symbols cost in the block. One that is not used yet is
// dear, but not so dear that it would never be tried.
func (b block) prices() *prices {
	p := &prices{}
	or := func(bits uint8, unused uint32) uint32 {
		if bits == 0 {
			return unused
		}
		return uint32(bits)
	}
	for i := range p.literal {
		p.literal[i] = or(b.literal[i], 13)
	}
	for i := minMatch; i <= maxMatch; i++ {
		symbol, extra := lengthSymbol(i)
		p.length[i] = or(b.literal[symbol], 12) + uint32(extra)
	}
	for i := range p.distance {
		p.distance[i] = or(b.distance[i], 10) + uint32(distanceExtra(i))
	}
	return p
}

// chunk is how many tokens the smallest block has.
const chunk = 1024

// split cuts tokens into blocks: it begins with small ones and joins
// neighbours as long as that saves bits. All are parts of the one slice.
func split(tokens []token) []block {
	var blocks []block
	for at := 0; at < len(tokens) || at == 0; at += chunk {
		blocks = append(blocks, newBlock(tokens[at:min(at+chunk, len(tokens))]))
	}
	// joined[i] is blocks[i] with its successor.
	joined := make([]block, len(blocks))
	join := func(i int) {
		if i >= 0 && i+1 < len(blocks) {
			a, b := blocks[i], blocks[i+1]
			joined[i] = coded(a.tokens[:len(a.tokens)+len(b.tokens)], a.counts.with(b.counts))
		}
	}
	for i := range blocks {
		join(i)
	}
	for {
		best, most := -1, 0
		for i := range len(blocks) - 1 {
			if saved := blocks[i].bits + blocks[i+1].bits - joined[i].bits; saved > most {
				best, most = i, saved
			}
		}
		if best < 0 {
			return blocks
		}
		blocks[best] = joined[best]
		blocks = append(blocks[:best+1], blocks[best+2:]...)
		joined = append(joined[:best+1], joined[best+2:]...)
		join(best - 1)
		join(best)
	}
}
