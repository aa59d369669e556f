package spool

import (
	"fmt"
	"slices"
	"time"
)

// Poke makes everything that waits due now: the uplink is there again.
// Targets that refused us are tried as well, a person's pauses stay. It
// returns how many jobs will be tried.
func (s *Spool) Poke() int {
	n, now := 0, time.Now()
	s.mu.Lock()
	for target, p := range s.paused {
		if !p.until.IsZero() {
			delete(s.paused, target)
		}
	}
	for target := range s.away {
		s.tryNow(target)
	}
	for _, e := range s.items {
		for i := range e.jobs {
			w := &e.jobs[i]
			w.due, w.tries = time.Time{}, 0
			if _, ok := s.dueIn(e, w, now); ok {
				n++
			}
		}
	}
	s.mu.Unlock()
	s.wake()
	return n
}

// Retry makes an item's jobs due now, also those that had failed.
func (s *Spool) Retry(id string) error {
	_, err := s.update(id, func(it *Item) error {
		for i := range it.Jobs {
			if j := &it.Jobs[i]; j.State == Failed {
				j.State, j.Crashes = Waiting, 0
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	if e := s.items[id]; e != nil {
		for i := range e.jobs {
			e.jobs[i].due, e.jobs[i].tries = time.Time{}, 0
			if p, ok := s.paused[e.jobs[i].target]; ok && !p.until.IsZero() {
				delete(s.paused, e.jobs[i].target)
			}
			s.tryNow(e.jobs[i].target)
		}
	}
	s.mu.Unlock()
	s.wake()
	return nil
}

// Edit changes an item for a person. It fails with ErrBusy while one of the
// item's jobs is being tried. Files that fn takes out of the list are removed
// from the disk.
func (s *Spool) Edit(id string, fn func(*Item) error) (*Item, error) {
	defer s.lock(id)() // also while files go, whose places a post may fill again
	var before []File
	it, err := s.change(id, func(it *Item) error {
		s.mu.Lock()
		e := s.items[id]
		busy := e != nil && slices.ContainsFunc(e.jobs, func(w work) bool { return w.busy || w.ended != nil })
		s.mu.Unlock()
		if busy {
			return fmt.Errorf("%w: %s", ErrBusy, id)
		}
		before = slices.Clone(it.Files)
		return fn(it)
	})
	if err == nil {
		s.unshare(it)
	}
	s.wake()
	if err != nil {
		return nil, err
	}
	for _, f := range before {
		if slices.ContainsFunc(it.Files, func(g File) bool { return g.Path == f.Path }) {
			continue
		}
		// The record without it is on disk. What fails here, or is cut short by
		// a power cut, the next start makes good.
		if err := s.remove(itemsDir + "/" + id + "/" + f.Path); err != nil {
			s.Log.Warn("cannot remove a photo that was taken out of an item", "item", id, "file", f.Path, "error", err)
		}
	}
	return it, nil
}

// Close ends a post that was growing: finish decides its jobs, and delivery
// begins.
func (s *Spool) Close(id string, finish func(*Item)) error {
	_, err := s.update(id, func(it *Item) error {
		if !it.Open {
			s.reindex(it) // that the last Close worked may not have been told
			return fmt.Errorf("%w: %s", ErrClosed, id)
		}
		it.Open = false
		finish(it)
		return nil
	})
	s.wake()
	return err
}
