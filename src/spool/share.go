package spool

import (
	"io"
	"slices"
	"syscall"
)

// shared tells which files in an item's folder are in the photo folder, too,
// as second names of the same bytes.
func (s *Spool) shared(id string) (names []string) {
	entries, _ := s.Disk.ReadDir(itemsDir + "/" + id)
	for _, e := range entries {
		fi, err := e.Info()
		if err != nil || e.Name() == record {
			continue
		}
		if st, ok := fi.Sys().(*syscall.Stat_t); ok && st.Nlink > 1 {
			names = append(names, e.Name())
		}
	}
	return names
}

// unshare gives the files of an item that waits bytes of their own, so that
// nobody who edits a stored photo changes what will be sent. A delivered item
// may share them; one that waits does if its jobs were changed since, or if an
// attempt to store it has not ended.
func (s *Spool) unshare(it *Item) {
	if it.Finished() || it.Damaged != "" {
		return
	}
	for _, name := range s.shared(it.ID) {
		if !slices.ContainsFunc(it.Files, func(f File) bool { return f.Path == name }) {
			continue
		}
		if err := s.copyOwn(itemsDir + "/" + it.ID + "/" + name); err != nil {
			s.Log.Warn("a photo that waits stays the same file as the stored one", "item", it.ID, "file", name, "error", err)
		}
	}
}

// copyOwn replaces a file by a copy. What a crash leaves is in no record, and
// the next start removes it.
func (s *Spool) copyOwn(name string) error {
	from, err := s.Disk.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := s.Disk.Create(name + ".new")
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err == nil {
		err = to.Sync()
	}
	if cerr := to.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = s.moveFile(name+".new", name)
	}
	if err != nil {
		s.remove(name + ".new")
	}
	return err
}
