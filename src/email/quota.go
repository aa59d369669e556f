package email

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"snsbridge/src/durable"
	"snsbridge/src/spool"
)

// Quota limits the messages of a day, so that whoever gets into the Wi-Fi cannot make an open relay of it. It holds
// over restarts, and one Quota may serve several targets. A nil *Quota limits
// nothing.
//
// A day is not the calendar's. It ends when the program has run for 24 hours
// of it, over all restarts, or when the clock says that 24 hours have passed
// since it began. The clock is believed once in a run of the program: it jumps
// from 1970 to now when the network comes up, and whoever owns that network
// can make it jump again.
type Quota struct {
	Path   string // of the file that keeps the count; its folder must exist
	PerDay int

	mu      sync.Mutex
	loaded  bool
	day     day
	believe bool          // the clock may still end a day in this run
	since   time.Duration // uptime that day.Ran includes

	now    func() time.Time     // for tests
	uptime func() time.Duration // for tests
}

const dayLength = 24 * time.Hour

// day is what the file holds.
type day struct {
	Used  int           `json:"used"`
	Began time.Time     `json:"began"`
	Ran   time.Duration `json:"ran"` // ns that the program ran since
}

// Take counts n mails. If the day has not that many left the error is
// temporary, with After set to the end of the day. A count that cannot be
// written to disk is not given.
func (q *Quota) Take(n int) error {
	if q == nil {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	left := q.turn()
	if q.day.Used+n > q.PerDay {
		q.save() // how long the day has lasted; if that fails it lasts longer
		return &spool.Error{
			After: left,
			Code:  "quota",
			Hint:  "Wait, or raise MAIL_PER_DAY. If you did not send that many, check who is using your Wi-Fi.",
			Err:   fmt.Errorf("today's mail limit has been reached: %d of %d", q.day.Used, q.PerDay),
		}
	}
	q.day.Used += n
	if err := q.save(); err != nil {
		q.day.Used -= n
		return &spool.Error{
			Code: "storage",
			Hint: "Check that the storage is plugged in, has room and is not write-protected.",
			Err:  fmt.Errorf("the mails of the day cannot be counted: %w", err),
		}
	}
	return nil
}

// giveBack takes back the count of mails that were not sent.
func (q *Quota) giveBack(n int) {
	if q == nil || n == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.day.Used = max(0, q.day.Used-n)
	q.save() // at worst they stay counted
}

// Used returns how many mails the day has had so far.
func (q *Quota) Used() int {
	if q == nil {
		return 0
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.turn()
	return q.day.Used
}

// turn begins a new day if it is time, and returns how long the day still
// lasts at most.
func (q *Quota) turn() (left time.Duration) {
	if !q.loaded {
		q.load()
	}
	up, now := q.uptime(), q.now().Round(0) // Round: without the uptime in it
	q.day.Ran += up - q.since
	q.since = up
	byClock := dayLength - now.Sub(q.day.Began)
	switch {
	case q.day.Ran >= dayLength:
		q.day = day{Began: now}
	case q.believe && byClock <= 0:
		q.believe = false
		q.day = day{Began: now}
	case q.believe:
		return min(dayLength-q.day.Ran, byClock)
	}
	return dayLength - q.day.Ran
}

func (q *Quota) load() {
	if q.now == nil {
		start := time.Now()
		q.now, q.uptime = time.Now, func() time.Duration { return time.Since(start) }
	}
	q.loaded, q.believe, q.since = true, true, q.uptime()
	b, err := os.ReadFile(q.Path)
	if err == nil {
		err = json.Unmarshal(b, &q.day)
	}
	if err != nil || q.day.Used < 0 || q.day.Ran < 0 {
		// Nothing, or nothing that can be read: nobody but us writes the file,
		// so the worst is one day more.
		q.day = day{Began: q.now().Round(0)}
	}
}

func (q *Quota) save() error {
	b, err := json.Marshal(q.day)
	if err != nil {
		return err
	}
	return durable.WriteFile(q.Path, append(b, '\n'))
}
