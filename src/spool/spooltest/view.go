package spooltest

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// view is what a disk holds: for programs, or after a power cut.
type view struct {
	root  *node
	names tree           // nil: as programs see it
	fates map[*node]fate // of files whose bytes are not safe
}

func (v view) of(dir *node) map[string]*node {
	if v.names == nil {
		return dir.names
	}
	return v.names[dir]
}

func (v view) data(n *node) []byte {
	if f, ok := v.fates[n]; ok {
		return f.data
	}
	if v.names == nil {
		return n.data
	}
	return n.safe
}

// each visits all names in order. first is the name that the same node was
// visited under before.
func (v view) each(fn func(name string, n *node, first string)) {
	seen := map[*node]string{}
	var walk func(prefix string, dir *node)
	walk = func(prefix string, dir *node) {
		names := v.of(dir)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			n := names[name]
			first := seen[n]
			fn(prefix+name, n, first)
			if first != "" {
				continue
			}
			seen[n] = prefix + name
			if n.names != nil {
				walk(prefix+name+"/", n)
			}
		}
	}
	walk("", v.root)
}

func (v view) print() uint64 {
	h := fnv.New64a()
	b := []byte{}
	v.each(func(name string, n *node, first string) {
		b = append(b[:0], name...)
		b = append(b, 0)
		b = append(b, first...)
		b = append(b, 0)
		if n.crossed {
			b = append(b, 'x')
		}
		if n.names != nil {
			b = append(b, '/')
		} else if first == "" {
			data := v.data(n)
			b = binary.AppendUvarint(b, uint64(len(data)))
			b = append(b, data...)
		}
		h.Write(b)
	})
	return h.Sum64()
}

// copy returns a disk that holds what a view shows, all of it safe.
func (d *Disk) copy(v view) *Disk {
	copies := map[*node]*node{}
	var copyOf func(n *node) *node
	copyOf = func(n *node) *node {
		if c := copies[n]; c != nil {
			return c
		}
		if n.names == nil {
			data := v.data(n)
			copies[n] = &node{data: data, safe: data, crossed: n.crossed}
			return copies[n]
		}
		c := folder()
		c.crossed = n.crossed
		copies[n] = c
		for name, child := range v.of(n) {
			c.names[name] = copyOf(child)
			c.safeNames[name] = copies[child]
		}
		return c
	}
	return &Disk{Total: d.Total, NoDirSync: d.NoDirSync, Split: d.Split, Late: d.Late, root: copyOf(v.root)}
}

// Copy returns a disk with what programs see of this one, all of it safe: that
// is what an orderly stop leaves.
func (d *Disk) Copy() *Disk {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.copy(view{root: d.root})
}

// Print is the same for disks that no program can tell apart.
func (d *Disk) Print() uint64 { return view{root: d.root}.print() }

// String shows all names and bytes.
func (d *Disk) String() string {
	var b strings.Builder
	view{root: d.root}.each(func(name string, n *node, first string) {
		switch {
		case first != "":
			fmt.Fprintf(&b, "%s = %s\n", name, first)
		case n.names != nil:
			fmt.Fprintf(&b, "%s/\n", name)
		default:
			fmt.Fprintf(&b, "%s: %q\n", name, n.data)
		}
	})
	return b.String()
}

// Names returns the names below the root, those of folders with a slash.
func (d *Disk) Names() (names []string) {
	view{root: d.root}.each(func(name string, n *node, _ string) {
		if n.names != nil {
			name += "/"
		}
		names = append(names, name)
	})
	return names
}

// Save writes the disk into a folder.
func (d *Disk) Save(dir string) (err error) {
	view{root: d.root}.each(func(name string, n *node, first string) {
		name = filepath.Join(dir, name)
		switch {
		case err != nil:
		case first != "":
			err = os.Link(filepath.Join(dir, first), name)
		case n.names != nil:
			err = os.Mkdir(name, 0o700)
		default:
			err = os.WriteFile(name, n.data, 0o644)
		}
	})
	return err
}
