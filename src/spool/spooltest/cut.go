package spooltest

import (
	"bytes"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// Cut is what a power cut can leave behind.
type Cut struct {
	What  string // became of the names and the bytes that were not safe
	Whole bool   // all names are there
	Print uint64 // the same for disks that no program can tell apart
	disk  *Disk
	view  view
}

// Disk returns the disk as it is after the power cut.
func (c Cut) Disk() *Disk { return c.disk.copy(c.view) }

// Cuts returns what a power cut at this moment can leave behind, every disk
// once.
//
// Of the changes of names that are not safe any number can be on the disk,
// only not a later change of a name without an earlier one. Each file has its
// safe bytes, all its bytes, a part of them, or zeros where bytes should be.
// These are all choices of up to four such changes, and all combinations of up
// to two such files; of more, see outcomes and fates, there are too many.
func (d *Disk) Cuts() iter.Seq[Cut] {
	return func(yield func(Cut) bool) {
		d.mu.Lock()
		defer d.mu.Unlock()
		seen := map[uint64]bool{}
		for _, made := range d.outcomes() {
			names := d.names(made)
			for how, fates := range d.fates(names) {
				v := view{d.root, names, fates}
				print := v.print()
				if seen[print] {
					continue
				}
				seen[print] = true
				if !yield(Cut{which(made) + ", " + how, !slices.Contains(made, false), print, d, v}) {
					return
				}
			}
		}
	}
}

func which(made []bool) string {
	if !slices.Contains(made, false) {
		return "all names"
	}
	var b strings.Builder
	for _, m := range made {
		if m {
			b.WriteByte('+')
		} else {
			b.WriteByte('-')
		}
	}
	return "names " + b.String()
}

// all is how many changes can be pending for every choice of them to be
// looked at. Of more, it is each moment in their order, and each one missing:
// mistakes show with few changes out of order.
const all = 4

// outcomes returns the choices of the pending changes that can be on the disk.
func (d *Disk) outcomes() (list [][]bool) {
	n := len(d.pending)
	add := func(chosen func(i int) bool) {
		made := make([]bool, n)
		for i := range made {
			made[i] = chosen(i)
		}
		for i, c := range d.pending { // nothing late without what it follows
			if made[i] && c.after != nil {
				return
			}
			for j := range i {
				if made[i] && !made[j] && c.follows(d.pending[j]) {
					return
				}
			}
		}
		list = append(list, made)
	}
	if n <= all {
		for bits := range 1 << n {
			add(func(i int) bool { return bits>>i&1 == 1 })
		}
		return list
	}
	for k := range n + 1 {
		add(func(i int) bool { return i < k })
		add(func(i int) bool { return i != k })
	}
	return list
}

// tree is the names of each folder.
type tree map[*node]map[string]*node

// names returns the names that are there if these changes were made.
func (d *Disk) names(made []bool) tree {
	t := tree{}
	of := func(dir *node) map[string]*node {
		if t[dir] == nil {
			t[dir] = maps.Clone(dir.safeNames)
		}
		return t[dir]
	}
	for i, c := range d.pending {
		for _, s := range c.slots {
			switch names := of(s.dir); {
			case !made[i]:
			case s.to == nil:
				delete(names, s.name)
			default:
				names[s.name] = s.to
			}
		}
	}
	walked := map[*node]bool{}
	var walk func(dir *node)
	walk = func(dir *node) {
		walked[dir] = true
		for _, n := range of(dir) {
			if n.names != nil && !walked[n] {
				walk(n)
			}
		}
	}
	walk(d.root)
	return t
}

// fate is what can become of a file's bytes.
type fate struct {
	how  string
	data []byte
}

func (n *node) fates() []fate {
	torn := func(size int) fate { return fate{fmt.Sprintf("%d bytes", size), n.data[:size]} }
	zeros := func(from int) fate {
		return fate{fmt.Sprintf("zeros from %d", from), slices.Concat(n.data[:from], make([]byte, len(n.data)-from))}
	}
	list := []fate{{"as synced", n.safe}, {"all", n.data}}
	if first, last := len(n.safe), len(n.data); bytes.HasPrefix(n.data, n.safe) && first < last {
		middle := (first + last) / 2
		list = append(list, torn(first+1), torn(middle), torn(last-1), zeros(first), zeros(middle))
	}
	return list
}

// fates returns what can become of the bytes of the files that can be reached.
// Of two files every combination is tried, of more only the same for all.
func (d *Disk) fates(t tree) iter.Seq2[string, map[*node]fate] {
	return func(yield func(string, map[*node]fate) bool) {
		var unsafe []*node
		for _, dir := range t.folders(d.root) {
			for _, name := range slices.Sorted(maps.Keys(t[dir])) {
				n := t[dir][name]
				if n.names == nil && !bytes.Equal(n.data, n.safe) && !slices.Contains(unsafe, n) {
					unsafe = append(unsafe, n)
				}
			}
		}
		switch len(unsafe) {
		case 0:
			yield("all bytes safe", nil)
		case 1:
			for _, a := range unsafe[0].fates() {
				if !yield("bytes "+a.how, map[*node]fate{unsafe[0]: a}) {
					return
				}
			}
		case 2:
			for _, a := range unsafe[0].fates() {
				for _, b := range unsafe[1].fates() {
					if !yield("bytes "+a.how+" and "+b.how, map[*node]fate{unsafe[0]: a, unsafe[1]: b}) {
						return
					}
				}
			}
		default:
			for i, a := range unsafe[0].fates() {
				m := map[*node]fate{}
				for _, n := range unsafe {
					f := n.fates()
					m[n] = f[min(i, len(f)-1)]
				}
				if !yield("bytes "+a.how, m) {
					return
				}
			}
		}
	}
}

// folders returns the folders below one, itself first.
func (t tree) folders(dir *node) (list []*node) {
	list = append(list, dir)
	for i := 0; i < len(list); i++ {
		for _, name := range slices.Sorted(maps.Keys(t[list[i]])) {
			if n := t[list[i]][name]; n.names != nil && !slices.Contains(list, n) {
				list = append(list, n)
			}
		}
	}
	return list
}
