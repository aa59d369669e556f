package spool

import (
	"fmt"
	"sort"
	"time"
)

// claim sets n bytes of the storage aside, if need be by removing items that
// are delivered.
func (s *Spool) claim(n int64) error {
	for {
		space, err := s.Disk.Space()
		if err != nil {
			return err
		}
		s.mu.Lock()
		free := space.Free - s.Reserve - s.expected
		if n <= free {
			s.expected += n
			s.mu.Unlock()
			return nil
		}
		var gain int64
		for _, e := range s.items {
			if !e.done.IsZero() {
				gain += e.size
			}
		}
		s.mu.Unlock()
		if n > free+gain && s.tidy() {
			continue
		}
		if n > free+gain || !s.removeOldestDone() {
			return fmt.Errorf("%w: %d bytes are needed, %d are free beside the reserve of %d",
				ErrFull, n, max(free, 0), s.Reserve)
		}
	}
}

func (s *Spool) release(n int64) {
	s.mu.Lock()
	s.expected -= n
	s.mu.Unlock()
}

// Space returns the room on the spool's file system; Free is what may still
// be used, beside the reserve.
func (s *Spool) Space() (Space, error) {
	space, err := s.Disk.Space()
	s.mu.Lock()
	defer s.mu.Unlock()
	space.Free = max(0, space.Free-s.Reserve-s.expected)
	return space, err
}

// sweep removes delivered items that were visible for KeepDone, and the
// oldest ones while together they use more than a quarter of the storage.
func (s *Spool) sweep() {
	s.tidy()
	now := s.Now()
	space, err := s.Disk.Space()
	if err != nil {
		return
	}
	quarter := space.Total / 4
	done := s.delivered()
	var size int64
	for _, e := range done {
		size += e.size
	}
	for _, e := range done {
		// A date in the future, or from before this program was written, is of
		// a clock that was not set: it says nothing about the item's age.
		old := e.done.After(epoch) && now.Sub(e.done) > s.KeepDone
		if !old && size <= quarter {
			continue
		}
		if err := s.Remove(e.id); err != nil {
			s.Log.Warn("cannot remove a delivered item", "item", e.id, "error", err)
			continue
		}
		size -= e.size
	}
}

// epoch is before every moment at which this program can have run with a
// clock that was set.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// delivered returns what is done with, oldest first.
func (s *Spool) delivered() []entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var done []entry
	for _, e := range s.items {
		if !e.done.IsZero() {
			done = append(done, *e)
		}
	}
	sort.Slice(done, func(i, j int) bool { return number(done[i].id) < number(done[j].id) })
	return done
}

func (s *Spool) removeOldestDone() bool {
	for _, e := range s.delivered() {
		if err := s.Remove(e.id); err == nil {
			s.Log.Info("a delivered item made room", "item", e.id)
			return true
		}
	}
	return false
}
