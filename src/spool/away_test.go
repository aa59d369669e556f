package spool

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func gone(n int) []error {
	return slices.Repeat([]error{&Error{Kind: Unreachable, Err: errors.New("no route")}}, n)
}

// TestUnreachable shows that without an uplink one item is tried, however many
// wait, and what lets all go out when it is back.
func TestUnreachable(t *testing.T) {
	for name, back := range map[string]func(*testing.T, *Spool){
		"the network tells":             func(_ *testing.T, s *Spool) { s.Poke() },
		"a person wants the last of it": func(_ *testing.T, s *Spool) { s.Retry(s.IDs()[0]) },
		"something new has come":        func(t *testing.T, s *Spool) { put(t, s, "new", "mail") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, dir)
				if err := s.Recover(func(*Item) {}); err != nil {
					t.Fatal(err)
				}
				var ids []string
				for range 3 {
					ids = append(ids, put(t, s, "photo", "mail").ID)
				}
				sc := &script{results: map[string][]error{"mail": gone(99)}}
				go func() {
					time.Sleep(3 * time.Hour)
					calls := sc.list()
					if n := len(calls); n < 8 || n > 20 {
						t.Errorf("%d attempts in three hours, want about 13", n)
					}
					if last := calls[len(calls)-1]; last != "mail "+ids[0][:6] || slices.Max(calls) != last {
						t.Errorf("others were tried than the oldest: %q", calls)
					}
					sc.mu.Lock()
					under := sc.busy > 0 // and will fail, as there was no uplink when it began
					sc.results = nil
					sc.mu.Unlock()
					if under {
						time.Sleep(2 * time.Second)
					}
					back(t, s)
				}()
				runFor(t, s, sc.do, 3*time.Hour+10*time.Second)
				for _, id := range ids {
					if j := job(t, s, id, 0); j.State != Done {
						t.Errorf("%s: %+v", id, j)
					}
				}
			})
		})
	}
}

// TestComesDuringAnAttempt shows that what comes while an attempt runs, which
// began without an uplink and fails, does not wait for half an hour after it.
func TestComesDuringAnAttempt(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		put(t, s, "photo", "mail")
		var ended []time.Time // of attempts
		var waited time.Duration
		runFor(t, s, func(context.Context, *Delivery) error {
			if len(ended) == 10 && waited == 0 {
				waited = time.Since(ended[9])
			}
			time.Sleep(time.Minute) // it takes a while until it is clear that nobody answers
			if len(ended) == 9 {
				put(t, s, "new", "mail")
			}
			time.Sleep(time.Minute)
			ended = append(ended, time.Now())
			return gone(1)[0]
		}, 6*time.Hour)
		if len(ended) < 11 || len(ended) > 30 || waited > time.Second {
			t.Errorf("%d attempts in six hours, one %v after that in which a photo came; want about 18, at once", len(ended), waited)
		}
	})
}

// TestHeardOf shows that whatever a target says ends the wait of the others,
// and that the next wait begins small.
func TestHeardOf(t *testing.T) {
	for _, answer := range []error{nil, &Error{Kind: Permanent, Err: errors.New("550")}, errors.New("broken off")} {
		t.Run(fmt.Sprint(answer), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, dir)
				put(t, s, "photo", "mail")
				second := put(t, s, "photo", "mail")
				sc := &script{results: map[string][]error{"mail": slices.Concat(gone(6), []error{answer}, gone(1))}}
				runFor(t, s, sc.do, 33*time.Minute)
				if j := job(t, s, second.ID, 0); j.State != Done || j.Attempts > 2 {
					t.Errorf("%+v\n%q", j, sc.list())
				}
			})
		})
	}
}
