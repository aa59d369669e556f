package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// TestAppearsMeanwhile lets a file of the same name appear while a photo is
// being copied. It stays; the photo gets another name, or is that file.
func TestAppearsMeanwhile(t *testing.T) {
	for _, c := range []struct {
		name, content string
		want          []string
	}{
		{"another photo", "mine", []string{"SAM_1.JPG=mine", "SAM_1-1.JPG=photo"}},
		{"the same photo", "photo", []string{"SAM_1.JPG=photo"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rig := newRig(t, true)
			rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_1.JPG", "photo"))
			appears := sync.OnceFunc(func() {
				if err := os.WriteFile(filepath.Join(rig.photos, "SAM_1.JPG"), []byte(c.content), 0o644); err != nil {
					t.Error(err)
				}
			})
			rig.OnRead = func(name string) error {
				if strings.HasSuffix(name, ".JPG") {
					appears()
				}
				return nil
			}
			rig.Must(rig.store(".").Do)
			rig.wantStored(c.want...)
		})
	}
}

// TestLeftEmpty has an empty file in the way of a photo. It is another program's
// in the first attempt; after that, a power cut may have left it, and the photo
// takes its place.
func TestLeftEmpty(t *testing.T) {
	rig := newRig(t, true)
	empty := func(name string) {
		if err := os.WriteFile(filepath.Join(rig.photos, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	empty("SAM_1.JPG")
	rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_1.JPG", "photo"))
	rig.Must(rig.store(".").Do)
	rig.wantStored("SAM_1-1.JPG=photo", "SAM_1.JPG=")

	rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_2.JPG", "photo"))
	rig.Attempt(func(context.Context, *spool.Delivery) error { return errors.New("the power is cut") })
	empty("SAM_2.JPG")
	rig.Retry(rig.IDs()[1])
	rig.Must(rig.store(".").Do)
	rig.wantStored("SAM_1-1.JPG=photo", "SAM_1.JPG=", "SAM_2.JPG=photo")
}

// TestRenameReplacesNothing holds for the kernel's way and for the one of file
// systems that lack it.
func TestRenameReplacesNothing(t *testing.T) {
	for name, way := range map[string]func(*os.Root, string, string) error{
		"renameat2": renameNew, "reserved": renameReserved,
		"either": func(root *os.Root, from, to string) error { return rename(root)(from, to) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			tree(t, dir, "a/new=new", "a/new2=new", "a/taken=old")
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer root.Close()
			if err := way(root, "a/new", "a/taken"); !errors.Is(err, fs.ErrExist) {
				t.Errorf("onto a file that is there: %v", err)
			}
			if err := way(root, "a/new2", "a/free"); err != nil {
				t.Errorf("onto a free name: %v", err)
			}
			if err := way(root, "a/none", "a/other"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("of no file: %v", err)
			}
			want := []string{"a/free=new", "a/new=new", "a/taken=old"}
			r := spooltest.Rig{T: t}
			r.WantFiles(dir, want...)
		})
	}
}

// TestRenameNumbers compares with the numbers that Go's tools have.
func TestRenameNumbers(t *testing.T) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	number := regexp.MustCompile(`SYS_RENAMEAT2\s+= (\d+)`)
	for _, arch := range []string{"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "riscv64"} {
		file := filepath.Join(strings.TrimSpace(string(out)), "src/cmd/vendor/golang.org/x/sys/unix/zsysnum_linux_"+arch+".go")
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if m := number.FindSubmatch(b); m == nil || string(m[1]) != fmt.Sprint(renameat2(arch)) {
			t.Errorf("%s: %d, want %q", arch, renameat2(arch), m)
		}
	}
}

// TestEditedInPlace writes into stored photos: what other targets wait for,
// and other copies, stay as the camera sent them. Where nobody waits, no byte
// is written twice.
func TestEditedInPlace(t *testing.T) {
	for _, c := range []struct {
		name   string
		others []spool.State
		to     []string
		shared bool
	}{
		{"nobody waits", nil, nil, true},
		{"all others have it", []spool.State{spool.Done, spool.Done}, nil, true},
		{"one waits", []spool.State{spool.Done, spool.Waiting}, nil, false},
		{"one is a draft", []spool.State{spool.Draft}, nil, false},
		{"one failed, and may be tried again", []spool.State{spool.Failed}, nil, false},
		{"it is stored twice", nil, []string{"a@example.org", "b@example.org"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			rig := newRig(t, false)
			it := spool.Item{Jobs: []spool.Job{{Target: "store", To: c.to, State: spool.Waiting}}}
			for i, state := range c.others {
				it.Jobs = append(it.Jobs, spool.Job{Target: fmt.Sprintf("mail.%d", i), State: state})
			}
			rig.Add(it, nil, spooltest.Photo("SAM_1.JPG", "photo"))
			template := "{date}"
			if len(c.to) > 0 {
				template = "{recipient}"
			}
			folder := rig.store(template)
			later := &spool.Error{Kind: spool.Incomplete, Err: errors.New("not this one")}
			attempts := 0
			for j := (spool.Job{}); j.Target != "store"; attempts++ {
				j = rig.Attempt(func(ctx context.Context, d *spool.Delivery) error {
					if d.Job.Target != "store" {
						return later
					}
					return folder.Do(ctx, d)
				})
			}
			stored, err := filepath.Glob(filepath.Join(rig.photos, "*", "SAM_1.JPG"))
			if err != nil || len(stored) != max(1, len(c.to)) {
				t.Fatalf("stored: %v, %v", stored, err)
			}
			if err := os.WriteFile(stored[0], []byte("PHOTO"), 0); err != nil { // in place
				t.Fatal(err)
			}
			spooled, err := filepath.Glob(filepath.Join(rig.Dir, "items", "*", "01-SAM_1.JPG"))
			if err != nil || len(spooled) != 1 {
				t.Fatalf("in the spool: %v, %v", spooled, err)
			}
			for _, name := range append(spooled, stored[1:]...) {
				b, err := os.ReadFile(name)
				if err != nil || (string(b) == "PHOTO") != c.shared {
					t.Errorf("%s is %q, %v", name, b, err)
				}
			}
		})
	}
}

// TestUnshared gives a photo that an earlier attempt linked its own bytes when
// somebody else waits for it now.
func TestUnshared(t *testing.T) {
	rig := newRig(t, false)
	rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_1.JPG", "photo"))
	folder := rig.store(".")
	rig.Attempt(func(ctx context.Context, d *spool.Delivery) error {
		return errors.Join(folder.Do(ctx, d), errors.New("once more"))
	})
	rig.Must(func(ctx context.Context, d *spool.Delivery) error {
		d.Item.Jobs = append(slices.Clone(d.Item.Jobs), spool.Job{Target: "mail", State: spool.Waiting})
		return folder.Do(ctx, d)
	})
	fi, err := os.Stat(filepath.Join(rig.photos, "SAM_1.JPG"))
	if err != nil || fi.Sys().(*syscall.Stat_t).Nlink != 1 {
		t.Errorf("the photo is still shared: %v, %v", fi, err)
	}
	rig.wantStored("SAM_1.JPG=photo")
}

// TestCloseWrite listens as "inotifywait -e close_write" does: each stored
// photo is told once, by its own name, when it is whole; nothing else is.
func TestCloseWrite(t *testing.T) {
	for name, c := range map[string]struct {
		elsewhere bool
		others    []spool.Job
	}{
		"linked":                {},
		"copied from elsewhere": {elsewhere: true},
		"copied beside another": {others: []spool.Job{{Target: "mail", State: spool.Draft}}},
	} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, c.elsewhere)
			day := filepath.Join(rig.photos, "2026-07-14")
			if err := os.Mkdir(day, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(day, "SAM_2.JPG"), []byte("another"), 0o644); err != nil {
				t.Fatal(err)
			}
			watch := listen(t, day)
			jobs := append([]spool.Job{{Target: "store", State: spool.Waiting}}, c.others...)
			rig.Add(spool.Item{Jobs: jobs}, nil, spooltest.Photo("SAM_1.JPG", "one"), spooltest.Photo("SAM_2.JPG", "two"))
			folder := rig.store("{date}")
			rig.Attempt(func(ctx context.Context, d *spool.Delivery) error {
				return errors.Join(folder.Do(ctx, d), errors.New("once more"))
			})
			rig.Must(folder.Do)
			want := []string{"SAM_1.JPG", "SAM_2-1.JPG"}
			if got := watch(); !slices.Equal(got, want) {
				t.Errorf("told are %q, want %q", got, want)
			}
			rig.wantStored("2026-07-14/SAM_1.JPG=one", "2026-07-14/SAM_2.JPG=another", "2026-07-14/SAM_2-1.JPG=two")
		})
	}
}

// listen watches a folder. The function that it returns ends that with a file
// of its own, and tells which names were written and closed till then.
func listen(t *testing.T, dir string) func() []string {
	t.Helper()
	fd, err := syscall.InotifyInit1(syscall.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if _, err := syscall.InotifyAddWatch(fd, dir, syscall.IN_CLOSE_WRITE); err != nil {
		t.Fatal(err)
	}
	return func() (names []string) {
		const end = "end"
		if err := os.WriteFile(filepath.Join(dir, end), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(filepath.Join(dir, end))
		p := make([]byte, 64<<10)
		for {
			n, err := syscall.Read(fd, p)
			if err != nil {
				t.Fatal(err)
			}
			for b := p[:n]; len(b) > 0; {
				e := (*syscall.InotifyEvent)(unsafe.Pointer(&b[0]))
				name := strings.TrimRight(string(b[syscall.SizeofInotifyEvent:][:e.Len]), "\x00")
				b = b[syscall.SizeofInotifyEvent+int(e.Len):]
				if name == end {
					return names
				}
				names = append(names, name)
			}
		}
	}
}

// TestFolderLocked lets another program hold a lock on the photo folder. That
// is no reason to wait.
func TestFolderLocked(t *testing.T) {
	rig := newRig(t, false)
	f, err := os.Open(rig.photos)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_1.JPG", "photo"))
	stored := make(chan bool)
	go func() {
		rig.Attempt(rig.store(".").Do)
		close(stored)
	}()
	select {
	case <-stored:
	case <-time.After(time.Minute):
		f.Close() // lets it go on
		<-stored
		t.Error("the photo waited for the lock")
	}
	rig.wantStored("SAM_1.JPG=photo")
}
