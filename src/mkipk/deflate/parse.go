package deflate

import "math/bits"

const (
	window   = 1 << 15 // bytes that a match may reach back
	minMatch = 3
	maxMatch = 258

	// chain is how many earlier places with the same three bytes are looked at.
	// A quarter of it would cost 0.2 %, twice as many gain 0.05 %.
	chain = 1024
)

// token is a literal byte, or a match: length in the upper half, distance in
// the lower.
type token uint32

func (t token) length() int {
	if t < 256 {
		return 1
	}
	return int(t >> 16)
}

func (t token) distance() int { return int(t & 0xffff) }

// matches are all that can be used in a part of the data. Those of a position
// are sorted by length, and each is the nearest of its length.
type matches struct {
	data  []byte
	begin int
	first []uint32 // by position, the index of its first match; one more at the end
	list  []token
}

// search finds the matches of data[begin:end].
func search(data []byte, begin, end int) *matches {
	m := &matches{data: data, begin: begin, first: make([]uint32, 0, end-begin+1)}
	newest := make([]int32, 1<<16) // by hash, a position + 1
	before := make([]int32, window)
	for at := max(0, begin-window); at < end; at++ {
		if at >= begin {
			m.first = append(m.first, uint32(len(m.list)))
		}
		if at+minMatch > end {
			continue
		}
		hash := (uint32(data[at]) | uint32(data[at+1])<<8 | uint32(data[at+2])<<16) * 0x9e3779b1 >> 16
		if at >= begin {
			m.follow(at, end, int(newest[hash])-1, before)
		}
		before[at%window] = newest[hash]
		newest[hash] = int32(at + 1)
	}
	m.first = append(m.first, uint32(len(m.list)))
	return m
}

// follow adds the matches of a position with older ones, the nearest first.
func (m *matches) follow(at, end, old int, before []int32) {
	here := m.data[at:min(at+maxMatch, end)]
	longest := minMatch - 1
	for n := 0; n < chain && old >= 0 && at-old <= window; n++ {
		there := m.data[old : old+len(here)]
		if there[longest] == here[longest] {
			length := 0
			for length < len(here) && here[length] == there[length] {
				length++
			}
			if length > longest {
				m.list = append(m.list, token(length<<16|(at-old)))
				if longest = length; longest == len(here) {
					return
				}
			}
		}
		old = int(before[old%window]) - 1
	}
}

// prices says what each symbol costs in bits, those behind it included.
type prices struct {
	literal  [256]uint32
	length   [maxMatch + 1]uint32
	distance [30]uint32
}

// guess is for data of which nothing is known.
func guess() *prices {
	p := &prices{}
	for i := range p.literal {
		p.literal[i] = 8
	}
	for i := minMatch; i <= maxMatch; i++ {
		_, extra := lengthSymbol(i)
		p.length[i] = 7 + uint32(extra)
	}
	for i := range p.distance {
		p.distance[i] = 5 + uint32(distanceExtra(i))
	}
	return p
}

// parse returns the tokens of data[begin:end] that cost least.
func (m *matches) parse(begin, end int, p *prices) []token {
	// Backwards: what is best from each position on.
	costs := make([]uint32, end-begin+1)
	choice := make([]token, end-begin)
	for at := end - 1; at >= begin; at-- {
		i := at - begin
		best, cost := token(m.data[at]), p.literal[m.data[at]]+costs[i+1]
		shortest := minMatch
		for _, match := range m.list[m.first[at-m.begin]:m.first[at-m.begin+1]] {
			longest := min(match.length(), end-at)
			if match.length() == maxMatch {
				shortest = longest // nothing is better in a long run of the same
			}
			far := p.distance[distanceSymbol(match.distance())]
			for length := shortest; length <= longest; length++ {
				if c := far + p.length[length] + costs[i+length]; c < cost {
					best, cost = token(length<<16|match.distance()), c
				}
			}
			shortest = longest + 1
		}
		choice[i], costs[i] = best, cost
	}
	var tokens []token
	for i := 0; i < len(choice); i += choice[i].length() {
		tokens = append(tokens, choice[i])
	}
	return tokens
}

// lengthSymbol returns the symbol of a length, and how many bits follow it.
func lengthSymbol(length int) (symbol, extra int) {
	if length == maxMatch {
		return 285, 0
	}
	n := length - minMatch
	if n < 8 {
		return 257 + n, 0
	}
	extra = bits.Len(uint(n)) - 3
	return 257 + 4*extra + n>>extra, extra
}

// distanceSymbol returns the symbol of a distance.
func distanceSymbol(distance int) int {
	n := distance - 1
	if n < 4 {
		return n
	}
	extra := bits.Len(uint(n)) - 2
	return 2*extra + n>>extra
}

// distanceExtra is how many bits follow the symbol of a distance.
func distanceExtra(symbol int) int { return max(0, symbol/2-1) }
