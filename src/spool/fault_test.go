package spool_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"syscall"
	"testing"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// TestDiskFaults lets every operation of every workload fail, in every way. What a
// camera heard has to be true, nothing may pile up, and when the disk is well
// again all goes on.
func TestDiskFaults(t *testing.T) {
	for _, load := range workloads {
		t.Run(load.name, func(t *testing.T) {
			t.Parallel()
			ops, runs := operations(t, load.do), 0
			for at, op := range ops {
				for _, f := range faults(op, at) {
					runs++
					if err := suffer(t, load.do, f, at); err != nil {
						t.Fatalf("%+v at operation %d, %s: %v", f, at, op, err)
					}
				}
			}
			t.Logf("%d operations, %d faults", len(ops), runs)
		})
	}
}

// fault is one that lasts.
type fault struct {
	spooltest.Fault
	until int // the end of the workload, or only one operation
}

var errnos = []error{syscall.ENOSPC, syscall.EIO, syscall.EROFS, syscall.EMFILE}

// faults returns how an operation can fail.
func faults(op string, at int) (list []fault) {
	for _, errno := range errnos {
		list = append(list, fault{spooltest.Fault{Err: errno}, at})
	}
	list = append(list, fault{spooltest.Fault{Err: errnos[at%len(errnos)]}, math.MaxInt})
	if changes(op) {
		lie := spooltest.Fault{Err: syscall.EIO, Effect: spooltest.Whole}
		list = append(list, fault{lie, at}, fault{lie, math.MaxInt})
	}
	if strings.HasPrefix(op, "write ") {
		list = append(list, fault{spooltest.Fault{Err: syscall.ENOSPC, Effect: spooltest.Half}, at})
	}
	return list
}

// TestDiskFaultsAtStart lets every operation of a start fail, after a power cut at
// any moment. If it does not start at all it is started again; else what it
// could not do must be done when Recover is called again.
func TestDiskFaultsAtStart(t *testing.T) {
	for _, load := range workloads {
		t.Run(load.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, spooltest.NewDisk())
			if err := w.start(); err != nil {
				t.Fatal(err)
			}
			seen := map[uint64]bool{}
			w.disk.Before = func(op string) spooltest.Fault {
				w.mu.Lock()
				defer w.mu.Unlock()
				left := w.disk.Copy()
				if !changes(op) || seen[left.Print()] {
					return spooltest.Fault{}
				}
				seen[left.Print()] = true
				for at, done := 0, false; !done && !t.Failed(); at++ {
					var err error
					if done, err = w.limp(left.Copy(), at); err != nil {
						t.Errorf("power cut before %s, and operation %d of the start fails: %v", op, at, err)
					}
				}
				return spooltest.Fault{}
			}
			load.do(w)
		})
	}
}

// limp starts on a disk of which one operation fails. It is done if the start
// has no such operation.
func (w *world) limp(disk *spooltest.Disk, at int) (done bool, err error) {
	n, done := 0, true
	disk.Before = func(op string) spooltest.Fault {
		if n++; n-1 == at {
			done = false
			return spooltest.Fault{Err: errnos[at%len(errnos)], Effect: []spooltest.Effect{spooltest.Nothing, spooltest.Whole}[at/4%2]}
		}
		return spooltest.Fault{}
	}
	disk.Total = 0
	s := w.newSpool(disk)
	if s.Open() != nil {
		s = w.newSpool(disk)
		err = s.Open()
	}
	finish := func(*spool.Item) {}
	if err == nil && s.Recover(finish) != nil {
		err = s.Recover(finish)
	}
	disk.Before = nil
	if err == nil {
		err = w.look(s, false)
	}
	if left := leftovers(disk, s); err == nil && len(left) > 0 {
		// What a start would not remove, the next one does.
		again := w.newSpool(disk)
		if err = errors.Join(again.Open(), again.Recover(finish)); err == nil && len(leftovers(disk, again)) > 0 {
			err = fmt.Errorf("left over: %v", left)
		}
	}
	if err == nil {
		for target := range s.Paused() {
			s.Resume(target)
		}
		run(s, func(_ context.Context, d *spool.Delivery) error { return whole(d) })
		for _, id := range s.IDs() {
			it, gerr := s.Get(id)
			if gerr != nil || slices.ContainsFunc(it.Jobs, func(j spool.Job) bool { return j.State == spool.Waiting }) {
				err = fmt.Errorf("%s was not tried: %v", id, gerr)
			}
		}
	}
	return done, err
}

// operations lists what a workload does.
func operations(t *testing.T, do func(*world)) (ops []string) {
	disk := spooltest.NewDisk()
	w := newWorld(t, disk)
	if err := w.start(); err != nil {
		t.Fatal(err)
	}
	disk.Before = func(op string) spooltest.Fault {
		ops = append(ops, op)
		return spooltest.Fault{}
	}
	do(w)
	return ops
}

// suffer does a workload on a disk that fails from an operation on.
func suffer(t *testing.T, do func(*world), f fault, at int) error {
	disk := spooltest.NewDisk()
	w := newWorld(t, disk)
	if err := w.start(); err != nil {
		return err
	}
	n := -1
	disk.Before = func(op string) spooltest.Fault {
		n++
		if n < at || n > f.until {
			return spooltest.Fault{}
		}
		return f.Fault
	}
	do(w)
	disk.Before, disk.Total = nil, 0
	for target := range w.spool.Paused() {
		w.pause(target, false)
	}
	w.deliver() // looks for what is left over as well
	w.mail([]string{"store"}, "NEXT.JPG")
	w.deliver()
	if w.refused["NEXT.JPG"] {
		return errors.New("the disk is well again, and nothing is taken")
	}
	if err := w.look(w.spool, false); err != nil {
		return fmt.Errorf("in the same run: %w", err)
	}
	if err := w.honest(w.spool); err != nil && f.until == at {
		return fmt.Errorf("in the same run: %w", err)
	}
	for key, n := range w.took {
		if n > 1 {
			return fmt.Errorf("%s was delivered %d times", key, n)
		}
	}
	if disk.Opened() > 0 {
		return fmt.Errorf("%d files stay open", disk.Opened())
	}
	if space, err := w.spool.Space(); err != nil {
		return err
	} else if all, _ := disk.Space(); space.Free != all.Free {
		return fmt.Errorf("%d bytes stay claimed", all.Free-space.Free)
	}
	again := newWorld(t, disk.Copy())
	if err := again.start(); err != nil {
		return err
	}
	if err := w.look(again.spool, false); err != nil {
		return fmt.Errorf("after a stop and a start: %w", err)
	}
	if err := w.honest(again.spool); err != nil && f.until == at {
		return fmt.Errorf("after a stop and a start: %w", err)
	}
	if f.until != at {
		return nil // too many failed for all to be tidy
	}
	if left := leftovers(disk, w.spool); slices.ContainsFunc(left, func(name string) bool { return strings.HasPrefix(name, "tmp/") }) {
		return fmt.Errorf("left over: %v", left)
	}
	if left := leftovers(again.disk, again.spool); len(left) > 0 {
		return fmt.Errorf("left over after a start: %v", left)
	}
	return nil
}

// honest wants nothing there of which a camera heard that it was not taken.
func (w *world) honest(s *spool.Spool) error {
	for _, id := range s.IDs() {
		it, err := s.Get(id)
		if err != nil {
			return err
		}
		for _, f := range it.Files {
			if w.refused[f.Name] {
				return fmt.Errorf("%s was refused, and is in %s", f.Name, id)
			}
		}
	}
	return nil
}
