//go:build integration

package integration

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"snsbridge/src/camera"
	"snsbridge/src/sim"
)

// small puts a small file system into a folder until the test ends.
func small(t *testing.T, folder string, size int) {
	t.Helper()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Fatalf("cannot mount a small file system, which needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(folder, syscall.MNT_DETACH) })
}

// remount changes the flags of such a file system. It is busy for as long as
// a file is open for writing.
func remount(t *testing.T, folder string, flags uintptr) {
	t.Helper()
	eventually(t, func() error { return syscall.Mount("", folder, "", syscall.MS_REMOUNT|flags, "") })
}

// fill uses up what is free but for some bytes, as another program may do at
// any moment. Removing the file makes room again.
func fill(folder string, but int64) (file string, err error) {
	file = filepath.Join(folder, ".filler")
	f, err := os.Create(file)
	if err != nil {
		return file, err
	}
	defer f.Close()
	var size int64
	for page := make([]byte, 4096); ; {
		n, err := f.Write(page)
		size += int64(n)
		if errors.Is(err, syscall.ENOSPC) {
			return file, f.Truncate(max(0, size-but))
		}
		if err != nil {
			return file, err
		}
	}
}

// isFull tells what is wrong with the answer to a camera for whose photo there
// was no room.
func isFull(a sim.Answer, err error) error {
	code, _ := a.Value("Response ErrCode")
	switch {
	case err == nil:
		return errors.New("the camera heard success")
	case a.Status != 503 || code != "1000" || !strings.Contains(string(a.Raw), "storage is full"):
		return fmt.Errorf("the answer is %q, want status 503, ErrCode 1000 and the reason; %v", a.Raw, err)
	}
	return nil
}

func TestPhotoLargerThanTheDisk(t *testing.T) {
	b := newBridge(t, "RESERVE = 0")
	small(t, b.photos, 4<<20)
	d := b.start(t)
	ctx := t.Context()
	c := cameraAt(t, d, "NX300", 2)
	l := newLedger()
	before, large := photo(t, "SAM_0001.JPG", 1<<20, 1), photo(t, "SAM_0002.JPG", 6<<20, 2)
	after := photo(t, "SAM_0003.JPG", 1<<20, 3)
	l.begin(before, after)

	if _, err := c.Email(ctx, mail(before)); err != nil {
		t.Fatal(err)
	}
	l.success(before)
	if a, err := c.Email(ctx, mail(large)); isFull(a, err) != nil {
		t.Errorf("by e-mail: %v", isFull(a, err))
	}
	d.line("refused", "/social/columbus/email", "the storage is full")
	session, err := c.Login(ctx, "facebook")
	if err != nil {
		t.Fatal(err)
	}
	if a, err := session.Photo(ctx, large, ""); isFull(a, err) != nil {
		t.Errorf("by upload: %v", isFull(a, err))
	}
	if _, err := c.Email(ctx, mail(after)); err != nil {
		t.Errorf("a photo for which there is room: %v", err)
	}
	l.success(after)
	eventually(t, func() error { return errors.Join(l.arrived(b.photos), b.tidy()) })
}

// The refusal does not wait for the photo: sending it costs the camera power.
func TestFullDiskIsToldAtOnce(t *testing.T) {
	b := newBridge(t, "RESERVE = 0")
	small(t, b.photos, 1<<20)
	d := b.start(t)
	conn, err := net.Dial("tcp", d.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answer := ask(t, conn, "POST /social/columbus/email HTTP/1.0\r\nHost: "+camera.HostEmail+
		"\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 6000000\r\n\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 503 ") || !strings.Contains(answer, `<Response ErrCode="1000"`) {
		t.Errorf("with only the head sent the answer is %q, want 503 with ErrCode 1000", answer)
	}
}

// Whatever room is left when another program fills the disk in the middle of
// an upload, the camera hears success only if the photo is safe.
func TestDiskFillsDuringUpload(t *testing.T) {
	b := newBridge(t, "RESERVE = 0")
	small(t, b.photos, 8<<20)
	d := b.start(t)
	ctx := t.Context()
	l := newLedger()
	refused := 0
	for step := range 30 {
		f := photo(t, fmt.Sprintf("SAM_%04d.JPG", step), 64<<10, uint64(step))
		l.begin(f)
		var filler string
		var once sync.Once
		c := cameraAt(t, d, "NX300", 2)
		c.Odd.ChunkSize = 4096
		c.Progress = func(sent, total int64) {
			if sent < 16<<10 {
				return
			}
			once.Do(func() {
				var err error
				if filler, err = fill(b.photos, int64(step)*4096); err != nil {
					t.Errorf("step %d: cannot fill the disk: %v", step, err)
				}
			})
		}
		send := func() (sim.Answer, error) { return c.Email(ctx, mail(f)) }
		if step%2 == 1 {
			session, err := c.Login(ctx, "facebook")
			if err != nil {
				t.Fatalf("step %d: %v", step, err)
			}
			send = func() (sim.Answer, error) { return session.Photo(ctx, f, "") }
		}
		a, err := send()
		if err == nil {
			l.success(f)
		} else if err := isFull(a, err); err != nil {
			t.Errorf("step %d: %v", step, err)
		} else {
			refused++
		}
		os.Remove(filler)
		if err := errors.Join(l.sound(b.photos), b.tidy()); err != nil {
			t.Errorf("step %d: %v", step, err)
		}
	}
	if len(l.heard) < 5 || refused < 5 {
		t.Errorf("%d photos were accepted and %d refused; the steps are too few to meet both", len(l.heard), refused)
	}
	c := cameraAt(t, d, "NX300", 2)
	last := photo(t, "SAM_1000.JPG", 1<<20, 1000)
	l.begin(last)
	if _, err := c.Email(ctx, mail(last)); err != nil {
		t.Errorf("after room was made: %v", err)
	}
	l.success(last)
	// A delivery that could not be noted on the full disk would be tried again
	// after half a minute; at a start it is at once.
	d.stop()
	b.start(t)
	l.forget()
	eventually(t, func() error { return l.arrived(b.photos) })
}

func TestReadOnlyFolder(t *testing.T) {
	b := newBridge(t)
	small(t, b.photos, 64<<20)
	d := b.start(t)
	ctx := t.Context()
	c := cameraAt(t, d, "NX300", 2)
	l := newLedger()
	first, lost, last := photo(t, "SAM_0001.JPG", 1<<20, 1), photo(t, "SAM_0002.JPG", 1<<20, 2), photo(t, "SAM_0003.JPG", 1<<20, 3)
	l.begin(first, last)
	if _, err := c.Email(ctx, mail(first)); err != nil {
		t.Fatal(err)
	}
	l.success(first)
	eventually(t, func() error { return l.arrived(b.photos) })

	remount(t, b.photos, syscall.MS_RDONLY)
	if _, err := c.Check(ctx); err != nil {
		t.Errorf("hotspot check: %v", err)
	}
	a, err := c.Email(ctx, mail(lost))
	if code, _ := a.Value("Response ErrCode"); err == nil || a.Status != 503 || code != "1000" {
		t.Errorf("the answer is %q, want status 503 with ErrCode 1000", a.Raw)
	}
	d.line("level=WARN", "refused", "read-only file system")
	if _, err := c.Post(ctx, "facebook", "", lost); err == nil {
		t.Error("a post was accepted")
	}

	remount(t, b.photos, 0)
	if _, err := c.Email(ctx, mail(last)); err != nil {
		t.Errorf("after the folder could be written again: %v", err)
	}
	l.success(last)
	eventually(t, func() error { return errors.Join(l.arrived(b.photos), b.tidy()) })
}

// A memory stick that is write-protected does not keep photos from being safe,
// if the spool is elsewhere.
func TestPhotosWaitForTheirFolder(t *testing.T) {
	b := newBridge(t).elsewhere(t)
	small(t, b.photos, 64<<20)
	remount(t, b.photos, syscall.MS_RDONLY)
	d := b.start(t)
	l := newLedger()
	f := photo(t, "SAM_0001.JPG", 1<<20, 1)
	l.begin(f)
	if _, err := cameraAt(t, d, "NX300", 2).Email(t.Context(), mail(f)); err != nil {
		t.Fatal(err)
	}
	l.success(f)
	d.line("not delivered", b.photos, "read-only file system")
	d.stop()
	remount(t, b.photos, 0)
	b.start(t)
	eventually(t, func() error { return l.arrived(b.photos) })
}

func TestStartIsRefused(t *testing.T) {
	tests := []struct {
		why     string
		set     []string
		prepare func(t *testing.T, b *bridge)
		want    []string
	}{
		{"the photo folder is missing", nil,
			func(t *testing.T, b *bridge) { os.Remove(b.photos) },
			[]string{"settings.toml:2: UPLOAD_FOLDER: there is no folder /", "; make it (mkdir), or name one that is there"}},
		{"the photo folder is a file", nil,
			func(t *testing.T, b *bridge) { os.Remove(b.photos); os.WriteFile(b.photos, nil, 0o644) },
			[]string{"settings.toml:2: UPLOAD_FOLDER: ", "is not a folder; name one that is"}},
		{"the spool's parent is missing", []string{`SPOOL_FOLDER = "stick/spool"`}, nil,
			[]string{"settings.toml:3: SPOOL_FOLDER: there is no folder /", "; make it (mkdir), or name one that is there"}},
		{"nothing can be written", nil,
			func(t *testing.T, b *bridge) { small(t, b.photos, 1<<20); remount(t, b.photos, syscall.MS_RDONLY) },
			[]string{"read-only file system", "\nhint: photos cannot be kept safe there: check that the storage is plugged in"}},
		{"the disk is full", nil,
			func(t *testing.T, b *bridge) {
				small(t, b.photos, 1<<20)
				if _, err := fill(b.photos, 0); err != nil {
					t.Fatal(err)
				}
			},
			nil}, // photos that wait can still be delivered, and looked at
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			b := newBridge(t, test.set...)
			if test.prepare != nil {
				test.prepare(t, b)
			}
			if test.want == nil {
				b.start(t)
				return
			}
			d := b.launch(t)
			<-d.ended
			if status := d.cmd.ProcessState.ExitCode(); status != 1 {
				t.Errorf("exit status %d, want 1", status)
			}
			for _, want := range append(test.want, "snsbridge: error: ") {
				if !strings.Contains(d.log.tail(10), want) {
					t.Errorf("it said\n%s\nwant %q", d.log.tail(10), want)
				}
			}
		})
	}
}
