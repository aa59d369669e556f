package spool

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// script is a target that does as it is told and keeps count.
type script struct {
	mu      sync.Mutex
	results map[string][]error // by target: one for each attempt, then nil
	calls   []string
	busy    int
	most    int // attempts at the same time
}

func (s *script) do(ctx context.Context, d *Delivery) error {
	s.mu.Lock()
	s.busy++
	s.most = max(s.most, s.busy)
	s.calls = append(s.calls, d.Job.Target+" "+d.Item.ID[:6])
	var err error
	if r := s.results[d.Job.Target]; len(r) > 0 {
		err, s.results[d.Job.Target] = r[0], r[1:]
	}
	s.mu.Unlock()
	time.Sleep(time.Second)
	s.mu.Lock()
	s.busy--
	s.mu.Unlock()
	if err != nil && err.Error() == "panic" {
		panic("on purpose")
	}
	return err
}

func (s *script) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// runFor delivers for a while of the test's own clock.
func runFor(t *testing.T, s *Spool, do func(context.Context, *Delivery) error, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	r := Runner{Spool: s, Do: do, Lane: func(target string) string { return target[:1] }}
	wg.Go(func() { r.Run(ctx) })
	time.Sleep(d)
	cancel()
	wg.Wait()
}

func job(t *testing.T, s *Spool, id string, n int) Job {
	t.Helper()
	it, err := s.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	return it.Jobs[n]
}

// TestOutcomes tells what follows from each kind of error.
func TestOutcomes(t *testing.T) {
	fail := func(kind Kind) error {
		return &Error{Kind: kind, Code: "code", Hint: "Do this.", Err: errors.New("refused\x1b")}
	}
	for _, c := range []struct {
		name     string
		results  []error
		after    time.Duration
		state    State
		attempts int
		hint     string
	}{
		{"works", nil, time.Minute, Done, 1, ""},
		{"unknown errors are temporary", []error{errors.New("reset")}, 10 * time.Second, Waiting, 1, ""},
		{"and are tried again", []error{errors.New("reset")}, time.Minute, Done, 2, ""},
		{"for days, without end", slices.Repeat([]error{errors.New("no route")}, 1000), 72 * time.Hour, Waiting, 0, ""},
		{"not before the target wants it", []error{&Error{After: time.Hour, Err: errors.New("429")}}, 50 * time.Minute, Waiting, 1, ""},
		{"but then", []error{&Error{After: time.Hour, Err: errors.New("429")}}, 70 * time.Minute, Done, 2, ""},
		{"a target that says a year is asked again tomorrow", []error{&Error{After: 9000 * time.Hour, Err: errors.New("429")}}, 25 * time.Hour, Done, 2, ""},
		{"permanent: a person is needed", []error{fail(Permanent)}, 24 * time.Hour, Failed, 1, "Do this."},
		{"incomplete: waits as a draft", []error{fail(Incomplete)}, 24 * time.Hour, Draft, 1, "Do this."},
		{"account: the target pauses", []error{fail(Account)}, 50 * time.Minute, Waiting, 1, "Do this."},
		{"account: it is looked at again after an hour", []error{fail(Account)}, 70 * time.Minute, Done, 2, ""},
		{"a mistake of ours: tried again", []error{errors.New("panic")}, time.Hour, Done, 2, ""},
		{"three times: set aside", slices.Repeat([]error{errors.New("panic")}, 9), 24 * time.Hour, Failed, 3, "Retry it once; if it fails again, please report it with the photo."},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				s := open(t, dir)
				it := put(t, s, "photo", "mail")
				runFor(t, s, (&script{results: map[string][]error{"mail": c.results}}).do, c.after)
				j := job(t, s, it.ID, 0)
				if j.State != c.state || c.attempts > 0 && j.Attempts != c.attempts || j.Running || j.Hint != c.hint {
					t.Errorf("%+v; want %s after %d attempts with hint %q", j, c.state, c.attempts, c.hint)
				}
				if strings.ContainsRune(j.Error, '\x1b') || (j.Error == "") != (c.state == Done) {
					t.Errorf("error %q", j.Error)
				}
				if c.attempts == 0 && (j.Attempts < 140 || j.Attempts > 300) {
					t.Errorf("%d attempts in three days, want about 200", j.Attempts)
				}
			})
		})
	}
}

// TestBackoff shows the range of times between attempts.
func TestBackoff(t *testing.T) {
	for tries, most := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
		for range 100 {
			if d := backoff(tries); d < most/2 || d > most {
				t.Fatalf("after %d tries %v, want from %v to %v", tries, d, most/2, most)
			}
		}
	}
}

// TestOneBadTarget shows that nobody waits for a target that refuses us, and
// that attempts of a lane are made one after the other.
func TestOneBadTarget(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		sc := &script{results: map[string][]error{"toot": slices.Repeat([]error{&Error{Kind: Account, Err: errors.New("401")}}, 99)}}
		var ids []string
		for range 5 {
			ids = append(ids, put(t, s, "photo", "toot", "tmail").ID)
		}
		runFor(t, s, sc.do, 10*time.Minute)
		for _, id := range ids {
			if j := job(t, s, id, 0); j.State != Waiting || j.Attempts > 1 {
				t.Errorf("the bad target's job: %+v", j)
			}
			if j := job(t, s, id, 1); j.State != Done {
				t.Errorf("the good target's job: %+v", j)
			}
		}
		if p, ok := s.Paused()["toot"]; !ok || p[0] != "401" {
			t.Errorf("paused: %v", s.Paused())
		}
		if n := len(sc.list()); n != 6 || sc.most != 1 {
			t.Errorf("%d attempts, want 5 and one that was refused; %d at once, want 1", n, sc.most)
		}
	})
}

// TestPoke shows that everything is tried when the uplink comes.
func TestPoke(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		sc := &script{results: map[string][]error{"mail": slices.Repeat([]error{errors.New("no route")}, 12)}}
		it := put(t, s, "photo", "mail")
		go func() {
			time.Sleep(2 * time.Hour)
			sc.mu.Lock()
			sc.results = nil
			sc.mu.Unlock()
			s.Poke()
		}()
		runFor(t, s, sc.do, 2*time.Hour+5*time.Second)
		if j := job(t, s, it.ID, 0); j.State != Done {
			t.Errorf("%+v", j)
		}
	})
}

func TestPauseAndRetry(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		sc := &script{results: map[string][]error{"mail": {&Error{Kind: Permanent, Err: errors.New("550")}}}}
		it := put(t, s, "photo", "mail")
		s.Pause("mail", "on a train")
		runFor(t, s, sc.do, 24*time.Hour)
		put(t, s, "photo", "store")
		if n := s.Poke(); n != 1 {
			t.Errorf("%d jobs will be tried, want 1: the other is paused", n)
		}
		s = open(t, dir) // a restart
		runFor(t, s, sc.do, time.Hour)
		if got := sc.list(); len(got) != 1 || !strings.HasPrefix(got[0], "store ") {
			t.Errorf("attempts while mail is paused by a person: %v", got)
		}
		if got := s.Targets()["mail"].Pause; got == nil || !got.Person || got.Reason != "on a train" {
			t.Errorf("after a restart the pause is %+v", got)
		}
		s.Resume("mail")
		s = open(t, dir)
		runFor(t, s, sc.do, time.Hour)
		if j := job(t, s, it.ID, 0); j.State != Failed {
			t.Errorf("%+v", j)
		}
		if err := s.Retry(it.ID); err != nil {
			t.Fatal(err)
		}
		runFor(t, s, sc.do, time.Minute)
		if j := job(t, s, it.ID, 0); j.State != Done || j.Attempts != 2 {
			t.Errorf("%+v", j)
		}
	})
}

// TestMarks shows that a step that was noted is known to the next attempt,
// also after a restart.
func TestMarks(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		it := put(t, s, "photo", "mail")
		var seen []string
		do := func(ctx context.Context, d *Delivery) error {
			v, _ := d.Marked("step")
			seen = append(seen, v)
			if err := d.Mark("step", v+"x"); err != nil {
				t.Error(err)
			}
			if len(seen) < 3 {
				return errors.New("again")
			}
			d.Job.Result = "250 ok"
			return nil
		}
		runFor(t, s, do, 40*time.Second)
		s = open(t, dir)
		runFor(t, s, do, time.Hour)
		if fmt.Sprint(seen) != "[ x xx]" {
			t.Errorf("%q", seen)
		}
		if j := job(t, s, it.ID, 0); j.State != Done || j.Marks["step"] != "xxx" || j.Result != "250 ok" {
			t.Errorf("%+v", j)
		}
	})
}

// TestCrashes shows that a job in whose attempts the program ends three times
// is set aside, and that an orderly stop is no crash.
func TestCrashes(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		it := put(t, s, "photo", "mail")
		for range 5 { // the program is stopped within the attempt
			ctx, cancel := context.WithCancel(context.Background())
			r := Runner{Spool: s, Do: func(ctx context.Context, d *Delivery) error { cancel(); return ctx.Err() }}
			r.Run(ctx)
		}
		if j := job(t, s, it.ID, 0); j.State != Waiting || j.Crashes != 0 || j.Attempts != 0 || j.Running {
			t.Errorf("after orderly stops: %+v", j)
		}
		for n := 1; n <= 3; n++ {
			// What is on disk when the power goes: the attempt was noted.
			s.update(it.ID, func(it *Item) error {
				it.Jobs[0].Attempts++
				it.Jobs[0].Running = true
				return nil
			})
			s = open(t, dir)
			j := job(t, s, it.ID, 0)
			if j.Running || j.Crashes != n || (j.State == Failed) != (n == 3) {
				t.Errorf("after %d crashes: %+v", n, j)
			}
		}
		if err := s.Retry(it.ID); err != nil {
			t.Fatal(err)
		}
		runFor(t, s, (&script{}).do, time.Minute)
		if j := job(t, s, it.ID, 0); j.State != Done || j.Crashes != 0 {
			t.Errorf("after a retry: %+v", j)
		}
	})
}

// TestPowerCuts shows that an attempt which a power cut interrupts says nothing
// against its item, however often that happens, and that one which ends the
// program while the machine runs on does.
func TestPowerCuts(t *testing.T) {
	dir := t.TempDir()
	boot := func(id string) *Spool {
		s := openBooted(t, dir, id)
		if err := s.Recover(func(*Item) {}); err != nil {
			t.Fatal(err)
		}
		return s
	}
	begin := func(s *Spool) { // an attempt that never ends
		p, ok := s.take(func(string) string { return "" }, nil)
		if !ok {
			t.Fatal("nothing is due")
		}
		r := Runner{Spool: s, Do: func(context.Context, *Delivery) error { runtime.Goexit(); return nil }}
		var wg sync.WaitGroup
		wg.Go(func() { r.try(context.Background(), p) })
		wg.Wait()
	}
	s := boot("first")
	it := put(t, s, "photo", "mail")
	for n, c := range []struct {
		boot    string
		crashes int
	}{
		{"second", 0}, {"third", 0}, {"fourth", 0}, {"fifth", 0}, // power cuts
		{"fifth", 1}, {"fifth", 2}, // crashes
		{"sixth", 2}, // neither one more nor a success
		{"", 3},      // a kernel that does not tell
	} {
		begin(s)
		if j := job(t, s, it.ID, 0); !j.Running || j.Attempts != n+1 {
			t.Fatalf("attempt %d is not noted: %+v", n+1, j)
		}
		s = boot(c.boot)
		j := job(t, s, it.ID, 0)
		if j.Crashes != c.crashes || j.Running || j.Boot != "" || (j.State == Failed) != (c.crashes == 3) {
			t.Errorf("after attempt %d, in the boot %q: %+v, want %d crashes", n+1, c.boot, j, c.crashes)
		}
	}
}

func TestDropped(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		dropped, kept := put(t, s, "photo", "drop"), put(t, s, "photo", "drop", "store")
		runFor(t, s, (&script{}).do, time.Minute)
		if _, err := s.Get(dropped.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("what was to be dropped is there: %v", err)
		}
		if it, err := s.Get(kept.ID); err != nil || !it.Finished() {
			t.Errorf("what was stored, too, is gone: %+v, %v", it, err)
		}
	})
}

// TestOpenItemsWait shows that a post that still grows is not delivered.
func TestOpenItemsWait(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		u, _ := s.Begin(0)
		add(t, u, "a.jpg", "photo")
		it := &Item{Open: true, Jobs: []Job{{Target: "mail", State: Waiting}}}
		if err := u.Commit(it); err != nil {
			t.Fatal(err)
		}
		sc := &script{}
		go func() {
			time.Sleep(time.Hour)
			s.Close(it.ID, func(*Item) {})
		}()
		runFor(t, s, sc.do, 59*time.Minute)
		if n := len(sc.list()); n != 0 {
			t.Errorf("%d attempts at a post that is not complete", n)
		}
		runFor(t, s, sc.do, 2*time.Minute)
		if n := len(sc.list()); n != 1 {
			t.Errorf("%d attempts, want 1", n)
		}
	})
}

// TestBusyItems shows what may not be done to an item under way.
func TestBusyItems(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		it := put(t, s, "photo", "mail")
		go func() {
			time.Sleep(500 * time.Millisecond)
			if err := s.Remove(it.ID); !errors.Is(err, ErrBusy) {
				t.Errorf("Remove: %v", err)
			}
			if _, err := s.Edit(it.ID, func(*Item) error { return nil }); !errors.Is(err, ErrBusy) {
				t.Errorf("Edit: %v", err)
			}
		}()
		runFor(t, s, (&script{}).do, 10*time.Second)
		if err := s.Remove(it.ID); err != nil {
			t.Errorf("Remove after the attempt: %v", err)
		}
	})
}

// TestUnwritable shows that no attempt is made that could not be noted: it
// would be made again and again.
func TestUnwritable(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, dir)
		put(t, s, "photo", "mail")
		s.Disk = &readOnly{s.Disk}
		sc := &script{}
		runFor(t, s, sc.do, time.Hour)
		if n := len(sc.list()); n != 0 {
			t.Errorf("%d attempts", n)
		}
		s.Disk = s.Disk.(*readOnly).Disk
		runFor(t, s, sc.do, time.Hour)
		if n := len(sc.list()); n != 1 {
			t.Errorf("%d attempts once it can be written, want 1", n)
		}
	})
}

type readOnly struct{ Disk }

func (readOnly) Create(string) (DiskFile, error) { return nil, os.ErrPermission }
