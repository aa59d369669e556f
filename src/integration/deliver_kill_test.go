//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"snsbridge/src/control"
)

const patient = "stuck" // in the title of mails at which the program is killed

// Nothing that a camera believes to be safe is lost when the program is killed
// in the middle of deliveries, and nothing is delivered twice but what the
// target had accepted without the program's hearing of it. Then the mail has
// the same Message-ID, and the post the same Idempotency-Key.
func TestKillDeliveries(t *testing.T) {
	const rounds = 100
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed %d", seed)

	// What the targets do wrong, until they are told to behave.
	var behave atomic.Bool
	var mu sync.Mutex
	chance := rand.New(rand.NewPCG(seed, 1))
	oneOf := func(n int) bool {
		mu.Lock()
		defer mu.Unlock()
		return !behave.Load() && chance.IntN(n) == 0
	}
	stuck := map[string]int{}
	var steps atomic.Int64 // of deliveries until the program is killed
	var now chan struct{}
	step := func() {
		if steps.Add(-1) == 0 {
			close(now)
		}
	}
	host := startSmarthost(t, &smarthost{size: 400e3, answer: func(stage, words string) string {
		step()
		switch {
		case stage == "RCPT" && strings.HasPrefix(words, "moody@") && oneOf(3):
			return "450 4.2.1 not now"
		case stage == "message" && strings.HasPrefix(words, patient) && !behave.Load():
			mu.Lock()
			defer mu.Unlock()
			if stuck[words]++; stuck[words] <= 3 {
				return silence
			}
		case stage == "message" && oneOf(20):
			return loss
		}
		return ""
	}})
	site := startInstance(t, nil)
	site.blind = func() bool { return oneOf(2) }
	site.lose = func() bool {
		step()
		return oneOf(5)
	}

	settings := append(host.settings(), `KEEP_DONE = "0 s"`)
	b := newBridge(t, append(settings, site.settings(`ALT_TEXT = "optional"`, `REMOVE_LOCATION = false`)...)...)
	l := &deliveries{sent: map[string]*sending{}}
	behave.Store(true)
	window := timed(t, b, func(d *daemon) {
		s := &deliverySender{Camera: cameraAt(t, d, "NX300", 2), t: t, l: l, rng: rand.New(rand.NewPCG(seed, 0)), prefix: "FIRST"}
		s.mail(t.Context(), "")
		b.drained(t)
	})
	behave.Store(false)
	begin := time.Now()
	for round := range rounds {
		rng := rand.New(rand.NewPCG(seed, uint64(round+2)))
		now = make(chan struct{})
		steps.Store(1 + rng.Int64N(25))
		d := b.start(t)
		ctx, cancel := context.WithCancel(t.Context())
		var cameras sync.WaitGroup
		for n := range 3 {
			s := &deliverySender{Camera: cameraAt(t, d, "NX300", 2+n), t: t, l: l,
				rng: rand.New(rand.NewPCG(seed, uint64(1000+round*10+n))), prefix: fmt.Sprintf("R%03d-%d", round, n)}
			cameras.Go(func() {
				switch {
				case n == 0:
					s.post(ctx)
				case n == 1 && round%20 == 10:
					s.mail(ctx, patient+" ")
				default:
					s.mail(ctx, "")
				}
			})
		}
		select {
		case <-now:
			time.Sleep(time.Duration(rng.IntN(5_000)) * time.Microsecond)
		case <-time.After(window): // nothing is on its way, or it is stuck
		}
		d.kill()
		steps.Store(0) // what the targets still do is behind the kill
		cancel()
		cameras.Wait()
		if line, _ := d.log.find([]string{"level=ERROR"}); line != "" {
			t.Errorf("round %d: %s", round, line)
		}
	}
	t.Logf("%d rounds in %v", rounds, time.Since(begin).Round(time.Millisecond))

	// Now that nothing disturbs it any more, all is delivered, but for what the
	// program was killed at three times in a row: that waits for a person.
	behave.Store(true)
	d := b.start(t)
	b.drained(t)
	failed := askJSON[control.Queue](t, b, "queue", "--state", "failed", "--limit", "200")
	t.Logf("%d items were set aside", len(failed.Items))
	aside := map[string]bool{}
	for _, it := range failed.Items {
		j := it.Jobs[0]
		if j.Code != "crash" || j.Hint == "" {
			t.Errorf("%s failed without a crash: %+v", it.ID, j)
		}
		aside[it.Title] = true
		if out, err := b.verb("retry", it.ID); err != nil {
			t.Errorf("retry %s: %v\n%s", it.ID, err, out)
		}
	}
	for subject, kills := range stuck {
		title, _, _ := strings.Cut(subject, " (")
		if kills >= 3 && !aside[title] {
			t.Errorf("the program was killed three times at the mail %q, and it was not set aside", title)
		}
	}
	b.drained(t)
	if st := b.status(t); st.Queue.Failed+st.Queue.Damaged+st.Queue.Open > 0 {
		t.Errorf("got the queue %+v after a person's retry, want nothing left", st.Queue)
	}
	if line, _ := d.log.find([]string{"level=ERROR"}); line != "" {
		t.Error(line)
	}
	// What is delivered is removed when the program starts, and once an hour.
	d.stop()
	d = b.start(t)
	eventually(t, func() error {
		left, err := filepath.Glob(filepath.Join(b.spool, "items", "*"))
		return errors.Join(err, b.tidy(), tooMany(left))
	})
	d.stop()

	mails := l.mailed(t, host.accepted())
	posts, repeats := site.published()
	l.posted(t, posts)
	t.Logf("%d mails to all, %d again after their answer was lost; %d posts, %d asked for again, of %d uploads",
		mails.first, mails.again, len(posts), len(repeats), len(site.media))
	if len(stuck) == 0 || mails.first < 2*rounds || mails.noted < rounds || mails.again == 0 || len(posts) < rounds/2 || len(repeats) == 0 {
		t.Errorf("%d mails known to be sent, %d at which the program was stopped: too little to prove anything", mails.noted, len(stuck))
	}
}

// tooMany complains about items that are left.
func tooMany(left []string) error {
	if len(left) > 0 {
		return fmt.Errorf("delivered and still there: %q", left)
	}
	return nil
}
