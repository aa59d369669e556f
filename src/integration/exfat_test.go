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

// exFAT puts a memory stick as it is bought into a folder until the test ends,
// mounted with options. It is FUSE's exFAT on a loop device: a kernel's own is not on every machine.
func exFAT(t *testing.T, folder string, options ...string) {
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
	run("mount.exfat-fuse", append(options, device, folder)...)
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
	if !strings.Contains(flat(string(out)), "a power cut can damage exFAT") {
		t.Errorf("the doctor does not see what it is:\n%s", out)
	}
}

// TestStickForRootAlone: who plugs in a stick on which the bridge may not write
// has cameras served all the same, and is told. What was named is refused.
func TestStickForRootAlone(t *testing.T) {
	r := newRouter(t)
	if err := os.MkdirAll(r.at("/mnt/sda1"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.init("start")
	before := r.read(routerConf)
	exFAT(t, r.at("/mnt/sda1"), "-o", "umask=022")
	const why = "the user snsbridge cannot write there; mount /mnt/sda1 with umask=000, or use ext4"
	for range 2 {
		s := r.init("reload")
		if conf := r.read(routerConf); s.service.instance == nil || conf != before {
			t.Errorf("with a stick of no use: %s\n%s", s.output, conf)
		}
		if s := r.init("doctor"); !strings.Contains(flat(s.output), "the memory stick at /mnt/sda1 is left out: "+why) || !strings.Contains(s.output, " /tmp/snsbridge") {
			t.Errorf("doctor says\n%s", s.output)
		}
	}
	if log := r.read(routerConf + ".log"); !strings.Contains(log, "the memory stick at /mnt/sda1 is left out: "+why) || !strings.Contains(log, "no memory stick can be used: photos go into working memory") {
		t.Errorf("the log says %q", log)
	}
	r.uci("config storage 'storage'\n\toption path '/mnt/sda1/photos'")
	if s := r.init("reload"); s.service.instance != nil || !strings.Contains(s.output, "the photo folder /mnt/sda1/photos: "+why) {
		t.Errorf("of a folder that was named: %s", s.output)
	}
	if s := r.init("doctor"); !strings.Contains(flat(s.output), "FAIL Settings: the photo folder /mnt/sda1/photos: "+why) {
		t.Errorf("of a folder that was named doctor says\n%s", s.output)
	}
}

// flat undoes the lines that a text was broken into.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }
