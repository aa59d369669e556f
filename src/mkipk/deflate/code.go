package deflate

import (
	"cmp"
	"math/bits"
	"slices"
)

// codeLengths returns how long the code of each symbol is, by its count, in
// the best prefix code with at most limit bits (the package-merge algorithm of
// Larmore and Hirschberg). Two symbols at least get codes, for there are
// programs that cannot read fewer.
func codeLengths(counts []uint32, limit int) []uint8 {
	type leaf struct {
		count  uint64
		symbol int
	}
	var leaves []leaf
	for symbol, n := range counts {
		if n > 0 {
			leaves = append(leaves, leaf{uint64(n), symbol})
		}
	}
	for symbol := 0; len(leaves) < 2; symbol++ {
		if counts[symbol] == 0 {
			leaves = append(leaves, leaf{0, symbol})
		}
	}
	slices.SortFunc(leaves, func(a, b leaf) int {
		return cmp.Or(cmp.Compare(a.count, b.count), cmp.Compare(a.symbol, b.symbol))
	})

	// Each level is the leaves and the pairs of the level before, sorted. What
	// matters is which are leaves.
	levels := make([][]bool, limit)
	var pairs []uint64
	for level := range levels {
		merged := make([]uint64, 0, len(leaves)+len(pairs))
		isLeaf := make([]bool, 0, cap(merged))
		for l, p := 0, 0; l < len(leaves) || p < len(pairs); {
			leafIsNext := p == len(pairs) || l < len(leaves) && leaves[l].count <= pairs[p]
			if leafIsNext {
				merged = append(merged, leaves[l].count)
				l++
			} else {
				merged = append(merged, pairs[p])
				p++
			}
			isLeaf = append(isLeaf, leafIsNext)
		}
		levels[level] = isLeaf
		pairs = pairs[:0:0]
		for i := 1; i < len(merged); i += 2 {
			pairs = append(pairs, merged[i-1]+merged[i])
		}
	}
	// The first of the last level make the code; each time that a leaf is in
	// them, or in the pairs of them, its code is a bit longer.
	lengths := make([]uint8, len(counts))
	take := 2 * (len(leaves) - 1)
	for _, isLeaf := range slices.Backward(levels) {
		n := 0
		for _, yes := range isLeaf[:take] {
			if yes {
				lengths[leaves[n].symbol]++
				n++
			}
		}
		take = 2 * (take - n)
	}
	return lengths
}

// codes returns the code of each symbol, its first bit lowest as the stream
// wants it.
func codes(lengths []uint8) []uint32 {
	var next [longest + 2]uint32
	for _, n := range lengths {
		if n > 0 {
			next[n+1]++
		}
	}
	for n := 1; n < len(next); n++ {
		next[n] += next[n-1]
		next[n] <<= 1
	}
	list := make([]uint32, len(lengths))
	for symbol, n := range lengths {
		if n > 0 {
			list[symbol] = bits.Reverse32(next[n]) >> (32 - n)
			next[n]++
		}
	}
	return list
}

// head describes a block's codes: their lengths, with runs shortened, in a
// code of their own.
type head struct {
	literals, distances int // lengths that are given
	symbols             []headSymbol
	lengths             []uint8 // of the head's own code
	given               int     // of those
	bits                int
}

// headSymbol is a length up to 15, or a run: 16 repeats the last, 17 and 18
// are zeros. Extra says how many.
type headSymbol struct{ symbol, extra uint8 }

// headExtra is the number of bits behind the symbols.
var headExtra = [19]uint8{16: 2, 17: 3, 18: 7}

// headOrder is the one in which the lengths of the head's code are given.
var headOrder = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

func newHead(literal, distance []uint8) head {
	used := func(lengths []uint8, least int) int {
		n := len(lengths)
		for n > least && lengths[n-1] == 0 {
			n--
		}
		return n
	}
	h := head{literals: used(literal, endOfBlock+1), distances: used(distance, 1)}
	h.symbols = runs(slices.Concat(literal[:h.literals], distance[:h.distances]))
	var counts [19]uint32
	h.bits = 3 + 5 + 5 + 4
	for _, s := range h.symbols {
		counts[s.symbol]++
		h.bits += int(headExtra[s.symbol])
	}
	h.lengths = codeLengths(counts[:], 7)
	for h.given = len(headOrder); h.given > 4 && h.lengths[headOrder[h.given-1]] == 0; {
		h.given--
	}
	h.bits += 3 * h.given
	for i, n := range counts {
		h.bits += int(n) * int(h.lengths[i])
	}
	return h
}

// runs shortens runs of the same length.
func runs(lengths []uint8) []headSymbol {
	var list []headSymbol
	for i := 0; i < len(lengths); {
		n := 1
		for i+n < len(lengths) && lengths[i+n] == lengths[i] {
			n++
		}
		i += n
		length := lengths[i-1]
		if length > 0 {
			list = append(list, headSymbol{length, 0})
			n--
		}
		for n > 0 {
			switch {
			case length == 0 && n >= 11:
				m := min(n, 138)
				list = append(list, headSymbol{18, uint8(m - 11)})
				n -= m
			case length == 0 && n >= 3:
				list = append(list, headSymbol{17, uint8(n - 3)})
				n = 0
			case length > 0 && n >= 3:
				m := min(n, 6)
				list = append(list, headSymbol{16, uint8(m - 3)})
				n -= m
			default:
				list = append(list, headSymbol{length, 0})
				n--
			}
		}
	}
	return list
}
