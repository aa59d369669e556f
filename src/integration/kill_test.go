//go:build integration

package integration

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"snsbridge/src/sim"
)

var seedFlag = flag.Uint64("seed", 0, "of the moments and photos of the kill tests; 0: a new one")

// Nothing that a camera believes to be safe is lost when the program is killed
// at any moment, and nothing half-written is ever seen.
func TestKill(t *testing.T) {
	// Delivered items are removed as soon as may be, so that removing is
	// interrupted, too.
	const keep = `KEEP_DONE = "0 s"`
	t.Run("spool below the photos", func(t *testing.T) {
		t.Parallel()
		torment(t, newBridge(t, keep), 100, syscall.SIGKILL)
	})
	t.Run("spool elsewhere", func(t *testing.T) {
		t.Parallel()
		torment(t, newBridge(t).elsewhere(t, keep), 50, syscall.SIGKILL)
	})
	t.Run("asked to stop", func(t *testing.T) {
		t.Parallel()
		torment(t, newBridge(t, keep), 10, syscall.SIGTERM)
	})
}

// torment runs the bridge again and again while cameras send to it, and ends
// each run at a random moment.
func torment(t *testing.T, b *bridge, rounds int, by syscall.Signal) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)
	l := newLedger()
	window := timed(t, b, func(d *daemon) {
		f := photo(t, "FIRST.JPG", 1<<20, 1)
		l.begin(f)
		if _, err := cameraAt(t, d, "NX300", 2).Email(t.Context(), mail(f)); err != nil {
			t.Fatal(err)
		}
		l.success(f)
	})
	var broken atomic.Int64
	for round := range rounds {
		rng := rand.New(rand.NewPCG(seed, uint64(round)))
		if by == syscall.SIGKILL && round%10 == 9 {
			// Also a start may be interrupted.
			d := b.launch(t)
			time.Sleep(time.Duration(rng.IntN(15_000)) * time.Microsecond)
			d.kill()
		}
		d := b.start(t)
		eventually(t, func() error { return errors.Join(l.arrived(b.photos), b.tidy()) })

		var ending atomic.Bool
		var cameras sync.WaitGroup
		for n := range 4 {
			s := sender{
				Camera: cameraAt(t, d, "NX300", 2+n), t: t, ledger: l, ending: &ending, broken: &broken,
				rng: rand.New(rand.NewPCG(seed, uint64(round*100+n))), prefix: fmt.Sprintf("R%03d-%d", round, n),
			}
			cameras.Go(s.send)
		}
		time.Sleep(time.Duration(rng.Int64N(int64(window))))
		ending.Store(true)
		if by == syscall.SIGKILL {
			d.kill()
		} else if status := d.stop(); status != 0 {
			t.Errorf("asked to stop, the program ended with exit status %d, want 0", status)
		}
		cameras.Wait()
		if line, _ := d.log.find([]string{"level=ERROR"}); line != "" {
			t.Errorf("round %d: %s", round, line)
		}
		if err := l.sound(b.photos); err != nil {
			t.Fatalf("after round %d: %v", round, err)
		}
	}
	b.start(t)
	l.forget()
	eventually(t, func() error { return errors.Join(l.arrived(b.photos), b.tidy()) })
	t.Logf("%d files begun, %d heard success, %d requests cut off", len(l.begun), len(l.heard), broken.Load())
	if len(l.heard) < rounds || broken.Load() == 0 {
		t.Error("that is too little to prove anything")
	}
}

// timed returns how long a run may last in which something is to have come to
// its end, on a disk that may be slow: it is made once, and timed.
func timed(t *testing.T, b *bridge, once func(d *daemon)) time.Duration {
	t.Helper()
	d := b.start(t)
	begin := time.Now()
	once(d)
	took := time.Since(begin)
	d.stop()
	return min(max(200*time.Millisecond, 5*took), 3*time.Second)
}

// sender is a camera whose owner does not stop sending.
type sender struct {
	sim.Camera
	t      *testing.T
	ledger *ledger
	rng    *rand.Rand
	prefix string
	ending *atomic.Bool  // the program is being ended
	broken *atomic.Int64 // requests that got no answer
	count  int
}

func (s *sender) send() {
	for {
		var ok bool
		if s.rng.IntN(3) == 0 {
			ok = s.post()
		} else {
			ok = s.mail()
		}
		if !ok {
			return
		}
	}
}

func (s *sender) photos(n int) (files []sim.File) {
	for range n {
		s.count++
		size := 20<<10 + s.rng.Int64N(280<<10)
		files = append(files, photo(s.t, fmt.Sprintf("%s-%02d.JPG", s.prefix, s.count), size, s.rng.Uint64()))
	}
	s.ledger.begin(files...)
	return files
}

func (s *sender) mail() bool {
	c := s.Camera
	c.Odd.Short = sim.Short(s.rng.IntN(4))
	if s.rng.IntN(8) == 0 {
		c.Odd.AbortAfter, c.Odd.Reset = 1+s.rng.Int64N(300<<10), s.rng.IntN(2) == 0
	}
	files := s.photos(1 + s.rng.IntN(12))
	a, err := c.Email(context.Background(), mail(files...))
	if heardSuccess(a) {
		s.ledger.success(files...)
	}
	return s.goOn(err)
}

func (s *sender) post() bool {
	ctx := context.Background()
	session, err := s.Login(ctx, "facebook")
	if err != nil {
		return s.goOn(err)
	}
	for _, f := range s.photos(1 + s.rng.IntN(3)) {
		a, err := session.Photo(ctx, f, "three views ~ one ~ two ~ three")
		if heardSuccess(a) {
			s.ledger.success(f)
		}
		if err != nil {
			return s.goOn(err)
		}
	}
	_, err = session.Logout(ctx)
	return s.goOn(err)
}

// goOn tells whether the bridge is still there. Until it is ended, nothing but
// the camera's own doing may fail.
func (s *sender) goOn(err error) bool {
	switch a, refused := refusal(err); {
	case err == nil, errors.Is(err, sim.ErrAborted):
		return true
	case refused && !heardSuccess(a):
		s.t.Errorf("refused: %v\n%s", err, a.Raw)
	case !s.ending.Load():
		s.t.Errorf("while the program ran: %v", err)
	}
	s.broken.Add(1)
	return false
}

// An upload that is under way when the program is asked to stop may finish.
func TestStopLetsAnUploadFinish(t *testing.T) {
	b := newBridge(t)
	d := b.start(t)
	c := cameraAt(t, d, "NX300", 2)
	c.Odd.BytesPerSecond = 8 << 20 // half of it takes far less than the program waits
	var once sync.Once
	c.Progress = func(sent, total int64) {
		if sent > total/2 {
			once.Do(func() { d.cmd.Process.Signal(syscall.SIGTERM) })
		}
	}
	l := newLedger()
	f := photo(t, "SAM_0001.JPG", 1<<20, 1)
	l.begin(f)
	a, err := c.Email(t.Context(), mail(f))
	if err != nil || !heardSuccess(a) {
		t.Fatalf("the camera heard: %v", err)
	}
	l.success(f)
	if status := d.stop(); status != 0 {
		t.Errorf("exit status %d, want 0", status)
	}
	b.start(t)
	eventually(t, func() error { return l.arrived(b.photos) })
}
