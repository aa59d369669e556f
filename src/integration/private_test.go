//go:build integration

package integration

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestOpenFolder: what INSECURE_DOWNLOAD gives away is photos. The spool by another name, as FAT
// has one for it, is none, and a pipe keeps nobody waiting.
func TestOpenFolder(t *testing.T) {
	b := newBridge(t, "INSECURE_DOWNLOAD = true")
	alias := filepath.Join(b.photos, "SPOOL~1")
	for _, folder := range []string{b.spool, alias, filepath.Join(b.photos, "day"), filepath.Join(b.photos, "other")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, to := range []string{alias, filepath.Join(b.photos, "other")} {
		if err := syscall.Mount(b.spool, to, "", syscall.MS_BIND, ""); err != nil {
			t.Fatalf("cannot give a folder a second name, which needs root: %v", err)
		}
		t.Cleanup(func() { syscall.Unmount(to, syscall.MNT_DETACH) })
	}
	if err := os.WriteFile(filepath.Join(b.photos, "day", "A.JPG"), []byte(tinyJPEG), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(b.photos, "day", "P.JPG"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../.spool/phone.json", filepath.Join(b.photos, "day", "L.JPG")); err != nil {
		t.Fatal(err)
	}
	d := b.start(t)
	if _, err := os.Stat(filepath.Join(alias, "phone.json")); err != nil {
		t.Fatal(err) // nothing would be proved
	}
	for path, want := range map[string]string{
		"/day/A.JPG": "200", "/": "200",
		"/SPOOL~1/phone.json": "404", "/SPOOL~1/": "404", "/other/phone.json": "404", "/other/": "404",
		"/day/P.JPG": "404", "/day/L.JPG": "404",
	} {
		answer := ask(t, dialFrom(t, d, "127.0.0.9"), "GET "+path+pageHost+"\r\n")
		if statusOf(answer) != want || strings.Contains(answer, `"key"`) || strings.Contains(answer, "SPOOL") || strings.Contains(answer, "other") {
			t.Errorf("%s: %.300q, want status %s", path, answer, want)
		}
	}
}

// TestSlowReaders: sixty phones that hardly take what they asked for do not shut a camera out.
func TestSlowReaders(t *testing.T) {
	b := newBridge(t, "INSECURE_DOWNLOAD = true")
	if err := os.WriteFile(filepath.Join(b.photos, "A.MP4"), make([]byte, 16<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	d := b.start(t)
	ctx, cancel := context.WithCancel(t.Context())
	var readers sync.WaitGroup
	defer readers.Wait()
	defer cancel()
	for i := range 60 {
		readers.Go(func() {
			for ctx.Err() == nil {
				readSlowly(ctx, d.addr, fmt.Sprintf("127.0.30.%d", 1+i), "GET /A.MP4"+pageHost+"\r\n")
			}
		})
	}
	eventually(t, func() error {
		if n := sockets(t, d.pid()); n < served {
			return fmt.Errorf("%d connections are open, want %d", n, served)
		}
		return nil
	})
	var err error
	for range 10 { // half a minute: a bridge that waits until it ends them by itself needs a whole one
		if _, err = cameraAt(t, d, "NX300", 2).Email(t.Context(), mail(photo(t, "SAM_0001.JPG", 1<<20, 1))); err == nil {
			return
		}
		pause(ctx, 3*time.Second)
	}
	t.Error(err)
}

// sockets counts those of a process.
func sockets(t *testing.T, pid int) (n int) {
	t.Helper()
	folder := fmt.Sprintf("/proc/%d/fd", pid)
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if to, _ := os.Readlink(filepath.Join(folder, e.Name())); strings.HasPrefix(to, "socket:") {
			n++
		}
	}
	return n
}

// readSlowly asks, and reads 16 bytes a second of the answer until the bridge ends the connection.
func readSlowly(ctx context.Context, addr, from, request string) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}, Timeout: patience}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	conn.(*net.TCPConn).SetReadBuffer(4 << 10)
	conn.Write([]byte(request))
	for one := make([]byte, 1); pause(ctx, time.Second/16) == nil; {
		if _, err := conn.Read(one); err != nil {
			return
		}
	}
}
