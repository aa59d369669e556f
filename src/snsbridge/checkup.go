package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"snsbridge/src/camera"
	"snsbridge/src/config"
	"snsbridge/src/control"
	"snsbridge/src/doctor"
)

// How old a report may be before the doctor looks again, once somebody asks.
// Some checks log in at servers, over an uplink that costs money: what is well
// is asked seldom. A person may ask sooner.
const (
	staleWell  = 5 * time.Minute
	staleIll   = 30 * time.Second
	staleFresh = 5 * time.Second
)

// checkup runs the doctor's checks in the bridge, as the daemon's user, and not
// more often than makes sense.
type checkup struct {
	ctx     context.Context
	examine func(ctx context.Context, address string) doctor.Report

	looking sync.WaitGroup
	mu      sync.Mutex
	report  json.RawMessage
	state   doctor.State
	address string    // that the report is for
	at      time.Time // of the report
	running bool
}

// ask returns the last report and begins another one if it is time.
func (c *checkup) ask(address string, fresh bool) control.Checkup {
	c.mu.Lock()
	defer c.mu.Unlock()
	age := time.Since(c.at)
	stale := c.report == nil || address != c.address || fresh && age > staleFresh ||
		age > staleWell || c.state == doctor.Failed && age > staleIll
	if stale && !c.running {
		c.running = true
		c.looking.Go(func() { c.look(address) })
	}
	answer := control.Checkup{Report: c.report, Running: c.running}
	if c.report != nil {
		seconds := int64(age.Seconds())
		answer.SecondsAgo = &seconds
	}
	return answer
}

func (c *checkup) look(address string) {
	ctx, cancel := context.WithTimeout(c.ctx, doctorTime)
	defer cancel()
	r := c.examine(ctx, address)
	b, err := json.Marshal(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = false
	if err == nil && c.ctx.Err() == nil {
		c.report, c.state, c.address, c.at = b, r.State, address, time.Now()
	}
}

// examineAs returns the examination of a bridge with these settings, as a
// checkup wants it.
func examineAs(conf *config.Config) func(context.Context, string) doctor.Report {
	return func(ctx context.Context, address string) doctor.Report {
		d := examiner(conf)
		if a, err := netip.ParseAddr(address); err == nil {
			d.Address = a
		}
		return doctor.Examine(ctx, d.Checks())
	}
}

// examiner returns a doctor for a bridge with these settings.
func examiner(c *config.Config) doctor.Doctor {
	d := doctor.Doctor{Config: c, Version: version, DNS: "127.0.0.1:53", Socket: c.ControlSocket, Hosts: camera.Hosts(c.Cameras)}
	if isRouter() {
		d.Router, d.Address = routerFolder, c.Address
	}
	d.Targets = map[string]func(context.Context) error{}
	targets, rules := c.Targets(), c.Rules()
	// A section that only lends its settings to others is no target.
	for _, name := range append(slices.Collect(maps.Values(rules.Targets)), rules.Mail, rules.Social) {
		if t, ok := targets[name]; ok {
			d.Targets[name] = func(ctx context.Context) error { return inWords(c, t.Check(ctx)) }
		}
	}
	return d
}
