package spooltest

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"snsbridge/src/spool"
)

// Disk is a disk in memory that knows what of it is safe: the bytes of a file
// after Sync, a name after SyncDir of its folder, and nothing else. Cuts tells
// what a power cut can leave. It promises as little as POSIX does: Sync of a
// file makes no name safe, and names reach the disk in any order.
type Disk struct {
	Total     int64 // bytes of files that fit; 0: 1 GiB
	NoDirSync bool  // as network file systems: SyncDir says nothing and does nothing
	Split     bool  // a power cut can come between the two halves of a rename, as on FAT
	Late      bool  // the new name of a rename is empty until what was renamed is synced, and bytes are freed before their name is gone (see Crossed), as on FAT

	// Before is called before each operation, such as "rename tmp/1 items/1",
	// and tells how it fails. It may use the disk's Cuts. Nobody else's
	// operation comes between it and its own. nil: nothing fails.
	Before func(op string) Fault

	turn    sync.Mutex // held during an operation and what is called before it
	mu      sync.Mutex
	root    *node
	pending []*change // of names, in the order they were made
	opened  int       // files
}

// Fault is how an operation fails.
type Fault struct {
	Err    error // nil: it does not
	Effect Effect
}

// Effect is what happens although an operation fails.
type Effect int

const (
	Nothing Effect = iota
	Half           // some of the bytes are written
	Whole          // all is done, and only the answer is wrong
)

// node is a file or a folder.
type node struct {
	names     map[string]*node // of a folder, as programs see it; nil: a file
	safeNames map[string]*node
	data      []byte // of a file, as programs see it
	safe      []byte
	forgotten bool // a sync has failed: a later one says nothing of what was not written then
	opened    int
	madeIn    *node // of a new folder with Late: until this is synced, a sync of the folder itself does nothing
	made      []*node
	nameless  bool // programs see no name of it any more
	crossed   bool // its bytes were freed while a name could still be on the disk
}

// change is one that is either made or not: of one name, or of the two names
// of a rename.
type change struct {
	slots []slot
	after *node // made only when this is synced, and as soon as the change before it of the same name is safe; nil: by itself
	stuck bool  // a sync has failed; a later one does not make it safe
}

type slot struct {
	dir  *node
	name string
	to   *node // nil: the name goes
}

func folder() *node { return &node{names: map[string]*node{}, safeNames: map[string]*node{}} }

// NewDisk returns an empty disk.
func NewDisk() *Disk { return &Disk{root: folder()} }

// do makes one operation, or lets it fail.
func (d *Disk) do(op string, fn func() error) error {
	return d.doPart(op, func(Effect) error { return fn() })
}

// doPart is do for an operation that can be half done.
func (d *Disk) doPart(op string, fn func(Effect) error) error {
	d.turn.Lock()
	defer d.turn.Unlock()
	var f Fault
	if d.Before != nil {
		f = d.Before(op)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if f.Err == nil {
		return fn(Whole)
	}
	if f.Effect != Nothing {
		fn(f.Effect)
	}
	verb, name, _ := strings.Cut(op, " ")
	return &fs.PathError{Op: verb, Path: name, Err: f.Err}
}

func (d *Disk) find(name string) (*node, error) {
	n := d.root
	if name == "." {
		return n, nil
	}
	for element := range strings.SplitSeq(name, "/") {
		if n.names == nil {
			return nil, syscall.ENOTDIR
		}
		if n = n.names[element]; n == nil {
			return nil, fs.ErrNotExist
		}
	}
	return n, nil
}

func (d *Disk) parent(name string) (dir *node, base string, err error) {
	dir, err = d.find(path.Dir(name))
	if err == nil && dir.names == nil {
		err = syscall.ENOTDIR
	}
	return dir, path.Base(name), err
}

func (d *Disk) ReadDir(name string) (list []fs.DirEntry, err error) {
	err = d.do("readdir "+name, func() error {
		dir, err := d.find(name)
		if err == nil && dir.names == nil {
			err = syscall.ENOTDIR
		}
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(dir.names)) {
			n := dir.names[name]
			list = append(list, fs.FileInfoToDirEntry(info{name, int64(len(n.data)), n.names != nil}))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

type info struct {
	name string
	size int64
	dir  bool
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) IsDir() bool        { return i.dir }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o700
	}
	return 0o644
}

func (d *Disk) Space() (space spool.Space, err error) {
	err = d.do("space", func() error {
		space = spool.Space{Free: d.room(), Total: d.total()}
		return nil
	})
	return space, err
}

func (d *Disk) total() int64 {
	if d.Total == 0 {
		return 1 << 30
	}
	return d.Total
}

func (d *Disk) room() int64 {
	room := d.total()
	var walk func(n *node)
	walk = func(n *node) {
		room -= int64(len(n.data))
		for _, child := range n.names {
			walk(child)
		}
	}
	walk(d.root)
	return room
}

// Opened returns how many files are open.
func (d *Disk) Opened() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.opened
}

// free is called when a node may have lost its last name or its last user. Both
// gone, FAT gives its bytes to the next file.
func (d *Disk) free(n *node) {
	if d.Late && n.nameless && n.opened == 0 && (n.names != nil || len(n.data) > 0) {
		n.crossed = true
	}
}

// Crossed returns the names that a power cut left of what was removed, and
// whose bytes may be those of another file by now: to remove such a name frees
// that other file's.
func (d *Disk) Crossed() (names []string) {
	view{root: d.root}.each(func(name string, n *node, _ string) {
		if n.crossed {
			names = append(names, name)
		}
	})
	return names
}

// Bytes returns a file as programs see it, and is no operation.
func (d *Disk) Bytes(name string) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n, err := d.find(name)
	if err != nil {
		return nil, err
	}
	return slices.Clone(n.data), nil
}
