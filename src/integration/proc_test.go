//go:build integration

package integration

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// memory is what a process uses, in KiB.
type memory struct {
	resident, anonymous, peak int
}

func (d *daemon) memory(tb testing.TB) memory {
	tb.Helper()
	// The sums of status are late by up to a page or two for each thread;
	// smaps_rollup counts.
	return memory{
		resident:  field(tb, d.pid(), "smaps_rollup", "Rss:"),
		anonymous: field(tb, d.pid(), "smaps_rollup", "Anonymous:"),
		peak:      field(tb, d.pid(), "status", "VmHWM:"),
	}
}

func field(tb testing.TB, pid int, file, name string) int {
	tb.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, found := strings.Cut(string(b), name)
	words := strings.Fields(rest)
	if !found || len(words) == 0 {
		tb.Fatalf("no %s in /proc/%d/%s", name, pid, file)
	}
	n, err := strconv.Atoi(words[0])
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// cpuTime is the time that a process used so far, its threads' and the kernel's on
// its behalf. Its clock is far finer than the ticks of /proc.
func cpuTime(tb testing.TB, pid int) time.Duration {
	tb.Helper()
	var ts syscall.Timespec
	const scheduled = 2
	clock := uintptr(^pid<<3 | scheduled)
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&ts)), 0); errno != 0 {
		tb.Fatalf("the clock of process %d: %v", pid, errno)
	}
	return time.Duration(ts.Nano())
}

// quiet waits until the program has nothing to do any more, and returns what
// memory it uses then.
func (d *daemon) quiet(tb testing.TB) memory {
	tb.Helper()
	before, same := time.Duration(-1), 0
	eventually(tb, func() error {
		now := cpuTime(tb, d.pid())
		if same++; now != before {
			same = 0
		}
		if same == 3 { // it may just not get its turn
			return nil
		}
		before = now
		time.Sleep(300 * time.Millisecond)
		return errors.New("the program is at work")
	})
	return d.memory(tb)
}
