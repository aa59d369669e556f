package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"snsbridge/src/doctor"
)

// The doctor looks when somebody asks, answers at once with what he knows, and
// looks again only when that is old.
func TestCheckup(t *testing.T) {
	found := make(chan doctor.State)
	looked := 0
	c := &checkup{ctx: context.Background(), examine: func(_ context.Context, address string) doctor.Report {
		looked++
		return doctor.Report{State: <-found, Checks: []doctor.Result{{Title: address}}}
	}}
	if a := c.ask("10.0.0.1", false); !a.Running || a.Report != nil || a.SecondsAgo != nil {
		t.Errorf("the first answer is %+v", a)
	}
	if a := c.ask("10.0.0.1", true); !a.Running || a.Report != nil {
		t.Errorf("while he looks: %+v", a)
	}
	found <- doctor.Failed
	c.looking.Wait()
	a := c.ask("10.0.0.1", true)
	var r doctor.Report
	if err := json.Unmarshal(a.Report, &r); err != nil || a.Running || looked != 1 || r.State != doctor.Failed || r.Checks[0].Title != "10.0.0.1" || *a.SecondsAgo > 20 {
		t.Errorf("%v, %+v, looked %d times, %+v", err, a, looked, r)
	}
	for _, s := range []struct {
		reason string
		age    time.Duration
		state  doctor.State
		fresh  bool
		looks  bool
	}{
		{"young", 20 * time.Second, doctor.Failed, false, false},
		{"ill, and half a minute old", 31 * time.Second, doctor.Failed, false, true},
		{"well, and as old", 31 * time.Second, doctor.OK, false, false},
		{"well, and minutes old", 6 * time.Minute, doctor.OK, false, true},
		{"a person asks", 6 * time.Second, doctor.OK, true, true},
		{"a person asks again and again", 2 * time.Second, doctor.OK, true, false},
	} {
		c.mu.Lock()
		c.at, c.state = time.Now().Add(-s.age), s.state
		c.mu.Unlock()
		a := c.ask("10.0.0.1", s.fresh)
		if a.Running != s.looks || a.Report == nil {
			t.Errorf("%s: looks again: %v, %d bytes of a report", s.reason, a.Running, len(a.Report))
		}
		if a.Running {
			found <- doctor.OK
		}
		c.looking.Wait()
	}
	if a := c.ask("10.0.0.2", false); !a.Running {
		t.Error("a report for another address is taken")
	} else {
		found <- doctor.OK
	}
	c.looking.Wait()
}
