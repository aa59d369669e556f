package gallery

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// What a page full of photos took of memory is given back once, when it is
// quiet: not while it is looked at, and not again and again by what is asked
// every few seconds.
func TestIdle(t *testing.T) {
	r := newRig(t)
	r.login()
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int32
		r.Idle = func() { calls.Add(1) }
		for range 5 {
			r.get("/phone/api/queue")
			time.Sleep(idleAfter - time.Second)
		}
		synctest.Wait()
		if n := calls.Load(); n != 0 {
			t.Errorf("called %d times while it is looked at", n)
		}
		for range 20 {
			r.get("/phone/api/live")
			time.Sleep(2 * time.Second)
		}
		synctest.Wait()
		if n := calls.Load(); n != 1 {
			t.Errorf("called %d times, want once", n)
		}
		r.get("/phone/api/queue")
		time.Sleep(idleAfter + time.Second)
		synctest.Wait()
		if n := calls.Load(); n != 2 {
			t.Errorf("called %d times after it was looked at again, want twice", n)
		}
	})
}
