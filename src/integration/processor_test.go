//go:build integration

package integration

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"snsbridge/src/sim"
)

// processor is one that routers have.
type processor struct {
	name     string
	env      []string // what Go compiles for it
	emulator []string // the oldest of its kind that OpenWrt has a name for
	packages []string // whose own tests run there; nil: only the program
	skip     string   // tests that would tell nothing there
}

// What the processor has no part in: the emulator's memory, and long tables
// and random walks that know nothing of bytes.
const elsewhereToo = "Memory|TestPowerCut|TestDiskFaults|TestRandom|TestDivided|TestCutAll"

// The emulator gives programs of MIPS the number of another machine for
// "connection refused".
const ofRefusals = "|TestFaults/refuses_the_connection|TestSimulate$"

// delivering is what a photo passes on its way.
var delivering = []string{"wire", "sns", "spool", "store", "smtp", "email", "mastodon", "shell"}

// Big-endian with 32 bits is what programs break on, so there all packages of
// the program are tested.
var (
	mips   = processor{"mips", []string{"GOARCH=mips", "GOMIPS=softfloat"}, []string{"qemu-mips", "-cpu", "24Kc"}, []string{"all"}, elsewhereToo + ofRefusals}
	mipsel = processor{"mipsel", []string{"GOARCH=mipsle", "GOMIPS=softfloat"}, []string{"qemu-mipsel", "-cpu", "24Kc"}, delivering, elsewhereToo + ofRefusals}
	armv5  = processor{"armv5", []string{"GOARCH=arm", "GOARM=5"}, []string{"qemu-arm", "-cpu", "arm926"}, delivering, elsewhereToo}
	armv7  = processor{"armv7", []string{"GOARCH=arm", "GOARM=7"}, []string{"qemu-arm", "-cpu", "cortex-a7"}, nil, ""}
	arm64  = processor{"arm64", []string{"GOARCH=arm64"}, []string{"qemu-aarch64", "-cpu", "cortex-a53"}, delivering, elsewhereToo}
)

func TestProcessors(t *testing.T) {
	for _, p := range []processor{mips, mipsel, armv5, armv7, arm64} {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			t.Run("program", p.program)
			if p.packages != nil {
				t.Run("packages", p.tests)
			}
		})
	}
}

// on makes the bridge run on another processor.
func (b *bridge) on(tb testing.TB, p processor, options ...string) {
	tb.Helper()
	b.program = filepath.Join(tb.TempDir(), "snsbridge")
	if err := build(b.program, p.env...); err != nil {
		tb.Fatal(err)
	}
	b.runner = append(p.emulator[:len(p.emulator):len(p.emulator)], options...)
}

// program is a day of a router: photos and a video are stored, photos are
// mailed by STARTTLS, its owner asks for the state.
func (p processor) program(t *testing.T) {
	a := newAuthority(t)
	host := startSmarthost(t, &smarthost{encryption: a.tls(t)})
	b := newBridge(t, append(host.settings(), "[ACTIONS]", `"facebook" = "store"`, `"kept@example.org" = "store"`, `"me@example.org" = "email"`)...)
	b.on(t, p)
	a.trusted(b)
	d := b.start(t)
	l := newLedger()
	kept := []sim.File{photo(t, "SAM_0001.JPG", 1<<20, 1), photo(t, "SAM_0002.JPG", 300<<10, 2)}
	posted := []sim.File{photo(t, "SAM_0003.JPG", 1<<20, 3), video(t, "SAM_0004.MP4", 3<<20, 4)}
	mailed := []sim.File{photo(t, "SAM_0005.JPG", 1<<20, 5), photo(t, "SAM_0006.JPG", 20_001, 6)}
	l.begin(kept...)
	l.begin(posted...)
	for _, short := range []sim.Short{sim.ShortNone, sim.ShortParts} {
		c := cameraAt(t, d, "NX300", 2)
		c.Odd.Short = short
		m := mail(kept...)
		m.To = []string{"kept@example.org"}
		if _, err := c.Email(t.Context(), m); err != nil {
			t.Error(err)
		}
	}
	l.success(kept...)
	if _, err := cameraAt(t, d, "NX300", 3).Post(t.Context(), "facebook", "two ~ one ~ other", posted...); err != nil {
		t.Error(err)
	}
	l.success(posted...)
	if _, err := cameraAt(t, d, "NX300", 4).Email(t.Context(), mail(mailed...)); err != nil {
		t.Error(err)
	}
	b.drained(t)
	if err := l.arrived(b.photos); err != nil {
		t.Error(err)
	}
	var got []attachment
	for _, m := range host.accepted() {
		got = append(got, m.files...)
	}
	if err := sameFiles(got, attachments(t, mailed)); err != nil {
		t.Error(err)
	}
	// It is a pretend camera itself, and tells what became of all.
	if out, err := b.command("simulate", "--model", "ST1000", "--to", d.addr, "--email", "me@example.org").CombinedOutput(); err != nil {
		t.Errorf("simulate: %v\n%s", err, out)
	}
	b.drained(t)
	if q := b.status(t).Queue; q.Done != 5 || q.Failed > 0 {
		t.Errorf("got the queue %+v, want 5 delivered", q)
	}
	if code := d.stop(); code != 0 {
		t.Errorf("ended with status %d", code)
	}
}

var passed = regexp.MustCompile(`(?m)^--- PASS`)

// tests runs packages' own tests on the processor, each in its folder.
func (p processor) tests(t *testing.T) {
	packages := p.packages
	if packages[0] == "all" {
		packages = linked(t)
	}
	dir := t.TempDir()
	cmd := exec.Command("make", "-s", "-C", "../..", "tests", "OUT="+dir, "PACKAGES=./src/"+strings.Join(packages, " ./src/"))
	cmd.Env = append(append(os.Environ(), "MAKEFLAGS=", "GOFLAGS="), p.env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	for _, name := range packages {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(p.emulator[0], append(p.emulator[1:len(p.emulator):len(p.emulator)],
				filepath.Join(dir, path.Base(name)+".test"), "-test.v", "-test.skip="+p.skip)...)
			cmd.Dir = filepath.Join("..", name)
			cmd.SysProcAttr = withTests
			out, err := cmd.CombinedOutput()
			n := len(passed.FindAll(out, -1))
			if err != nil || n == 0 {
				t.Errorf("%d tests passed, then: %v\n%s", n, err, out)
			}
			t.Log(n, "tests passed")
		})
	}
}

// linked returns our packages that are in the program, as folders below src.
func linked(t *testing.T) (packages []string) {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", "../snsbridge").Output()
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range strings.FieldsSeq(string(out)) {
		if name, ours := strings.CutPrefix(pkg, "snsbridge/src/"); ours {
			packages = append(packages, name)
		}
	}
	return packages
}

// counter compiles what counts instructions, and returns the emulator's
// option for it and a function that tells how many were executed so far.
func counter(tb testing.TB) (option []string, count func() uint64) {
	tb.Helper()
	dir := tb.TempDir()
	plugin, file := filepath.Join(dir, "count.so"), filepath.Join(dir, "count")
	if out, err := exec.Command("gcc", "-O2", "-shared", "-fPIC", "-o", plugin, "testdata/count.c").CombinedOutput(); err != nil {
		tb.Fatalf("gcc: %v\n%s", err, out)
	}
	if err := os.WriteFile(file, make([]byte, 8), 0o600); err != nil {
		tb.Fatal(err)
	}
	return []string{"-plugin", plugin + ",into=" + file}, func() uint64 {
		b, err := os.ReadFile(file)
		if err != nil || len(b) != 8 {
			tb.Fatalf("%d bytes, %v", len(b), err)
		}
		return binary.NativeEndian.Uint64(b)
	}
}
