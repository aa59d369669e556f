package sim

import (
	"encoding/binary"
	"io"
	"math/rand/v2"
)

// noise is an endless stream that follows from seed and purpose alone, the same on every machine.
func noise(seed uint64, purpose string) *rand.ChaCha8 {
	var key [32]byte
	binary.BigEndian.PutUint64(key[:], seed)
	copy(key[8:], purpose)
	return rand.NewChaCha8(key)
}

// noiseOf takes n bytes from the beginning of such a stream.
func noiseOf(seed uint64, purpose string, n int) []byte {
	b := make([]byte, n)
	noise(seed, purpose).Read(b)
	return b
}

const maxComment = 65533 // bytes in one JPEG comment, whose 16-bit length counts itself

// comments is a stream of JPEG comment segments full of noise, size bytes in all and not fewer than 4.
type comments struct {
	noise   *rand.ChaCha8
	size    int64  // bytes still to come, the present segment's included
	segment int64  // bytes still to come of the present segment's content
	head    []byte // bytes still to come of the present segment's marker and length
}

func (c *comments) Read(p []byte) (int, error) {
	if c.size == 0 {
		return 0, io.EOF
	}
	if len(c.head) == 0 && c.segment == 0 {
		c.segment = min(c.size-4, maxComment)
		if rest := c.size - 4 - c.segment; rest > 0 && rest < 4 {
			c.segment -= 4 // a segment cannot be shorter than its own head
		}
		length := c.segment + 2
		c.head = []byte{0xFF, 0xFE, byte(length >> 8), byte(length)}
	}
	var n int
	if len(c.head) > 0 {
		n = copy(p, c.head)
		c.head = c.head[n:]
	} else {
		n = int(min(int64(len(p)), c.segment))
		c.noise.Read(p[:n])
		c.segment -= int64(n)
	}
	c.size -= int64(n)
	return n, nil
}
