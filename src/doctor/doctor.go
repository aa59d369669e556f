// Package doctor tells which link between camera and inbox is broken, and what
// to do about it.
//
// The surprising rule: it talks to nobody but the router itself and the
// servers that the settings name. Whether there is an uplink is asked of the
// mail server, not of a stranger.
package doctor

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Check is one link. What depends on it is checked if it holds.
type Check struct {
	ID    string        // for programs; behind a colon stands what is checked: "target:mastodon.pub"
	Title string        // for people
	Limit time.Duration // 0: 8 s
	Run   func(ctx context.Context) Finding
	Then  []Check
}

// State says how a check ended.
type State string

const (
	OK      State = "ok"
	Warning State = "warning" // works, and is not wise
	Failed  State = "failed"
	Skipped State = "skipped" // not checked, Detail says why
)

// Finding is what a check has found.
type Finding struct {
	State  State             `json:"state"`
	Code   string            `json:"code"`   // for programs that translate; "" if ok
	Params map[string]string `json:"params"` // what a translation needs
	Detail string            `json:"detail"`
	Remedy string            `json:"remedy"` // what a person can do; "" if ok
}

// Report is the doctor's answer. Keys may be added, none may change: the
// router's web pages read it.
type Report struct {
	State  State    `json:"state"` // failed, warning or ok: that of the worst check
	Checks []Result `json:"checks"`
}

// Result is a check with its finding.
type Result struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Finding
	Then []Result `json:"then"`
}

const (
	usualLimit = 8 * time.Second
	atOnce     = 4 // checks that run at the same time: each TLS login takes half a megabyte
)

// Examine makes the checks, those that do not depend on each other at the same
// time. It ends when all have ended or used up their time.
func Examine(ctx context.Context, checks []Check) Report {
	results := examine(ctx, checks, make(chan struct{}, atOnce))
	r := Report{OK, results}
	switch {
	case r.Count(Failed) > 0:
		r.State = Failed
	case r.Count(Warning) > 0:
		r.State = Warning
	}
	return r
}

func examine(ctx context.Context, checks []Check, turns chan struct{}) []Result {
	results := make([]Result, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() {
			r := Result{ID: c.ID, Title: c.Title, Then: []Result{}}
			turns <- struct{}{}
			r.Finding = c.find(ctx)
			<-turns
			if r.State == OK || r.State == Warning {
				r.Then = examine(ctx, c.Then, turns)
			} else {
				r.Then = skip(c.Then, c)
			}
			results[i] = r
		})
	}
	wg.Wait()
	return results
}

// grace is for what a check has to say about the end of its time.
const grace = time.Second

// find makes one check. One that does not heed its context, since the storage
// hangs, is left behind.
func (c Check) find(ctx context.Context) Finding {
	limit := c.Limit
	if limit == 0 {
		limit = usualLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	found := make(chan Finding, 1)
	go func() { found <- c.Run(ctx) }()
	select {
	case f := <-found:
		return f
	case <-time.After(limit + grace):
		return failed("timeout", fmt.Sprintf("no answer within %d seconds", int(limit.Seconds())),
			"Try again; if it stays so, unplug what does not answer and plug it in again.")
	}
}

func skip(checks []Check, cause Check) []Result {
	results := []Result{}
	for _, c := range checks {
		f := Finding{Skipped, "depends", map[string]string{"on": cause.ID}, "depends on: " + cause.Title, ""}
		results = append(results, Result{c.ID, c.Title, f, skip(c.Then, cause)})
	}
	return results
}

func ok(format string, args ...any) Finding {
	return Finding{State: OK, Params: map[string]string{}, Detail: fmt.Sprintf(format, args...)}
}

// The others take the params as pairs of name and value.
func failed(code, detail, remedy string, params ...string) Finding {
	f := Finding{Failed, code, map[string]string{}, detail, remedy}
	for i := 0; i+1 < len(params); i += 2 {
		f.Params[params[i]] = params[i+1]
	}
	return f
}

func warning(code, detail, remedy string, params ...string) Finding {
	f := failed(code, detail, remedy, params...)
	f.State = Warning
	return f
}

func skipped(code, detail, remedy string, params ...string) Finding {
	f := failed(code, detail, remedy, params...)
	f.State = Skipped
	return f
}

// Count returns how many checks ended so.
func (r Report) Count(state State) int { return countIn(r.Checks, state) }

func countIn(results []Result, state State) int {
	n := 0
	for _, r := range results {
		if r.State == state {
			n++
		}
		n += countIn(r.Then, state)
	}
	return n
}
