//go:build integration

package integration

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// TestPowerCut cuts the power of the real program. What it asked of the system
// is done again on a disk that knows what is safe; each disk that a power cut
// before any of its calls can leave is written into a folder, and the program
// started on it. Every photo of which a camera had heard success has to get
// into the photo folder, whole and once.
func TestPowerCut(t *testing.T) {
	for name, b := range map[string]*bridge{
		"spool below the photos": newBridge(t),
		"spool elsewhere":        newBridge(t).elsewhere(t),
	} {
		t.Run(name, func(t *testing.T) {
			tr, l := trace(t, b)
			cuts := tr.cuts(t)
			t.Logf("%d calls, %d different disks", len(tr.calls), len(cuts))
			if len(cuts) < 100 {
				t.Error("that is too little to prove anything")
			}
			next := make(chan afterCut)
			for worker := range 4 {
				t.Run(fmt.Sprint(worker), func(t *testing.T) {
					t.Parallel()
					for c := range next {
						c.restart(t, b, tr, l)
					}
				})
			}
			go func() {
				defer close(next)
				for _, c := range cuts {
					next <- c
				}
			}()
		})
	}
}

// afterCut is what a power cut has left.
type afterCut struct {
	when  string
	disk  *spooltest.Disk
	heard int // answers of success that were begun
}

// cuts does the calls again, and returns what power cuts in between can leave,
// each disk once, with the most that cameras can have heard by then.
func (tr *traced) cuts(t *testing.T) []afterCut {
	t.Helper()
	r := &replay{disk: spooltest.NewDisk(), open: map[string]spool.DiskFile{}}
	if err := r.begin(tr.root); err != nil {
		t.Fatal(err)
	}
	type event struct {
		at int
		call
	}
	var events []event
	for _, c := range tr.calls {
		switch {
		case c.answers(), c.name == "close": // the camera may hear it, the number be given again
			events = append(events, event{c.begun, c})
		default: // not safe before
			events = append(events, event{c.ended, c})
		}
	}
	slices.SortFunc(events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
	left := map[uint64]afterCut{}
	heard := 0
	look := func(when string) {
		for c := range r.disk.Cuts() {
			left[c.Print] = afterCut{when + ": " + c.What, c.Disk(), heard}
		}
	}
	for n, e := range events {
		if e.answers() {
			heard++
			continue
		}
		if e.name != "close" && e.name != "open" || slices.Contains(e.flags, "O_CREAT") {
			look(fmt.Sprintf("before call %d, %s %s %s", n, e.name, e.file, e.to))
		}
		if err := r.do(e.call); err != nil {
			t.Fatalf("%s %s %s cannot be done again: %v", e.name, e.file, e.to, err)
		}
	}
	look("at the end")
	return slices.Collect(maps.Values(left))
}

// replay does calls again on a disk in memory.
type replay struct {
	disk *spooltest.Disk
	open map[string]spool.DiskFile // by number
}

// begin makes what was there before the program was started.
func (r *replay) begin(root string) error {
	settings, err := os.ReadFile(filepath.Join(root, "settings.toml"))
	if err != nil {
		return err
	}
	f, err := r.disk.Create("settings.toml")
	if err != nil {
		return err
	}
	_, err = f.Write(settings)
	return errors.Join(err, f.Sync(), f.Close(), r.disk.Mkdir("photos"), r.disk.SyncDir("."))
}

func (r *replay) do(c call) error {
	switch c.name {
	case "open":
		return r.doOpen(c)
	case "close":
		if f := r.open[c.fd]; f != nil {
			delete(r.open, c.fd)
			return f.Close()
		}
		return nil
	case "mkdir":
		return r.disk.Mkdir(c.file)
	case "rename":
		return r.disk.Rename(c.file, c.to)
	case "link":
		return r.disk.Link(c.file, c.to)
	case "unlink":
		return r.disk.Remove(c.file)
	case "write":
		if r.open[c.fd] == nil {
			return errors.New("not open")
		}
		_, err := r.open[c.fd].Write(c.data)
		return err
	case "fsync":
		if f := r.open[c.fd]; f != nil {
			return f.Sync()
		}
		return r.disk.SyncDir(c.file)
	}
	return errors.New("unknown")
}

func (r *replay) doOpen(c call) error {
	delete(r.open, c.fd)
	if slices.Contains(c.flags, "O_TRUNC") {
		return errors.New("shortened")
	}
	f, err := r.disk.Open(c.file)
	if err != nil && slices.Contains(c.flags, "O_CREAT") {
		f, err = r.disk.Create(c.file)
	}
	if err == nil {
		r.open[c.fd] = f
	}
	return nil // a folder, most likely; what is not will be missed
}

// restart starts the program on what a power cut has left.
func (c afterCut) restart(t *testing.T, was *bridge, tr *traced, l *ledger) {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := c.disk.Save(dir); err != nil {
		t.Fatal(err)
	}
	b := *was
	in := func(name string) string { return filepath.Join(dir, tr.below(name)) }
	b.photos, b.spool, b.file = in(was.photos), in(was.spool), in(was.file)
	after := newLedger()
	for _, f := range l.begun {
		after.begin(f)
	}
	for _, names := range sentBoth[:min(c.heard, len(sentBoth))] {
		for _, name := range names {
			after.success(l.begun[name])
		}
	}
	defer func() {
		if t.Failed() {
			t.Logf("power cut %s, with %d successes heard; the disk was\n%s", c.when, c.heard, strings.Join(c.disk.Names(), "\n"))
		}
	}()
	d := b.start(t)
	defer d.kill()
	eventually(t, func() error { return errors.Join(after.arrived(b.photos), b.tidy()) })
}
