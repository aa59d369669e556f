package spool

import (
	"fmt"
	"slices"
)

// Remove deletes an item with its files. It is for a person's wish and for
// what is delivered.
func (s *Spool) Remove(id string) error {
	if !isID(id) {
		return fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	s.mu.Lock()
	e := s.items[id]
	if e == nil {
		s.mu.Unlock()
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	if slices.ContainsFunc(e.jobs, func(w work) bool { return w.busy }) {
		s.mu.Unlock()
		return fmt.Errorf("%w: %s", ErrBusy, id)
	}
	delete(s.items, id)
	changed := s.changed
	s.mu.Unlock()

	// The rename makes the item go at once and whole; ".gone" is no id, so
	// that a start after a power cut finishes the work.
	gone := tmpDir + "/" + id + ".gone"
	if err := s.Disk.Rename(itemsDir+"/"+id, gone); err != nil {
		s.mu.Lock()
		s.items[id] = e
		s.mu.Unlock()
		return err
	}
	if changed != nil {
		changed(id)
	}
	if err := s.Disk.SyncDir(itemsDir); err != nil {
		return err
	}
	return s.removeDir(gone)
}

// removeDir removes a folder and the files in it.
func (s *Spool) removeDir(name string) error {
	entries, err := s.Disk.ReadDir(name)
	if err == nil {
		for _, e := range entries {
			if err := s.Disk.Remove(name + "/" + e.Name()); err != nil {
				return err
			}
		}
	}
	return s.Disk.Remove(name)
}
