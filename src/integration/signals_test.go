//go:build integration

package integration

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestHangup sends the signal of a terminal that is closed, and of those who
// want settings read again. The bridge ends in order, and as one that is to be
// started again: to a supervisor, death by this signal is a clean end.
func TestHangup(t *testing.T) {
	b := newBridge(t)
	d := b.start(t)
	d.cmd.Process.Signal(syscall.SIGHUP)
	d.cmd.Process.Signal(syscall.SIGHUP) // a shell passes on what the kernel has sent already
	select {
	case <-d.ended:
	case <-time.After(patience):
		t.Fatalf("the program still runs %v after SIGHUP", patience)
	}
	if st := d.cmd.ProcessState; st.ExitCode() != 1 {
		t.Errorf("the program ended with: %v, want exit status 1", st)
	}
	d.line("snsbridge: error:", "SIGHUP")
	if _, err := os.Lstat(b.spool + "/control.sock"); err == nil {
		t.Error("the control socket is still there: the program did not end in order")
	}
}

// TestNoHangup shows that nohup still does what it is for.
func TestNoHangup(t *testing.T) {
	b := newBridge(t)
	b.runner = []string{"nohup"}
	d := b.start(t)
	d.cmd.Process.Signal(syscall.SIGHUP)
	b.takes(t, d)
	if status := d.stop(); status != 0 {
		t.Errorf("exit status %d after SIGTERM", status)
	}
}

// takes sends a photo and waits until it is stored.
func (b *bridge) takes(t *testing.T, d *daemon) {
	t.Helper()
	l := newLedger()
	f := photo(t, "SAM_0001.JPG", 100<<10, 1)
	l.begin(f)
	if _, err := cameraAt(t, d, "NX300", 2).Email(t.Context(), mail(f)); err != nil {
		t.Fatal(err)
	}
	l.success(f)
	eventually(t, func() error { return l.arrived(b.photos) })
}

// TestLogClosed takes the reader of its log away from the bridge: it goes on.
func TestLogClosed(t *testing.T) {
	b := newBridge(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "serve", "--config", b.file)
	cmd.Stdout, cmd.Stderr = w, w
	cmd.SysProcAttr = withTests
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	d := &daemon{tb: t, cmd: cmd, ended: make(chan struct{})}
	go func() { cmd.Wait(); close(d.ended) }()
	t.Cleanup(d.kill)
	var text strings.Builder
	for p := make([]byte, 4096); !strings.Contains(text.String(), "msg=ready"); {
		n, err := r.Read(p)
		if err != nil {
			t.Fatalf("no log: %v\n%s", err, text.String())
		}
		text.Write(p[:n])
	}
	_, d.addr, _ = strings.Cut(text.String(), "address=")
	d.addr, _, _ = strings.Cut(d.addr, " ")
	r.Close()
	b.takes(t, d) // with lines that nobody reads
	if status := d.stop(); status != 0 {
		t.Errorf("exit status %d after SIGTERM", status)
	}
}

// TestPhotoFolderLocked lets another process hold a lock on the photo
// folder while a photo comes, and while it is to end.
func TestPhotoFolderLocked(t *testing.T) {
	b := newBridge(t)
	d := b.start(t)
	f, err := os.Open(b.photos)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	b.takes(t, d)
	if status := d.stop(); status != 0 {
		t.Errorf("exit status %d after SIGTERM", status)
	}
}
