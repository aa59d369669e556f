//go:build integration

package integration

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// run runs a verb of the program for a bridge.
func (b *bridge) run(tb testing.TB, verb ...string) string {
	tb.Helper()
	out, err := exec.Command(program, append(verb, "--config", b.file)...).CombinedOutput()
	if err != nil {
		tb.Fatalf("%q: %v\n%s", verb, err, out)
	}
	return string(out)
}

// shows waits until status has all the words.
func (b *bridge) shows(t *testing.T, words ...string) {
	t.Helper()
	eventually(t, func() error {
		status := b.run(t, "status")
		for _, w := range words {
			if !strings.Contains(status, w) {
				return fmt.Errorf("status lacks %q:\n%s", w, status)
			}
		}
		return nil
	})
}

// TestFormerPlace moves what is at a former place, and is killed at it again
// and again: all photos are at the new place, each once, and none at the old.
func TestFormerPlace(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	old, l := newBridge(t), newLedger()
	d := old.start(t)
	c := cameraAt(t, d, "NX300", 2)
	send := func(from, to int) {
		for i := from; i < to; i++ {
			f := photo(t, fmt.Sprintf("P%02d.JPG", i), 100<<10+rng.Int64N(2<<20), rng.Uint64())
			l.begin(f)
			if _, err := c.Email(t.Context(), mail(f)); err != nil {
				t.Fatal(err)
			}
			l.success(f)
		}
	}
	send(0, 6)
	eventually(t, func() error { return l.arrived(old.photos) })
	old.run(t, "pause", "store")
	send(6, 12)
	d.stop()

	b := newBridge(t, fmt.Sprintf("FORMER_FOLDER = %q", old.photos))
	for range 15 {
		d := b.start(t)
		time.Sleep(time.Duration(rng.IntN(60_000)) * time.Microsecond)
		d.kill()
	}
	b.start(t)
	eventually(t, func() error {
		left, err := os.ReadDir(filepath.Join(old.spool, "items"))
		if n := len(left) + len(visible(old.photos)); n > 0 {
			err = fmt.Errorf("%d items and photos are still at the former place", n)
		}
		return err
	})
	b.shows(t, "6 waiting, 6 delivered", "paused by you") // as it was there
	b.run(t, "resume", "store")
	l.forget()
	eventually(t, func() error { return errors.Join(l.arrived(b.photos), b.tidy()) })
	b.shows(t, "12 delivered")
}

// TestNoRoomAtTheNewPlace: what cannot be moved stays, is told, and follows
// when there is room.
func TestNoRoomAtTheNewPlace(t *testing.T) {
	old, l := newBridge(t), newLedger()
	d := old.start(t)
	f := photo(t, "LARGE.JPG", 3<<20, 1)
	l.begin(f)
	if _, err := cameraAt(t, d, "NX300", 2).Email(t.Context(), mail(f)); err != nil {
		t.Fatal(err)
	}
	l.success(f)
	eventually(t, func() error { return l.arrived(old.photos) })
	d.stop()

	b := newBridge(t, fmt.Sprintf("FORMER_FOLDER = %q", old.photos), "RESERVE = 0")
	small(t, b.photos, 2<<20)
	d = b.start(t)
	d.line("cannot move all from the former place", "left=2")
	b.shows(t, "1 item and 1 photo are still in")
	l.forget()
	if err := l.arrived(old.photos); err != nil {
		t.Error(err)
	}
	d.stop()
	if err := syscall.Mount("", b.photos, "", syscall.MS_REMOUNT, "size=20m"); err != nil {
		t.Fatal(err)
	}
	b.start(t)
	l.forget()
	eventually(t, func() error { return l.arrived(b.photos) })
}

// TestStickVanishes pulls the stick out without a word, under the running
// bridge, and puts it in again.
func TestStickVanishes(t *testing.T) {
	run, err := os.MkdirTemp("", "sns") // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(run)
	b := newBridge(t, fmt.Sprintf("CONTROL_SOCKET = %q", run+"/c.sock"))
	stick := t.TempDir()
	plug := func() {
		if err := syscall.Mount(stick, b.photos, "", syscall.MS_BIND, ""); err != nil {
			t.Fatalf("cannot mount, which needs root: %v", err)
		}
	}
	plug()
	defer syscall.Unmount(b.photos, syscall.MNT_DETACH)
	d := b.start(t)
	c, l := cameraAt(t, d, "NX300", 2), newLedger()
	b.run(t, "pause", "store")
	first, second, third := photo(t, "A.JPG", 200<<10, 1), photo(t, "B.JPG", 200<<10, 2), photo(t, "C.JPG", 200<<10, 3)
	l.begin(first, second, third)
	if _, err := c.Email(t.Context(), mail(first)); err != nil {
		t.Fatal(err)
	}
	l.success(first)

	if err := syscall.Unmount(b.photos, syscall.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	if a, err := c.Email(t.Context(), mail(second)); err == nil || a.Status != 503 {
		t.Errorf("without a stick the camera hears %q, %v", a.Raw, err)
	}
	d.line("cameras are refused until the storage is back")
	b.shows(t, "the storage is gone", "1 waiting")
	b.run(t, "resume", "store")
	d.line("not delivered", "the storage is gone")
	if found, _ := os.ReadDir(b.photos); len(found) > 0 {
		t.Errorf("%s was written where no stick is", found[0].Name())
	}

	plug()
	eventually(t, func() error {
		if n := strings.Count(d.log.tail(1000), "msg=ready"); n != 2 {
			return fmt.Errorf("started %d times", n)
		}
		return nil
	})
	_, addr, _ := strings.Cut(d.log.tail(1000)[strings.LastIndex(d.log.tail(1000), "msg=ready"):], "address=")
	c.Addr, _, _ = strings.Cut(addr, " ")
	if _, err := c.Email(t.Context(), mail(third)); err != nil {
		t.Error(err)
	}
	l.success(third)
	eventually(t, func() error { return errors.Join(l.arrived(b.photos), b.tidy()) })
}
