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
// one frees those of the other: so the folder of the old name comes first. What
// is replaced loses its bytes at once, long before its name has new ones on the
// disk, unless somebody has it open. File systems that rename as one make
// nothing of it: the first sync of a folder does all, and the others find
// nothing to do.

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
	dirs := []string{"."} // see moveDir
	// Until the folder that uploads begin in is synced, Linux takes the names in
	// an upload's new folder for a part of it (fat_zeroed_cluster), and a sync of
	// the new folder itself writes nothing.
	if strings.HasPrefix(from, tmpDir+"/") {
		dirs = append(dirs, tmpDir)
	}
	for _, dir := range slices.Compact(append(dirs, path.Dir(from), path.Dir(to))) {
		if err := s.syncDir(dir); err != nil {
			return err
		}
	}
	return f.Sync()
}

// moveDir renames a folder durably. It tells whether that was renamed, also
// when a sync fails.
//
// What FAT lacks after a power cut may not keep Linux from using it: it makes a
// stick read-only when it meets a folder whose place is not noted. So the
// spool's folder is synced first, since any sync writes FAT's table, where the
// place should be taken before a name leads to it. And the moved folder is
// synced before the one that it goes to, which nobody else syncs in between:
// then its name should come to the disk together with its place. That does not
// exclude it: see TestStickPowerCut.
func (s *Spool) moveDir(from, to string) (renamed bool, err error) {
	s.moving.Lock()
	defer s.moving.Unlock()
	if err := s.Disk.Rename(from, to); err != nil {
		return false, err
	}
	for _, dir := range []string{".", path.Dir(from), to, path.Dir(to)} {
		if err := s.Disk.SyncDir(dir); err != nil {
			return true, err
		}
	}
	return true, nil
}

// syncDir makes the names in a folder safe. If they are names of folders, it
// does not come between the making or moving of one and the syncs that belong
// to that; nor does a sync of such a folder itself, which writes its neighbours'
// names as well.
func (s *Spool) syncDir(name string) error {
	if name == tmpDir || name == itemsDir || path.Dir(name) == tmpDir {
		s.moving.Lock()
		defer s.moving.Unlock()
	}
	return s.Disk.SyncDir(name)
}
