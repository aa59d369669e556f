// Package deflate compresses what is packed once and carried to many routers.
// It takes twenty times as long as compress/flate and makes a program 6 %
// smaller, as zopfli and libdeflate do, of which there is no Go. The format is
// that of RFC 1951: whatever unpacks gzip unpacks it.
//
// All arithmetic is that of integers: the same data gives the same bytes on
// every machine, however many processors share the work.
package deflate

import (
	"runtime"
	"slices"
	"sync"
)

// Compress returns the data as a deflate stream. A megabyte takes two seconds
// of one processor and 50 MB of memory.
func Compress(data []byte) []byte { return compress(data, 1<<20) }

// compress works on as many segments at once as there are processors. Matches
// reach back into the segment before.
func compress(data []byte, segment int) []byte {
	segments := make([][]block, max(1, (len(data)+segment-1)/segment))
	var work sync.WaitGroup
	free := make(chan bool, runtime.GOMAXPROCS(0))
	for i := range segments {
		free <- true
		work.Go(func() {
			begin := i * segment
			segments[i] = squeeze(data, begin, min(begin+segment, len(data)))
			<-free
		})
	}
	work.Wait()
	blocks := slices.Concat(segments...)
	var w writer
	for i, b := range blocks {
		w.block(b, i == len(blocks)-1)
	}
	return w.finish()
}

// rounds is how often a block is parsed anew with the prices that the parse
// before led to. Ten would gain another 0.01 %.
const rounds = 5

// squeeze returns the blocks of a segment. How to parse depends on what each
// symbol costs, which depends on where blocks begin and end, which depends on
// the parse: each is improved by what is known of the others.
func squeeze(data []byte, begin, end int) []block {
	m := search(data, begin, end)
	tokens := m.parse(begin, end, guess())
	tokens = m.parse(begin, end, newBlock(tokens).prices())
	for range 2 {
		at := begin
		blocks := split(tokens)
		tokens = tokens[:0:0]
		for i, b := range blocks {
			next := at + b.size()
			blocks[i] = m.improve(b, at, next)
			tokens = append(tokens, blocks[i].tokens...)
			at = next
		}
	}
	return split(tokens)
}

// improve parses the data of a block until that makes it no smaller.
func (m *matches) improve(best block, begin, end int) block {
	b := best
	for range rounds {
		b = newBlock(m.parse(begin, end, b.prices()))
		if b.bits < best.bits {
			best = b
		}
	}
	return best
}
