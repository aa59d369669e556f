package spool

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// open opens a spool in dir, as a start of the program does.
func open(t *testing.T, dir string) *Spool {
	t.Helper()
	s := openBooted(t, dir, bootID())
	if err := s.Recover(func(*Item) {}); err != nil {
		t.Fatal(err)
	}
	return s
}

// openBooted opens a spool without looking for items of before. Boot is the id
// of the machine's boot, "" if the kernel does not tell.
func openBooted(t *testing.T, dir, boot string) *Spool {
	t.Helper()
	disk, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &Spool{
		Disk: disk, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), KeepDone: time.Hour,
		Boot: func() string { return boot },
	}
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	return s
}

// put accepts an item with one file of the given bytes.
func put(t *testing.T, s *Spool, content string, targets ...string) *Item {
	t.Helper()
	u, err := s.Begin(int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	add(t, u, "SAM_0001.JPG", content)
	it := &Item{Kind: Email}
	for _, target := range targets {
		it.Jobs = append(it.Jobs, Job{Target: target, State: Waiting})
	}
	if err := u.Commit(it); err != nil {
		t.Fatal(err)
	}
	return it
}

func add(t *testing.T, u *Upload, name, content string) {
	t.Helper()
	w, err := u.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, s *Spool, it *Item, file int) string {
	t.Helper()
	f, err := s.OpenFile(it.ID, it.Files[file])
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func ls(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestCommit(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	it := put(t, s, "photo", "store")
	for _, s := range []*Spool{s, open(t, dir)} {
		got, err := s.Get(it.ID)
		if err != nil || got.Damaged != "" || len(got.Files) != 1 || content(t, s, got, 0) != "photo" {
			t.Errorf("%+v, %v", got, err)
		}
	}
	if left := ls(t, filepath.Join(dir, "tmp")); len(left) > 0 {
		t.Errorf("left in tmp: %v", left)
	}
}

func TestAbort(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	u, err := s.Begin(100)
	if err != nil {
		t.Fatal(err)
	}
	add(t, u, "a.jpg", "photo")
	w, _ := u.Create("b.jpg")
	io.WriteString(w, "half")
	u.Abort()
	w.Discard()
	if err := u.Commit(&Item{}); err == nil {
		t.Error("what was given up could be committed")
	}
	if left := ls(t, filepath.Join(dir, "tmp")); len(left) > 0 || s.expected != 0 {
		t.Errorf("left in tmp: %v, claimed %d bytes", left, s.expected)
	}
}

func TestAppend(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	u, _ := s.Begin(0)
	add(t, u, "SAM.JPG", "one")
	it := &Item{Kind: Post, Open: true, Jobs: []Job{{Target: "store", State: Waiting}}}
	if err := u.Commit(it); err != nil {
		t.Fatal(err)
	}
	u, _ = s.Begin(0)
	add(t, u, "SAM.JPG", "two") // cameras count from 1 again on a new card
	got, err := u.AppendTo(it.ID, func(it *Item) { it.Files[1].Alt = "alt" })
	if err != nil || len(got.Files) != 2 || content(t, s, got, 0) != "one" || content(t, s, got, 1) != "two" || got.Files[1].Alt != "alt" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := s.Close(it.ID, func(it *Item) { it.Title = "finished" }); err != nil {
		t.Fatal(err)
	}
	u, _ = s.Begin(0)
	add(t, u, "SAM.JPG", "three")
	if _, err := u.AppendTo(it.ID, func(*Item) {}); !errors.Is(err, ErrClosed) {
		t.Errorf("adding to a complete post: %v", err)
	}
	if err := u.Commit(&Item{Kind: Post}); err != nil {
		t.Errorf("what came too late for a post cannot become one: %v", err)
	}
	if got, _ := open(t, dir).Get(it.ID); got.Title != "finished" || len(got.Files) != 2 {
		t.Errorf("after a restart: %+v", got)
	}
}

// TestAppendAfterTakingOut shows that a photo never takes another's place on
// disk: cameras give all of a post the same name if they like.
func TestAppendAfterTakingOut(t *testing.T) {
	s := open(t, t.TempDir())
	var it *Item
	for n, photo := range []string{"one", "two", "three"} {
		u, _ := s.Begin(0)
		add(t, u, "SAM.JPG", photo)
		var err error
		if n == 0 {
			it = &Item{Kind: Post, Open: true}
			err = u.Commit(it)
		} else {
			it, err = u.AppendTo(it.ID, func(*Item) {})
		}
		if err != nil {
			t.Fatal(err)
		}
		if n == 1 {
			s.Edit(it.ID, func(it *Item) error { it.Files = it.Files[1:]; return nil })
		}
	}
	if len(it.Files) != 2 || content(t, s, it, 0) != "two" || content(t, s, it, 1) != "three" {
		t.Errorf("%+v", it.Files)
	}
}

// TestRecover has what power cuts leave behind.
func TestRecover(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	whole := put(t, s, "photo", "store")
	broken := put(t, s, "photo", "store")
	hollow := put(t, s, "photo", "store")
	grown := put(t, s, "photo", "store")
	at := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(at("items", broken.ID, "item.json"), `{"id": "`)
	write(at("items", hollow.ID, hollow.Files[0].Path), "")
	write(at("items", grown.ID, "02-SAM_0002.JPG"), "never acknowledged")
	write(at("items", grown.ID, "item.json.new"), "{")
	os.Mkdir(at("tmp", "000077-abcd"), 0o700)
	write(at("tmp", "000077-abcd", "01-SAM.JPG"), "half a ph")
	// Everything was written; only the rename was lost.
	record, _ := os.ReadFile(at("items", whole.ID, "item.json"))
	os.Mkdir(at("tmp", "000078-abcd"), 0o700)
	write(at("tmp", "000078-abcd", "item.json"), strings.Replace(string(record), whole.ID, "000078-abcd", 1))
	write(at("tmp", "000078-abcd", whole.Files[0].Path), "photo")
	os.Rename(at("items", put(t, s, "removed", "store").ID), at("tmp", "000005-abcd.gone"))

	s = open(t, dir)
	if left := ls(t, at("tmp")); len(left) > 0 {
		t.Errorf("left in tmp: %v", left)
	}
	for id, damaged := range map[string]bool{whole.ID: false, broken.ID: true, hollow.ID: true, grown.ID: false, "000078-abcd": false} {
		it, err := s.Get(id)
		if err != nil || (it.Damaged != "") != damaged || len(it.Files) != 1 {
			t.Errorf("%s: %+v, %v; want damaged %v and one file", id, it, err, damaged)
		}
		if !slices.Contains(s.IDs(), id) {
			t.Errorf("%s is not shown", id)
		}
	}
	if got := ls(t, at("items", grown.ID)); len(got) != 2 {
		t.Errorf("beside the record and its file: %v", got)
	}
	if got := ls(t, at("items", hollow.ID)); len(got) != 2 {
		t.Errorf("of a damaged item something was removed: %v", got)
	}
}

// TestIDs shows that ids sort in the order of arrival over restarts, and that
// a lost counter does no harm.
func TestIDs(t *testing.T) {
	dir := t.TempDir()
	var ids []string
	for i := range 5 {
		if i == 3 {
			os.WriteFile(filepath.Join(dir, "seq"), []byte("garbage"), 0o600)
		}
		if i == 4 {
			os.Remove(filepath.Join(dir, "seq"))
		}
		s := open(t, dir)
		for range 2 {
			ids = append(ids, put(t, s, "x", "store").ID)
		}
	}
	if !slices.IsSorted(ids) || len(slices.Compact(slices.Clone(ids))) != 10 {
		t.Errorf("ids in order of arrival: %v", ids)
	}
	for _, bad := range []string{"", "..", "000001", "000001-zzzz", "../items/000001-abcd", "000001-abcd/..", "0000x1-abcd", "+00001-abcd"} {
		if isID(bad) {
			t.Errorf("%q passes for an id", bad)
		}
		if _, err := open(t, dir).Get(bad); !errors.Is(err, ErrNotFound) {
			t.Errorf("Get(%q): %v", bad, err)
		}
	}
}

func TestRemove(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	it := put(t, s, "photo", "store")
	if err := s.Remove(it.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Get(it.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get: %v", err)
	}
	if left := append(ls(t, filepath.Join(dir, "tmp")), ls(t, filepath.Join(dir, "items"))...); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if err := s.Remove(it.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("a second time: %v", err)
	}
}

// roomy is a disk of a given size.
type roomy struct {
	Disk
	free, total int64
}

func (r *roomy) Space() (Space, error) { return Space{r.free, r.total}, nil }

func TestRoom(t *testing.T) {
	s := open(t, t.TempDir())
	disk := &roomy{s.Disk, 1000, 4000}
	s.Disk, s.Reserve = disk, 100
	first, err := s.Begin(600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Begin(301); !errors.Is(err, ErrFull) {
		t.Errorf("two uploads got the same room: %v", err)
	}
	w, _ := first.Create("a")
	w.Write(make([]byte, 600))
	disk.free -= 600
	if _, err := s.Begin(301); !errors.Is(err, ErrFull) {
		t.Errorf("the reserve was used: %v", err)
	}
	if u, err := s.Begin(300); err != nil {
		t.Errorf("what is free was refused: %v", err)
	} else {
		u.Abort()
	}
	if _, err := w.Write(make([]byte, 1)); !errors.Is(err, ErrFull) {
		t.Errorf("more than was announced was written into the reserve: %v", err)
	}
	if err := w.Close(); !errors.Is(err, ErrFull) {
		t.Errorf("a file that could not be written was closed: %v", err)
	}
	if err := first.Commit(&Item{}); err == nil {
		t.Error("an upload with a file that could not be written was committed")
	}
	if s.expected != 0 {
		t.Errorf("%d bytes stay claimed", s.expected)
	}
}

// choked is a disk whose files are full when it says so.
type choked struct {
	Disk
	full func() bool
}

func (c *choked) Create(name string) (DiskFile, error) {
	f, err := c.Disk.Create(name)
	return &chokedFile{f, c}, err
}

type chokedFile struct {
	DiskFile
	disk *choked
}

func (f *chokedFile) Write(p []byte) (int, error) {
	if f.disk.full() {
		n, err := f.DiskFile.Write(p[:len(p)/2])
		return n, cmp.Or(err, error(syscall.ENOSPC))
	}
	return f.DiskFile.Write(p)
}

// TestRoomUnknown has a file system that does not tell how much room it has, as
// some of FUSE do: what a write says counts. Delivered items stay while they may,
// and make room when there is none.
func TestRoomUnknown(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	disk := &choked{Disk: &roomy{s.Disk, 0, 0}, full: func() bool { return false }}
	s.Disk, s.Reserve = disk, 100
	old := put(t, s, strings.Repeat("x", 5000), "store")
	waits := put(t, s, strings.Repeat("x", 5000), "mail")
	setDone(t, s, old.ID, time.Now())
	s.sweep()
	if len(s.IDs()) != 2 {
		t.Fatalf("of a delivered item and one that waits, %v are left", s.IDs())
	}
	disk.full = func() bool {
		_, err := os.Stat(filepath.Join(dir, "items", old.ID))
		return err == nil
	}
	if it := put(t, s, strings.Repeat("x", 999)+"y", "mail"); content(t, s, it, 0) != strings.Repeat("x", 999)+"y" {
		t.Error("what was written in two pieces is not what was sent")
	}
	if _, err := s.Get(old.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("a delivered item was in the way, and is: %v", err)
	}
	disk.full = func() bool { return true }
	u, err := s.Begin(0)
	if err != nil {
		t.Fatal(err)
	}
	w, _ := u.Create("a")
	if _, err := w.Write(make([]byte, 10)); !errors.Is(err, ErrFull) {
		t.Errorf("without room: %v", err)
	}
	if _, err := s.Get(waits.ID); err != nil {
		t.Errorf("what waits made room: %v", err)
	}
}

// Who only announces takes no room from cameras that send.
func TestWordsFillNothing(t *testing.T) {
	s := open(t, t.TempDir())
	s.Disk = &roomy{s.Disk, 100 << 20, 4 << 30}
	if _, err := s.Begin(100 << 20); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Begin(60 << 20); err != nil {
		t.Errorf("a camera beside one that has sent nothing: %v", err)
	}
	if _, err := s.Begin(101 << 20); !errors.Is(err, ErrFull) {
		t.Errorf("more than there is: %v", err)
	}
}

// littered is full while there is a folder.
type littered struct {
	Disk
	folder string
}

func (l *littered) Space() (Space, error) {
	if _, err := os.Stat(l.folder); err == nil {
		return Space{0, 4000}, nil
	}
	return Space{1000, 4000}, nil
}

// What could not be removed when it was due makes room.
func TestLeftoversMakeRoom(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.Disk = &littered{s.Disk, filepath.Join(dir, "tmp", "000009-abcd")}
	leave := func() {
		t.Helper()
		if err := os.Mkdir(s.Disk.(*littered).folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	leave()
	u, err := s.Begin(500)
	if err != nil {
		t.Fatalf("announced: %v", err)
	}
	leave()
	if err := u.spool.claim(200); err != nil {
		t.Errorf("sent: %v", err)
	}
}

// A photo that fits, if only just, is not refused when its end comes.
func TestJustFits(t *testing.T) {
	s := open(t, t.TempDir())
	const size = 10<<20 + 12345
	disk := &roomy{s.Disk, size, 4 << 30}
	s.Disk = disk
	u, err := s.Begin(size)
	if err != nil {
		t.Fatal(err)
	}
	for left := int64(size); left > 0; {
		n := min(left, 32<<10)
		if err := u.use(n); err != nil {
			t.Fatalf("%d bytes before the end: %v", left, err)
		}
		left -= n
		disk.free -= n
	}
	if err := u.use(1); !errors.Is(err, ErrFull) {
		t.Errorf("one byte more: %v", err)
	}
}

// Who edits a stored photo in place edits the delivered item that shares its
// file. That is no damage; to one that still waits it is.
func TestSharedFileEdited(t *testing.T) {
	for _, delivered := range []bool{true, false} {
		dir := t.TempDir()
		s := open(t, dir)
		it := put(t, s, "photo", "store")
		if delivered {
			setDone(t, s, it.ID, time.Now())
		}
		stored := filepath.Join(dir, "stored.JPG")
		if err := os.Link(filepath.Join(dir, "items", it.ID, it.Files[0].Path), stored); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(stored, []byte("turned round"), 0); err != nil {
			t.Fatal(err)
		}
		for _, s := range []*Spool{s, open(t, dir)} {
			got, err := s.Get(it.ID)
			if err != nil || (got.Damaged == "") != delivered || got.Files[0].Size != 12 {
				t.Errorf("delivered %v: %+v, %v", delivered, got, err)
			}
		}
	}
}

// TestWaitsUnshared gives an item to another target after its photo was linked
// into the photo folder, at once or over a restart, as one that an earlier
// version of the program has linked.
func TestWaitsUnshared(t *testing.T) {
	for name, waits := range map[string]func(s *Spool, dir, id string) *Spool{
		"a person gives it to another target": func(s *Spool, _, id string) *Spool {
			if _, err := s.Edit(id, func(it *Item) error { it.Jobs[0] = Job{Target: "mail", State: Draft}; return nil }); err != nil {
				t.Fatal(err)
			}
			return s
		},
		"the next start finds it": func(s *Spool, dir, id string) *Spool {
			if _, err := s.update(id, func(it *Item) error { it.Jobs[0].Attempts, it.Jobs[0].State = 1, Done; return nil }); err != nil {
				t.Fatal(err)
			}
			return open(t, dir)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir)
			it := put(t, s, "photo", "store", "mail.b")
			stored := filepath.Join(dir, "stored.JPG")
			if err := os.Link(filepath.Join(dir, "items", it.ID, it.Files[0].Path), stored); err != nil {
				t.Fatal(err)
			}
			s = waits(s, dir, it.ID)
			if err := os.WriteFile(stored, []byte("PHOTO"), 0); err != nil {
				t.Fatal(err)
			}
			got, err := s.Get(it.ID)
			if err != nil || got.Damaged != "" || content(t, s, got, 0) != "photo" {
				t.Errorf("what waits is %+v, %v", got, err)
			}
			if left := ls(t, filepath.Join(dir, "items", it.ID)); len(left) != 2 {
				t.Errorf("in the item's folder: %v", left)
			}
		})
	}
}

// Photos that the photo folder has, too, take up no room of their own.
func TestLinkedItemsStay(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	linked, alone := put(t, s, strings.Repeat("x", 1000), "store"), put(t, s, strings.Repeat("x", 1000), "store")
	for _, it := range []*Item{linked, alone} {
		setDone(t, s, it.ID, time.Now())
	}
	if err := os.Link(filepath.Join(dir, "items", linked.ID, linked.Files[0].Path), filepath.Join(dir, "stored.JPG")); err != nil {
		t.Fatal(err)
	}
	s.Disk = &roomy{s.Disk, 100, 4000}
	begin := func(size int64, left int) {
		t.Helper()
		if _, err := s.Begin(size); !errors.Is(err, ErrFull) { // this disk's figure does not change
			t.Errorf("%d bytes: %v, want full", size, err)
		}
		if n := len(s.delivered()); n != left {
			t.Errorf("%d delivered items after %d bytes were refused, want %d", n, size, left)
		}
	}
	begin(1500, 2)
	begin(200, 1)
	if _, err := s.Get(linked.ID); err != nil {
		t.Errorf("an item went whose removal makes no room: %v", err)
	}
	if _, err := s.Get(alone.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("the one that takes up room: %v", err)
	}
}

// What a command works with is not swept away under it.
func TestSweepLeavesCommands(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	file := filepath.Join(dir, "tmp", "000001-abcd.shell", "SAM_0001.JPG")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.sweep()
	if err := s.Recover(func(*Item) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
	open(t, dir)
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after a restart it is still there: %v", err)
	}
}

func TestDeliveredItemsMakeRoom(t *testing.T) {
	s := open(t, t.TempDir())
	old := put(t, s, "old", "store")
	waiting := put(t, s, "waiting", "mail")
	setDone(t, s, old.ID, time.Now())
	disk := &roomy{s.Disk, 100, 4000}
	s.Disk = disk
	if _, err := s.Begin(200); !errors.Is(err, ErrFull) {
		t.Errorf("%v, want full", err)
	}
	if _, err := s.Get(old.ID); err != nil {
		t.Errorf("an item went for an upload that could not fit all the same: %v", err)
	}
	if _, err := s.Begin(102); !errors.Is(err, ErrFull) {
		t.Errorf("%v, want full: removing did not help on this disk", err)
	}
	if _, err := s.Get(old.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("the delivered item is still there: %v", err)
	}
	if _, err := s.Get(waiting.ID); err != nil {
		t.Errorf("what waits was removed: %v", err)
	}
}

func setDone(t *testing.T, s *Spool, id string, when time.Time) {
	t.Helper()
	if _, err := s.update(id, func(it *Item) error {
		for i := range it.Jobs {
			it.Jobs[i].State, it.Jobs[i].Finished = Done, when
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestSweep tells what is removed once it is delivered. Clocks of routers
// jump, so that a strange date must not count.
func TestSweep(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name  string
		when  time.Time
		total int64
		kept  bool
	}{
		{"delivered a minute ago", now.Add(-time.Minute), 1 << 30, true},
		{"delivered two hours ago", now.Add(-2 * time.Hour), 1 << 30, false},
		{"delivered before the clock was set", time.Unix(1000, 0), 1 << 30, true},
		{"delivered in the future, says the clock", now.Add(1000 * time.Hour), 1 << 30, true},
		{"delivered a minute ago, but larger than a quarter of the storage", now.Add(-time.Minute), 12, false},
	} {
		s := open(t, t.TempDir())
		s.Now = func() time.Time { return now }
		s.Disk = &roomy{s.Disk, 1 << 20, c.total}
		it := put(t, s, "photo", "store")
		waiting := put(t, s, "photo", "store")
		setDone(t, s, it.ID, c.when)
		s.sweep()
		if _, err := s.Get(it.ID); (err == nil) != c.kept {
			t.Errorf("%s: %v, want kept %v", c.name, err, c.kept)
		}
		if _, err := s.Get(waiting.ID); err != nil {
			t.Errorf("%s: what waits was removed", c.name)
		}
	}
}

// TestRecordOfUnknownSize shows that a record that grew beyond reason is shown
// as damaged, not read into memory.
func TestHugeRecord(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	it := put(t, s, "photo", "store")
	os.WriteFile(filepath.Join(dir, "items", it.ID, "item.json"), bytes.Repeat([]byte(" "), recordMax+1), 0o600)
	if got, err := s.Get(it.ID); err != nil || got.Damaged == "" {
		t.Errorf("%+v, %v; want it damaged", got, err)
	}
}

func TestName(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"SAM_0042.JPG", "SAM_0042.JPG"},
		{"", "unnamed"},
		{".", "unnamed"},
		{"a/b/c.JPG", "c.JPG"},
		{"a/", "unnamed"},
		{"trailing. . ", "trailing"},
		{"con", "_con"},
		{"~root", "_root"},
		{"it's \"q\".jpg", "it_s _q_.jpg"},
	} {
		if got := Name(c.in); got != c.want {
			t.Errorf("Name(%q) = %q, want %q", c.in, got, c.want)
		}
	}
	if got := Numbered("a.b.jpg", 2); got != "a.b-2.jpg" {
		t.Errorf("Numbered: %q", got)
	}
}

func ExampleNumbered() {
	fmt.Println(Numbered("SAM_0042.JPG", 1))
	// Output: SAM_0042-1.JPG
}
