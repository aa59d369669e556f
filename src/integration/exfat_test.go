//go:build integration

package integration

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// exFAT puts a memory stick as it is bought into a folder until the test ends.
// It is FUSE's exFAT on a loop device: a kernel's own is not on every machine.
func exFAT(t *testing.T, folder string) {
	t.Helper()
	image := filepath.Join(t.TempDir(), "stick")
	run := func(name string, args ...string) string {
		t.Helper()
		out, err := exec.Command(tool(t, name), args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s %q, which needs root: %v\n%s", name, args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if err := os.WriteFile(image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(image, 64<<20); err != nil {
		t.Fatal(err)
	}
	run("mkfs.exfat", image)
	device := run("losetup", "--find", "--show", image)
	t.Cleanup(func() { exec.Command(tool(t, "losetup"), "--detach", device).Run() })
	run("mount.exfat-fuse", device, folder)
	t.Cleanup(func() { exec.Command(tool(t, "umount"), "--lazy", folder).Run() })
}

// TestExFAT: photos of working memory follow onto a stick without links and
// owners, others come, and the program is killed between.
func TestExFAT(t *testing.T) {
	old, l := newBridge(t), newLedger()
	send := func(d *daemon, from, to int) {
		for i := from; i < to; i++ {
			f := photo(t, fmt.Sprintf("P%02d.JPG", i), 300<<10, uint64(i))
			l.begin(f)
			if _, err := cameraAt(t, d, "NX300", 2).Email(t.Context(), mail(f)); err != nil {
				t.Fatal(err)
			}
			l.success(f)
		}
	}
	d := old.start(t)
	send(d, 0, 3)
	eventually(t, func() error { return l.arrived(old.photos) })
	old.run(t, "pause", "store")
	send(d, 3, 6)
	d.stop()

	run, err := os.MkdirTemp("", "sns") // exFAT has no sockets
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(run)
	b := newBridge(t, fmt.Sprintf("FORMER_FOLDER = %q", old.photos), fmt.Sprintf("CONTROL_SOCKET = %q", run+"/c.sock"))
	exFAT(t, b.photos)
	for i := range 3 {
		d := b.start(t)
		send(d, 6+2*i, 8+2*i)
		d.kill()
	}
	b.start(t)
	b.shows(t, "9 waiting, 3 delivered")
	b.run(t, "resume", "store")
	l.forget()
	eventually(t, func() error { return errors.Join(l.arrived(b.photos), b.tidy()) })
	out, _ := exec.Command(program, "doctor", "--config", b.file).CombinedOutput()
	if !strings.Contains(strings.Join(strings.Fields(string(out)), " "), "a power cut can damage exFAT") {
		t.Errorf("the doctor does not see what it is:\n%s", out)
	}
}
