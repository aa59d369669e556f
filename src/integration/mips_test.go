//go:build integration

package integration

import (
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"snsbridge/src/sim"
)

// onMIPS makes the bridge run as on a router without floating point unit:
// arch is mips (big-endian) or mipsle.
func (b *bridge) onMIPS(tb testing.TB, arch string, emulator ...string) {
	tb.Helper()
	b.program = filepath.Join(tb.TempDir(), "snsbridge-"+arch)
	if err := build(b.program, "GOARCH="+arch, "GOMIPS=softfloat"); err != nil {
		tb.Fatal(err)
	}
	b.runner = append([]string{map[string]string{"mips": "qemu-mips", "mipsle": "qemu-mipsel"}[arch]}, emulator...)
}

// The cameras cannot tell a big-endian machine of 32 bits from this one.
func TestBigEndian(t *testing.T) {
	b := newBridge(t)
	b.onMIPS(t, "mips")
	d := b.start(t)
	ctx := t.Context()
	l := newLedger()
	mailed := []sim.File{photo(t, "SAM_0001.JPG", 1<<20, 1), photo(t, "SAM_0002.JPG", 300<<10, 2)}
	posted := []sim.File{photo(t, "SAM_0003.JPG", 1<<20, 3), video(t, "SAM_0004.MP4", 3<<20, 4)}
	l.begin(mailed...)
	l.begin(posted...)
	for _, short := range []sim.Short{sim.ShortNone, sim.ShortParts} {
		c := cameraAt(t, d, "NX300", 2)
		c.Odd.Short = short
		if _, err := c.Email(ctx, mail(mailed...)); err != nil {
			t.Error(err)
		}
	}
	l.success(mailed...)
	if _, err := cameraAt(t, d, "NX300", 3).Post(ctx, "facebook", "two ~ one ~ other", posted...); err != nil {
		t.Error(err)
	}
	l.success(posted...)
	eventually(t, func() error { return l.arrived(b.photos) })
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
