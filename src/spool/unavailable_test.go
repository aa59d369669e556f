package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func busy(n int) []error {
	return slices.Repeat([]error{&Error{Kind: Unavailable, Err: errors.New("503")}}, n)
}

// TestUnavailable shows that a target in trouble is asked with one item at a
// time, the one that was begun first, and that no arrival makes that sooner.
func TestUnavailable(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		if err := s.Recover(func(*Item) {}); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for range 20 {
			ids = append(ids, put(t, s, "photo", "mail").ID)
		}
		sc := &script{results: map[string][]error{"mail": busy(6)}}
		go func() {
			for range 60 {
				time.Sleep(time.Second)
				put(t, s, "new", "mail")
			}
		}()
		runFor(t, s, sc.do, 75*time.Second)
		calls := sc.list()
		if n := len(calls); n < 2 || n > 3 || len(slices.Compact(calls)) != 1 {
			t.Errorf("attempts in 75 s: %q, want 2 or 3, all at the oldest", calls)
		}
		runFor(t, s, sc.do, time.Hour)
		for _, id := range ids {
			if j := job(t, s, id, 0); j.State != Done {
				t.Errorf("%s: %+v", id, j)
			}
		}
	})
}

// TestUnavailableAfter shows that a target is left alone for as long as it
// asks for, by all its items, and no other target with it.
func TestUnavailableAfter(t *testing.T) {
	for _, c := range []struct {
		after, least, most time.Duration
	}{
		{0, 15 * time.Second, 30 * time.Second},
		{time.Second, 15 * time.Second, 30 * time.Second},
		{time.Hour, time.Hour, time.Hour},
		{9000 * time.Hour, 24 * time.Hour, 24 * time.Hour},
	} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			s := open(t, dir)
			for range 3 {
				put(t, s, "photo", "mail")
			}
			var first, second time.Time
			var trouble []int
			do := func(_ context.Context, d *Delivery) error {
				trouble = append(trouble, d.Trouble)
				if first.IsZero() {
					first = time.Now()
					put(t, s, "photo", "store")
					return &Error{Kind: Unavailable, After: c.after, Err: errors.New("429")}
				}
				if d.Job.Target == "mail" && second.IsZero() {
					second = time.Now()
				}
				return nil
			}
			runFor(t, s, do, 25*time.Hour)
			if d := second.Sub(first); d < c.least || d > c.most {
				t.Errorf("asked for %v: tried again after %v, want from %v to %v", c.after, d, c.least, c.most)
			}
			if got := fmt.Sprint(trouble); got != "[0 0 1 0 0]" {
				t.Errorf("asked for %v: the attempts know of %s attempts in trouble, want none, none at the other target, one, then none", c.after, got)
			}
		})
	}
}

// TestUnavailableOnce shows that one item that a target always breaks at keeps
// no other from it for long.
func TestUnavailableOnce(t *testing.T) {
	for bad := range 3 {
		t.Run(fmt.Sprint(bad, " bad items"), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, dir)
				var worst []string
				tries := map[string]int{}
				do := func(_ context.Context, d *Delivery) error {
					tries[d.Item.ID]++
					if slices.Contains(worst, d.Item.ID) {
						return busy(1)[0]
					}
					return nil
				}
				for range bad {
					worst = append(worst, put(t, s, "photo", "mail").ID)
				}
				good := []string{put(t, s, "photo", "mail").ID, put(t, s, "photo", "mail").ID}
				runFor(t, s, do, time.Hour)
				runFor(t, s, do, 8*time.Hour)
				good = append(good, put(t, s, "photo", "mail").ID)
				runFor(t, s, do, time.Minute)
				for _, id := range good {
					if j := job(t, s, id, 0); j.State != Done {
						t.Errorf("a good item: %+v", j)
					}
				}
				for _, id := range worst {
					if n := tries[id]; n < 16 || n > 60 {
						t.Errorf("a bad item was tried %d times in nine hours, want about 30", n)
					}
				}
			})
		})
	}
}

// TestUnavailableStaysKnown shows what does not make a target be taken for
// well: a person who wants it tried now, an item that never got as far as the
// target, a restart.
func TestUnavailableStaysKnown(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, s *Spool, id string) *Spool{
		"try all": func(_ *testing.T, s *Spool, _ string) *Spool { s.Poke(); return s },
		"try one": func(_ *testing.T, s *Spool, id string) *Spool { s.Retry(id); return s },
		"restart": func(t *testing.T, s *Spool, _ string) *Spool {
			s = open(t, s.Disk.(*DirDisk).root.Name())
			if err := s.Recover(func(*Item) {}); err != nil {
				t.Fatal(err)
			}
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, dir)
				id := put(t, s, "photo", "mail").ID
				put(t, s, "photo", "mail")
				results := []error{
					&Error{Kind: Unavailable, After: time.Hour, Err: errors.New("429")},
					&Error{Kind: Incomplete, Err: errors.New("no description")},
				}
				var trouble []int
				do := func(_ context.Context, d *Delivery) error {
					trouble = append(trouble, d.Trouble)
					if n := len(trouble); n <= len(results) {
						return results[n-1]
					}
					return nil
				}
				runFor(t, s, do, time.Minute)
				s = change(t, s, id)
				runFor(t, s, do, time.Second)
				if got := fmt.Sprint(trouble); got != "[0 1 1]" {
					t.Errorf("the attempts know of %s attempts in trouble, want [0 1 1]", got)
				}
			})
		})
	}
}

// TestProgress shows that an attempt that failed, but brought something to the
// target, is followed by another soon, however many there were.
func TestProgress(t *testing.T) {
	for kind, err := range map[string]error{
		"temporary":   errors.New("one message a session"),
		"unavailable": busy(1)[0],
		"unreachable": gone(1)[0],
	} {
		for _, progress := range []bool{true, false} {
			t.Run(fmt.Sprint(kind, " ", progress), func(t *testing.T) {
				dir := t.TempDir()
				synctest.Test(t, func(t *testing.T) {
					s := open(t, dir)
					put(t, s, "photo", "mail")
					n := 0
					start := time.Now()
					runFor(t, s, func(_ context.Context, d *Delivery) error {
						if n++; n == 12 {
							return nil
						}
						d.Progress = progress
						return err
					}, 5*time.Hour)
					if n != 12 && progress {
						t.Errorf("%d attempts, want 12", n)
					}
					var took time.Duration
					for _, id := range s.IDs() {
						took = job(t, s, id, 0).Tried.Sub(start)
					}
					if soon := took <= 11*30*time.Second; soon != progress {
						t.Errorf("twelve attempts took %v", took)
					}
				})
			})
		}
	}
}

// TestUnavailableShown shows that a person is told when a target that is in
// trouble is tried next.
func TestUnavailableShown(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		put(t, s, "photo", "mail")
		put(t, s, "photo", "mail")
		sc := &script{results: map[string][]error{"mail": {&Error{Kind: Unavailable, After: time.Hour, Err: errors.New("429 slow down")}}}}
		runFor(t, s, sc.do, time.Minute+time.Second)
		got := s.Targets()["mail"]
		if !got.Due || got.Next != 59*time.Minute || !got.Failing || got.Pause != nil || !strings.Contains(got.Failure.Error, "slow down") {
			t.Errorf("%+v, want a failure and the next attempt in 59 min", got)
		}
	})
}
