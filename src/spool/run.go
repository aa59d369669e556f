package spool

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"
)

const (
	retryFirst  = 30 * time.Second
	retryMost   = 30 * time.Minute
	pauseLength = time.Hour // between two looks at a target that refused us
	sweepEvery  = time.Hour
)

// Runner delivers what the spool holds until its context ends.
type Runner struct {
	Spool *Spool
	// Do makes one attempt. It must end when its context does.
	Do func(context.Context, *Delivery) error
	// Lane names the lane of a target; the attempts of one lane are made one
	// after the other. A photo for the memory stick need not wait for one
	// that is on its way over a phone line. nil: one lane for all.
	Lane func(target string) string
	// Idle is called when the last attempt of a run of attempts has ended.
	Idle func()
}

type result struct {
	id   string
	lane string
}

// Run makes attempts as they fall due.
func (r *Runner) Run(ctx context.Context) {
	s := r.Spool
	ended := make(chan result)
	busy := map[string]bool{} // lanes
	timer := time.NewTimer(0)
	defer timer.Stop()
	var swept time.Time
	for {
		if ctx.Err() == nil {
			for {
				p, ok := s.take(r.lane, busy)
				if !ok {
					break
				}
				busy[p.lane] = true
				go func() {
					r.attempt(ctx, p)
					ended <- result{p.id, p.lane}
				}()
			}
		}
		if ctx.Err() != nil && len(busy) == 0 {
			return
		}
		if ctx.Err() == nil && time.Since(swept) > sweepEvery {
			s.sweep()
			swept = time.Now()
		}
		timer.Reset(s.untilDue(r.lane, busy))
		select {
		case <-ctx.Done():
			if len(busy) == 0 {
				return
			}
			delete(busy, (<-ended).lane)
		case e := <-ended:
			delete(busy, e.lane)
			s.finish(e.id)
			if len(busy) == 0 && r.Idle != nil {
				r.Idle()
			}
		case <-s.poke:
		case <-timer.C:
		}
	}
}

func (r *Runner) lane(target string) string {
	if r.Lane == nil {
		return ""
	}
	return r.Lane(target)
}

// ended is how an attempt ended.
type ended struct {
	err      error
	result   string
	progress bool
	stopped  bool // by us, and the attempt does not count
	at       time.Time
	took     time.Duration
}

// attempt makes one attempt and writes down how it ended. If an earlier one
// was a success, and the disk did not take that down, this alone is tried
// again: the target has the item.
func (r *Runner) attempt(ctx context.Context, p pick) {
	s := r.Spool
	end := p.ended
	if end == nil {
		var err error
		if end, err = r.try(ctx, p); err != nil {
			// The record cannot be written, so what the attempt leads to could
			// not be either, and it would be made again and again.
			s.Log.Error("the delivery cannot be noted on disk and waits", "item", p.id, "target", p.target, "error", err)
			s.put(p, err, false)
			return
		}
	}
	s.put(p, r.noteDown(p, end), end.progress)
}

// try makes one attempt. The error is that of the disk.
func (r *Runner) try(ctx context.Context, p pick) (*ended, error) {
	s := r.Spool
	it, err := s.update(p.id, func(it *Item) error {
		if p.job >= len(it.Jobs) || it.Jobs[p.job].Target != p.target || it.Jobs[p.job].State != Waiting {
			s.reindex(it)
			return errors.New("the job has changed")
		}
		j := &it.Jobs[p.job]
		j.Attempts++
		j.Running, j.Boot = true, s.Boot()
		return nil
	})
	if err != nil {
		return nil, err
	}
	d := &Delivery{Item: it, Job: &it.Jobs[p.job], Trouble: p.trouble, spool: s, index: p.job}
	start := time.Now()
	err = r.do(ctx, d)
	return &ended{
		err: err, result: tail(d.Job.Result), progress: d.Progress,
		stopped: err != nil && ctx.Err() != nil,
		at:      s.Now(), took: time.Since(start),
	}, nil
}

// noteDown writes down how an attempt ended, and returns why the job is not
// done.
func (r *Runner) noteDown(p pick, end *ended) error {
	s := r.Spool
	log := s.Log.With("item", p.id, "target", p.target)
	it, err := s.update(p.id, func(it *Item) error {
		j := &it.Jobs[p.job]
		j.note(end) // Edit leaves the jobs alone meanwhile
		if j.State == Failed && asError(end.err).Cured {
			j.Settings = s.Settings
		}
		return nil
	})
	if err != nil {
		log.Error("the result of a delivery cannot be noted on disk", "error", err)
		if end.err != nil {
			return end.err
		}
		s.keep(p, end)
		return err
	}
	s.keep(p, nil)
	switch j := it.Jobs[p.job]; {
	case end.stopped:
	case end.err != nil:
		s.note(p.id, j)
		log.Warn("not delivered", "error", clip(end.err.Error()), "state", j.State, "attempts", j.Attempts)
	default:
		s.note(p.id, j)
		log.Info("delivered", "files", len(it.Files), "bytes", it.Size(), "took", end.took.Round(time.Millisecond))
	}
	return end.err
}

// note takes down how an attempt ended.
func (j *Job) note(end *ended) {
	j.Result = end.result
	if end.stopped {
		j.Running, j.Boot = false, ""
		j.Attempts--
		return
	}
	j.Tried = end.at.UTC().Truncate(time.Second)
	var crash panicked
	if errors.As(end.err, &crash) {
		j.crashed()
		if j.State == Waiting {
			j.Error, j.Code = clip(crash.Error()), "crash"
		}
		return
	}
	j.ended(end.err, end.at)
}

// keep remembers a success until it is on disk.
func (s *Spool) keep(p pick, end *ended) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.items[p.id]; e != nil && p.job < len(e.jobs) {
		e.jobs[p.job].ended = end
	}
}

type panicked struct{ error }

func (r *Runner) do(ctx context.Context, d *Delivery) (err error) {
	defer func() {
		if v := recover(); v != nil {
			r.Spool.Log.Error("a delivery broke off: please report this", "item", d.Item.ID, "target", d.Job.Target,
				"panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = panicked{fmt.Errorf("the program made a mistake: %v", v)}
		}
	}()
	return r.Do(ctx, d)
}

// pick is a job that was taken for an attempt.
type pick struct {
	id      string
	job     int
	target  string
	lane    string
	ended   *ended // a success that is only to be noted
	began   time.Time
	trouble int // of the target
}

// take finds the job that is due for the longest time in a lane that is free.
func (s *Spool) take(lane func(string) string, busy map[string]bool) (pick, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	e, i := s.earliest(lane, busy, now)
	if e == nil {
		return pick{}, false
	}
	w := &e.jobs[i]
	w.busy = true
	return pick{e.id, i, w.target, lane(w.target), w.ended, now, s.away[w.target].trouble}, true
}

// earliest returns the job to be tried first, nil if none is due by then.
func (s *Spool) earliest(lane func(string) string, busy map[string]bool, then time.Time) (best *entry, job int) {
	var due time.Time
	for _, e := range s.items {
		if e.open || e.damaged {
			continue
		}
		for i := range e.jobs {
			w := &e.jobs[i]
			if w.state != Waiting && w.ended == nil || w.busy || busy[lane(w.target)] {
				continue
			}
			at := s.dueAt(w)
			if at.After(then) || best != nil && !before(at, e.id, w.turns(), due, best.id, best.jobs[job].turns()) {
				continue
			}
			best, job, due = e, i, at
		}
	}
	return best, job
}

// before orders by due time. Among those that are due at once, because their
// target was away, it orders by the turns they have had, then by arrival.
func before(at time.Time, id string, turns int, due time.Time, than string, had int) bool {
	switch {
	case !at.Equal(due):
		return at.Before(due)
	case turns != had:
		return turns < had
	}
	return number(id) < number(than)
}

// turns is how often the job has had its turn at a target that was unavailable.
// A turn is several attempts: what an attempt has begun, such as a post that
// lacks only its text, is cheaper to end than to begin with another item.
func (w *work) turns() int { return w.refusals / turn }

func (s *Spool) dueAt(w *work) time.Time {
	at := w.due
	if w.ended != nil { // what is sent can be noted
		return at
	}
	if p, ok := s.paused[w.target]; ok {
		if p.until.IsZero() {
			return never
		}
		at = later(at, p.until)
	}
	return later(at, s.away[w.target].until)
}

var never = time.Unix(1<<40, 0)

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// untilDue returns how long nothing will fall due.
func (s *Spool) untilDue(lane func(string) string, busy map[string]bool) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, i := s.earliest(lane, busy, never)
	if e == nil {
		return sweepEvery
	}
	return min(max(0, time.Until(s.dueAt(&e.jobs[i]))), sweepEvery)
}

// put gives a job back after an attempt and sets when it is tried again.
func (s *Spool) put(p pick, err error, progress bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.items[p.id]
	if e == nil || p.job >= len(e.jobs) {
		return
	}
	w := &e.jobs[p.job]
	w.busy = false
	old, held := s.paused[p.target]
	held = held && old.until.IsZero() // by a person, who alone ends it
	if err == nil {
		if !held {
			delete(s.paused, p.target)
		}
		delete(s.away, p.target)
		s.taken[p.target]++
		return
	}
	if progress {
		w.tries = 0
		if a, ok := s.away[p.target]; ok {
			a.tries = 0
			s.away[p.target] = a
		}
	}
	f := asError(err)
	switch {
	case f.Kind == Unreachable:
		s.missed(p.target, p.began, f.After)
		return
	case f.Kind == Unavailable:
		w.alone = w.alone || w.refusals > 0 && s.taken[p.target] > w.taken
		w.refusals++
		w.taken = s.taken[p.target]
		if !w.alone {
			s.refused(p.target, f.After)
			return
		}
	}
	s.heard(p.target)
	if f.Kind == Account && !held {
		s.paused[p.target] = pause{time.Now().Add(pauseLength), clip(err.Error()), f.Hint}
		return
	}
	wait := backoff(w.tries)
	w.tries++
	w.due = time.Now().Add(max(wait, min(f.After, afterMost)))
}

// backoff doubles from 30 s to 30 min; half of it is chance, so that a crowd
// of jobs does not come back at once.
func backoff(tries int) time.Duration {
	d := retryMost
	if tries < 6 {
		d = min(retryFirst<<tries, retryMost)
	}
	return d/2 + rand.N(d/2)
}

// finish removes an item at once if all that was asked for was to drop it.
func (s *Spool) finish(id string) {
	s.mu.Lock()
	e := s.items[id]
	drop := e != nil && !e.done.IsZero() &&
		!slices.ContainsFunc(e.jobs, func(w work) bool { return w.target != "drop" })
	s.mu.Unlock()
	if drop {
		if err := s.Remove(id); err != nil {
			s.Log.Warn("cannot remove a dropped item", "item", id, "error", err)
		}
	}
}

func (s *Spool) wake() {
	select {
	case s.poke <- struct{}{}:
	default:
	}
}
