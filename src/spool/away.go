package spool

import "time"

// absence is that of a target that could not be reached. All its jobs wait for
// it together, and the oldest is tried: without an uplink a thousand photos
// would else be tried a thousand times in half an hour, each time with two
// records written to flash.
type absence struct {
	tries int       // in a row
	until time.Time // monotonic, as is
	fresh time.Time // when something new came last
}

// missed notes that a target could not be reached in an attempt. What came
// meanwhile may have brought the uplink just too late for it. s.mu is held.
func (s *Spool) missed(target string, began time.Time) {
	a := s.away[target]
	if a.until = time.Now().Add(backoff(a.tries)); a.fresh.After(began) {
		a.until = time.Time{}
	}
	a.tries++
	s.away[target] = a
}

// lookAgain has targets tried at once for which something new has come: a
// person with a camera is there, and may have brought the uplink. s.mu is held.
func (s *Spool) lookAgain(jobs []Job) {
	for _, j := range jobs {
		if a, ok := s.away[j.Target]; ok {
			a.until, a.fresh = time.Time{}, time.Now()
			s.away[j.Target] = a
		}
	}
}
