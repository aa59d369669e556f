//go:build integration

package integration

import (
	"fmt"
	"sync"
	"testing"

	"snsbridge/src/sim"
)

// Budgets in KiB, for a router with 64 MB of memory.
const (
	idleBudget           = 9 << 10
	idleAnonymousBudget  = 3 << 10
	quietBudget          = 12 << 10 // after deliveries
	quietAnonymousBudget = 5 << 10
	peakBudget           = 16 << 10
	itemBudget           = 512 // bytes for each item in the queue, besides
)

// loads are what the memory budgets are kept in. Each is for a fresh program.
var loads = []struct {
	name string
	send func(tb testing.TB, d *daemon, l *ledger)
}{
	{"a hotspot check", func(tb testing.TB, d *daemon, l *ledger) {
		if _, err := cameraAt(tb, d, "NX300", 2).Check(tb.Context()); err != nil {
			tb.Error(err)
		}
	}},
	{"a video of 95 MB", func(tb testing.TB, d *daemon, l *ledger) {
		f := video(tb, "SAM_0001.MP4", 95e6, 1)
		l.begin(f)
		if _, err := cameraAt(tb, d, "NX300", 2).Post(tb.Context(), "youtube", "", f); err != nil {
			tb.Error(err)
		}
		l.success(f)
	}},
	{"an e-mail of 20 x 5 MB", func(tb testing.TB, d *daemon, l *ledger) { mailPhotos(tb, d, l, 2, 20, 5e6) }},
	{"10 cameras at once, 5 x 6 MB", func(tb testing.TB, d *daemon, l *ledger) {
		var cameras sync.WaitGroup
		for n := range 10 {
			cameras.Go(func() { mailPhotos(tb, d, l, 2+n, 5, 6e6) })
		}
		cameras.Wait()
	}},
}

func TestMemory(t *testing.T) {
	for _, load := range loads {
		t.Run(load.name, func(t *testing.T) {
			thrice(t, func() error {
				b := newBridge(t)
				d := b.start(t)
				defer d.kill()
				l := newLedger()
				load.send(t, d, l)
				eventually(t, func() error { return l.arrived(b.photos) })
				m := d.quiet(t)
				t.Logf("peak %d KiB; then resident %d, of which anonymous %d", m.peak, m.resident, m.anonymous)
				resident, anonymous := idleBudget, idleAnonymousBudget
				if len(l.begun) > 0 {
					resident, anonymous = quietBudget, quietAnonymousBudget
				}
				if m.resident > resident || m.anonymous > anonymous || m.peak > peakBudget {
					return fmt.Errorf("resident %d KiB, anonymous %d, peak %d, want at most %d, %d and %d",
						m.resident, m.anonymous, m.peak, resident, anonymous, peakBudget)
				}
				return nil
			})
		})
	}
}

// thrice measures up to three fresh programs. How much memory one has depends
// by some hundred KiB on when its collector gets its turn, and on what the
// kernel reads beside a page; the budgets are those of a router, which has
// nothing else to do. A program that needs more than its budget needs it each
// time.
func thrice(t *testing.T, measure func() error) {
	t.Helper()
	var err error
	for range 3 {
		if err = measure(); err == nil || t.Failed() {
			return
		}
		t.Log(err)
	}
	t.Error(err)
}

func mailPhotos(tb testing.TB, d *daemon, l *ledger, n, photos int, size int64) {
	var files []sim.File
	for i := range photos {
		files = append(files, photo(tb, fmt.Sprintf("SAM_%02d%02d.JPG", n, i+1), size, uint64(n*100+i)))
	}
	l.begin(files...)
	if _, err := cameraAt(tb, d, "NX300", n).Email(tb.Context(), mail(files...)); err != nil {
		tb.Error(err)
		return
	}
	l.success(files...)
}
