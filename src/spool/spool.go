package spool

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
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

	mu       sync.Mutex
	items    map[string]*entry
	next     uint64          // number of the next item
	limit    uint64          // numbers below are reserved on disk
	expected int64           // bytes that running uploads still want to write
	uploads  map[string]bool // folders of tmp that belong to this run
	paused   map[string]pause
	outcomes map[string]outcome // by target
	poke     chan struct{}      // wakes Run
	ready    bool               // the items of earlier runs are known
	changed  func(id string)
	locks    [16]sync.Mutex // one writer a record; by hash of the id
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
}

// Open prepares the folders, so that cameras can be served at once. What was
// there before is found by Recover.
func (s *Spool) Open() error {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	s.items = map[string]*entry{}
	s.uploads = map[string]bool{}
	s.paused = map[string]pause{}
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
	return s.openSeq()
}

// openSeq reads the first number that no earlier run has given out.
func (s *Spool) openSeq() error {
	b, err := s.readFile(seqFile, 64)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s.next = 1
	case err != nil:
		return err
	default:
		s.next, err = strconv.ParseUint(strings.TrimSpace(string(b)), 10, 63)
		if err != nil {
			// Unreadable: go on above every number that is in use.
			s.Log.Warn("the spool's counter is damaged and is made anew", "error", err)
			s.next = s.highest() + 1
		}
	}
	s.limit = s.next
	return nil
}

// highest returns the largest number of an item on disk.
func (s *Spool) highest() uint64 {
	var top uint64
	for _, dir := range []string{tmpDir, itemsDir} {
		entries, _ := s.Disk.ReadDir(dir)
		for _, e := range entries {
			top = max(top, number(e.Name()))
		}
	}
	return top
}

// newID returns a name for an item: a number that grows over restarts, so that
// sorting is the order of arrival whatever the clock says, and something
// random, so that a lost counter cannot make two items one.
func (s *Spool) newID() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next >= s.limit {
		limit := s.next + seqStep
		if err := s.writeFile(".", seqFile, []byte(strconv.FormatUint(limit, 10)+"\n")); err != nil {
			return "", err
		}
		s.limit = limit
	}
	id := fmt.Sprintf("%06d-%04x", s.next, rand.Uint32()&0xffff)
	s.next++
	return id, nil
}

// number returns an id's number, 0 if it is none.
func number(id string) uint64 {
	head, _, _ := strings.Cut(id, "-")
	n, _ := strconv.ParseUint(head, 10, 63)
	return n
}

// isID tells whether a name is one that newID made. Ids come back from people
// and pages, and become paths.
func isID(name string) bool {
	head, tail, ok := strings.Cut(name, "-")
	if !ok || len(head) < 6 || len(tail) != 4 {
		return false
	}
	for _, c := range head {
		if c < '0' || c > '9' {
			return false
		}
	}
	_, err := strconv.ParseUint(tail, 16, 16)
	return err == nil
}

// Recover finds what earlier runs left: items are scheduled, what was never
// acknowledged is removed, posts that were still growing are finished with
// finish (their camera's session died with the program).
func (s *Spool) Recover(finish func(*Item)) error {
	if err := s.recoverTmp(); err != nil {
		return err
	}
	entries, err := s.Disk.ReadDir(itemsDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		id := e.Name()
		if !isID(id) {
			continue
		}
		s.mu.Lock()
		_, known := s.items[id] // accepted since Open
		s.mu.Unlock()
		if known {
			continue
		}
		s.recoverItem(id, finish)
	}
	s.mu.Lock()
	s.ready = true
	s.mu.Unlock()
	s.wake()
	return nil
}

// recoverTmp completes an accept that lacked only its rename, and removes the
// rest: no camera was told that it had arrived.
func (s *Spool) recoverTmp() error {
	entries, err := s.Disk.ReadDir(tmpDir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		s.mu.Lock()
		ours := s.uploads[name]
		s.mu.Unlock()
		if ours {
			continue
		}
		if it, err := s.read(tmpDir, name); isID(name) && err == nil && it.Damaged == "" {
			if err := s.Disk.Rename(tmpDir+"/"+name, itemsDir+"/"+name); err != nil {
				return err
			}
			if err := s.Disk.SyncDir(itemsDir); err != nil {
				return err
			}
			s.Log.Info("an upload that had arrived whole is kept", "item", name)
			continue
		}
		if err := s.removeDir(tmpDir + "/" + name); err != nil {
			s.Log.Warn("cannot remove what an unfinished upload left", "folder", name, "error", err)
		}
	}
	return nil
}

func (s *Spool) recoverItem(id string, finish func(*Item)) {
	it, err := s.read(itemsDir, id)
	if err != nil {
		s.Log.Error("an item's folder cannot be read: it is left as it is", "item", id, "error", err)
		return
	}
	if it.Damaged != "" {
		s.Log.Error("an item is damaged: it is kept, and nothing is done with it", "item", id, "error", it.Damaged)
		s.index(it)
		return
	}
	s.removeUnlisted(it)
	interrupted := slices.ContainsFunc(it.Jobs, func(j Job) bool { return j.Running })
	if it.Open || interrupted {
		it, err = s.update(id, func(it *Item) error {
			if it.Open {
				it.Open = false
				finish(it)
			}
			for i := range it.Jobs {
				it.Jobs[i].crashed()
			}
			return nil
		})
		if err != nil {
			s.Log.Error("an item's record cannot be written", "item", id, "error", err)
			return
		}
	}
	s.index(it)
	for _, j := range it.Jobs {
		s.recall(it.ID, j)
	}
}

// removeUnlisted removes files that arrived for a post but did not make it
// into its record: their camera was never told that they had arrived.
func (s *Spool) removeUnlisted(it *Item) {
	entries, err := s.Disk.ReadDir(itemsDir + "/" + it.ID)
	if err != nil {
		return
	}
	for _, e := range entries {
		listed := slices.ContainsFunc(it.Files, func(f File) bool { return f.Path == e.Name() })
		if !listed && e.Name() != record {
			s.Disk.Remove(itemsDir + "/" + it.ID + "/" + e.Name())
		}
	}
}

// Get returns an item's record.
func (s *Spool) Get(id string) (*Item, error) {
	if !isID(id) {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	it, err := s.read(itemsDir, id)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return it, err
}

// IDs returns the ids of all items, newest first.
func (s *Spool) IDs() []string {
	s.mu.Lock()
	ids := make([]string, 0, len(s.items))
	for id := range s.items {
		ids = append(ids, id)
	}
	s.mu.Unlock()
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(cmp.Compare(number(b), number(a)), strings.Compare(b, a))
	})
	return ids
}

// OpenFile returns a file of an item for reading.
func (s *Spool) OpenFile(id string, f File) (DiskFile, error) {
	if !isID(id) || f.Path == "" || strings.ContainsAny(f.Path, "/\\") {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	return s.Disk.Open(itemsDir + "/" + id + "/" + f.Path)
}

// read returns the record of an item in dir. A record that does not fit what
// is beside it is returned with Damaged set.
func (s *Spool) read(dir, id string) (*Item, error) {
	entries, err := s.Disk.ReadDir(dir + "/" + id)
	if err != nil {
		return nil, err
	}
	sizes := make(map[string]int64, len(entries))
	for _, e := range entries {
		if fi, err := e.Info(); err == nil {
			sizes[e.Name()] = fi.Size()
		}
	}
	damaged := func(why string) (*Item, error) {
		it := &Item{ID: id, Damaged: why}
		for name, size := range sizes {
			if name != record && name != recordNew {
				it.Files = append(it.Files, File{Name: name, Path: name, Size: size})
			}
		}
		slices.SortFunc(it.Files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
		return it, nil
	}
	b, err := s.readFile(dir+"/"+id+"/"+record, recordMax)
	if err != nil {
		return damaged("its record cannot be read: " + err.Error())
	}
	it := &Item{}
	if err := json.Unmarshal(b, it); err != nil {
		return damaged("its record cannot be read: " + err.Error())
	}
	if it.ID != id {
		return damaged(fmt.Sprintf("its record is that of %q", it.ID))
	}
	it.Damaged = ""
	for _, f := range it.Files {
		size, ok := sizes[f.Path]
		if !ok {
			return damaged(fmt.Sprintf("the file %s is missing", f.Path))
		}
		if size != f.Size {
			return damaged(fmt.Sprintf("the file %s has %d bytes, not %d", f.Path, size, f.Size))
		}
	}
	return it, nil
}

// update changes an item's record: fn edits it, and it is on disk when update
// returns.
func (s *Spool) update(id string, fn func(*Item) error) (*Item, error) {
	h := fnv.New32a()
	io.WriteString(h, id)
	lock := &s.locks[h.Sum32()%uint32(len(s.locks))]
	lock.Lock()
	defer lock.Unlock()

	it, err := s.Get(id)
	if err != nil {
		return nil, err
	}
	if it.Damaged != "" {
		return nil, fmt.Errorf("%s: %s", id, it.Damaged)
	}
	if err := fn(it); err != nil {
		return nil, err
	}
	if err := s.writeRecord(itemsDir, it); err != nil {
		return nil, err
	}
	s.index(it)
	return it, nil
}

func (s *Spool) writeRecord(dir string, it *Item) error {
	b, err := json.MarshalIndent(it, "", " ")
	if err != nil {
		return err
	}
	if len(b) >= recordMax {
		return &Error{Kind: Permanent, Code: "record", Err: fmt.Errorf("the record of %s would grow beyond %d bytes", it.ID, recordMax)}
	}
	return s.writeFile(dir+"/"+it.ID, record, append(b, '\n'))
}

// index takes over what the schedule needs of a record.
func (s *Spool) index(it *Item) {
	s.mu.Lock()
	old := s.items[it.ID]
	e := &entry{id: it.ID, open: it.Open, damaged: it.Damaged != "", size: it.Size()}
	for i, j := range it.Jobs {
		w := work{target: j.Target, state: j.State}
		if old != nil && i < len(old.jobs) && old.jobs[i].target == j.Target {
			w.busy = old.jobs[i].busy
			// What a person has released is due at once, not when a failure of
			// long ago would have been tried again.
			if old.jobs[i].state == j.State {
				w.due, w.tries = old.jobs[i].due, old.jobs[i].tries
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

// Remove deletes an item with its files. It is for a person's wish and for
// what is delivered.
func (s *Spool) Remove(id string) error {
	if !isID(id) {
		return fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	s.mu.Lock()
	e := s.items[id]
	if e == nil {
		s.mu.Unlock()
		return fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	if slices.ContainsFunc(e.jobs, func(w work) bool { return w.busy }) {
		s.mu.Unlock()
		return fmt.Errorf("%w: %s", ErrBusy, id)
	}
	delete(s.items, id)
	changed := s.changed
	s.mu.Unlock()

	// The rename makes the item go at once and whole; ".gone" is no id, so
	// that a start after a power cut finishes the work.
	gone := tmpDir + "/" + id + ".gone"
	if err := s.Disk.Rename(itemsDir+"/"+id, gone); err != nil {
		s.mu.Lock()
		s.items[id] = e
		s.mu.Unlock()
		return err
	}
	if changed != nil {
		changed(id)
	}
	if err := s.Disk.SyncDir(itemsDir); err != nil {
		return err
	}
	return s.removeDir(gone)
}

// removeDir removes a folder and the files in it.
func (s *Spool) removeDir(name string) error {
	entries, err := s.Disk.ReadDir(name)
	if err == nil {
		for _, e := range entries {
			if err := s.Disk.Remove(name + "/" + e.Name()); err != nil {
				return err
			}
		}
	}
	return s.Disk.Remove(name)
}

func (s *Spool) readFile(name string, max int64) ([]byte, error) {
	f, err := s.Disk.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(b)) > max {
		err = fmt.Errorf("%s is larger than %d bytes", name, max)
	}
	return b, err
}

// writeFile replaces a file so that at any moment, also after a power cut, it
// has either the old bytes or the new ones.
func (s *Spool) writeFile(dir, name string, b []byte) error {
	tmp := dir + "/" + name + ".new"
	f, err := s.Disk.Create(tmp)
	if errors.Is(err, fs.ErrExist) { // left by a crash
		if err = s.Disk.Remove(tmp); err == nil {
			f, err = s.Disk.Create(tmp)
		}
	}
	if err != nil {
		return full(err)
	}
	_, err = io.Copy(f, bytes.NewReader(b))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = s.Disk.Rename(tmp, dir+"/"+name)
	}
	if err != nil {
		s.Disk.Remove(tmp)
		return full(err)
	}
	return s.Disk.SyncDir(dir)
}
