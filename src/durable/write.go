// Package durable writes small files so that a power cut leaves the old bytes
// or the new ones, and never others.
package durable

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// WriteFile replaces the file's bytes, or makes the file; only its owner can
// read it. After nil the new bytes outlive a power cut, but on file systems
// that cannot sync a folder, as FAT; after an error the old ones are there,
// unless the error is of syncing the folder. A file may have one writer at a
// time.
func WriteFile(name string, b []byte) error {
	tmp := name + ".new"
	os.Remove(tmp) // of a crash, and perhaps with another mode
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, name)
	}
	if err != nil {
		os.Remove(tmp)
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := dir.Sync(); !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
		return err
	}
	return nil
}
