package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"snsbridge/src/config"
	"snsbridge/src/spool"
)

const (
	clockWait = 3 * time.Minute  // for a time server, once a target's server can be reached
	lookMost  = 10 * time.Second // for the look whether it can
)

// timely lets mail and posts wait while the clock is not synchronised and the
// uplink is new: a time server will set it in a moment, and a mail with a date
// of months ago ends at the bottom of the inbox, or among the spam. After some
// minutes they go out anyway, since not every network lets one ask for the time.
//
// Whether there is an uplink is asked of the target's own server. A server on
// this machine needs none, and what goes there is not held.
type timely struct {
	synchronised func() bool
	dial         func(ctx context.Context, network, address string) (net.Conn, error)

	mu      sync.Mutex
	was     bool      // it was synchronised once, and drifts by seconds at most
	reached time.Time // since when there is an uplink while it is not; zero: there is none
}

// doubt tells whether the clock may be wrong.
func (c *timely) doubt() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.was = c.was || c.synchronised()
	return !c.was
}

// hold makes an attempt, or lets it wait. Its error is Unreachable then: one
// item is tried for all that wait for the target.
func (c *timely) hold(conf *config.Config, do func(context.Context, *spool.Delivery) error) func(context.Context, *spool.Delivery) error {
	return func(ctx context.Context, dl *spool.Delivery) error {
		server := conf.ServerOf(dl.Job.Target)
		if server == "" || isOwn(server) || !c.doubt() {
			return do(ctx, dl)
		}
		if left := c.left(c.reaches(ctx, server)); left > 0 {
			return &spool.Error{
				Kind: spool.Unreachable, After: left, Code: "clock-wait",
				Hint: "It goes out by itself as soon as the clock is set, or in some minutes.",
				Err:  fmt.Errorf("the clock is not synchronised yet, and the date would be wrong: this waits, at most another %v", left.Round(time.Second)),
			}
		}
		return do(ctx, dl)
	}
}

// left returns how long to wait from now on.
func (c *timely) left(reached bool) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !reached { // the attempt will tell why
		c.reached = time.Time{}
		return 0
	}
	if c.reached.IsZero() {
		c.reached = time.Now()
	}
	return clockWait - time.Since(c.reached)
}

func (c *timely) reaches(ctx context.Context, server string) bool {
	ctx, cancel := context.WithTimeout(ctx, lookMost)
	defer cancel()
	conn, err := c.dial(ctx, "tcp", server)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// isOwn tells whether HOST:PORT is on this machine.
func isOwn(server string) bool {
	host, _, _ := net.SplitHostPort(server)
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}
