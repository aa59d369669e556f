package smtp

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
)

// Body takes the bytes of a message.
type Body struct {
	w     *bufio.Writer
	lines io.WriteCloser
}

// Write sends lines of text. They end in LF or CRLF; dots at the start of a
// line and line ends are taken care of.
func (b *Body) Write(p []byte) (int, error) { return b.lines.Write(p) }

const (
	lineRaw     = 57 // bytes that make a line of base64
	lineEncoded = 76
	blockLines  = blockSize / (lineEncoded + 2)
)

// Base64Size returns how many bytes Base64 sends for n bytes.
func Base64Size(n int64) int64 {
	size := n / lineRaw * (lineEncoded + 2)
	if rest := n % lineRaw; rest > 0 {
		size += (rest+2)/3*4 + 2
	}
	return size
}

// Base64 sends exactly n bytes of r as lines of base64; what was written before
// must have ended in a line end. Such lines have no dots to double, so they go
// past the check for them, which would cost a third of the processor time of
// sending a photo. If r ends early, the error is io.ErrUnexpectedEOF.
func (b *Body) Base64(r io.Reader, n int64) error {
	if err := b.w.Flush(); err != nil {
		return err
	}
	raw := make([]byte, blockLines*lineRaw)
	block := make([]byte, 0, blockLines*(lineEncoded+2))
	for n > 0 {
		part := raw[:min(int64(len(raw)), n)]
		if _, err := io.ReadFull(r, part); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("reading a file: %w", err)
		}
		n -= int64(len(part))
		block = block[:0]
		for len(part) > 0 {
			line := part[:min(lineRaw, len(part))]
			part = part[len(line):]
			block = base64.StdEncoding.AppendEncode(block, line)
			block = append(block, '\r', '\n')
		}
		if _, err := b.w.Write(block); err != nil {
			return err
		}
	}
	return nil
}
