package gallery

import (
	"sync"
	"time"
)

// idleAfter is longer than people take from one photo to the next.
const idleAfter = 10 * time.Second

// quiet waits until nothing has happened for a while.
type quiet struct {
	mu    sync.Mutex
	timer *time.Timer
}

// after lets fn be called once the time has passed without another call.
func (q *quiet) after(wait time.Duration, fn func()) {
	if fn == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.timer == nil {
		q.timer = time.AfterFunc(wait, fn)
		return
	}
	q.timer.Reset(wait)
}
