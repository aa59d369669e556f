package spooltest

import (
	"io"
	"io/fs"
	"slices"
	"syscall"

	"snsbridge/src/spool"
)

func (d *Disk) Create(name string) (spool.DiskFile, error) {
	n := &node{}
	if err := d.do("create "+name, func() error { return d.make(name, n) }); err != nil {
		return nil, err
	}
	return d.handle(name, n), nil
}

func (d *Disk) Open(name string) (spool.DiskFile, error) {
	var n *node
	err := d.do("open "+name, func() (err error) {
		n, err = d.find(name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d.handle(name, n), nil
}

// diskFile is an open file of a Disk.
type diskFile struct {
	d    *Disk
	n    *node
	name string
	at   int64
	shut bool
}

func (d *Disk) handle(name string, n *node) *diskFile {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.opened++
	n.opened++
	return &diskFile{d: d, n: n, name: name}
}

func (f *diskFile) Read(p []byte) (int, error) {
	n, err := f.ReadAt(p, f.at)
	f.at += int64(n)
	if n > 0 && err == io.EOF {
		err = nil
	}
	return n, err
}

func (f *diskFile) ReadAt(p []byte, off int64) (n int, err error) {
	err = f.d.do("read "+f.name, func() error {
		if f.n.names != nil {
			return syscall.EISDIR
		}
		if off < int64(len(f.n.data)) {
			n = copy(p, f.n.data[off:])
		}
		return nil
	})
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

func (f *diskFile) Seek(off int64, whence int) (int64, error) {
	f.d.mu.Lock()
	defer f.d.mu.Unlock()
	switch whence {
	case io.SeekCurrent:
		off += f.at
	case io.SeekEnd:
		off += int64(len(f.n.data))
	}
	if off < 0 {
		return 0, fs.ErrInvalid
	}
	f.at = off
	return off, nil
}

func (f *diskFile) Write(p []byte) (n int, err error) {
	err = f.d.doPart("write "+f.name, func(e Effect) error {
		n = len(p)
		if e == Half {
			n /= 2
		}
		end := f.at + int64(n)
		more := end - int64(len(f.n.data))
		free := f.d.room()
		if more > free {
			n, end, err = int(int64(n)-more+free), end-more+free, syscall.ENOSPC
			more = free
		}
		f.n.data = append(slices.Clone(f.n.data), make([]byte, max(0, more))...)
		copy(f.n.data[f.at:end], p)
		f.at = end
		return err
	})
	return n, err
}

func (f *diskFile) Sync() error {
	return f.d.sync("sync "+f.name, func() (*node, error) { return f.n, nil })
}

func (f *diskFile) Close() error {
	f.d.mu.Lock()
	again := f.shut
	f.shut = true
	if !again {
		f.d.opened--
		f.n.opened--
		f.d.free(f.n)
	}
	f.d.mu.Unlock()
	if again {
		return fs.ErrClosed
	}
	return f.d.do("close "+f.name, func() error { return nil })
}
