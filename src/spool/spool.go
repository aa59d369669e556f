package spool

import (
	"errors"
	"io/fs"
	"log/slog"
	"math"
	"sync"
	"time"
)

const (
	tmpDir    = "tmp"
	itemsDir  = "items"
	record    = "item.json"
	recordNew = "item.json.new"
	recordMax = 1 << 20 // bytes of item.json; more is not ours
	seqFile   = "seq"
	seqStep   = 64 // numbers reserved with one write
)

// Errors of the spool's methods.
var (
	ErrFull     = errors.New("the storage is full")
	ErrTooLarge = errors.New("the file is too large")
	ErrNotFound = errors.New("no such item")
	ErrClosed   = errors.New("this post is complete already")
	ErrDamaged  = errors.New("this item is damaged")
	ErrBusy     = errors.New("this item is being delivered right now")
)

// Spool holds the accepted items. The exported fields are set before Open and
// not changed after.
type Spool struct {
	Disk     Disk
	Log      *slog.Logger
	Reserve  int64            // bytes of the file system that stay free
	KeepDone time.Duration    // how long items stay visible once everything is delivered
	Now      func() time.Time // nil: time.Now
	Boot     func() string    // which boot of the machine this is, "" if that is not known; nil: the kernel's boot id
	Settings string           // the same as long as the settings are, "" if that is not known
	Present  func() error     // why the storage is not there any more, asked before each accept; nil: it always is

	mu           sync.Mutex
	items        map[string]*entry
	next         uint64          // number of the next item
	limit        uint64          // numbers below are reserved on disk
	expected     int64           // bytes that running uploads still want to write
	uploads      map[string]bool // folders of tmp that belong to this run; false: for tidy
	left         map[string]bool // items of earlier runs that Recover could not complete
	pausesUnread bool            // by Open: for Recover
	paused       map[string]pause
	away         map[string]absence // targets that could not be reached, or were unavailable
	taken        map[string]int     // successes of each target
	outcomes     map[string]outcome // by target
	poke         chan struct{}      // wakes Run
	ready        bool               // the items of earlier runs are known
	changed      func(id string)
	locks        [16]sync.Mutex // one writer a record; by hash of the id
	steering     sync.Mutex     // one writer of the pauses
	moving       sync.Mutex     // one folder is made or moves
}

// entry is what the spool remembers of an item between two looks at its
// record: with ten thousand waiting items, memory is what is short.
type entry struct {
	id      string
	open    bool
	damaged bool
	size    int64
	done    time.Time // when the last job was done; zero: not all are
	jobs    []work
}

// work is the schedule of one job.
type work struct {
	target string
	state  State
	due    time.Time // monotonic; zero: at once
	tries  int       // since the last Poke: sets the back-off
	busy   bool
	ended  *ended // a success that could not be noted on disk

	refusals int  // attempts that ended since the target was unavailable
	taken    int  // what the target had taken when the last of them ended
	alone    bool // it took others in between, so it is this job that it cannot take
}

// Open prepares the folders, so that cameras can be served at once. What was
// there before is found by Recover.
func (s *Spool) Open() error {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Boot == nil {
		s.Boot = bootID
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	s.items = map[string]*entry{}
	s.uploads, s.left = map[string]bool{}, map[string]bool{}
	s.paused, s.away, s.taken = map[string]pause{}, map[string]absence{}, map[string]int{}
	s.outcomes = map[string]outcome{}
	s.poke = make(chan struct{}, 1)
	for _, dir := range []string{tmpDir, itemsDir} {
		if err := s.Disk.Mkdir(dir); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := s.Disk.SyncDir("."); err != nil {
		return err
	}
	// Before anything takes up room: FAT gives away the place of a folder that
	// a power cut left half made, and its removal would free it once more.
	s.recoverTmp() // and what fails is told and tried again by Recover
	s.openPauses()
	return s.openSeq()
}

func (s *Spool) present() error {
	if s.Present == nil {
		return nil
	}
	return s.Present()
}

// IDs returns the ids of all items, newest first.
func (s *Spool) IDs() []string {
	ids, _ := s.List("", math.MaxInt, "")
	return ids
}

// index takes over what the schedule needs of a new item's record.
func (s *Spool) index(it *Item) { s.schedule(it, true) }

// reindex is index for an item that may have been removed meanwhile.
func (s *Spool) reindex(it *Item) { s.schedule(it, false) }

func (s *Spool) schedule(it *Item, isNew bool) {
	s.mu.Lock()
	old := s.items[it.ID]
	if old == nil && !isNew {
		s.mu.Unlock()
		return
	}
	e := &entry{id: it.ID, open: it.Open, damaged: it.Damaged != "", size: it.Size()}
	for i, j := range it.Jobs {
		w := work{target: j.Target, state: j.State}
		if old != nil && i < len(old.jobs) && old.jobs[i].target == j.Target {
			w.busy, w.ended = old.jobs[i].busy, old.jobs[i].ended
			// What a person has released is due at once, not when a failure of
			// long ago would have been tried again.
			if old.jobs[i].state == j.State {
				w.due, w.tries = old.jobs[i].due, old.jobs[i].tries
				w.refusals, w.taken, w.alone = old.jobs[i].refusals, old.jobs[i].taken, old.jobs[i].alone
			}
		}
		e.jobs = append(e.jobs, w)
		if j.Finished.After(e.done) {
			e.done = j.Finished
		}
	}
	if !it.Finished() {
		e.done = time.Time{}
	}
	if came := old == nil || old.open; came && !e.open && s.ready {
		s.lookAgain(it.Jobs)
	}
	s.items[it.ID] = e
	changed := s.changed
	s.mu.Unlock()
	if changed != nil {
		changed(it.ID)
	}
}

// Changed sets what is called, with the item's id, after a record has changed
// or an item is gone. It must not block.
func (s *Spool) Changed(fn func(id string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = fn
}

// Counts returns the number of jobs in each state, and of damaged items.
func (s *Spool) Counts() (jobs map[State]int, damaged int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	jobs = map[State]int{}
	for _, e := range s.items {
		if e.damaged {
			damaged++
		}
		for _, w := range e.jobs {
			jobs[w.state]++
		}
	}
	return jobs, damaged
}
