package spooltest

import (
	"io/fs"
	"slices"
	"strings"
	"syscall"
)

// set changes names, all at once.
func (d *Disk) set(slots ...slot) {
	for _, s := range slots {
		if s.to == nil {
			delete(s.dir.names, s.name)
		} else {
			s.dir.names[s.name] = s.to
		}
	}
	if !d.Split {
		d.pending = append(d.pending, &change{slots: slots})
		return
	}
	for _, s := range slots {
		d.pending = append(d.pending, &change{slots: []slot{s}})
	}
}

// late renames n as FAT does: a name that was not there is empty at first, one
// that was keeps what it had.
func (d *Disk) late(n *node, to, from slot) {
	if to.dir.names[to.name] == nil {
		empty := &node{}
		if n.names != nil {
			empty = folder()
		}
		d.pending = append(d.pending, &change{slots: []slot{{to.dir, to.name, empty}}})
	}
	if old := to.dir.names[to.name]; old != nil {
		old.nameless = true
		d.free(old)
	}
	to.dir.names[to.name] = n
	delete(from.dir.names, from.name)
	d.pending = append(d.pending, &change{slots: []slot{to}, after: n}, &change{slots: []slot{from}})
}

// arrive lets the names of what is synced lead to it.
func (d *Disk) arrive(n *node) {
	for _, c := range slices.Clone(d.pending) {
		if c.after != n {
			continue
		}
		c.after = nil
		first := true // nothing of this name waits for its folder
		for _, before := range d.pending {
			if before == c {
				break
			}
			if c.follows(before) {
				first = false
			}
		}
		if first {
			d.settle(c)
		}
	}
}

func (d *Disk) make(name string, n *node) error {
	dir, base, err := d.parent(name)
	if err != nil {
		return err
	}
	if dir.names[base] != nil {
		return fs.ErrExist
	}
	d.set(slot{dir, base, n})
	return nil
}

func (d *Disk) Mkdir(name string) error {
	return d.do("mkdir "+name, func() error {
		n := folder()
		if d.Late {
			if dir, _, err := d.parent(name); err == nil {
				n.madeIn = dir
				dir.made = append(dir.made, n)
			}
		}
		return d.make(name, n)
	})
}

// Link gives a file a second name.
func (d *Disk) Link(from, to string) error {
	return d.do("link "+from+" "+to, func() error {
		if d.Late {
			return syscall.EPERM
		}
		n, err := d.find(from)
		if err != nil {
			return err
		}
		return d.make(to, n)
	})
}

func (d *Disk) Rename(from, to string) error {
	return d.do("rename "+from+" "+to, func() error {
		oldDir, oldName, err := d.parent(from)
		if err != nil {
			return err
		}
		newDir, newName, err := d.parent(to)
		if err != nil {
			return err
		}
		n := oldDir.names[oldName]
		switch old := newDir.names[newName]; {
		case n == nil:
			return fs.ErrNotExist
		case old != nil && old.names != nil:
			return fs.ErrExist // says Go, whatever the system would do
		case strings.HasPrefix(to, from+"/"):
			return syscall.EINVAL
		case old == nil:
		case old == n:
			return nil
		case n.names != nil:
			return syscall.ENOTDIR
		}
		if d.Late {
			d.late(n, slot{newDir, newName, n}, slot{oldDir, oldName, nil})
			return nil
		}
		d.set(slot{newDir, newName, n}, slot{oldDir, oldName, nil})
		return nil
	})
}

func (d *Disk) Remove(name string) error {
	return d.do("remove "+name, func() error {
		dir, base, err := d.parent(name)
		if err != nil {
			return err
		}
		n := dir.names[base]
		if n == nil {
			return fs.ErrNotExist
		}
		if len(n.names) > 0 {
			return syscall.ENOTEMPTY
		}
		d.set(slot{dir, base, nil})
		n.nameless = true // a disk with Late has no links
		d.free(n)
		if d.Split && n.names == nil && d.elsewhere(d.root, dir, n) {
			n.data, n.safe = nil, nil // FAT frees the bytes, whoever else has them
		}
		return nil
	})
}

// elsewhere tells whether a file has a name in another folder than this one.
func (d *Disk) elsewhere(dir, here, file *node) bool {
	for _, n := range dir.names {
		if n == file && dir != here || n.names != nil && d.elsewhere(n, here, file) {
			return true
		}
	}
	return false
}

func (d *Disk) SyncDir(name string) error {
	return d.sync("syncdir "+name, func() (*node, error) { return d.find(name) })
}

// sync is one of a file or a folder. If it fails, no later one makes up for it.
func (d *Disk) sync(op string, find func() (*node, error)) error {
	done := false
	err := d.do(op, func() error {
		n, err := find()
		if done = true; err != nil {
			return err
		}
		switch {
		case n.names == nil && !n.forgotten:
			n.safe = n.data
			d.arrive(n)
		case n.names != nil && !d.NoDirSync:
			d.syncNames(n)
		}
		return nil
	})
	if done {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if n, err := find(); err == nil {
		n.forgotten = true
		for _, c := range d.pending {
			c.stuck = c.stuck || c.touches(n)
		}
	}
	return err
}

// syncNames makes the names in a folder safe.
func (d *Disk) syncNames(dir *node) {
	synced := func(s slot) bool { return s.dir == dir && dir.madeIn == nil || s.dir.madeIn == dir }
	for {
		i := slices.IndexFunc(d.pending, func(c *change) bool {
			return !c.stuck && c.after == nil && slices.ContainsFunc(c.slots, synced)
		})
		if i < 0 {
			break
		}
		d.settle(d.pending[i])
	}
	for _, n := range dir.made {
		n.madeIn = nil
	}
	dir.made = nil
	d.arrive(dir)
}

func (c *change) touches(dir *node) bool {
	return slices.ContainsFunc(c.slots, func(s slot) bool { return s.dir == dir })
}

// settle makes a change safe, after those of the same names before it.
func (d *Disk) settle(c *change) {
	for _, before := range d.pending {
		if before == c {
			break
		}
		if c.follows(before) {
			d.settle(before)
		}
	}
	for _, s := range c.slots {
		if s.to == nil {
			delete(s.dir.safeNames, s.name)
		} else {
			s.dir.safeNames[s.name] = s.to
		}
	}
	d.pending = slices.DeleteFunc(slices.Clone(d.pending), func(x *change) bool { return x == c })
}

// follows tells whether a change is of a name that an earlier one is of.
func (c *change) follows(before *change) bool {
	return slices.ContainsFunc(c.slots, func(s slot) bool {
		return slices.ContainsFunc(before.slots, func(b slot) bool { return s.dir == b.dir && s.name == b.name })
	})
}
