package spool_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// workloads are what the program does with its disk.
var workloads = []struct {
	name string
	do   func(w *world)
}{
	{"e-mails of one photo and of three", func(w *world) {
		w.mail([]string{"store"}, "A.JPG")
		w.mail([]string{"store", "mail"}, "B1.JPG", "B2.JPG", "B3.JPG")
	}},
	{"an e-mail that is given up", func(w *world) {
		u, err := receive(w.spool, []string{"A.JPG", "B.JPG"})
		if err == nil {
			u.Abort()
		}
		w.mail([]string{"store"}, "C.JPG")
	}},
	{"a post of two photos", func(w *world) {
		id := w.post([]string{"store"}, "A.JPG")
		if id == "" {
			return
		}
		w.put(id, "B.JPG")
		w.spool.Close(id, func(it *spool.Item) {})
		w.deliver()
	}},
	{"two targets, of which one fails at first", func(w *world) {
		w.results["mail"] = []error{errors.New("no route")}
		w.mail([]string{"mail", "store"}, "A.JPG", "B.JPG")
		w.deliver()
		w.deliver()
	}},
	{"a draft is completed", func(w *world) {
		w.results["post"] = []error{&spool.Error{Kind: spool.Incomplete, Err: errors.New("no text")}}
		id := w.mail([]string{"post", "store"}, "A.JPG")
		w.deliver()
		if id != "" {
			w.edit(id, "a title")
		}
		w.deliver()
	}},
	{"a retry", func(w *world) {
		w.results["mail"] = []error{&spool.Error{Kind: spool.Permanent, Err: errors.New("refused")}}
		id := w.mail([]string{"mail"}, "A.JPG")
		w.deliver()
		if id != "" {
			w.retry(id)
		}
		w.deliver()
	}},
	{"photos are taken out", func(w *world) {
		w.results["post"] = []error{&spool.Error{Kind: spool.Incomplete, Err: errors.New("no text")}}
		draft := w.mail([]string{"post"}, "A.JPG", "B.JPG", "C.JPG")
		w.deliver()
		if draft != "" {
			w.takeOut(draft, "B.JPG")
		}
	}},
	{"a photo is taken out of a post that grows", func(w *world) {
		if id := w.post([]string{"store"}, "A.JPG"); id != "" {
			w.takeOut(id, "A.JPG")
			w.put(id, "B.JPG")
		}
	}},
	{"a target is paused and released", func(w *world) {
		w.pause("mail", true)
		w.mail([]string{"mail"}, "A.JPG")
		w.deliver()
		w.pause("mail", false)
		w.deliver()
	}},
	{"removed by a person", func(w *world) {
		id := w.mail([]string{"mail"}, "A.JPG", "B.JPG")
		w.mail([]string{"mail"}, "C.JPG")
		if id != "" {
			w.remove(id)
		}
	}},
	{"dropped", func(w *world) {
		w.mail([]string{"drop"}, "A.JPG")
		w.deliver()
	}},
	{"delivered long ago", func(w *world) {
		w.mail([]string{"store"}, "A.JPG", "B.JPG")
		w.mail([]string{"store"}, "C.JPG")
		w.deliver()
		w.now = w.now.Add(2 * time.Hour)
		w.mail([]string{"store"}, "D.JPG")
		w.deliver()
	}},
	{"what is delivered makes room", func(w *world) {
		w.disk.Total = 1200
		w.mail([]string{"store"}, "A.JPG")
		w.deliver()
		w.mail([]string{"mail"}, "B.JPG")
		w.mail([]string{"mail"}, "C.JPG")
	}},
	{"many uploads", func(w *world) {
		giveUp := func() {
			if u, err := w.spool.Begin(0); err == nil {
				u.Abort()
			}
		}
		before := w.disk.Before
		w.disk.Before = nil
		for range 64 { // as many numbers as are reserved at once
			giveUp()
		}
		w.disk.Before = before
		w.disk.SyncDir("tmp")
		giveUp()
		giveUp()
		w.mail([]string{"store"}, "A.JPG")
	}},
}

// TestPowerCut stops every workload before each of its operations, looks at
// everything that the disk can hold then, and starts again from it; the start
// is stopped in the same way.
func TestPowerCut(t *testing.T) {
	for _, load := range workloads {
		t.Run(load.name, func(t *testing.T) {
			for name, set := range map[string]func(d *spooltest.Disk){
				"renames are whole":        func(d *spooltest.Disk) {},
				"renames can be in two":    func(d *spooltest.Disk) { d.Split = true },
				"renames come late":        func(d *spooltest.Disk) { d.Late = true },
				"folders cannot be synced": func(d *spooltest.Disk) { d.NoDirSync = true },
			} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					disk := spooltest.NewDisk()
					set(disk)
					w := newWorld(t, disk)
					c := &cutter{world: w, seen: map[sight]bool{}}
					disk.Before = c.before
					if err := w.start(); err != nil {
						t.Fatal(err)
					}
					load.do(w)
					c.cut(disk, "at the end")
					disk.Before = nil
					if err := w.look(w.spool, false); err != nil {
						t.Error(err)
					}
					for has := range w.took { // or what finished is for proved nothing
						if target, id, _ := strings.Cut(has, " "); !w.items[id].finished[target] {
							t.Errorf("%s took %s, and the log did not say that this is noted", target, id)
						}
					}
					t.Logf("%d operations, %d power cuts, %d different disks", c.ops, c.cuts, len(c.seen))
				})
			}
		})
	}
}

// cutter cuts the power before each operation.
type cutter struct {
	*world
	seen      map[sight]bool // what was looked at
	ops, cuts int
}

// sight is a disk, and how much the world knew then.
type sight struct {
	version int
	disk    uint64
}

func (c *cutter) before(op string) spooltest.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	if id, ok := strings.CutPrefix(op, "mkdir tmp/"); ok {
		c.given[id] = true
	}
	if changes(op) {
		c.ops++
		c.cut(c.disk, fmt.Sprintf("before operation %d, %s", c.ops, op))
	}
	return spooltest.Fault{}
}

// cut starts again from everything that a disk can hold now. The power may go
// in that start as well, and in the next: each disk that this leads to is
// looked at once.
func (c *cutter) cut(disk *spooltest.Disk, when string) {
	if c.t.Failed() {
		return // one is enough to look at
	}
	for cut := range disk.Cuts() {
		c.cuts++
		key := sight{c.version, cut.Print}
		if c.seen[key] {
			continue
		}
		c.seen[key] = true
		left := cut.Disk()
		when := when + ": " + cut.What
		if err := c.restart(left, cut.Whole || !left.NoDirSync, when); err != nil {
			c.t.Errorf("power cut %s\n%v\nthe disk was\n%sand is\n%s", when, err, cut.Disk(), strings.Join(left.Names(), "\n"))
			return
		}
	}
}

// restart starts the program on what a power cut left, and wants everything
// there of which a camera, a target or a person was told so.
func (c *cutter) restart(disk *spooltest.Disk, kept bool, when string) error {
	if names := disk.Crossed(); len(names) > 0 {
		return fmt.Errorf("%v may lead to the bytes of others", names)
	}
	disk.Total = 0       // room for what is to be tried
	if !disk.NoDirSync { // there all that was ever done could be undone
		disk.Before = func(op string) spooltest.Fault {
			if changes(op) {
				c.cut(disk, when+"\nand in the start before "+op)
			}
			return spooltest.Fault{}
		}
	}
	s := c.newSpool(disk)
	if err := s.Open(); err != nil {
		return err
	}
	if err := s.Recover(func(*spool.Item) {}); err != nil {
		return err
	}
	if c.t.Failed() {
		return nil // in this start, and is told already
	}
	disk.Before = nil
	if err := c.look(s, !kept); err != nil {
		return err
	}
	if left := leftovers(disk, s); len(left) > 0 && kept && !disk.Split {
		return fmt.Errorf("left over: %v", left)
	}
	if err := c.startsAgain(disk); err != nil {
		return err
	}
	if err := c.goesOn(s, kept); err != nil {
		return err
	}
	if n := disk.Opened(); n > 0 {
		return fmt.Errorf("%d files stay open", n)
	}
	return nil
}

// startsAgain wants a second start to find nothing to do.
func (c *cutter) startsAgain(disk *spooltest.Disk) error {
	again := disk.Copy()
	s := c.newSpool(again)
	if err := s.Open(); err != nil {
		return err
	}
	if err := s.Recover(func(*spool.Item) {}); err != nil {
		return err
	}
	if again.Print() != disk.Print() {
		return fmt.Errorf("a second start changed the disk:\n%s", again)
	}
	return nil
}

// goesOn wants the next photo to be taken, under a new id, and all that waits
// to be delivered, to nobody twice.
func (c *cutter) goesOn(s *spool.Spool, kept bool) error {
	u, err := receive(s, []string{"NEXT.JPG"})
	if err != nil {
		return err
	}
	next := &spool.Item{Jobs: []spool.Job{{Target: "mail", State: spool.Waiting}}}
	if err := u.Commit(next); err != nil {
		return err
	}
	if kept {
		for id := range c.given {
			if number(id) >= number(next.ID) {
				return fmt.Errorf("the next id is %s, after %s", next.ID, id)
			}
		}
	}
	for target := range s.Paused() {
		if err := s.Resume(target); err != nil {
			return err
		}
	}
	took := map[string]bool{}
	run(s, func(_ context.Context, d *spool.Delivery) error {
		if err = errors.Join(err, whole(d)); err != nil {
			return nil
		}
		key := d.Job.Target + " " + d.Item.ID
		if st := c.items[d.Item.ID]; took[key] || kept && st != nil && st.finished[d.Job.Target] {
			err = fmt.Errorf("%s got %s twice", d.Job.Target, d.Item.ID)
		}
		took[key] = true
		return nil
	})
	if err != nil || !kept {
		return err
	}
	for _, id := range s.IDs() {
		it, err := s.Get(id)
		if err != nil {
			return err
		}
		for _, j := range it.Jobs {
			if j.State == spool.Waiting || j.State == spool.Done && !took[j.Target+" "+id] && c.took[j.Target+" "+id] == 0 {
				return fmt.Errorf("%s never got %s, and the job is %s", j.Target, id, j.State)
			}
		}
	}
	return nil
}

func number(id string) (n int) {
	fmt.Sscanf(id, "%d-", &n)
	return n
}

// TestDamaged breaks a record at every byte. The item is shown and kept, with
// its photos, and nothing else suffers.
func TestDamaged(t *testing.T) {
	w := newWorld(t, spooltest.NewDisk())
	if err := w.start(); err != nil {
		t.Fatal(err)
	}
	id, other := w.mail([]string{"mail"}, "A.JPG", "B.JPG"), w.mail([]string{"mail"}, "C.JPG")
	name := "items/" + id + "/item.json"
	record, _ := w.disk.Bytes(name)
	for size := range len(record) - 2 { // "}\n" is what may be missing
		disk := w.disk.Copy()
		disk.Remove(name)
		f, _ := disk.Create(name)
		f.Write(record[:size])
		f.Close()
		for range 2 {
			s := w.newSpool(disk)
			if err := errors.Join(s.Open(), s.Recover(func(*spool.Item) {})); err != nil {
				t.Fatal(err)
			}
			ids, _ := s.List("", 10, "damaged")
			it, err := s.Get(id)
			if err != nil || !slices.Equal(ids, []string{id}) || it.Damaged == "" || len(it.Files) != 2 {
				t.Fatalf("with %d bytes of its record: damaged are %v; %+v, %v", size, ids, it, err)
			}
			for _, f := range it.Files {
				_, name, _ := strings.Cut(f.Path, "-")
				if b, _ := disk.Bytes("items/" + id + "/" + f.Path); string(b) != content(name) {
					t.Fatalf("%s is %q", f.Path, b)
				}
			}
			took := ""
			run(s, func(_ context.Context, d *spool.Delivery) error { took += d.Item.ID; return nil })
			if took != other && took != "" {
				t.Fatalf("delivered: %s", took)
			}
		}
	}
}
