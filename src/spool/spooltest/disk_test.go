package spooltest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"

	"snsbridge/src/spool"
)

// TestLikeAFolder does the same, at random, with a Disk and with a folder.
func TestLikeAFolder(t *testing.T) {
	kinds := []error{fs.ErrExist, fs.ErrNotExist, syscall.ENOTEMPTY, syscall.ENOTDIR, syscall.EISDIR}
	kind := func(err error) error {
		for _, k := range kinds {
			if errors.Is(err, k) {
				return k
			}
		}
		return err
	}
	for seed := range uint64(200) {
		dir, err := spool.OpenDir(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		both := []spool.Disk{NewDisk(), dir}
		var done []string
		for range 60 {
			names := []string{"a", "b", "a/x", "a/y", "b/x", "a/x/deep"}
			from, to := names[rng.IntN(len(names))], names[rng.IntN(len(names))]
			verb := []string{"mkdir", "write", "rename", "remove", "list", "sync"}[rng.IntN(6)]
			done = append(done, verb+" "+from+" "+to)
			var got [2]string
			var errs [2]error
			for i, d := range both {
				got[i], errs[i] = do(d, verb, from, to)
			}
			if got[0] != got[1] || (errs[0] == nil) != (errs[1] == nil) || kind(errs[0]) != kind(errs[1]) && slices.Contains(kinds, kind(errs[1])) {
				t.Fatalf("%s\ndisk:   %q, %v\nfolder: %q, %v", strings.Join(done[max(0, len(done)-12):], "\n"), got[0], errs[0], got[1], errs[1])
			}
		}
		dir.Close()
	}
}

func do(d spool.Disk, verb, from, to string) (string, error) {
	switch verb {
	case "mkdir":
		return "", d.Mkdir(from)
	case "rename":
		return "", d.Rename(from, to)
	case "remove":
		return "", d.Remove(from)
	case "sync":
		return "", d.SyncDir(from)
	case "list":
		return list(d, from)
	}
	f, err := d.Create(from)
	if err != nil {
		return "", err
	}
	defer f.Close()
	fmt.Fprint(f, "some ")
	fmt.Fprint(f, from)
	f.Seek(2, io.SeekStart)
	b, err := io.ReadAll(f)
	return string(b), errors.Join(err, f.Sync())
}

func list(d spool.Disk, name string) (string, error) {
	entries, err := d.ReadDir(name)
	var all []string
	for _, e := range entries {
		fi, err := e.Info()
		if err != nil {
			return "", err
		}
		size := fi.Size()
		if fi.IsDir() {
			size = 0
		}
		all = append(all, fmt.Sprint(e.Name(), e.IsDir(), size))
	}
	slices.Sort(all)
	return strings.Join(all, " "), err
}

// TestForgets tells what a power cut can leave.
func TestForgets(t *testing.T) {
	write := func(d *Disk, name, content string, sync bool) {
		f, err := d.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, content)
		if sync {
			f.Sync()
		}
		f.Close()
	}
	half := func(op string) Fault { return Fault{Err: syscall.EIO} }
	for _, c := range []struct {
		why   string
		do    func(d *Disk)
		split bool
		want  []string
	}{
		{"nothing is synced", func(d *Disk) { write(d, "a", "abcd", false) },
			false, []string{``, `a: ""`, `a: "a"`, `a: "ab"`, `a: "abc"`, `a: "abcd"`, `a: "\x00\x00\x00\x00"`, `a: "ab\x00\x00"`}},
		{"the bytes are", func(d *Disk) { write(d, "a", "abcd", true) },
			false, []string{``, `a: "abcd"`}},
		{"the name is", func(d *Disk) { write(d, "a", "a", false); d.SyncDir(".") },
			false, []string{`a: ""`, `a: "a"`, `a: "\x00"`}},
		{"both are", func(d *Disk) { write(d, "a", "abcd", true); d.SyncDir(".") },
			false, []string{`a: "abcd"`}},
		{"names come in any order", func(d *Disk) { write(d, "a", "", true); write(d, "b", "", true) },
			false, []string{``, `a: ""`, `b: ""`, `a: "" b: ""`}},
		{"a new name is there before or after its file is replaced", func(d *Disk) {
			write(d, "a", "old", true)
			d.SyncDir(".")
			write(d, "b", "new", true)
			d.Rename("b", "a")
		}, false, []string{`a: "old"`, `a: "old" b: "new"`, `a: "new"`}},
		{"a rename is whole", func(d *Disk) { write(d, "a", "a", true); d.SyncDir("."); d.Rename("a", "b") },
			false, []string{`a: "a"`, `b: "a"`}},
		{"a rename is not", func(d *Disk) { write(d, "a", "a", true); d.SyncDir("."); d.Rename("a", "b") },
			true, []string{`a: "a"`, `b: "a"`, `a: "a" b = a`, ``}},
		{"a folder is synced, and not the one above it", func(d *Disk) { d.Mkdir("d"); write(d, "d/a", "a", true); d.SyncDir("d") },
			false, []string{``, `d/ d/a: "a"`}},
		{"and the other way round", func(d *Disk) { d.Mkdir("d"); write(d, "d/a", "a", true); d.SyncDir(".") },
			false, []string{`d/`, `d/ d/a: "a"`}},
		{"the new folder of a rename is synced, and with it the old one", func(d *Disk) {
			d.Mkdir("d")
			write(d, "a", "a", true)
			d.SyncDir(".")
			d.Rename("a", "d/a")
			d.SyncDir("d")
		}, false, []string{`d/ d/a: "a"`}},
		{"removed and not synced", func(d *Disk) { write(d, "a", "a", true); d.SyncDir("."); d.Remove("a") },
			false, []string{``, `a: "a"`}},
		{"a sync has failed, and the next one says nothing", func(d *Disk) {
			f, _ := d.Create("a")
			io.WriteString(f, "a")
			d.Before = half
			f.Sync()
			d.Before = nil
			f.Sync()
			f.Close()
			d.SyncDir(".")
		}, false, []string{`a: ""`, `a: "a"`, `a: "\x00"`}},
		{"so has that of a folder", func(d *Disk) {
			write(d, "a", "a", true)
			d.Before = half
			d.SyncDir(".")
			d.Before = nil
			d.SyncDir(".")
		}, false, []string{``, `a: "a"`}},
	} {
		d := NewDisk()
		d.Split = c.split
		c.do(d)
		var got []string
		for cut := range d.Cuts() {
			got = append(got, strings.Join(strings.Fields(cut.Disk().String()), " "))
			if cut.Print != cut.Disk().Print() {
				t.Errorf("%s: what it looks like is not what it is: %s", c.why, cut.What)
			}
		}
		slices.Sort(got)
		slices.Sort(c.want)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s\n got %q\nwant %q", c.why, got, c.want)
		}
		if n := d.Opened(); n != 0 {
			t.Errorf("%s: %d files are open", c.why, n)
		}
	}
}

func TestDiskIsFull(t *testing.T) {
	d := NewDisk()
	d.Total = 6
	f, _ := d.Create("a")
	n, err := f.Write([]byte("abcd"))
	m, err2 := f.Write([]byte("efgh"))
	b, _ := d.Bytes("a")
	if n != 4 || err != nil || m != 2 || !errors.Is(err2, syscall.ENOSPC) || !bytes.Equal(b, []byte("abcdef")) {
		t.Errorf("wrote %d, %v, then %d, %v: %q", n, err, m, err2, b)
	}
}

// TestRenamesComeLate: a new name is empty, or keeps what it had, until what
// was renamed is synced.
func TestRenamesComeLate(t *testing.T) {
	for _, sync := range []bool{false, true} {
		d := NewDisk()
		d.Late = true
		f, _ := d.Create("a")
		io.WriteString(f, "a")
		f.Sync()
		d.SyncDir(".")
		d.Rename("a", "b")
		d.SyncDir(".")
		want := "b: \"\"\n"
		if sync {
			f.Sync()
			want = "b: \"a\"\n"
		}
		f.Close()
		for cut := range d.Cuts() {
			if got := cut.Disk().String(); got != want {
				t.Errorf("synced %t: the disk is %q, want %q", sync, got, want)
			}
		}
	}
}
