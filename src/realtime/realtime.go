// Package realtime tells whether the machine's clock can be believed. Routers have
// no battery for theirs and start in the past: at the time of the newest file
// in /etc, months ago, or in 1970.
package realtime

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Believable tells whether a time can be of a clock that was set.
func Believable(t time.Time) bool { return t.Year() >= 2026 }

// Synchronised tells whether a time server, or a clock with a battery, has set
// the clock. Where the kernel does not tell (a sandbox may forbid to ask), that
// is assumed.
//
// The kernel forgets it nine hours after the last word of a time server, when
// the clock can be 16 s off by its own reckoning (NTP_PHASE_LIMIT).
func Synchronised() bool {
	var t syscall.Timex // Modes 0: nothing is changed
	if _, err := syscall.Adjtimex(&t); err != nil {
		return true
	}
	return synchronised(int(t.Status), hasBattery("/sys/class/rtc"), time.Now())
}

const unsynchronised = 0x40 // STA_UNSYNC of linux/timex.h

func synchronised(status int, battery bool, now time.Time) bool {
	return status&unsynchronised == 0 || battery && Believable(now)
}

// hasBattery tells whether the kernel took the time from a hardware clock when
// it started.
func hasBattery(dir string) bool {
	marks, _ := filepath.Glob(filepath.Join(dir, "*", "hctosys"))
	for _, name := range marks {
		if b, err := os.ReadFile(name); err == nil && strings.TrimSpace(string(b)) == "1" {
			return true
		}
	}
	return false
}
