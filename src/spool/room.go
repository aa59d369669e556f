package spool

import (
	"errors"
	"fmt"
	"math"
	"sort"
	"syscall"
	"time"
)

// ahead is the most that is set aside of what a camera only announces: nobody
// may fill the storage with words.
const ahead = 4 << 20

// claim sets n bytes of the storage aside, if need be by removing items that
// are delivered. Where the room is not known, writing will tell.
func (s *Spool) claim(n int64) error {
	for {
		space, err := s.Disk.Space()
		if err != nil {
			return err
		}
		s.mu.Lock()
		free := space.Free - s.Reserve - s.expected
		if n <= free || !space.Known() {
			s.expected += n
			s.mu.Unlock()
			return nil
		}
		s.mu.Unlock()
		if !s.makeRoom(n-free) && !s.tidy() {
			return tooFull(n, free)
		}
	}
}

// makeRoom removes the oldest delivered items, as many as make n bytes free, or
// none. It tells whether it removed any.
func (s *Spool) makeRoom(n int64) (removed bool) {
	for _, id := range s.inTheWay(n) {
		if err := s.Remove(id); err == nil {
			s.Log.Info("a delivered item made room", "item", id)
			removed = true
		}
	}
	return removed
}

// fits tells whether n bytes could be claimed.
func (s *Spool) fits(n int64) error {
	for {
		space, err := s.Space()
		if err != nil {
			return err
		}
		if n <= space.Free || !space.Known() || s.inTheWay(n-space.Free) != nil {
			return nil
		}
		if !s.tidy() {
			return tooFull(n, space.Free)
		}
	}
}

func tooFull(n, free int64) error {
	return fmt.Errorf("%w: %d bytes are needed, %d are free beside the reserve", ErrFull, n, max(free, 0))
}

// inTheWay returns the oldest delivered items whose removal makes n bytes
// free, nil if all together do not.
func (s *Spool) inTheWay(n int64) (ids []string) {
	for _, e := range s.delivered() {
		gain := s.gain(e.id)
		if gain == 0 {
			continue
		}
		ids = append(ids, e.id)
		if n -= gain; n <= 0 {
			return ids
		}
	}
	return nil
}

// gain tells how many bytes an item's removal makes free: none of photos that
// the photo folder has, too, where that is a second name of the same file.
func (s *Spool) gain(id string) (n int64) {
	entries, _ := s.Disk.ReadDir(itemsDir + "/" + id)
	for _, e := range entries {
		fi, err := e.Info()
		if err != nil || e.Name() == record {
			continue
		}
		if st, ok := fi.Sys().(*syscall.Stat_t); !ok || st.Nlink == 1 {
			n += fi.Size()
		}
	}
	return n
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

// Full tells whether n bytes cannot be accepted now, not even by removing what
// is delivered.
func (s *Spool) Full(n int64) bool { return errors.Is(s.fits(n), ErrFull) }

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
	if !space.Known() {
		quarter = math.MaxInt64
	}
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
