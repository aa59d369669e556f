package spool

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"
	"syscall"
)

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
	shared := map[string]bool{} // with the photo folder
	for _, e := range entries {
		if fi, err := e.Info(); err == nil {
			sizes[e.Name()] = fi.Size()
			st, ok := fi.Sys().(*syscall.Stat_t)
			shared[e.Name()] = ok && st.Nlink > 1
		}
	}
	damaged := func(why string) (*Item, error) {
		it := &Item{ID: id, Damaged: why}
		for name, size := range sizes {
			if name != record && name != recordNew {
				it.Files = append(it.Files, File{Name: name, Path: name, Size: size})
			}
		}
		sort.Slice(it.Files, func(i, j int) bool { return it.Files[i].Path < it.Files[j].Path })
		return it, nil
	}
	b, err := s.readFile(dir+"/"+id+"/"+record, recordMax)
	if err != nil {
		it, _ := damaged("its record cannot be read: " + err.Error())
		if mayPass(err) {
			it.unread = err
		}
		return it, nil
	}
	it := &Item{}
	if err := json.Unmarshal(b, it); err != nil {
		return damaged("its record cannot be read: " + err.Error())
	}
	if it.ID != id {
		return damaged(fmt.Sprintf("its record is that of %q", it.ID))
	}
	it.Damaged = ""
	finished := it.Finished()
	for i, f := range it.Files {
		size, ok := sizes[f.Path]
		if !ok {
			return damaged(fmt.Sprintf("the file %s is missing", f.Path))
		}
		if finished && shared[f.Path] { // its owner may have edited it
			it.Files[i].Size = size
			continue
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
	defer s.lock(id)()
	return s.change(id, fn)
}

// lock keeps others from changing an item's record.
func (s *Spool) lock(id string) (unlock func()) {
	h := fnv.New32a()
	io.WriteString(h, id)
	lock := &s.locks[h.Sum32()%uint32(len(s.locks))]
	lock.Lock()
	return lock.Unlock
}

// change is update for those who hold the lock.
func (s *Spool) change(id string, fn func(*Item) error) (*Item, error) {
	it, err := s.Get(id)
	if err != nil {
		return nil, err
	}
	if it.Damaged != "" {
		return nil, fmt.Errorf("%w: %s: %s", ErrDamaged, id, it.Damaged)
	}
	if err := fn(it); err != nil {
		return nil, err
	}
	if err := s.writeRecord(itemsDir, it); err != nil {
		// It may have been replaced all the same, and only the sync failed.
		if now, gerr := s.Get(id); gerr == nil && now.Damaged == "" {
			s.reindex(now)
		}
		return nil, err
	}
	s.reindex(it)
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

func (s *Spool) readFile(name string, max int64) ([]byte, error) {
	f, err := s.Disk.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(b)) > max {
		err = fmt.Errorf("%s: %w than %d bytes", name, errLarger, max)
	}
	return b, err
}

var errLarger = errors.New("it is larger")

// mayPass tells whether an error of readFile is the disk's, of which the next
// read may know nothing.
func mayPass(err error) bool {
	return err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errLarger)
}

// writeFile replaces a file so that at any moment, also after a power cut, it
// has either the old bytes or the new ones.
func (s *Spool) writeFile(dir, name string, b []byte) error {
	name = path.Join(dir, name)
	tmp := name + ".new"
	f, err := s.Disk.Create(tmp)
	if errors.Is(err, fs.ErrExist) { // left by a crash
		if err = s.remove(tmp); err == nil {
			f, err = s.Disk.Create(tmp)
		}
	}
	if err != nil {
		s.remove(tmp) // it may have been made all the same
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
		err = s.moveFile(tmp, name)
	}
	if err != nil {
		s.remove(tmp) // not there if only a sync has failed
	}
	return full(err)
}
