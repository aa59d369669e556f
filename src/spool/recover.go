package spool

import "slices"

// Recover finds what earlier runs left: items are scheduled, what was never
// acknowledged is removed, posts that were still growing are finished with
// finish (their camera's session died with the program).
func (s *Spool) Recover(finish func(*Item)) error {
	if err := s.recoverTmp(); err != nil {
		return err
	}
	entries, err := s.Disk.ReadDir(itemsDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		id := e.Name()
		if !isID(id) {
			continue
		}
		s.mu.Lock()
		_, known := s.items[id]        // accepted since Open,
		known = known || s.uploads[id] // or just being
		s.mu.Unlock()
		if known {
			continue
		}
		s.recoverItem(id, finish)
	}
	s.mu.Lock()
	s.ready = true
	s.mu.Unlock()
	s.wake()
	return nil
}

// recoverTmp completes an accept that lacked only its rename, and removes the
// rest: no camera was told that it had arrived.
func (s *Spool) recoverTmp() error {
	entries, err := s.Disk.ReadDir(tmpDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		s.mu.Lock()
		ours := s.uploads[name]
		s.mu.Unlock()
		if ours {
			continue
		}
		if it, err := s.read(tmpDir, name); isID(name) && err == nil && it.Damaged == "" {
			if err := s.Disk.Rename(tmpDir+"/"+name, itemsDir+"/"+name); err != nil {
				s.Log.Error("an upload that had arrived whole waits for the next start", "item", name, "error", err)
				continue
			}
			if err := s.Disk.SyncDir(itemsDir); err != nil {
				return err
			}
			s.Log.Info("an upload that had arrived whole is kept", "item", name)
			continue
		}
		if err := s.removeDir(tmpDir + "/" + name); err != nil {
			s.Log.Warn("cannot remove what an unfinished upload left", "folder", name, "error", err)
		}
	}
	return nil
}

func (s *Spool) recoverItem(id string, finish func(*Item)) {
	it, err := s.read(itemsDir, id)
	if err != nil {
		s.Log.Error("an item's folder cannot be read: it is left as it is", "item", id, "error", err)
		return
	}
	if it.Damaged != "" {
		s.Log.Error("an item is damaged: it is kept, and nothing is done with it", "item", id, "error", it.Damaged)
		s.index(it)
		return
	}
	s.removeUnlisted(it)
	interrupted := slices.ContainsFunc(it.Jobs, func(j Job) bool { return j.Running })
	if it.Open || interrupted {
		was := it
		it, err = s.update(id, func(it *Item) error {
			if it.Open {
				it.Open = false
				finish(it)
			}
			for i := range it.Jobs {
				it.Jobs[i].crashed()
			}
			return nil
		})
		if err != nil {
			s.Log.Error("an item's record cannot be written", "item", id, "error", err)
			it = was // shown and, unless it is open, tried
		}
	}
	s.index(it)
	for _, j := range it.Jobs {
		s.recall(it.ID, j)
	}
}

// removeUnlisted removes files that arrived for a post but did not make it
// into its record: their camera was never told that they had arrived.
func (s *Spool) removeUnlisted(it *Item) {
	entries, err := s.Disk.ReadDir(itemsDir + "/" + it.ID)
	if err != nil {
		return
	}
	for _, e := range entries {
		listed := slices.ContainsFunc(it.Files, func(f File) bool { return f.Path == e.Name() })
		if !listed && e.Name() != record {
			s.Disk.Remove(itemsDir + "/" + it.ID + "/" + e.Name())
		}
	}
}
