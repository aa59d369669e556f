package spool

import (
	"slices"
	"sort"
	"time"
)

// Target is what the spool knows of one target. It is for display: after a
// restart it is gathered from the items that are still there, by dates that
// may be of a clock that was not set.
type Target struct {
	Jobs    map[State]int
	Success time.Time // when it last took something; zero: not known
	Failure *Failure  // of the last attempt that failed; nil: none is known
	Failing bool      // the last attempt failed, and not because of the item
	Next    time.Duration
	Due     bool // Next tells how long no job of the target will be tried
	Pause   *Pause
}

// Failure is an attempt that failed.
type Failure struct {
	Item              string
	Time              time.Time
	Error, Hint, Code string
}

// Pause says why the jobs of a target wait.
type Pause struct {
	Reason, Hint string
	Person       bool          // until a person ends it
	Until        time.Duration // else: until the target is looked at again
}

// outcome is how the attempts at a target ended.
type outcome struct {
	success time.Time
	failure *Failure
	failing bool
	tried   time.Time
}

// note keeps how an attempt ended.
func (s *Spool) note(id string, j Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.outcomes[j.Target]
	o.tried = j.Tried
	o.failing = j.State == Waiting
	if j.State == Done {
		o.success = j.Finished
	} else {
		o.failure = &Failure{id, j.Tried, j.Error, j.Hint, j.Code}
	}
	s.outcomes[j.Target] = o
}

// recall takes over how the attempts of an earlier run ended, if nothing later
// is known.
func (s *Spool) recall(id string, j Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.outcomes[j.Target]
	if j.State == Done && j.Finished.After(o.success) {
		o.success = j.Finished
	}
	if j.Error != "" && (o.failure == nil || j.Tried.After(o.failure.Time)) {
		o.failure = &Failure{id, j.Tried, j.Error, j.Hint, j.Code}
	}
	if j.Attempts > 0 && !j.Tried.Before(o.tried) {
		o.tried, o.failing = j.Tried, j.State == Waiting && j.Error != ""
	}
	s.outcomes[j.Target] = o
}

// Targets returns what is known of every target that has or had a job.
func (s *Spool) Targets() map[string]Target {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	all := map[string]Target{}
	get := func(name string) Target {
		t, ok := all[name]
		if !ok {
			o := s.outcomes[name]
			t = Target{Jobs: map[State]int{}, Success: o.success, Failure: o.failure, Failing: o.failing}
		}
		return t
	}
	for name := range s.outcomes {
		all[name] = get(name)
	}
	for name, p := range s.paused {
		t := get(name)
		t.Pause = &Pause{Reason: p.reason, Hint: p.hint, Person: p.until.IsZero()}
		if !t.Pause.Person {
			t.Pause.Until = max(0, p.until.Sub(now))
		}
		all[name] = t
	}
	for _, e := range s.items {
		for i := range e.jobs {
			w := &e.jobs[i]
			t := get(w.target)
			t.Jobs[w.state]++
			if next, ok := s.dueIn(e, w, now); ok && (!t.Due || next < t.Next) {
				t.Next, t.Due = next, true
			}
			all[w.target] = t
		}
	}
	return all
}

// Next returns how long it will be until each job of an item is tried, -1 for
// those that no attempt is planned for, or that are being tried. nil: there is
// no such item.
func (s *Spool) Next(id string) []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.items[id]
	if e == nil {
		return nil
	}
	now := time.Now()
	list := make([]time.Duration, len(e.jobs))
	for i := range e.jobs {
		list[i] = -1
		if next, ok := s.dueIn(e, &e.jobs[i], now); ok {
			list[i] = next
		}
	}
	return list
}

// dueIn returns how long it will be until a job is tried.
func (s *Spool) dueIn(e *entry, w *work, now time.Time) (time.Duration, bool) {
	if e.open || e.damaged || w.busy || w.state != Waiting {
		return 0, false
	}
	at := s.dueAt(w)
	if at.Equal(never) {
		return 0, false
	}
	return max(0, at.Sub(now)), true
}

// Ready tells whether the items of earlier runs are known.
func (s *Spool) Ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready
}

// Totals returns how many items there are, how many of these are still
// growing, and the bytes of all.
func (s *Spool) Totals() (items, open int, size int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.items {
		size += e.size
		if e.open {
			open++
		}
	}
	return len(s.items), open, size
}

// List returns the ids of at most limit items, newest first, and whether there
// are more. before names the item where the last list ended, "" begins with
// the newest. which is "" for all, a State for items with such a job, "open",
// "damaged", "attention" for those that need a person (a draft or a failed job,
// or damaged), or "unfinished" for those that are not delivered to all targets.
func (s *Spool) List(before string, limit int, which string) (ids []string, more bool) {
	type ref struct {
		number uint64
		id     string
	}
	newer := func(a, b ref) bool { return a.number > b.number || a.number == b.number && a.id > b.id }
	end := ref{number(before), before}
	var list []ref
	s.mu.Lock()
	for id, e := range s.items {
		r := ref{number(id), id}
		if e.is(which) && (before == "" || newer(end, r)) {
			list = append(list, r)
		}
	}
	s.mu.Unlock()
	sort.Slice(list, func(i, j int) bool { return newer(list[i], list[j]) })
	if len(list) > limit {
		list, more = list[:limit], true
	}
	for _, r := range list {
		ids = append(ids, r.id)
	}
	return ids, more
}

func (e *entry) is(which string) bool {
	switch which {
	case "":
		return true
	case "open":
		return e.open
	case "damaged":
		return e.damaged
	case "attention":
		return e.damaged || e.is(string(Draft)) || e.is(string(Failed))
	case "unfinished":
		return e.done.IsZero()
	}
	return slices.ContainsFunc(e.jobs, func(w work) bool { return w.state == State(which) })
}
