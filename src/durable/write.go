// Package durable changes files so that a power cut leaves the old state or the
// new one, and never another, also on FAT.
package durable

import (
	"os"
	"path/filepath"
)

// WriteFile replaces the file's bytes, or makes the file; only its owner can
// read it. After nil the new bytes outlive a power cut, but on file systems
// that cannot sync a folder; after an error the old ones are there, unless the
// error is of a sync after the rename. A file may have one writer at a time.
func WriteFile(name string, b []byte) error {
	tmp := name + ".new"
	if left, err := os.Open(tmp); err == nil { // by a crash, and perhaps with another mode
		defer left.Close() // as below
	}
	os.Remove(tmp)
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(b)
	if err == nil {
		err = SyncFile(f)
	}
	if old, err := os.Open(name); err == nil {
		defer old.Close() // or FAT would free its bytes before the name has others on the disk
	}
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		os.Remove(tmp)
		return err
	}
	if err := SyncFolder(filepath.Dir(name)); err != nil {
		return err
	}
	// FAT writes the size and place of a renamed file only now; and the old
	// name is gone by now, so that nobody frees the bytes with it.
	return f.Sync()
}
