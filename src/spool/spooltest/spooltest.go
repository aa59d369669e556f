// Package spooltest is for the tests of what works from the spool: a spool of
// its own for each test, items in it, and attempts at what they ask for.
package spooltest

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

// Rig is a spool that can be watched.
type Rig struct {
	*spool.Spool
	T      testing.TB
	Dir    string                  // the spool's folder
	OnRead func(name string) error // nil, or called before each read of a file
	Err    error                   // of the last attempt
}

// New opens a spool in a folder, and makes that if need be.
func New(t testing.TB, dir string) *Rig {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	disk, err := spool.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	rig := &Rig{T: t, Dir: dir}
	rig.Spool = &spool.Spool{Disk: &watchedDisk{disk, rig}, KeepDone: time.Hour}
	if err := rig.Open(); err != nil {
		t.Fatal(err)
	}
	if err := rig.Recover(func(*spool.Item) {}); err != nil {
		t.Fatal(err)
	}
	return rig
}

type watchedDisk struct {
	spool.Disk
	rig *Rig
}

func (d *watchedDisk) Open(name string) (spool.DiskFile, error) {
	f, err := d.Disk.Open(name)
	if err != nil || d.rig.OnRead == nil {
		return f, err
	}
	return &watchedFile{f, d.rig, name}, nil
}

type watchedFile struct {
	spool.DiskFile
	rig  *Rig
	name string
}

func (f *watchedFile) Read(p []byte) (int, error) {
	if err := f.rig.OnRead(f.name); err != nil {
		return 0, err
	}
	return f.DiskFile.Read(p)
}

// File is a file of an item.
type File struct {
	Name, Type, Alt string
	Taken           time.Time
	Open            func() io.Reader
}

// July is when a Photo was taken.
var July = time.Date(2026, 7, 14, 18, 30, 5, 0, time.UTC)

// Photo is a file with these bytes.
func Photo(name, content string) File {
	return File{Name: name, Type: "image/jpeg", Taken: July, Open: func() io.Reader { return strings.NewReader(content) }}
}

// Add accepts an item and returns its id. An item without jobs gets one, for
// the target "test" with these recipients.
func (r *Rig) Add(it spool.Item, to []string, files ...File) string {
	r.T.Helper()
	u, err := r.Begin(0)
	if err != nil {
		r.T.Fatal(err)
	}
	for _, f := range files {
		w, err := u.Create(f.Name)
		if err != nil {
			r.T.Fatal(err)
		}
		w.Type, w.Alt, w.Taken = f.Type, f.Alt, f.Taken
		if _, err := io.Copy(w, f.Open()); err != nil {
			r.T.Fatal(err)
		}
		if err := w.Close(); err != nil {
			r.T.Fatal(err)
		}
	}
	if it.Kind == "" {
		it.Kind = spool.Email
	}
	if it.Jobs == nil {
		it.Jobs = []spool.Job{{Target: "test", To: to, State: spool.Waiting}}
	}
	if err := u.Commit(&it); err != nil {
		r.T.Fatal(err)
	}
	return it.ID
}

// Attempt makes one attempt at what waits, and returns what the record says
// afterwards.
func (r *Rig) Attempt(do func(context.Context, *spool.Delivery) error) spool.Job {
	r.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	id, tried := "", -1
	runner := &spool.Runner{Spool: r.Spool, Idle: cancel, Do: func(ctx context.Context, d *spool.Delivery) error {
		id = d.Item.ID
		for i := range d.Item.Jobs {
			if &d.Item.Jobs[i] == d.Job {
				tried = i
			}
		}
		r.Err = do(ctx, d)
		return r.Err
	}}
	r.Poke()
	runner.Run(ctx)
	if tried < 0 {
		r.T.Fatal("no attempt was made")
	}
	it, err := r.Get(id)
	if err != nil {
		r.T.Fatal(err)
	}
	if it.Damaged != "" {
		r.T.Fatalf("the item is damaged: %s", it.Damaged)
	}
	return it.Jobs[tried]
}

// Must makes an attempt that has to succeed.
func (r *Rig) Must(do func(context.Context, *spool.Delivery) error) spool.Job {
	r.T.Helper()
	j := r.Attempt(do)
	if j.State != spool.Done {
		r.T.Fatalf("the job is %s: %s (%s)", j.State, j.Error, j.Code)
	}
	return j
}

// Files returns "NAME=CONTENT" for each file below a folder, the hidden ones
// too, but not for the spool.
func (r *Rig) Files(dir string) []string {
	r.T.Helper()
	all := []string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err == nil && name == r.Dir {
			return fs.SkipDir
		}
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(name)
		all = append(all, strings.TrimPrefix(name, dir+"/")+"="+string(b))
		return err
	})
	if err != nil {
		r.T.Fatal(err)
	}
	return all
}

// WantFiles wants these files below a folder, and no others.
func (r *Rig) WantFiles(dir string, want ...string) {
	r.T.Helper()
	got := r.Files(dir)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		r.T.Errorf("stored\n got %q\nwant %q", got, want)
	}
}
