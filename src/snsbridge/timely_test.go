package main

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"snsbridge/src/config"
	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// router is one whose clock and uplink a test decides on.
type router struct {
	set, up      atomic.Bool
	dialed, sent atomic.Int32
}

func (r *router) guard() *timely {
	return &timely{
		synchronised: func() bool { return r.set.Load() },
		dial: func(context.Context, string, string) (net.Conn, error) {
			r.dialed.Add(1)
			if !r.up.Load() {
				return nil, syscall.ENETUNREACH
			}
			a, b := net.Pipe()
			b.Close()
			return a, nil
		},
	}
}

func (r *router) do(context.Context, *spool.Delivery) error {
	if !r.up.Load() {
		return syscall.ENETUNREACH
	}
	r.sent.Add(1)
	return nil
}

func mailing(server string) *config.Config {
	c := &config.Config{}
	c.Mail.Server, c.Mail.Port = server, 587
	return c
}

// TestWaitsForTheClock shows when mail waits for the clock, and for how long.
func TestWaitsForTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &router{}
		send := r.guard().hold(mailing("smtp.example.org"), r.do)
		step := func(what string, target string, waits bool) {
			t.Helper()
			before := r.sent.Load()
			err := send(t.Context(), &spool.Delivery{Job: &spool.Job{Target: target}})
			var e *spool.Error
			held := errors.As(err, &e) && e.Code == "clock-wait" && e.Kind == spool.Unreachable && e.Hint != ""
			if held != waits || r.up.Load() && waits == (r.sent.Load() > before) {
				t.Errorf("%s: %v, sent %d", what, err, r.sent.Load()-before)
			}
		}
		step("no uplink: the attempt says so itself", "email", false)
		r.up.Store(true)
		step("the uplink is new", "email", true)
		step("what needs no uplink", "store", false)
		time.Sleep(clockWait - time.Second)
		step("not yet", "email", true)
		r.up.Store(false)
		step("the uplink is gone", "email", false)
		time.Sleep(time.Hour)
		r.up.Store(true)
		step("another uplink", "email", true)
		time.Sleep(clockWait)
		step("nobody sets the clock", "email", false)
		step("nor for the next mail", "email", false)

		again := r.guard()
		send = again.hold(mailing("smtp.example.org"), r.do)
		step("after a restart", "email", true)
		r.set.Store(true)
		step("the clock is set", "email", false)
		r.set.Store(false)
		step("nine hours later the kernel is not sure any more", "email", false)
		if again.doubt() {
			t.Error("the clock was right, and is doubted")
		}

		before := r.dialed.Load()
		for _, own := range []string{"127.0.0.1", "localhost", "::1"} {
			send = r.guard().hold(mailing(own), r.do)
			step("a server on this machine", "email", false)
		}
		if r.dialed.Load() > before {
			t.Error("a server on this machine was asked whether it is there")
		}
	})
}

// TestGoesOutAnyway: nobody is needed for what waited.
func TestGoesOutAnyway(t *testing.T) {
	for name, set := range map[string]bool{"never set": false, "set after a while": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				rig := spooltest.New(t, dir)
				for range 3 {
					rig.Add(spool.Item{Jobs: []spool.Job{{Target: "email", State: spool.Waiting}}}, nil, spooltest.Photo("P.JPG", "photo"))
				}
				r := &router{}
				r.up.Store(true)
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan bool)
				go func() {
					defer close(ended)
					run := spool.Runner{Spool: rig.Spool, Do: r.guard().hold(mailing("smtp.example.org"), r.do)}
					run.Run(ctx)
				}()
				time.Sleep(30 * time.Second)
				synctest.Wait()
				if n := r.sent.Load(); n > 0 {
					t.Errorf("%d mails went out with a wrong date", n)
				}
				if f := rig.Targets()["email"].Failure; f == nil || f.Code != "clock-wait" {
					t.Errorf("why they wait is not told: %+v", f)
				}
				r.set.Store(set)
				if set {
					rig.Poke() // as hotplug does
					time.Sleep(time.Second)
				} else {
					time.Sleep(clockWait - 29*time.Second) // by the longest of waits
				}
				synctest.Wait()
				if n := r.sent.Load(); n != 3 {
					t.Errorf("%d of 3 mails went out", n)
				}
				if n := r.dialed.Load(); n > 10 {
					t.Errorf("the server was looked for %d times", n)
				}
				cancel()
				<-ended
			})
		})
	}
}
