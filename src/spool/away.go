package spool

import "time"

// absence is that of a target that could not be reached. All its jobs wait for
// it together, and the oldest is tried: without an uplink a thousand photos
// would else be tried a thousand times in half an hour, each time with two
// records written to flash.
type absence struct {
	tries int       // in a row
	until time.Time // monotonic
}

// missed notes that a target could not be reached. s.mu is held.
func (s *Spool) missed(target string) {
	a := s.away[target]
	a.until = time.Now().Add(backoff(a.tries))
	a.tries++
	s.away[target] = a
}

// lookAgain has targets tried at once for which something new has come: a
// person with a camera is there, and may have brought the uplink. s.mu is held.
func (s *Spool) lookAgain(jobs []Job) {
	for _, j := range jobs {
		if a, ok := s.away[j.Target]; ok {
			a.until = time.Time{}
			s.away[j.Target] = a
		}
	}
}
