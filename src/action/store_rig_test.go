package action

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"snsbridge/src/spool"
)

// storeRig is a photo folder, and a spool on a disk that can be watched.
type storeRig struct {
	t      testing.TB
	photos string
	dir    string // the spool's folder
	spool  *spool.Spool
	disk   *storeDisk
	err    error // of the last attempt
}

// newStoreRig makes a spool below the photo folder, where files are linked,
// or elsewhere, where they are copied.
func newStoreRig(t testing.TB, elsewhere bool) *storeRig {
	t.Helper()
	rig := &storeRig{t: t, photos: t.TempDir()}
	rig.dir = filepath.Join(rig.photos, ".spool")
	if elsewhere {
		rig.dir = t.TempDir()
	} else if err := os.Mkdir(rig.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	disk, err := spool.OpenDir(rig.dir)
	if err != nil {
		t.Fatal(err)
	}
	rig.disk = &storeDisk{Disk: disk}
	rig.spool = &spool.Spool{Disk: rig.disk}
	if err := rig.spool.Open(); err != nil {
		t.Fatal(err)
	}
	if err := rig.spool.Recover(func(*spool.Item) {}); err != nil {
		t.Fatal(err)
	}
	return rig
}

// storeDisk calls onRead before each read of a file.
type storeDisk struct {
	spool.Disk
	onRead func(name string) error
}

func (d *storeDisk) Open(name string) (spool.DiskFile, error) {
	f, err := d.Disk.Open(name)
	if err != nil || d.onRead == nil {
		return f, err
	}
	return &storeDiskFile{f, d, name}, nil
}

type storeDiskFile struct {
	spool.DiskFile
	disk *storeDisk
	name string
}

func (f *storeDiskFile) Read(p []byte) (int, error) {
	if err := f.disk.onRead(f.name); err != nil {
		return 0, err
	}
	return f.DiskFile.Read(p)
}

func (rig *storeRig) store(folder string) *Store {
	return &Store{Dir: rig.photos, Folder: folder, Secret: "key of the test", Spool: rig.dir}
}

type storeFile struct {
	name, content string
	taken         time.Time
}

// add accepts an item with one job, and returns its id.
func (rig *storeRig) add(it spool.Item, to []string, files ...storeFile) string {
	rig.t.Helper()
	u, err := rig.spool.Begin(0)
	if err != nil {
		rig.t.Fatal(err)
	}
	for _, f := range files {
		w, err := u.Create(f.name)
		if err != nil {
			rig.t.Fatal(err)
		}
		w.Type, w.Taken = "image/jpeg", f.taken
		if _, err := io.WriteString(w, f.content); err != nil {
			rig.t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			rig.t.Fatal(err)
		}
	}
	if it.Kind == "" {
		it.Kind = spool.Email
	}
	it.Jobs = []spool.Job{{Target: "test", To: to, State: spool.Waiting}}
	if err := u.Commit(&it); err != nil {
		rig.t.Fatal(err)
	}
	return it.ID
}

// attempt makes one attempt at what waits, and returns what the record says
// afterwards.
func (rig *storeRig) attempt(do func(context.Context, *spool.Delivery) error) spool.Job {
	rig.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	id := ""
	r := &spool.Runner{Spool: rig.spool, Idle: cancel, Do: func(ctx context.Context, d *spool.Delivery) error {
		id = d.Item.ID
		rig.err = do(ctx, d)
		return rig.err
	}}
	rig.spool.Poke()
	r.Run(ctx)
	if id == "" {
		rig.t.Fatal("no attempt was made")
	}
	it, err := rig.spool.Get(id)
	if err != nil {
		rig.t.Fatal(err)
	}
	if it.Damaged != "" {
		rig.t.Fatalf("the item is damaged: %s", it.Damaged)
	}
	return it.Jobs[0]
}

// must makes an attempt that has to succeed.
func (rig *storeRig) must(do func(context.Context, *spool.Delivery) error) spool.Job {
	rig.t.Helper()
	j := rig.attempt(do)
	if j.State != spool.Done {
		rig.t.Fatalf("the job is %s: %s (%s)", j.State, j.Error, j.Code)
	}
	return j
}

// stored returns "NAME=CONTENT" for each file below the photo folder, the
// hidden ones too, but not for the spool.
func (rig *storeRig) stored() []string {
	rig.t.Helper()
	all := []string{}
	err := filepath.WalkDir(rig.photos, func(name string, e fs.DirEntry, err error) error {
		if err != nil || name == rig.dir {
			return skipFolder(err)
		}
		if e.Type().IsRegular() {
			b, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			all = append(all, strings.TrimPrefix(name, rig.photos+"/")+"="+string(b))
		}
		return nil
	})
	if err != nil {
		rig.t.Fatal(err)
	}
	return all
}

func skipFolder(err error) error {
	if err == nil {
		return fs.SkipDir
	}
	return err
}

func (rig *storeRig) wantStored(want ...string) {
	rig.t.Helper()
	got := rig.stored()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		rig.t.Errorf("stored\n got %q\nwant %q", got, want)
	}
}
