//go:build integration

package integration

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"snsbridge/src/sim"
)

// TestSmallMachine has the whole way of photos on a router that has 32 MB left
// for the bridge and its disk's cache, and a memory stick of 64 MB: without an
// uplink the stick fills up, and cameras are refused; with one it is drained,
// and there is room again.
func TestSmallMachine(t *testing.T) {
	const memory, stick = 32 << 20, 64 << 20
	host := &smarthost{port: freePort(t)} // not there yet
	site := startInstance(t, nil)
	b := newBridge(t, append(host.settings(), site.settings(`ALT_TEXT = "optional"`, `REMOVE_LOCATION = false`)...)...)
	mountStick(t, b.photos, stick)
	cage := newCage(t, memory)
	b.runner = cage.enter()
	d := b.start(t)
	if out, err := b.verb("pause", "mastodon"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	l := &deliveries{sent: map[string]*sending{}}
	rng := rand.New(rand.NewPCG(1, 1))
	accepted, full := 0, 0
	for n := 0; full < 4; n++ {
		if n == 40 {
			t.Fatalf("after %d photos there is still room on %d bytes", accepted, stick)
		}
		c := cameraAt(t, d, "NX300", 2+n%3)
		var files []sim.File
		for i := range 1 + n%3 {
			files = append(files, photo(t, fmt.Sprintf("SAM_%02d%02d.JPG", n, i), 1e6+rng.Int64N(2e6), rng.Uint64()))
		}
		s := &sending{title: fmt.Sprint("title ", n), files: files}
		if n%2 == 0 {
			m := mail(files...)
			m.Title, s.to = s.title, m.To
			l.begin(s)
			a, err := c.Email(t.Context(), m)
			if heardSuccess(a) {
				for i := range files {
					l.success(s, i)
					accepted++
				}
			} else if err := isFull(a, err); err != nil {
				t.Fatal(err)
			} else {
				full++
			}
			continue
		}
		l.begin(s)
		session, err := c.Login(t.Context(), "facebook")
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range files {
			a, err := session.Photo(t.Context(), f, s.title)
			if heardSuccess(a) {
				l.success(s, i)
				accepted++
			} else if err := isFull(a, err); err != nil {
				t.Fatal(err)
			} else {
				full++
				break
			}
		}
		session.Logout(t.Context())
	}
	video := video(t, "SAM_9999.MP4", 90e6, 1)
	if a, err := cameraAt(t, d, "NX300", 2).Post(t.Context(), "youtube", "", video); isFull(a, err) != nil {
		t.Errorf("a video larger than the stick: %v", isFull(a, err))
	}
	if accepted < 10 {
		t.Errorf("%d photos were accepted, and there is no room any more", accepted)
	}

	startSmarthost(t, host)
	for _, verb := range [][]string{{"resume", "mastodon"}, {"retry", "--all"}} {
		if out, err := b.verb(verb...); err != nil {
			t.Fatalf("%v: %v\n%s", verb, err, out)
		}
	}
	b.drained(t)
	for n := range 8 { // what is delivered makes room
		c := &deliverySender{Camera: cameraAt(t, d, "NX300", 2), t: t, l: l, rng: rng, prefix: fmt.Sprintf("LATE-%d", n)}
		if n%2 == 0 {
			c.mail(t.Context(), "late")
		} else {
			c.post(t.Context())
		}
	}
	b.drained(t)
	l.mailed(t, host.accepted())
	posts, _ := site.published()
	l.posted(t, posts)
	for name, s := range l.sent {
		if strings.HasPrefix(name, "LATE") && !s.safe[0] {
			t.Errorf("%s was refused, with all before it delivered", name)
		}
	}
	if err := b.tidy(); err != nil {
		t.Error(err)
	}
	m := d.quiet(t)
	t.Logf("%d photos were accepted until the stick was full; peak %d KiB of the program, %d with the disk's cache", accepted, m.peak, cage.peak(t)>>10)
	if m.peak > peakBudget {
		t.Errorf("peak %d KiB, want at most %d", m.peak, peakBudget)
	}
	if status := d.stop(); status != 0 {
		t.Errorf("exit status %d, want 0", status)
	}
}

// mountStick puts a file system on a disk of a size into a folder. It is no
// tmpfs: what is written there must be able to leave the memory.
func mountStick(t *testing.T, folder string, size int64) {
	t.Helper()
	image := filepath.Join(t.TempDir(), "stick")
	err := os.WriteFile(image, nil, 0o600)
	if err == nil {
		err = os.Truncate(image, size)
	}
	for _, argv := range [][]string{{"mkfs.ext4", "-q", "-F", image}, {"mount", "-o", "loop", image, folder}} {
		if err != nil {
			break
		}
		var out []byte
		if out, err = exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			err = fmt.Errorf("%v: %w\n%s", argv, err, out)
		}
	}
	if err != nil {
		t.Fatalf("cannot mount a memory stick, which needs root: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(folder, syscall.MNT_DETACH) })
}

// cage is a group of processes with a limit of memory.
type cage struct{ folder, most string }

func newCage(t *testing.T, limit int64) cage {
	t.Helper()
	name := fmt.Sprintf("snsbridge-%d", os.Getpid())
	c, file := cage{"/sys/fs/cgroup/memory/" + name, "memory.max_usage_in_bytes"}, "memory.limit_in_bytes"
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil { // version 2
		c, file = cage{"/sys/fs/cgroup/" + name, "memory.peak"}, "memory.max"
		os.WriteFile("/sys/fs/cgroup/cgroup.subtree_control", []byte("+memory"), 0)
	}
	err := os.Mkdir(c.folder, 0o755)
	if err == nil {
		t.Cleanup(func() { eventually(t, func() error { return os.Remove(c.folder) }) })
		err = os.WriteFile(filepath.Join(c.folder, file), []byte(strconv.FormatInt(limit, 10)), 0)
	}
	if err != nil {
		t.Fatalf("cannot limit memory, which needs root and a cgroup of our own: %v", err)
	}
	return c
}

// enter is what runs a program in the cage.
func (c cage) enter() []string {
	return []string{"sh", "-c", `echo $$ >"$0/cgroup.procs" && exec "$@"`, c.folder}
}

// peak returns the most bytes that were ever used at a time.
func (c cage) peak(t *testing.T) int64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(c.folder, c.most))
	n, err2 := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	return n
}
