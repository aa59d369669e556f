//go:build integration

package integration

import (
	"fmt"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// busy keeps the machine's processors occupied with n other programs until the test ends.
func busy(t *testing.T, n int) {
	t.Helper()
	for range n {
		cmd := exec.Command("sh", "-c", "while :; do :; done")
		cmd.SysProcAttr = withTests
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			cmd.Process.Kill()
			cmd.Wait()
		})
	}
}

// As many cameras as the bridge has room for send at once while other programs keep the machine
// busy: that the bridge is slow to read is not the cameras' fault, so all of them hear success.
func TestManyCamerasBesideBusyPrograms(t *testing.T) {
	const cameras, rounds = 50, 10
	b := newBridge(t)
	b.runner = []string{"nice", "-n", "10"} // as slow as a router
	d := b.start(t)
	busy(t, 8)
	failed := 0
	for round := range rounds {
		errs := make([]error, cameras)
		var senders sync.WaitGroup
		for n := range cameras {
			c := cameraAt(t, d, "NX300", 2+n)
			c.Timeout = 5 * time.Minute // it is not the camera that is tested
			f := photo(t, fmt.Sprintf("SAM_%02d%02d.JPG", round, n), 512<<10, uint64(round*cameras+n))
			senders.Go(func() {
				if _, errs[n] = c.Email(t.Context(), mail(f)); errs[n] == nil {
					_, errs[n] = c.Post(t.Context(), "facebook", "", f)
				}
			})
		}
		senders.Wait()
		for n, err := range errs {
			if err != nil {
				failed++
				t.Errorf("round %d, camera %d: %v", round+1, n+1, err)
			}
		}
	}
	t.Logf("%d of %d heard success", cameras*rounds-failed, cameras*rounds)
}
