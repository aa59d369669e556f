package gallery

import (
	"sync"
	"time"
)

// How many wrong PINs it takes until somebody has to wait, and for how long. A PIN of six digits
// that was made up then lasts for months against everything in the Wi-Fi together, one of four
// digits for a day.
const (
	freeGuesses  = 5 // of one device
	firstWait    = 5 * time.Second
	longestWait  = 5 * time.Minute
	deviceMax    = 64 // remembered
	sharedMost   = 20 // wrong ones of all devices that never knew the PIN
	sharedRefill = time.Minute
	firstMost    = 40 // first guesses of devices, while the shared ones are used up
	firstRefill  = 20 * time.Second
)

// guesses slows down those who guess the PIN: each device by what it got wrong, and all that never
// knew it together. Whoever has not guessed yet has a share that others cannot use up by guessing
// again, so that they do not keep a new phone out. Times are monotonic.
type guesses struct {
	mu      sync.Mutex
	devices map[string]*device
	shared  brake // for those who have guessed before
	first   brake // for those who have not
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
	brake := &g.shared
	if !d.knows {
		wait = g.shared.wait(now, sharedMost, sharedRefill)
		if wait > 0 && d.wrong == 0 {
			brake = &g.first
			wait = g.first.wait(now, firstMost, firstRefill)
		}
		if wait > 0 {
			return false, wait
		}
	}
	if right() {
		*d = device{knows: true}
		return true, 0
	}
	d.wrong++
	if !d.knows {
		brake.used++
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

// brake is a number of guesses that comes back one by one.
type brake struct {
	used    int
	counted time.Time // when used was last lowered
}

// wait returns how long it takes until there is another guess, of which there are at most as many,
// and one more after each refill.
func (b *brake) wait(now time.Time, most int, refill time.Duration) time.Duration {
	if b.used == 0 {
		b.counted = now
	}
	n := int(now.Sub(b.counted) / refill)
	b.used = max(0, b.used-n)
	b.counted = b.counted.Add(time.Duration(n) * refill)
	if b.used < most {
		return 0
	}
	return b.counted.Add(refill).Sub(now)
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
