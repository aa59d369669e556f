package spool_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// world is a spool on a disk that can fail, and all that is outside of both:
// cameras, targets and people, who remember what they were told.
type world struct {
	t     *testing.T
	disk  *spooltest.Disk
	spool *spool.Spool
	now   time.Time
	boots int

	mu      sync.Mutex        // for what follows, while attempts are made
	items   map[string]*story // by id
	given   map[string]bool   // every id that was ever used
	version int               // counts what the world has learnt
	shaky   bool              // the disk fails, too
	paused  map[string][]bool // targets; false and true: not known
	results map[string][]error
	took    map[string]int // how often a target took an item: by "TARGET ID"
	refused map[string]bool
}

// story is what the world knows of an item.
type story struct {
	photos   []string             // names; their cameras heard success
	out      map[string]bool      // photos that a person takes out; true: was told that they are
	targets  []string             // that are to have it
	finished map[string]bool      // targets whose success is noted on disk
	title    []string             // one of these it has: more than one while it is edited
	leaving  bool                 // it is being removed, or may be: all targets have it
	gone     bool                 // a person was told that it is removed
	held     map[spool.State]bool // what may wait for a person: drafts, failed jobs
}

var springOf2026 = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newWorld(t *testing.T, disk *spooltest.Disk) *world {
	return &world{
		t: t, disk: disk, now: springOf2026,
		items: map[string]*story{}, given: map[string]bool{}, results: map[string][]error{}, paused: map[string][]bool{},
		took: map[string]int{}, refused: map[string]bool{},
	}
}

// start is what the program does when it starts.
func (w *world) start() error {
	w.spool = w.newSpool(w.disk)
	w.spool.Log = slog.New(&listener{w: w})
	if err := w.spool.Open(); err != nil {
		return err
	}
	return w.spool.Recover(func(*spool.Item) {})
}

// newSpool is the spool of a program that starts after a power cut.
func (w *world) newSpool(disk spool.Disk) *spool.Spool {
	w.boots++
	boot := fmt.Sprint(w.boots)
	return &spool.Spool{
		Disk: disk, KeepDone: time.Hour, Now: func() time.Time { return w.now },
		Boot: func() string { return boot },
	}
}

// listener hears from the log which successes are noted on disk.
type listener struct {
	w            *world
	item, target string
}

func (l *listener) Enabled(context.Context, slog.Level) bool { return true }
func (l *listener) WithGroup(string) slog.Handler            { return l }

func (l *listener) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *l
	for _, a := range attrs {
		switch a.Key {
		case "item":
			with.item = a.Value.String()
		case "target":
			with.target = a.Value.String()
		}
	}
	return &with
}

func (l *listener) Handle(_ context.Context, r slog.Record) error {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	if st := l.w.items[l.item]; st != nil && r.Message == "delivered" {
		st.finished[l.target] = true
		l.w.version++
	}
	return nil
}

// content is what is in the photo of a name.
func content(name string) string { return "the bytes of " + name + ", all of them" }

// receive writes photos into an upload, each in two pieces.
func receive(s *spool.Spool, names []string) (*spool.Upload, error) {
	u, err := s.Begin(int64(len(names) * 40))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := write(u, name); err != nil {
			u.Abort()
			return nil, err
		}
	}
	return u, nil
}

func write(u *spool.Upload, name string) error {
	w, err := u.Create(name)
	if err != nil {
		return err
	}
	defer w.Discard()
	all := content(name)
	for _, part := range []string{all[:10], all[10:]} {
		if _, err := io.WriteString(w, part); err != nil {
			return err
		}
	}
	return w.Close()
}

// mail is an e-mail from a camera; post begins a post. They return the id, ""
// if the camera was refused.
func (w *world) mail(targets []string, names ...string) string { return w.send(false, targets, names) }
func (w *world) post(targets []string, name string) string {
	return w.send(true, targets, []string{name})
}

func (w *world) send(open bool, targets, names []string) string {
	it := &spool.Item{Kind: spool.Email, Open: open, Title: "as sent"}
	for _, target := range targets {
		it.Jobs = append(it.Jobs, spool.Job{Target: target, State: spool.Waiting})
	}
	u, err := receive(w.spool, names)
	if err == nil {
		err = u.Commit(it)
	}
	w.version++
	if err != nil {
		w.refuse(names)
		return ""
	}
	w.items[it.ID] = &story{photos: names, targets: targets, finished: map[string]bool{}, held: map[spool.State]bool{}, out: map[string]bool{}, title: []string{"as sent"}}
	return it.ID
}

// put is one more photo of a post.
func (w *world) put(id, name string) bool {
	u, err := receive(w.spool, []string{name})
	if err == nil {
		_, err = u.AppendTo(id, func(it *spool.Item) { it.Files[len(it.Files)-1].Alt = "alt" })
	}
	w.version++
	if err != nil {
		w.refuse([]string{name})
		return false
	}
	w.items[id].photos = append(w.items[id].photos, name)
	return true
}

func (w *world) refuse(names []string) {
	for _, name := range names {
		w.refused[name] = true
	}
}

// edit gives an item a title, and releases it.
func (w *world) edit(id, title string) error {
	st := w.items[id]
	old := st.title
	st.title = append(slices.Clone(old), title)
	_, err := w.spool.Edit(id, func(it *spool.Item) error {
		it.Title = title
		for i := range it.Jobs {
			if it.Jobs[i].State == spool.Draft {
				it.Jobs[i].State = spool.Waiting
			}
		}
		return nil
	})
	w.version++
	if err == nil {
		st.title, st.held[spool.Draft] = []string{title}, false
	}
	return err
}

// takeOut lets a person take a photo out of an item, and turn the others round.
func (w *world) takeOut(id, name string) error {
	st := w.items[id]
	st.out[name] = false
	w.version++
	_, err := w.spool.Edit(id, func(it *spool.Item) error {
		it.Files = slices.DeleteFunc(it.Files, func(f spool.File) bool { return f.Name == name })
		slices.Reverse(it.Files)
		return nil
	})
	if err == nil {
		st.out[name] = true
		w.version++
	}
	return err
}

// pause lets a person pause or release a target.
func (w *world) pause(target string, paused bool) error {
	w.paused[target] = []bool{paused, !paused}
	w.version++
	fn := w.spool.Resume
	if paused {
		fn = func(target string) error { return w.spool.Pause(target, "a person said so") }
	}
	err := fn(target)
	if err == nil {
		w.paused[target] = []bool{paused}
		w.version++
	}
	return err
}

// retry releases what has failed.
func (w *world) retry(id string) error {
	err := w.spool.Retry(id)
	if err == nil {
		w.items[id].held[spool.Failed] = false
		w.version++
	}
	return err
}

func (w *world) remove(id string) error {
	st := w.items[id]
	st.leaving = true
	w.version++
	err := w.spool.Remove(id)
	if err == nil {
		st.gone = true
		w.version++
	}
	return err
}

// deliver makes attempts until there is nothing left that is due at once.
func (w *world) deliver() {
	w.spool.Poke()
	run(w.spool, func(_ context.Context, d *spool.Delivery) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		st := w.items[d.Item.ID]
		if r := w.results[d.Job.Target]; len(r) > 0 {
			w.results[d.Job.Target] = r[1:]
			var e *spool.Error
			if errors.As(r[0], &e) {
				st.held[map[spool.Kind]spool.State{spool.Permanent: spool.Failed, spool.Incomplete: spool.Draft}[e.Kind]] = true
			}
			w.version++
			return r[0]
		}
		w.mu.Unlock()
		err := take(d)
		w.mu.Lock()
		if err != nil {
			return err
		}
		w.took[d.Job.Target+" "+d.Item.ID]++
		st.leaving = st.leaving || !slices.ContainsFunc(st.targets, func(target string) bool { return w.took[target+" "+d.Item.ID] == 0 })
		w.version++
		return nil
	})
}

// take is a target that takes an item.
func take(d *spool.Delivery) error {
	if _, ok := d.Marked("step"); !ok {
		if err := d.Mark("step", "done"); err != nil {
			return err
		}
	}
	return whole(d)
}

// run makes every attempt that is due.
func run(s *spool.Spool, do func(context.Context, *spool.Delivery) error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	due := func() bool {
		for _, t := range s.Targets() {
			if t.Due && t.Next == 0 {
				return true
			}
		}
		return false
	}
	r := &spool.Runner{Spool: s, Do: do, Idle: func() {
		if !due() {
			cancel()
		}
	}}
	if due() {
		r.Run(ctx)
	}
}

// whole tells whether a delivery's photos are as their cameras sent them.
func whole(d *spool.Delivery) error {
	for _, f := range d.Item.Files {
		r, err := d.Open(f)
		if err != nil {
			return err
		}
		b, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return err
		}
		if string(b) != content(f.Name) {
			return fmt.Errorf("%w: %s is %q", errHalf, f.Name, b)
		}
	}
	return nil
}

var errHalf = errors.New("a photo is not whole")

// look compares a spool with what the world knows. weak is for disks that
// forget what they were told to keep: then only nothing wrong may be shown.
func (w *world) look(s *spool.Spool, weak bool) error {
	where, sound := map[string]string{}, map[string]bool{}
	for _, id := range s.IDs() {
		it, err := s.Get(id)
		if st := w.items[id]; w.shaky && st != nil && st.leaving && errors.Is(err, spool.ErrNotFound) {
			continue // the disk lied when it was removed
		}
		if err != nil {
			return err
		}
		if it.Damaged != "" {
			// With half of a rename an item that is being removed can be in
			// two places, and is emptied in one. So can, on a disk that does
			// not sync, be what was taken back.
			st := w.items[id]
			if weak || w.disk.Split && st != nil && st.leaving || w.shaky && st == nil {
				continue
			}
			return fmt.Errorf("%s is damaged: %s", id, it.Damaged)
		}
		for _, f := range it.Files {
			r, err := s.OpenFile(id, f)
			if err != nil {
				return err
			}
			b, err := io.ReadAll(r)
			r.Close()
			if err != nil {
				return err
			}
			if string(b) != content(f.Name) {
				return fmt.Errorf("%w: %s of %s is %q", errHalf, f.Name, id, b)
			}
			if where[f.Name] != "" {
				return fmt.Errorf("%s is in %s and in %s", f.Name, where[f.Name], id)
			}
			where[f.Name] = id
		}
		sound[id] = true
		if err := w.compare(it); err != nil && !weak {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	if weak {
		return nil
	}
	for target, may := range w.paused {
		if _, is := s.Paused()[target]; !slices.Contains(may, is) {
			return fmt.Errorf("%s is paused: %v", target, is)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(w.items)) {
		st := w.items[id]
		present := sound[id]
		if st.gone && present {
			return fmt.Errorf("%s was removed and is there", id)
		}
		if !present && !st.leaving {
			return fmt.Errorf("%s was accepted and is lost", id)
		}
		for _, name := range st.photos {
			switch out, taken := st.out[name]; {
			case !present, taken && !out:
			case out && where[name] != "":
				return fmt.Errorf("%s was taken out and is in %s", name, where[name])
			case !out && where[name] != id:
				return fmt.Errorf("%s was accepted and is in %q, not in %s", name, where[name], id)
			}
		}
	}
	return nil
}

// compare compares an item with its story.
func (w *world) compare(it *spool.Item) error {
	st := w.items[it.ID]
	if st == nil {
		return nil // its camera did not hear the answer
	}
	if !slices.Contains(st.title, it.Title) {
		return fmt.Errorf("its title is %q, want one of %q", it.Title, st.title)
	}
	for _, j := range it.Jobs {
		if st.finished[j.Target] && j.State != spool.Done {
			return fmt.Errorf("%s has it, and the job is %s", j.Target, j.State)
		}
		if (j.State == spool.Draft || j.State == spool.Failed) && !st.held[j.State] {
			return fmt.Errorf("nothing was wrong, and the job is %s: %s", j.State, j.Error)
		}
		if j.State == spool.Done && w.took[j.Target+" "+it.ID] == 0 {
			return fmt.Errorf("%s never took it, and the job is done", j.Target)
		}
	}
	if len(it.Jobs) != len(st.targets) {
		return fmt.Errorf("it has %d jobs, not %d", len(it.Jobs), len(st.targets))
	}
	return nil
}

// leftovers returns what is on a disk beside the records, photos and folders
// of the items. The next write of a file takes the place of its ".new".
func leftovers(disk *spooltest.Disk, s *spool.Spool) (names []string) {
	want := map[string]bool{"tmp/": true, "items/": true, "seq": true, "seq.new": true, "paused.json": true, "paused.json.new": true}
	for _, id := range s.IDs() {
		want["items/"+id+"/"], want["items/"+id+"/item.json"] = true, true
		if it, err := s.Get(id); err == nil {
			for _, f := range it.Files {
				want["items/"+id+"/"+f.Path] = true
			}
		}
	}
	for _, name := range disk.Names() {
		if !want[name] {
			names = append(names, name)
		}
	}
	return names
}

// changes tells whether an operation changes the disk.
func changes(op string) bool {
	verb, _, _ := strings.Cut(op, " ")
	return verb != "open" && verb != "read" && verb != "readdir" && verb != "space" && verb != "close"
}
