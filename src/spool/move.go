package spool

import (
	"path"
	"slices"
	"strings"
)

// What FAT does at a rename decides the order of the syncs here (Linux,
// vfat_rename). A new name is written without size and place; these follow
// when what was renamed is synced itself, and only then. Until the old name is
// gone from the disk, two names would share their bytes, and whoever removes
// one frees those of the other: so the folders come first. What is replaced
// loses its bytes at once, long before its name has new ones on the disk,
// unless somebody has it open. File systems that rename as one make nothing
// of it: the first sync of a folder does all, and the others find nothing to
// do.

// moveFile renames a file durably, and replaces what has the new name.
func (s *Spool) moveFile(from, to string) error {
	if replaced, err := s.Disk.Open(to); err == nil {
		defer replaced.Close()
	}
	f, err := s.Disk.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := s.Disk.Rename(from, to); err != nil {
		return err
	}
	if err := s.syncDirs(from, to); err != nil {
		return err
	}
	return f.Sync()
}

// moveDir renames a folder durably. It tells whether that was renamed, also
// when a sync fails.
func (s *Spool) moveDir(from, to string) (renamed bool, err error) {
	if err := s.Disk.Rename(from, to); err != nil {
		return false, err
	}
	if err := s.syncDirs(from, to); err != nil {
		return true, err
	}
	return true, s.Disk.SyncDir(to)
}

// syncDirs syncs the folders of two names. That of the spool comes first: with
// any sync FAT writes its table, and there a new folder's place should be taken
// before its name is written, or Linux makes the stick read-only after a cut.
// Then comes the one that uploads begin in: until it is synced, Linux takes the
// names in an upload's new folder for a part of it, and a sync of the new folder
// itself writes nothing (fat_zeroed_cluster).
func (s *Spool) syncDirs(from, to string) error {
	dirs := []string{"."}
	if strings.HasPrefix(from, tmpDir+"/") {
		dirs = append(dirs, tmpDir)
	}
	for _, dir := range slices.Compact(append(dirs, path.Dir(from), path.Dir(to))) {
		if err := s.Disk.SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}
