package spool

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"
)

// Recover finds what earlier runs left: items are scheduled, what was never
// acknowledged is removed, posts that were still growing are finished with
// finish (their camera's session died with the program). After an error it
// can be called again, for what the disk did not let it do.
func (s *Spool) Recover(finish func(*Item)) error {
	failed := s.recoverTmp()
	if s.pausesUnread {
		failed = cmp.Or(failed, s.openPauses())
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
		known = known && !s.left[id]
		s.mu.Unlock()
		if known {
			continue
		}
		err := s.recoverItem(id, finish)
		s.mu.Lock()
		s.left[id] = err != nil
		s.mu.Unlock()
		if failed == nil {
			failed = err
		}
	}
	s.mu.Lock()
	s.ready = true
	for target, o := range s.outcomes {
		if _, known := s.away[target]; o.failing && !known {
			s.away[target] = absence{trouble: 1} // it may still be unavailable
		}
	}
	s.mu.Unlock()
	s.wake()
	return failed
}

// recoverTmp looks through what was being received or removed.
func (s *Spool) recoverTmp() (failed error) {
	entries, err := s.Disk.ReadDir(tmpDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		s.mu.Lock()
		_, ours := s.uploads[name]
		s.mu.Unlock()
		if ours || !e.IsDir() || isCommands(name) && s.Ready() {
			continue
		}
		if err := s.recoverUpload(name); err != nil {
			s.Log.Error("what an earlier run left has to wait", "folder", tmpDir+"/"+name, "error", err)
			if failed == nil {
				failed = err
			}
		}
	}
	return failed
}

// isCommands tells whether a folder is one of a command's own files: ID.TARGET.
// Only what an earlier run left of them may go.
func isCommands(name string) bool {
	_, target, has := strings.Cut(name, ".")
	return has && target != "gone"
}

// recoverUpload completes an accept that lacked only its rename. Anything else
// is removed: no camera was told that it had arrived.
func (s *Spool) recoverUpload(name string) error {
	from, to := tmpDir+"/"+name, itemsDir+"/"+name
	if id, gone := strings.CutSuffix(name, ".gone"); gone && isID(id) && !s.Ready() {
		left, err := s.Disk.ReadDir(from)
		if err == nil {
			err = s.removeDir(from)
		}
		if err != nil || len(left) == 0 {
			return err // empty: the item was not removed yet, see moveFile
		}
		// exFAT writes the new name of a folder before the old one goes: both
		// can lead to the same files then. They go together, and before anything
		// takes up room: whoever removed the old one later would free the bytes
		// of what has got them by then.
		return s.removeDir(itemsDir + "/" + id)
	}
	it, err := s.read(tmpDir, name)
	if err == nil {
		err = it.unread
	}
	if err != nil {
		return err
	}
	if !isID(name) || it.Damaged != "" {
		return s.removeDir(from)
	}
	_, err = s.moveDir(from, to)
	if errors.Is(err, fs.ErrExist) && s.remove(to) == nil { // empty: see recoverItem
		_, err = s.moveDir(from, to)
	}
	if errors.Is(err, fs.ErrExist) {
		// Half of a rename has reached the disk, as can be on FAT. To remove
		// one of the two folders would free the bytes of both.
		s.Log.Warn("an item is in two folders: check the file system", "item", name)
		return nil
	} else if err != nil {
		return err
	}
	s.Log.Info("an upload that had arrived whole is kept", "item", name)
	return nil
}

// recoverItem returns an error if there is more to do for the item.
func (s *Spool) recoverItem(id string, finish func(*Item)) error {
	it, err := s.read(itemsDir, id)
	if err != nil {
		s.Log.Error("an item's folder cannot be read: it is left as it is", "item", id, "error", err)
		return err
	}
	if it.Damaged != "" && s.remove(itemsDir+"/"+id) == nil {
		// It was empty: on FAT a rename begins so, and no camera was told.
		s.Log.Warn("an empty folder that a power cut left is removed", "item", id)
		return nil
	}
	if it.Damaged != "" {
		s.Log.Error("an item is damaged: it is kept, and nothing is done with it", "item", id, "error", it.Damaged)
		s.index(it)
		return it.unread
	}
	s.removeUnlisted(it)
	if slices.ContainsFunc(it.Jobs, func(j Job) bool { return j.Attempts > 0 }) {
		s.unshare(it)
	}
	interrupted := slices.ContainsFunc(it.Jobs, func(j Job) bool { return j.Running })
	cured := slices.ContainsFunc(it.Jobs, s.cured)
	if it.Open || interrupted || cured {
		was := it
		it, err = s.update(id, func(it *Item) error {
			if it.Open {
				it.Open = false
				finish(it)
			}
			for i := range it.Jobs {
				it.Jobs[i].interrupted(s.Boot())
				if s.cured(it.Jobs[i]) {
					it.Jobs[i].State, it.Jobs[i].Settings = Waiting, ""
					s.Log.Info("tried again with the new settings", "item", id, "target", it.Jobs[i].Target)
				}
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
	return err
}

// cured tells whether a job failed with other settings than these, and because
// of them.
func (s *Spool) cured(j Job) bool {
	return j.State == Failed && j.Settings != "" && s.Settings != "" && j.Settings != s.Settings
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
			s.remove(itemsDir + "/" + it.ID + "/" + e.Name())
		}
	}
}
