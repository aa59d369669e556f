package spool

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// hooked is a disk that lets a test in between, or lets a call fail.
type hooked struct {
	Disk
	afterSync    func(name string) // of a folder
	beforeCreate func(name string) error
	beforeRename func(from, to string) error
}

func (h *hooked) SyncDir(name string) error {
	err := h.Disk.SyncDir(name)
	if h.afterSync != nil {
		h.afterSync(name)
	}
	return err
}

func (h *hooked) Create(name string) (DiskFile, error) {
	if h.beforeCreate != nil {
		if err := h.beforeCreate(name); err != nil {
			return nil, err
		}
	}
	return h.Disk.Create(name)
}

func (h *hooked) Rename(from, to string) error {
	if h.beforeRename != nil {
		if err := h.beforeRename(from, to); err != nil {
			return err
		}
	}
	return h.Disk.Rename(from, to)
}

// hook opens a spool on a disk with hooks, and leaves Recover to the test.
func hook(t *testing.T, dir string) (*Spool, *hooked) {
	t.Helper()
	disk, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	h := &hooked{Disk: disk}
	s := &Spool{Disk: h, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), KeepDone: time.Hour}
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	return s, h
}

// TestRecoverLeavesTheNewAlone lets a camera's first photo of a post arrive
// while what earlier runs left is looked through.
func TestRecoverLeavesTheNewAlone(t *testing.T) {
	s, h := hook(t, t.TempDir())
	h.afterSync = func(name string) {
		if name == itemsDir {
			h.afterSync = nil
			if err := s.Recover(func(*Item) {}); err != nil {
				t.Error(err)
			}
		}
	}
	u, _ := s.Begin(5)
	add(t, u, "a.jpg", "photo")
	it := &Item{Kind: Post, Open: true, Jobs: []Job{{Target: "store", State: Waiting}}}
	if err := u.Commit(it); err != nil {
		t.Fatal(err)
	}
	u, _ = s.Begin(5)
	add(t, u, "b.jpg", "photo")
	if _, err := u.AppendTo(it.ID, func(*Item) {}); err != nil {
		t.Errorf("second photo of the post: %v", err)
	}
	if err := s.Close(it.ID, func(*Item) {}); err != nil {
		t.Error(err)
	}
}

// TestRecoverOnAFullDisk shows that what waits is in the queue even if nothing
// can be written: its deliveries are what makes room. What could not be done
// is done when it is tried again.
func TestRecoverOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	it := put(t, s, "photo", "store")
	s.update(it.ID, func(it *Item) error { it.Jobs[0].Running = true; return nil })
	u, _ := s.Begin(5)
	add(t, u, "a.jpg", "photo")
	s.writeRecord(tmpDir, &Item{ID: u.id, Files: u.files}) // arrived, and not renamed
	left, aside := filepath.Join(dir, tmpDir, u.id), filepath.Join(t.TempDir(), u.id)
	if err := os.Rename(left, aside); err != nil { // Open would do it
		t.Fatal(err)
	}
	s, h := hook(t, dir)
	if err := os.Rename(aside, left); err != nil {
		t.Fatal(err)
	}
	h.beforeCreate = func(string) error { return syscall.ENOSPC }
	h.beforeRename = func(_, to string) error {
		if strings.HasPrefix(to, itemsDir) {
			return syscall.ENOSPC
		}
		return nil
	}
	if err := s.Recover(func(*Item) {}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("%v, want that the disk is full", err)
	}
	if len(s.IDs()) != 1 {
		t.Errorf("in the queue: %v, want the item that waits", s.IDs())
	}
	h.beforeCreate, h.beforeRename = nil, nil
	if err := s.Recover(func(*Item) {}); err != nil {
		t.Fatal(err)
	}
	if j := job(t, s, it.ID, 0); len(s.IDs()) != 2 || j.Running || j.Crashes != 1 {
		t.Errorf("with room again the queue is %v and the interrupted job %+v", s.IDs(), j)
	}
}

// TestRemovedStaysRemoved lets a person delete an item while its record is
// being written.
func TestRemovedStaysRemoved(t *testing.T) {
	s, h := hook(t, t.TempDir())
	it := put(t, s, "photo", "store")
	h.afterSync = func(name string) {
		if name == itemsDir+"/"+it.ID {
			h.afterSync = nil
			if err := s.Remove(it.ID); err != nil {
				t.Error(err)
			}
		}
	}
	s.Retry(it.ID)
	if ids := s.IDs(); len(ids) != 0 {
		t.Errorf("a removed item is in the queue again: %v", ids)
	}
}

// TestEditTakesOut shows that a photo that a person takes out is off the disk
// only once the record without it is on it, and that a power cut in between
// leaves the item whole.
func TestEditTakesOut(t *testing.T) {
	dir := t.TempDir()
	s, h := hook(t, dir)
	u, _ := s.Begin(0)
	for _, name := range []string{"a.jpg", "b.jpg", "c.jpg"} {
		add(t, u, name, "photo "+name)
	}
	it := &Item{Kind: Post, Jobs: []Job{{Target: "mastodon", State: Draft}}}
	if err := u.Commit(it); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, itemsDir, it.ID)
	reversed := func(it *Item) error {
		it.Files = []File{it.Files[2], it.Files[0]}
		return nil
	}
	// A record that cannot be written takes nothing away.
	h.beforeCreate = func(string) error { return syscall.ENOSPC }
	if _, err := s.Edit(it.ID, reversed); err == nil {
		t.Fatal("edited on a full disk")
	}
	if got, _ := s.Get(it.ID); got.Damaged != "" || len(got.Files) != 3 {
		t.Fatalf("a failed edit has left %+v", got)
	}
	h.beforeCreate = nil
	// Power fails once the record is on disk.
	var cut []byte
	h.afterSync = func(name string) {
		if name == itemsDir+"/"+it.ID && cut == nil {
			cut, _ = os.ReadFile(filepath.Join(folder, "02-b.jpg"))
		}
	}
	if _, err := s.Edit(it.ID, reversed); err != nil {
		t.Fatal(err)
	}
	if string(cut) != "photo b.jpg" {
		t.Error("the photo was removed before the record was safe")
	}
	if got := ls(t, folder); !slices.Equal(got, []string{"01-a.jpg", "03-c.jpg", record}) {
		t.Errorf("on disk: %v", got)
	}
	os.WriteFile(filepath.Join(folder, "02-b.jpg"), cut, 0o600)
	again := open(t, dir)
	got, err := again.Get(it.ID)
	if err != nil || got.Damaged != "" || len(got.Files) != 2 || content(t, again, got, 0) != "photo c.jpg" || content(t, again, got, 1) != "photo a.jpg" {
		t.Errorf("after the cut: %+v, %v", got, err)
	}
	if got := ls(t, folder); slices.Contains(got, "02-b.jpg") {
		t.Errorf("the start has left %v", got)
	}
}

// TestCommitTakesBack shows that what a camera was told has failed, and will
// send again, is not delivered all the same.
func TestCommitTakesBack(t *testing.T) {
	dir := t.TempDir()
	disk, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	f := &failSync{Disk: disk}
	s := &Spool{Disk: f}
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	u, _ := s.Begin(5)
	add(t, u, "a.jpg", "photo")
	f.fail = true
	if err := u.Commit(&Item{Jobs: []Job{{Target: "store", State: Waiting}}}); err == nil {
		t.Error("committed without a sync of the folder")
	}
	if ids := open(t, dir).IDs(); len(ids) != 0 {
		t.Errorf("after the next start there is %v", ids)
	}
}

type failSync struct {
	Disk
	fail bool
}

func (f *failSync) SyncDir(name string) error {
	if f.fail && name == itemsDir {
		return syscall.EIO
	}
	return f.Disk.SyncDir(name)
}

// TestPauseOfAPerson shows that neither success nor a refusal ends a pause
// that a person has asked for during the attempt.
func TestPauseOfAPerson(t *testing.T) {
	for _, result := range []error{nil, &Error{Kind: Account, Err: errors.New("login refused")}} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := open(t, dir)
			put(t, s, "photo", "mail")
			second := put(t, s, "photo", "mail")
			runFor(t, s, func(context.Context, *Delivery) error {
				s.Pause("mail", "a person said so")
				time.Sleep(time.Second)
				return result
			}, 3*time.Hour)
			if j := job(t, s, second.ID, 0); len(s.Paused()) == 0 || j.Attempts != 0 {
				t.Errorf("after %v: paused %v, the second item's job %+v", result, s.Paused(), j)
			}
		})
	}
}

// TestSweepWhileBusy shows that an uplink that is never idle does not keep
// delivered items.
func TestSweepWhileBusy(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		s.Now = func() time.Time { return time.Now().AddDate(27, 0, 0) } // the test's clock is at 2000
		old := put(t, s, "photo", "store")
		runFor(t, s, (&script{}).do, time.Minute)
		put(t, s, "photo", "mail")
		runFor(t, s, func(_ context.Context, d *Delivery) error {
			if d.Job.Target == "mail" {
				put(t, s, "photo", "mail") // the next one waits already
				time.Sleep(10 * time.Minute)
			}
			return nil
		}, 48*time.Hour)
		if _, err := s.Get(old.ID); err == nil {
			t.Error("delivered two days ago, kept for an hour, and still there")
		}
	})
}

// TestLeftoversFirst shows that what an earlier run left half done is removed
// before anything else takes up room.
func TestLeftoversFirst(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	left := filepath.Join(dir, tmpDir, "000900-beef.gone")
	both := filepath.Join(dir, itemsDir, "000900-beef") // the same folder on exFAT, after half of a removal
	for _, folder := range []string{left, both} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "01-SAM_0001.JPG"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	disk, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	h := &hooked{Disk: disk}
	h.beforeCreate = func(name string) error {
		if _, err := os.Stat(left); err == nil {
			t.Errorf("%s is made, and %s is still there", name, left)
		}
		return nil
	}
	s := &Spool{Disk: h}
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{left, both} {
		if _, err := os.Stat(folder); err == nil {
			t.Errorf("%s is still there after Open", folder)
		}
	}
}
