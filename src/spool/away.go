package spool

import "time"

const (
	afterMost = 24 * time.Hour // that a target is left alone because it asks for it
	turn      = 3              // attempts at one job of a target that is unavailable, before another has its turn
)

// absence is that of a target that could not be reached, or was unavailable.
// All its jobs wait for it together, and one is tried: without an uplink a
// thousand photos would else be tried a thousand times in half an hour, each
// time with two records written to flash, and to a server that answers 502 to
// everything each would be sent whole.
type absence struct {
	tries   int       // in a row: sets the back-off
	until   time.Time // monotonic, as is
	fresh   time.Time // when something new came last
	trouble int       // attempts in a row that ended since the target was unavailable
	firm    bool      // the last one did: something new does not end the wait
}

// missed notes that a target could not be reached in an attempt. What came
// meanwhile may have brought the uplink just too late for it. It is tried again
// after a while, at the latest after most if that is not 0. s.mu is held.
func (s *Spool) missed(target string, began time.Time, most time.Duration) {
	a := s.away[target]
	wait := backoff(a.tries)
	if most > 0 {
		wait = min(wait, most)
	}
	if a.until = time.Now().Add(wait); a.fresh.After(began) {
		a.until = time.Time{}
	}
	a.tries++
	a.firm = false
	s.away[target] = a
}

// refused notes that a target was unavailable, and asks to be left alone for a
// while. s.mu is held.
func (s *Spool) refused(target string, after time.Duration) {
	a := s.away[target]
	a.until = time.Now().Add(max(backoff(a.tries), min(after, afterMost)))
	a.tries++
	a.trouble++
	a.firm = true
	s.away[target] = a
}

// heard ends the wait for a target of which something was heard that is no
// success. That it was unavailable is not forgotten: the attempt may not have
// got as far as the target. s.mu is held.
func (s *Spool) heard(target string) {
	a, ok := s.away[target]
	switch {
	case !ok:
	case a.trouble == 0:
		delete(s.away, target)
	default:
		a.until = time.Time{}
		s.away[target] = a
	}
}

// tryNow has a target tried at once, for a person, or since the uplink is
// there again. s.mu is held.
func (s *Spool) tryNow(target string) {
	if s.away[target].trouble == 0 {
		delete(s.away, target)
		return
	}
	s.away[target] = absence{trouble: 1}
}

// lookAgain has targets tried at once for which something new has come: a
// person with a camera is there, and may have brought the uplink. s.mu is held.
func (s *Spool) lookAgain(jobs []Job) {
	for _, j := range jobs {
		if a, ok := s.away[j.Target]; ok && !a.firm {
			a.until, a.fresh = time.Time{}, time.Now()
			s.away[j.Target] = a
		}
	}
}
