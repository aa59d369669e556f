package spool_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

var (
	seedsFlag = flag.Int("seeds", 200, "number of lives of a bridge that TestRandom tries")
	seedFlag  = flag.Uint64("seed", 0, "only this one")
)

// TestRandom leads a bridge through a life: cameras, targets, people, a disk
// that fails, power cuts at any moment, and a clock that jumps from 1970 to
// now and back.
func TestRandom(t *testing.T) {
	first, last := uint64(1), uint64(*seedsFlag)
	if *seedFlag != 0 {
		first, last = *seedFlag, *seedFlag
	}
	var sum life
	for seed := first; seed <= last && !t.Failed(); seed++ {
		l := &life{world: newWorld(t, spooltest.NewDisk()), rng: rand.New(rand.NewPCG(seed, 0))}
		l.disk.Split, l.disk.Late = seed%3 == 0, seed%3 == 1
		if err := l.lead(40); err != nil {
			t.Errorf("-seed %d: after %q: %v\n%v", seed, l.done, err, l.disk)
		}
		sum.cuts, sum.faults, sum.photos = sum.cuts+l.cuts, sum.faults+l.faults, sum.photos+l.photos
	}
	t.Logf("%d photos, %d power cuts, %d faults", sum.photos, sum.cuts, sum.faults)
	if *seedFlag == 0 && (sum.cuts < int(last) || sum.faults < int(last) || sum.photos < int(last)) {
		t.Error("that is too little to prove anything")
	}
}

// life is what a bridge goes through.
type life struct {
	*world
	rng                  *rand.Rand
	open                 []string // posts that grow
	ops                  int      // left until the power goes; negative: it stays
	left                 *spooltest.Disk
	ill                  bool // the disk fails now and then
	done                 []string
	photos, cuts, faults int
}

func (l *life) before(string) spooltest.Fault {
	if l.left != nil {
		return spooltest.Fault{Err: errors.New("there is no power")}
	}
	if l.ops--; l.ops == 0 {
		var all []spooltest.Cut
		for c := range l.disk.Cuts() {
			all = append(all, c)
		}
		l.left = all[l.rng.IntN(len(all))].Disk()
		return spooltest.Fault{Err: errors.New("the power goes")}
	}
	if l.ill && l.rng.IntN(8) == 0 {
		l.faults++
		errnos := []error{syscall.ENOSPC, syscall.EIO, syscall.EROFS, syscall.EMFILE}
		return spooltest.Fault{Err: errnos[l.rng.IntN(4)], Effect: spooltest.Effect(l.rng.IntN(3))}
	}
	return spooltest.Fault{}
}

func (l *life) lead(steps int) error {
	l.shaky = true
	if err := l.start(); err != nil {
		return err
	}
	for range steps {
		l.ops = -1
		if l.rng.IntN(3) == 0 {
			l.ops = 1 + l.rng.IntN(60)
		}
		l.ill = l.rng.IntN(4) == 0
		l.disk.Before = l.before
		l.step()
		if l.left != nil {
			l.done = append(l.done, "power cut")
			l.cuts++
			l.disk, l.left, l.open = l.left, nil, nil
			if err := l.start(); err != nil {
				return err
			}
		}
		l.disk.Before = nil
		if err := l.look(l.spool, false); err != nil {
			return err
		}
	}
	for range 3 { // a clock that was wrong must not keep anything from its target
		l.results = map[string][]error{}
		for id, st := range l.items {
			if st.held[spool.Failed] {
				l.retry(id)
			}
			if st.held[spool.Draft] {
				l.edit(id, "at the end")
			}
		}
		l.closeAll()
		l.deliver()
	}
	for id, st := range l.items {
		if !st.leaving {
			it, err := l.spool.Get(id)
			return fmt.Errorf("%s has not reached all its targets: %+v, %v", id, it, err)
		}
	}
	return l.look(l.spool, false)
}

// step is one thing that happens.
func (l *life) step() {
	names := func(n int) (names []string) {
		for range n {
			l.photos++
			names = append(names, fmt.Sprintf("SAM_%04d.JPG", l.photos))
		}
		return names
	}
	targets := [][]string{{"store"}, {"mail"}, {"store", "mail"}, {"post", "store"}, {"drop"}}[l.rng.IntN(5)]
	any := func() (string, bool) {
		ids := l.spool.IDs()
		if len(ids) == 0 {
			return "", false
		}
		id := ids[l.rng.IntN(len(ids))]
		return id, l.items[id] != nil
	}
	switch n := l.rng.IntN(12); n {
	case 0, 1:
		l.did("mail")
		l.mail(targets, names(1+l.rng.IntN(3))...)
	case 2:
		l.did("post")
		if id := l.post(targets, names(1)[0]); id != "" {
			l.open = append(l.open, id)
		}
	case 3, 4:
		if len(l.open) > 0 {
			l.did("put")
			l.put(l.open[l.rng.IntN(len(l.open))], names(1)[0])
		}
	case 5:
		l.did("close")
		l.closeAll()
	case 6, 7:
		l.did("deliver")
		for _, target := range []string{"store", "mail", "post"} {
			e := &spool.Error{Kind: spool.Kind(l.rng.IntN(4)), Err: errors.New("refused")}
			if l.rng.IntN(3) == 0 {
				l.results[target] = append(l.results[target], e)
			}
		}
		l.deliver()
	case 8:
		if id, ok := any(); ok {
			l.did("retry and edit")
			l.retry(id)
			l.edit(id, fmt.Sprint("title ", len(l.done)))
		}
	case 9:
		if id, ok := any(); ok {
			l.did("remove")
			if l.remove(id) == nil {
				l.open = slices.DeleteFunc(l.open, func(o string) bool { return o == id })
			}
		}
	case 10:
		l.did("clock")
		l.now = []time.Time{time.Unix(1000, 0), springOf2026, l.now.Add(2 * time.Hour), springOf2026.AddDate(0, 0, l.rng.IntN(30))}[l.rng.IntN(4)]
	case 11:
		l.did("restart")
		l.disk.Before = nil // what a start does on an ill disk, TestDiskFaults shows
		l.disk, l.open = l.disk.Copy(), nil
		if err := l.start(); err != nil {
			l.t.Error(err)
		}
	}
}

func (l *life) did(what string) { l.done = append(l.done, what) }

// closeAll ends the posts, or as many as the disk lets it.
func (l *life) closeAll() {
	l.open = slices.DeleteFunc(l.open, func(id string) bool {
		err := l.spool.Close(id, func(*spool.Item) {})
		return err == nil || errors.Is(err, spool.ErrClosed) || errors.Is(err, spool.ErrNotFound)
	})
}
