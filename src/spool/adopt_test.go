package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func (s *Spool) adoptAll(t *testing.T, old *Spool) {
	t.Helper()
	if left, err := s.Adopt(t.Context(), old); left > 0 || err != nil {
		t.Fatalf("%d items are left: %v", left, err)
	}
}

func TestAdopt(t *testing.T) {
	dir := t.TempDir()
	old, s := open(t, t.TempDir()), open(t, dir)
	here := put(t, s, "was here", "store")
	for range 3 {
		put(t, old, "delivered, and gone", "drop")
	}
	for _, id := range old.IDs() {
		old.Remove(id)
	}
	post := put(t, old, "one", "mail")
	_, err := old.update(post.ID, func(it *Item) error {
		it.Text, it.Client, it.Sender = "Hello", "192.168.8.117", "me"
		it.Jobs[0].Marks = map[string]string{"to a": "250 ok"}
		it.Jobs[0].Attempts, it.Jobs[0].Error, it.Jobs[0].Tried = 3, "no uplink", post.Received
		it.Files[0].Alt = "a cat"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want, _ := old.Get(post.ID)
	last := put(t, old, "two", "store")
	setDone(t, old, last.ID, last.Received)
	if err := old.Pause("mail", "on a train"); err != nil {
		t.Fatal(err)
	}

	s.adoptAll(t, old)
	if ids := old.IDs(); len(ids) > 0 || len(ls(t, old.Disk.(*DirDisk).root.Name()+"/items")) > 0 {
		t.Errorf("%v are still at the old place", ids)
	}
	if got := s.Targets()["mail"]; got.Failure == nil || got.Failure.Error != "no uplink" {
		t.Errorf("what is known of the target: %+v", got)
	}
	for _, s := range []*Spool{s, open(t, dir)} {
		got, err := s.Get(post.ID)
		if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) || content(t, s, got, 0) != "one" {
			t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
		}
		if got, err := s.Get(last.ID); err != nil || got.Jobs[0].State != Done || content(t, s, got, 0) != "two" {
			t.Errorf("a delivered item: %+v, %v", got, err)
		}
		if ids := s.IDs(); !slices.Equal(ids, []string{last.ID, post.ID, here.ID}) {
			t.Errorf("%v, want %v", ids, []string{last.ID, post.ID, here.ID})
		}
		if p := s.Paused(); p["mail"][0] != "on a train" {
			t.Errorf("paused: %v", p)
		}
		if it := put(t, s, "later", "store"); number(it.ID) <= number(last.ID) {
			t.Errorf("%s comes after %s", it.ID, last.ID)
		} else {
			s.Remove(it.ID)
		}
	}
	s.Resume("mail")
	s.adoptAll(t, old)
	if p := s.Paused(); len(p) > 0 {
		t.Errorf("paused again: %v", p)
	}
}

// dying is a disk of a program that is killed after some changes.
type dying struct {
	Disk
	left *int // changes; one counter for both disks
}

var errKilled = errors.New("killed")

func (d *dying) change() error {
	if *d.left--; *d.left < 0 {
		return errKilled
	}
	return nil
}

func (d *dying) Mkdir(name string) error {
	if err := d.change(); err != nil {
		return err
	}
	return d.Disk.Mkdir(name)
}

func (d *dying) Create(name string) (DiskFile, error) {
	if err := d.change(); err != nil {
		return nil, err
	}
	f, err := d.Disk.Create(name)
	return &dyingFile{f, d}, err
}

func (d *dying) Rename(from, to string) error {
	if err := d.change(); err != nil {
		return err
	}
	return d.Disk.Rename(from, to)
}

func (d *dying) Remove(name string) error {
	if err := d.change(); err != nil {
		return err
	}
	return d.Disk.Remove(name)
}

func (d *dying) SyncDir(name string) error {
	if err := d.change(); err != nil {
		return err
	}
	return d.Disk.SyncDir(name)
}

type dyingFile struct {
	DiskFile
	disk *dying
}

func (f *dyingFile) Write(p []byte) (int, error) {
	if err := f.disk.change(); err != nil {
		n, _ := f.DiskFile.Write(p[:len(p)/2])
		return n, err
	}
	return f.DiskFile.Write(p)
}

func (f *dyingFile) Sync() error {
	if err := f.disk.change(); err != nil {
		return err
	}
	return f.DiskFile.Sync()
}

// TestAdoptKilled kills the program after each change that it makes to a disk:
// nothing is lost, and nothing is there twice after the next start, whether
// that is with the new storage or without.
func TestAdoptKilled(t *testing.T) {
	killed := true
	moment := 0
	for ; killed; moment++ {
		from, to := t.TempDir(), t.TempDir()
		old := open(t, from)
		want := map[string]string{}
		for _, text := range []string{"one", "two"} {
			u, err := old.Begin(0)
			if err != nil {
				t.Fatal(err)
			}
			add(t, u, "A.JPG", text+" a")
			add(t, u, "A.JPG", text+" b")
			it := &Item{Kind: Email, Jobs: []Job{{Target: "mail", State: Waiting}}}
			if err := u.Commit(it); err != nil {
				t.Fatal(err)
			}
			want[it.ID] = text
		}
		s := open(t, to)
		changes := moment
		s.Disk, old.Disk = &dying{s.Disk, &changes}, &dying{old.Disk, &changes}
		s.Adopt(t.Context(), old)
		killed = changes < 0

		if moment%2 == 0 { // a start without the new storage comes between
			open(t, from)
		}
		s = open(t, to)
		s.adoptAll(t, open(t, from))
		if ids := s.IDs(); len(ids) != len(want) {
			t.Errorf("killed after %d changes: items %v, want %v", moment, ids, want)
		}
		for id, text := range want {
			it, err := s.Get(id)
			if err != nil || it.Damaged != "" || len(it.Files) != 2 || content(t, s, it, 0) != text+" a" || content(t, s, it, 1) != text+" b" {
				t.Errorf("killed after %d changes: %s is %+v, %v", moment, id, it, err)
			}
		}
		if left := append(ls(t, to+"/tmp"), append(ls(t, from+"/items"), ls(t, from+"/tmp")...)...); len(left) > 0 {
			t.Errorf("killed after %d changes: %v are left", moment, left)
		}
	}
	if moment < 20 {
		t.Errorf("%d moments: that is not all", moment)
	}
}

// TestAdoptSomeStay has items that cannot be moved: the others are.
func TestAdoptSomeStay(t *testing.T) {
	from := t.TempDir()
	old := open(t, from)
	broken := put(t, old, "broken", "mail")
	large := put(t, old, strings.Repeat("large", 1000), "mail")
	small := put(t, old, "small", "mail")
	if err := os.WriteFile(filepath.Join(from, "items", broken.ID, record), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	old = open(t, from)
	s := open(t, t.TempDir())
	s.Disk = &roomy{s.Disk, 2000, 2000}
	left, err := s.Adopt(t.Context(), old)
	if left != 2 || err == nil || !strings.Contains(err.Error(), broken.ID+": it is damaged") {
		t.Errorf("%d are left: %v", left, err)
	}
	if got := s.IDs(); !slices.Equal(got, []string{small.ID}) {
		t.Errorf("%v were moved", got)
	}
	s.Disk = s.Disk.(*roomy).Disk
	if left, _ := s.Adopt(t.Context(), old); left != 1 {
		t.Errorf("with room %d are left", left)
	}
	if it, err := s.Get(large.ID); err != nil || it.Size() != 5000 {
		t.Errorf("%+v, %v", it, err)
	}
}

// TestAdoptSameID is about two items that got the same id in two places.
func TestAdoptSameID(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	old, s := open(t, from), open(t, to)
	theirs, ours := put(t, old, "theirs", "mail"), put(t, s, "ours", "mail")
	// The old one gets the other's id.
	if err := os.Rename(filepath.Join(from, "items", theirs.ID), filepath.Join(from, "items", ours.ID)); err != nil {
		t.Fatal(err)
	}
	theirs.ID = ours.ID
	if err := old.writeRecord(itemsDir, theirs); err != nil {
		t.Fatal(err)
	}
	s.adoptAll(t, open(t, from))
	var got []string
	for _, id := range s.IDs() {
		it, err := s.Get(id)
		if err != nil || it.Damaged != "" {
			t.Fatal(it, err)
		}
		got = append(got, content(t, s, it, 0))
	}
	slices.Sort(got)
	if !slices.Equal(got, []string{"ours", "theirs"}) {
		t.Errorf("%v are there", got)
	}
}

// TestAdoptStops shows that a program that is to end does not first move all.
func TestAdoptStops(t *testing.T) {
	old, s := open(t, t.TempDir()), open(t, t.TempDir())
	put(t, old, "photo", "mail")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if left, err := s.Adopt(ctx, old); left != 1 || !errors.Is(err, context.Canceled) {
		t.Errorf("%d are left, %v", left, err)
	}
	s.adoptAll(t, old)
}

// TestPresent shows that nothing is accepted while the storage is not there:
// not at the beginning, and not at the end.
func TestPresent(t *testing.T) {
	s := open(t, t.TempDir())
	gone := errors.New("the stick is gone")
	u, err := s.Begin(0)
	if err != nil {
		t.Fatal(err)
	}
	add(t, u, "A.JPG", "photo")
	open, err := s.Begin(0)
	if err != nil {
		t.Fatal(err)
	}
	add(t, open, "A.JPG", "photo")
	post := &Item{Kind: Post, Open: true}
	if err := open.Commit(post); err != nil {
		t.Fatal(err)
	}
	more, err := s.Begin(0)
	if err != nil {
		t.Fatal(err)
	}
	add(t, more, "B.JPG", "photo")
	s.Present = func() error { return gone }
	if err := u.Commit(&Item{Kind: Email}); !errors.Is(err, gone) {
		t.Errorf("Commit: %v", err)
	}
	if _, err := more.AppendTo(post.ID, func(*Item) {}); !errors.Is(err, gone) {
		t.Errorf("AppendTo: %v", err)
	}
	if _, err := s.Begin(0); !errors.Is(err, gone) {
		t.Errorf("Begin: %v", err)
	}
	if got, err := s.Get(post.ID); err != nil || len(got.Files) != 1 || len(s.IDs()) != 1 {
		t.Errorf("%+v, %v; items %v", got, err, s.IDs())
	}
}
