package durable

import (
	"errors"
	"os"
	"path"
	"syscall"
)

// SyncDir makes the names in an open folder outlive a power cut. Some network
// file systems cannot sync folders, and say so with EINVAL or ENOTSUP: there
// nothing more can be done, and that is no error.
func SyncDir(dir *os.File) error {
	err := dir.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		return nil
	}
	return err
}

// SyncFolder is SyncDir for a folder that is not open.
func SyncFolder(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	defer dir.Close()
	return SyncDir(dir)
}

// Remove removes a file, or an empty folder, and holds it open until its name
// is gone from the disk: FAT frees the bytes of what nobody has open at once,
// and a name that a power cut left would lead to those of the next photo, which
// would go when that name is removed. The error is that of the removal.
func Remove(root *os.Root, name string) error {
	if f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil { // a FIFO would wait for a writer
		defer f.Close()
	}
	if err := root.Remove(name); err != nil {
		return err
	}
	if dir, err := root.Open(path.Dir(name)); err == nil {
		defer dir.Close()
		SyncDir(dir)
	}
	return nil
}
