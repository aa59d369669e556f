//go:build integration

package integration

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"snsbridge/src/camera"
	"snsbridge/src/sim"
)

// cameraAt is a pretend camera with an address of its own: 127.0.0.n.
func cameraAt(tb testing.TB, d *daemon, model string, n int) sim.Camera {
	tb.Helper()
	m, ok := camera.Find(model)
	if !ok {
		tb.Fatalf("no camera %s", model)
	}
	return sim.Camera{Model: m, Addr: d.addr, LocalAddr: fmt.Sprintf("127.0.0.%d", n), Seed: uint64(n)}
}

// photo is a made-up photo; its bytes follow from size and seed.
func photo(tb testing.TB, name string, size int64, seed uint64) sim.File {
	tb.Helper()
	taken := time.Date(2013, 7, 1+int(seed%5), 12, 0, 0, 0, time.UTC)
	f, err := sim.Photo{Model: "NX300", Taken: taken, Size: size, Seed: seed}.File()
	if err != nil {
		tb.Fatal(err)
	}
	f.Name = name
	return f
}

func video(tb testing.TB, name string, size int64, seed uint64) sim.File {
	tb.Helper()
	f, err := sim.Video{Taken: time.Date(2013, 7, 14, 12, 0, 0, 0, time.UTC), Size: size, Seed: seed}.File()
	if err != nil {
		tb.Fatal(err)
	}
	f.Name = name
	return f
}

func mail(files ...sim.File) sim.Mail {
	return sim.Mail{To: []string{"me@example.org"}, Files: files}
}

// heardSuccess tells whether a camera would say that all is well, even if the
// connection broke after the answer.
func heardSuccess(a sim.Answer) bool {
	return a.Status == 200 && bytes.Contains(a.Raw, []byte(`Status="succ"`))
}

// ledger knows what cameras sent and heard, and compares it with what is in a
// photo folder. The names of all files must differ.
type ledger struct {
	mu    sync.Mutex
	begun map[string]sim.File // sending has begun
	heard map[string]bool     // the camera heard success
	whole map[string]bool     // found in the folder and compared
}

func newLedger() *ledger {
	return &ledger{begun: map[string]sim.File{}, heard: map[string]bool{}, whole: map[string]bool{}}
}

func (l *ledger) begin(files ...sim.File) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range files {
		l.begun[f.Name] = f
	}
}

func (l *ledger) success(files ...sim.File) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range files {
		l.heard[f.Name] = true
	}
}

// arrived tells whether every file for which a camera heard success is in the
// folder, and looks at the rest as sound does.
func (l *ledger) arrived(folder string) error {
	if err := l.sound(folder); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for name := range l.heard {
		if !l.whole[name] {
			return fmt.Errorf("%s is missing, of which its camera heard success", name)
		}
	}
	return nil
}

// sound tells whether every visible file of the folder is, byte for byte, one
// that a camera began to send, and none is there twice. What was compared once
// is compared again only by forget.
func (l *ledger) sound(folder string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := map[string]string{}
	for _, path := range visible(folder) {
		name := filepath.Base(path)
		f, ok := l.begun[name]
		if !ok {
			return fmt.Errorf("%s was sent by nobody", path)
		}
		if seen[name] != "" {
			return fmt.Errorf("%s and %s are the same photo", seen[name], path)
		}
		seen[name] = path
		if l.whole[name] {
			continue
		}
		if err := compare(path, f); err != nil {
			return err
		}
		l.whole[name] = true
	}
	for name := range l.whole {
		if seen[name] == "" {
			return fmt.Errorf("%s was in the folder and is not any more", name)
		}
	}
	return nil
}

func (l *ledger) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.whole)
}

// visible returns the files that a person would see in a folder.
func visible(folder string) (paths []string) {
	filepath.WalkDir(folder, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(e.Name(), ".") && e.IsDir():
			return fs.SkipDir
		case strings.HasPrefix(e.Name(), "."), e.IsDir():
			return nil
		}
		paths = append(paths, path)
		return nil
	})
	return paths
}

// compare tells whether a stored file has the bytes that were sent.
func compare(path string, f sim.File) error {
	stored, err := os.Open(path)
	if err != nil {
		return err
	}
	defer stored.Close()
	sent, err := f.Open()
	if err != nil {
		return err
	}
	defer sent.Close()
	p, q := make([]byte, 64<<10), make([]byte, 64<<10)
	for at := int64(0); ; at += int64(len(p)) {
		n, err := io.ReadFull(stored, p)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		m, err2 := io.ReadFull(sent, q)
		if n != m || !bytes.Equal(p[:n], q[:m]) {
			return fmt.Errorf("%s differs from what was sent at or behind byte %d; %d bytes were sent", path, at, f.Size)
		}
		if err2 != nil {
			return nil
		}
	}
}

// refusal returns what a camera was told instead of success.
func refusal(err error) (a sim.Answer, ok bool) {
	var f *sim.Failure
	if errors.As(err, &f) && f.Answer.Status != 0 {
		return f.Answer, true
	}
	return sim.Answer{}, false
}
