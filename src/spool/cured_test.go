package spool

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// TestCured shows that what failed because of a setting is tried again once the
// settings have changed, and nothing else is.
func TestCured(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		begin := func(settings string) *Spool {
			s := openBooted(t, dir, bootID())
			s.Settings = settings
			if err := s.Recover(func(*Item) {}); err != nil {
				t.Fatal(err)
			}
			return s
		}
		states := func(s *Spool, id string) [2]State {
			return [2]State{job(t, s, id, 0).State, job(t, s, id, 1).State}
		}
		failed := map[string][]error{
			"mail": {&Error{Kind: Permanent, Cured: true, Err: errors.New("no sender")}},
			"toot": {&Error{Kind: Permanent, Err: errors.New("no text")}},
		}
		s := begin("a")
		it := put(t, s, "photo", "mail", "toot")
		runFor(t, s, (&script{results: failed}).do, time.Minute)
		for _, c := range []struct {
			settings string
			want     State // of mail
		}{{"a", Failed}, {"", Failed}, {"b", Waiting}} {
			s = begin(c.settings)
			if got := states(s, it.ID); got != [2]State{c.want, Failed} {
				t.Errorf("with settings %q: %v", c.settings, got)
			}
		}
		runFor(t, s, (&script{}).do, time.Minute)
		if got := states(s, it.ID); got != [2]State{Done, Failed} {
			t.Errorf("in the end: %v", got)
		}
	})
}
