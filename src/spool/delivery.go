package spool

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"
)

// Error is a failed attempt with what follows from it. An error without one
// in its chain is temporary: the network, mostly.
type Error struct {
	Kind  Kind
	After time.Duration // Temporary, Unavailable: not before, a day at most; Unreachable: not later; 0: the usual back-off
	Code  string        // for programs, such as "login" or "too-large"
	Hint  string        // what a person can do about it; "" if nothing
	Cured bool          // Permanent: other settings may cure it, so that the job is tried again once they have changed
	Err   error
}

// Kind says what is to be done after an attempt that failed.
type Kind int

const (
	Temporary   Kind = iota // try again, without end
	Permanent               // trying again would fail again: the job needs a person
	Account                 // the target itself refuses us: all its jobs wait
	Incomplete              // a person has to complete the text first
	Unreachable             // nothing was heard of the target: one of its jobs is tried again, without end, for an uplink can be gone for days
	// Unavailable is a target that answers but can take nothing now (HTTP 429
	// and 5xx, SMTP 4xx after the data), or with which the connection breaks:
	// what the next job sent would be sent for nothing, too. All its jobs wait
	// for a back-off of their target, or for as long as the target asks
	// (After), whatever comes meanwhile. Then one is tried, see
	// Delivery.Trouble; a success frees the others. A job that fails so although
	// others were taken since it last did waits alone.
	Unavailable
)

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Delivery is one attempt at one job. The item is a copy for reading.
type Delivery struct {
	Item *Item
	Job  *Job
	// Trouble is how many attempts in a row, at any of the target's jobs, ended
	// because the target was Unavailable. If there were any, the attempt asks
	// something small first: a request without a file, the sender and the
	// recipients. Megabytes must not find out whether the trouble is over.
	Trouble int
	// Progress is set by the attempt once it has brought the target something
	// that no later attempt repeats. If it fails afterwards, the wait for the
	// next one is the shortest, however many there were.
	Progress bool

	spool *Spool
	index int
}

// Open opens a file of the item.
func (d *Delivery) Open(f File) (DiskFile, error) { return d.spool.OpenFile(d.Item.ID, f) }

// Path returns the name of a file of the item, relative to the spool's folder.
func (d *Delivery) Path(f File) string { return itemsDir + "/" + d.Item.ID + "/" + f.Path }

// Marked returns what Mark has noted under a step's name, in this attempt or
// an earlier one.
func (d *Delivery) Marked(step string) (value string, ok bool) {
	value, ok = d.Job.Marks[step]
	return value, ok
}

// Mark notes on disk that a step is done, so that no later attempt repeats it:
// a recipient that accepted, a picture that was uploaded.
func (d *Delivery) Mark(step, value string) error {
	it, err := d.spool.update(d.Item.ID, func(it *Item) error {
		j := &it.Jobs[d.index]
		marks := maps.Clone(j.Marks)
		if marks == nil {
			marks = map[string]string{}
		}
		marks[step] = value
		j.Marks = marks
		return nil
	})
	if err != nil {
		return err
	}
	d.Job.Marks = it.Jobs[d.index].Marks
	return nil
}

const (
	errorMax   = 1 << 10 // bytes of a message that are kept, from its beginning
	resultMax  = 4 << 10 // bytes of a result that are kept, from its end
	crashesMax = 3       // attempts in a row that may take the program with them
)

// interrupted notes that an attempt of an earlier run never ended. If the
// machine has been restarted since, that was a power cut, and says nothing
// about the item. boot is the present one, "" if it is not known.
func (j *Job) interrupted(boot string) {
	if j.Boot != "" && boot != "" && j.Boot != boot {
		j.Running, j.Boot = false, ""
		return
	}
	j.crashed()
}

// crashed notes that an attempt took the program with it. A job that does so
// three times in a row is set aside: whatever it is, it must not keep the
// program, and with it every other photo, from working.
func (j *Job) crashed() {
	if !j.Running {
		return
	}
	j.Running, j.Boot = false, ""
	j.Crashes++
	if j.Crashes >= crashesMax {
		j.State, j.Code = Failed, "crash"
		j.Error = fmt.Sprintf("the program ended %d times while it worked on this", j.Crashes)
		j.Hint = "Retry it once; if it fails again, please report it with the photo."
	}
}

// ended notes the result of an attempt.
func (j *Job) ended(err error, now time.Time) {
	j.Running, j.Boot, j.Crashes = false, "", 0
	j.Error, j.Hint, j.Code, j.Settings = "", "", "", ""
	if err == nil {
		j.State, j.Finished = Done, now.UTC().Truncate(time.Second)
		return
	}
	e := asError(err)
	j.Error, j.Hint, j.Code = clip(err.Error()), e.Hint, e.Code
	switch e.Kind {
	case Permanent:
		j.State = Failed
	case Incomplete:
		j.State = Draft
	default:
		j.State = Waiting
	}
}

// Wait makes a job wait for what its error says.
func (j *Job) Wait(err error) {
	j.ended(err, time.Time{})
}

func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Err: err}
}

// tail makes a result fit for a record. The end of what a command printed
// says more than its beginning.
func tail(s string) string {
	if len(s) > resultMax {
		s = "..." + strings.ToValidUTF8(s[len(s)-resultMax:], "")
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// clip makes a message fit for a record: servers answer with anything.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "?")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if len(s) > errorMax {
		s = strings.ToValidUTF8(s[:errorMax], "") + "..."
	}
	return s
}
