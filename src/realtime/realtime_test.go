package realtime

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSynchronised(t *testing.T) {
	now, past := time.Date(2026, 11, 21, 9, 48, 0, 0, time.UTC), time.Unix(90000, 0)
	for _, c := range []struct {
		reason  string
		status  int
		battery bool
		now     time.Time
		want    bool
	}{
		{"a time server has set it", 0x2001, false, now, true},
		{"a router that has just started", 0x40, false, now, false},
		{"so has one with a battery", 0x40, true, now, true},
		{"which is empty", 0x40, true, past, false},
	} {
		if got := synchronised(c.status, c.battery, c.now); got != c.want {
			t.Errorf("%s: %v", c.reason, got)
		}
	}
	Synchronised() // on this machine; what it says is not ours to know
}

func TestHasBattery(t *testing.T) {
	for content, want := range map[string]bool{"1\n": true, "0\n": false} {
		dir := t.TempDir()
		if hasBattery(dir) {
			t.Error("without a hardware clock")
		}
		os.Mkdir(filepath.Join(dir, "rtc0"), 0o755)
		if err := os.WriteFile(filepath.Join(dir, "rtc0", "hctosys"), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if hasBattery(dir) != want {
			t.Errorf("%q: %v", content, !want)
		}
	}
}
