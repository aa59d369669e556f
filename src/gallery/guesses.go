package gallery

import (
	"sync"
	"time"
)

// How many wrong PINs it takes until somebody has to wait, and for how long. A
// PIN of six digits that was made up then lasts a year against everything in
// the Wi-Fi together, one of four digits half a week.
const (
	freeGuesses  = 5 // of one device
	firstWait    = 5 * time.Second
	longestWait  = 5 * time.Minute
	deviceMax    = 64 // remembered
	sharedMost   = 20 // of all devices that never knew the PIN
	sharedRefill = time.Minute
)

// guesses slows down those who guess the PIN: each device by what it got
// wrong, and all that are unknown together, since one can have many addresses.
// Times are monotonic.
type guesses struct {
	mu      sync.Mutex
	devices map[string]*device
	used    int       // shared guesses that are used up
	counted time.Time // when used was last lowered
}

type device struct {
	wrong int
	until time.Time // it must not try before
	knows bool      // it has known the PIN since the start
}

// try lets right look at a guess, unless its device has to wait. The wait is
// the one before the next guess.
func (g *guesses) try(client string, now time.Time, right func() bool) (ok bool, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	d := g.device(client, now)
	if wait = d.until.Sub(now); wait > 0 {
		return false, wait
	}
	if wait = g.sharedWait(now); wait > 0 && !d.knows {
		return false, wait
	}
	if right() {
		*d = device{knows: true}
		return true, 0
	}
	d.wrong++
	if !d.knows {
		g.used++
	}
	if n := d.wrong - freeGuesses; n >= 0 {
		wait = longestWait
		if n < 6 {
			wait = min(firstWait<<n, longestWait)
		}
		d.until = now.Add(wait)
		return false, wait
	}
	return false, 0
}

// sharedWait returns how long those have to wait whom nobody knows.
func (g *guesses) sharedWait(now time.Time) time.Duration {
	if g.used == 0 {
		g.counted = now
	}
	n := int(now.Sub(g.counted) / sharedRefill)
	g.used = max(0, g.used-n)
	g.counted = g.counted.Add(time.Duration(n) * sharedRefill)
	if g.used < sharedMost {
		return 0
	}
	return g.counted.Add(sharedRefill).Sub(now)
}

// device returns what is known of a client. When there are too many, the one
// whose wait ended first is forgotten, rather one that never knew the PIN.
func (g *guesses) device(client string, now time.Time) *device {
	if d := g.devices[client]; d != nil {
		return d
	}
	if g.devices == nil {
		g.devices = map[string]*device{}
	}
	if len(g.devices) >= deviceMax {
		worst := ""
		for name, d := range g.devices {
			w := g.devices[worst]
			if w == nil || w.knows && !d.knows || w.knows == d.knows && d.until.Before(w.until) {
				worst = name
			}
		}
		delete(g.devices, worst)
	}
	d := &device{until: now}
	g.devices[client] = d
	return d
}
