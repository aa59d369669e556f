package spool_test

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// below is a folder of a disk, as a disk.
type below struct {
	*spooltest.Disk
	folder string
}

func (b below) Mkdir(name string) error { return b.Disk.Mkdir(path.Join(b.folder, name)) }
func (b below) Create(name string) (spool.DiskFile, error) {
	return b.Disk.Create(path.Join(b.folder, name))
}
func (b below) Open(name string) (spool.DiskFile, error) {
	return b.Disk.Open(path.Join(b.folder, name))
}
func (b below) Rename(from, to string) error {
	return b.Disk.Rename(path.Join(b.folder, from), path.Join(b.folder, to))
}
func (b below) Remove(name string) error  { return b.Disk.Remove(path.Join(b.folder, name)) }
func (b below) SyncDir(name string) error { return b.Disk.SyncDir(path.Join(b.folder, name)) }
func (b below) ReadDir(name string) ([]fs.DirEntry, error) {
	return b.Disk.ReadDir(path.Join(b.folder, name))
}

// TestPowerCutWhileMoving moves the items of one spool to another, and cuts
// the power before each operation. Whatever is left, the next move leaves
// every photo once, whole, and in the new place.
func TestPowerCutWhileMoving(t *testing.T) {
	for name, late := range map[string]bool{"renames are whole": false, "renames come late": true} {
		t.Run(name, func(t *testing.T) { cutWhileMoving(t, late) })
	}
}

func cutWhileMoving(t *testing.T, late bool) {
	disk := spooltest.NewDisk()
	disk.Late = late
	for _, folder := range []string{"old", "new"} {
		disk.Mkdir(folder)
	}
	disk.SyncDir(".")
	w := newWorld(t, disk)
	begin := func(disk *spooltest.Disk, folder string) *spool.Spool {
		s := w.newSpool(below{disk, folder})
		if err := s.Open(); err != nil {
			t.Fatal(err)
		}
		if err := s.Recover(func(*spool.Item) {}); err != nil {
			t.Fatal(err)
		}
		return s
	}
	w.spool = begin(disk, "old")
	w.mail([]string{"mail"}, "A.JPG", "B.JPG")
	w.mail([]string{"mail", "store"}, "C.JPG")
	if err := w.spool.Pause("mail", "a person said so"); err != nil {
		t.Fatal(err)
	}
	look := func(s *spool.Spool) error {
		got := map[string]int{}
		for _, id := range s.IDs() {
			it, err := s.Get(id)
			if err != nil || it.Damaged != "" {
				return fmt.Errorf("%s: %s %w", id, it.Damaged, err)
			}
			for _, f := range it.Files {
				got[f.Name]++
			}
		}
		if want := map[string]int{"A.JPG": 1, "B.JPG": 1, "C.JPG": 1}; !maps.Equal(got, want) {
			return fmt.Errorf("there are %v", got)
		}
		if _, paused := s.Paused()["mail"]; !paused {
			return fmt.Errorf("mail goes on")
		}
		return w.look(s, false)
	}
	seen := map[uint64]bool{}
	cut := func(when string) {
		for c := range disk.Cuts() {
			if seen[c.Print] || t.Failed() {
				continue
			}
			seen[c.Print] = true
			left := c.Disk()
			old, s := begin(left, "old"), begin(left, "new")
			n, err := s.Adopt(t.Context(), old)
			if err == nil && n == 0 {
				err = look(s)
			}
			if err == nil && len(old.IDs()) > 0 {
				err = fmt.Errorf("in the old place there is %v", old.IDs())
			}
			if strays := slices.DeleteFunc(left.Names(), func(name string) bool {
				return !strings.Contains(name, "/tmp/") || strings.HasSuffix(name, "/tmp/")
			}); err == nil && len(strays) > 0 {
				err = fmt.Errorf("left over: %v", strays)
			}
			if err != nil || n > 0 {
				t.Errorf("power cut before %s: %s: %d left, %v\n%s", when, c.What, n, err, c.Disk())
			}
		}
	}
	disk.Before = func(op string) spooltest.Fault {
		if changes(op) {
			cut(op)
		}
		return spooltest.Fault{}
	}
	s := begin(disk, "new")
	if _, err := s.Adopt(t.Context(), w.spool); err != nil {
		t.Fatal(err)
	}
	cut("the end")
	if err := look(s); err != nil {
		t.Error(err)
	}
	t.Logf("%d different disks", len(seen))
}
