package wire

import (
	"cmp"
	"time"
)

// A pace measures how fast a client sends while somebody waits for it.
type pace struct {
	bytes  int64
	waited time.Duration
	slow   int // windows below the floor, running
}

// tooSlow counts n bytes that took a wait, and reports whether the client is to be given up.
func (p *pace) tooSlow(l *Listener, n int, waited time.Duration) bool {
	p.bytes += int64(n)
	p.waited += waited
	if p.waited < cmp.Or(l.RateWindow, 30*time.Second) {
		return false
	}
	if p.bytes < l.minRate()*p.waited.Milliseconds()/1000 {
		p.slow++
	} else {
		p.slow = 0
	}
	p.bytes, p.waited = 0, 0
	return p.slow >= 2
}

func (l *Listener) minRate() int64 { return cmp.Or(l.MinRate, 1<<10) }
