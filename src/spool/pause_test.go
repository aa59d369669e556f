package spool

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestPausesOfOthers shows that only a person's pause outlives a restart: a
// target that refused us may have changed its mind.
func TestPausesOfOthers(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		sc := &script{results: map[string][]error{"toot": {&Error{Kind: Account, Err: errors.New("401")}}}}
		put(t, s, "photo", "toot")
		runFor(t, s, sc.do, time.Minute)
		if err := s.Pause("mail", ""); err != nil {
			t.Fatal(err)
		}
		if got := s.Paused(); len(got) != 2 {
			t.Errorf("paused before: %v", got)
		}
		s = open(t, dir)
		if _, ok := s.Paused()["mail"]; len(s.Paused()) != 1 || !ok {
			t.Errorf("paused after a restart: %v, want mail alone", s.Paused())
		}
	})
}

// TestPausedIsNoted shows that a success that the disk did not take down at
// first is taken down while its target is paused: a restart would repeat it.
func TestPausedIsNoted(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, h := hook(t, dir)
		it := put(t, s, "photo", "mail")
		runFor(t, s, func(context.Context, *Delivery) error {
			h.beforeCreate = func(string) error { return syscall.ENOSPC }
			return nil
		}, time.Second)
		h.beforeCreate = nil
		if err := s.Pause("mail", "on a train"); err != nil {
			t.Fatal(err)
		}
		runFor(t, s, (&script{}).do, time.Hour)
		if j := job(t, s, it.ID, 0); j.State != Done || j.Attempts != 1 {
			t.Errorf("%+v", j)
		}
	})
}

// TestPausesDamaged shows that cameras are served whatever became of the file.
func TestPausesDamaged(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, pauseFile), []byte(`{"mail":`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := open(t, dir)
	if err := s.Pause("mail", "again"); err != nil {
		t.Fatal(err)
	}
	if got := open(t, dir).Paused()["mail"][0]; got != "again" {
		t.Errorf("the reason became %q", got)
	}
}
