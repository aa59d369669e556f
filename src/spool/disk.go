package spool

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"snsbridge/src/durable"
)

// Disk is what the spool needs of a file system. It is the os package in
// production (DirDisk); the crash tests put a disk in its place that forgets
// what was not synced.
//
// Names are relative, with slashes. Create fails if the name exists.
type Disk interface {
	Mkdir(name string) error
	Create(name string) (DiskFile, error)
	Open(name string) (DiskFile, error)
	ReadDir(name string) ([]fs.DirEntry, error)
	Rename(from, to string) error
	Remove(name string) error // a file or an empty directory
	SyncDir(name string) error
	Space() (Space, error)
}

// DiskFile is an open file of a Disk.
type DiskFile interface {
	io.Reader
	io.ReaderAt
	io.Seeker
	io.Writer
	io.Closer
	Sync() error
}

// Space is the room on a file system, in bytes. Some file systems, such as
// those of FUSE, may not report it: then both are 0.
type Space struct {
	Free  int64 `json:"free"` // for a process without privileges
	Total int64 `json:"total"`
}

// Known tells whether the file system reports its room.
func (s Space) Known() bool { return s.Total > 0 }

// DirDisk is the Disk in a directory. Names cannot leave it, not even through
// a symbolic link.
type DirDisk struct {
	root       *os.Root
	lock       *os.File
	entryFirst bool // the file system is FAT or exFAT
}

// OpenDir returns the disk in dir, which must exist.
func OpenDir(dir string) (*DirDisk, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	self, err := root.Open(".")
	if err != nil {
		root.Close()
		return nil, err
	}
	defer self.Close()
	return &DirDisk{root: root, entryFirst: durable.EntryFirst(self)}, nil
}

// SyncParents makes the names of a folder and of those above it, as many as
// levels says, durable: they may have been made a moment ago.
func SyncParents(dir string, levels int) error {
	for range levels {
		dir = filepath.Dir(dir)
		if err := durable.SyncFolder(dir); err != nil {
			return err
		}
	}
	return nil
}

// Lock keeps other processes from using the folder, until this one ends. Two
// spools in one folder would take each other's uploads for leftovers.
func (d *DirDisk) Lock() error {
	f, err := d.root.Open(".")
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return fmt.Errorf("another snsbridge is running in %s: %w", d.root.Name(), err)
	}
	d.lock = f
	return nil
}

// Close gives the folder and its lock back.
func (d *DirDisk) Close() error {
	if d.lock != nil {
		d.lock.Close()
	}
	return d.root.Close()
}

// Mkdir makes a folder. Its place is taken on the disk before anybody syncs its
// name: see durable.SyncFile.
func (d *DirDisk) Mkdir(name string) error {
	err := d.root.Mkdir(name, 0o700)
	if err == nil && d.entryFirst {
		err = d.SyncDir(".")
	}
	return err
}

func (d *DirDisk) Create(name string) (DiskFile, error) {
	// The folders are closed to others; a photo that is linked from here into
	// the photo folder is for everybody who may look into that one.
	f, err := d.root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return newFile{f}, nil
}

// newFile is a file whose bytes have no place on the disk yet.
type newFile struct{ *os.File }

func (f newFile) Sync() error { return durable.SyncFile(f.File) }

func (d *DirDisk) Open(name string) (DiskFile, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d *DirDisk) ReadDir(name string) ([]fs.DirEntry, error) {
	f, err := d.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

func (d *DirDisk) Rename(from, to string) error { return d.root.Rename(from, to) }
func (d *DirDisk) Remove(name string) error     { return d.root.Remove(name) }

// SyncDir makes the names in a directory durable, where the file system can.
func (d *DirDisk) SyncDir(name string) error {
	f, err := d.root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return durable.SyncDir(f)
}

func (d *DirDisk) Space() (Space, error) {
	f, err := d.root.Open(".")
	if err != nil {
		return Space{}, err
	}
	defer f.Close()
	var st syscall.Statfs_t
	if err := syscall.Fstatfs(int(f.Fd()), &st); err != nil {
		return Space{}, err
	}
	return spaceOf(&st), nil
}

// SpaceAt returns the room on the file system of a folder.
func SpaceAt(dir string) (Space, error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(dir, &st); err != nil {
		return Space{}, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	return spaceOf(&st), nil
}

func spaceOf(st *syscall.Statfs_t) Space {
	// Frsize is what blocks are counted in where it differs from Bsize; Linux
	// fills it on every file system these routers have.
	unit := int64(st.Frsize)
	if unit == 0 {
		unit = int64(st.Bsize)
	}
	return Space{Free: int64(st.Bavail) * unit, Total: int64(st.Blocks) * unit}
}
