package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
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
	s.uploads[id+".gone"] = true // not for tidy before its name is safe
	changed := s.changed
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.uploads, id+".gone")
		s.mu.Unlock()
	}()

	// The rename makes the item go at once and whole; ".gone" is no id, so
	// that a start after a power cut finishes the work.
	gone := tmpDir + "/" + id + ".gone"
	renamed, err := s.moveDir(itemsDir+"/"+id, gone)
	if err != nil {
		// Take it back. Also a rename that fails may have been made.
		if back := s.Disk.Rename(gone, itemsDir+"/"+id); back == nil || !renamed {
			s.mu.Lock()
			s.items[id] = e
			s.mu.Unlock()
		} else if changed != nil {
			changed(id) // it is not here, and may be back after the next start
		}
		return err
	}
	if changed != nil {
		changed(id)
	}
	if err := s.removeDir(gone); err != nil {
		s.Log.Warn("what was removed still takes up room", "item", id, "error", err)
	}
	return nil
}

// tidy removes what could not be removed when it was due. It tells whether it
// removed anything.
func (s *Spool) tidy() (removed bool) {
	if !s.Ready() {
		return false // some of it may be an upload that had arrived whole
	}
	entries, _ := s.Disk.ReadDir(tmpDir)
	for _, e := range entries {
		name := e.Name()
		s.mu.Lock()
		_, item := s.items[name] // and in tmp, too, after half of a rename
		keep := item || s.uploads[name] || isCommands(name)
		s.mu.Unlock()
		if !keep && s.removeDir(tmpDir+"/"+name) == nil {
			removed = true
			s.mu.Lock()
			delete(s.uploads, name)
			s.mu.Unlock()
		}
	}
	return removed
}

// remove removes a file or an empty folder. It is held open until its name is
// gone from the disk: FAT frees what nobody has open at once, and a name that a
// power cut left would lead to the bytes of the next photo, which would go when
// that name is removed.
func (s *Spool) remove(name string) error {
	if f, err := s.Disk.Open(name); err == nil {
		defer f.Close()
	}
	err := s.Disk.Remove(name)
	if err == nil {
		s.syncDir(path.Dir(name)) // what fails here, the next start makes good
	}
	return err
}

// removeDir is remove for a folder, if it is there, and all files in it.
func (s *Spool) removeDir(name string) error {
	entries, err := s.Disk.ReadDir(name)
	var held []DiskFile
	defer func() {
		for _, f := range held {
			f.Close()
		}
	}()
	hold := func(name string) {
		if f, err := s.Disk.Open(name); err == nil {
			held = append(held, f)
		}
	}
	for _, e := range entries {
		hold(name + "/" + e.Name())
		if err := s.Disk.Remove(name + "/" + e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if len(entries) > 0 {
		s.syncDir(name)
	}
	if err == nil {
		hold(name)
		err = s.Disk.Remove(name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		s.syncDir(path.Dir(name)) // what fails here, the next start makes good
	}
	return err
}
