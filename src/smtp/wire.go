package smtp

import (
	"fmt"
	"net"
	"time"
)

const (
	blockSize   = 16 << 10 // one TLS record
	replyMax    = 16 << 10 // bytes of one reply; the longest seen is a tenth
	codeClosing = 421      // the server hangs up
)

// wire gives every block that is written its own time: a large message over a
// slow line takes hours and is well as long as it moves.
type wire struct {
	net.Conn
	block  time.Duration
	broken bool // a write failed
}

func (w *wire) Write(p []byte) (int, error) {
	w.SetWriteDeadline(time.Now().Add(w.block))
	n, err := w.Conn.Write(p)
	w.broken = w.broken || err != nil
	return n, err
}

// limited ends a reply that does not end.
type limited struct {
	conn net.Conn
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("the reply is longer than %d bytes", replyMax)
	}
	n, err := l.conn.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}
