package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"snsbridge/src/durable"
	"snsbridge/src/spool"
)

const (
	namesMax = 10_000                 // "SAM_0042.JPG" to "SAM_0042-9999.JPG"
	noticed  = 100 * time.Millisecond // for those who watch all folders to see a new one
)

// Put stores one file of the item for a recipient and returns its name below
// the root. If share is false, nobody who writes into it changes what the spool
// has.
func (s *Folder) Put(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, recipient string, share bool) (string, error) {
	p, err := s.put(ctx, root, d, f, s.folder(d.Item, f, recipient), share && alone(d))
	if err == nil {
		err = settle(root, p)
	}
	if err != nil {
		return "", s.unusable(fmt.Errorf("%s: %w", f.Name, err))
	}
	return p.name, nil
}

// placed is a file that has its name and awaits settle. It is open for writing
// if it is new: that its close is the first of a written file under this name
// tells those who watch the folder (inotify's CLOSE_WRITE) that it is whole.
type placed struct {
	name string // below the photo folder
	file *os.File
}

// put stores one file below folder. It is durable after settle, which is due
// also for a file that was there: the attempt that put it there may have ended
// before that. Others may store in the same folder meanwhile.
func (s *Folder) put(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, folder string, share bool) (placed, error) {
	if err := ctx.Err(); err != nil {
		return placed{}, err
	}
	if err := makeFolder(ctx, root, folder); err != nil {
		return placed{}, err
	}
	for n := range namesMax {
		name := path.Join(folder, spool.Numbered(f.Name, n))
		same, err := s.same(ctx, root, d, f, name)
		if errors.Is(err, fs.ErrNotExist) {
			p, aerr := s.add(ctx, root, d, f, name, share)
			if !errors.Is(aerr, fs.ErrExist) {
				return p, aerr
			}
			// Somebody was quicker, perhaps with the same photo.
			same, err = s.same(ctx, root, d, f, name)
		}
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return placed{}, err
		case same && !share && s.shared(root, d, f, name), leftEmpty(root, d, f, name):
			return s.copy(ctx, root, d, f, name, root.Rename)
		case same:
			file, err := root.Open(name)
			return placed{name, file}, err
		}
	}
	return placed{}, fmt.Errorf("ten thousand photos are called %s", f.Name)
}

// makeFolder makes a folder if it is not there, and waits a moment then: the
// first photo in it could come before those who watch all folders watch this
// one.
func makeFolder(ctx context.Context, root *os.Root, folder string) error {
	if _, err := root.Stat(folder); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := root.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-time.After(noticed):
	}
	return ctx.Err()
}

// same tells whether a stored file has the same bytes as one of the item. The
// error is fs.ErrNotExist if there is no such file.
func (s *Folder) same(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, name string) (bool, error) {
	fi, err := root.Lstat(name)
	if err != nil {
		return false, err
	}
	if !fi.Mode().IsRegular() || fi.Size() != f.Size {
		return false, nil
	}
	if s.linked(d, f, fi) {
		return true, nil
	}
	old, err := root.Open(name)
	if err != nil {
		return false, err
	}
	defer old.Close()
	mine, err := d.Open(f)
	if err != nil {
		return false, fmt.Errorf("the spool's copy: %v", err) // never fs.ErrNotExist
	}
	defer mine.Close()
	return equal(ctx, old, mine)
}

// leftEmpty tells whether a name is what a power cut in an earlier attempt left
// of the file: on FAT a new name has no bytes at first.
func leftEmpty(root *os.Root, d *spool.Delivery, f spool.File, name string) bool {
	there, err := root.Lstat(name)
	return err == nil && d.Job.Attempts > 1 && f.Size > 0 && there.Mode().IsRegular() && there.Size() == 0
}

// shared is linked for a name.
func (s *Folder) shared(root *os.Root, d *spool.Delivery, f spool.File, name string) bool {
	stored, err := root.Lstat(name)
	return err == nil && s.linked(d, f, stored)
}

// linked tells whether a stored file and the spool's are one.
func (s *Folder) linked(d *spool.Delivery, f spool.File, stored fs.FileInfo) bool {
	mine, err := os.Stat(filepath.Join(s.Spool, d.Path(f)))
	return err == nil && os.SameFile(mine, stored)
}

func equal(ctx context.Context, a, b io.Reader) (bool, error) {
	p, q := make([]byte, 32<<10), make([]byte, 32<<10)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		n, err := io.ReadFull(a, p)
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return false, err
		}
		m, err2 := io.ReadFull(b, q)
		if err2 != nil && err2 != io.EOF && err2 != io.ErrUnexpectedEOF {
			return false, err2
		}
		if !bytes.Equal(p[:n], q[:m]) {
			return false, nil
		}
		if err != nil {
			return true, nil
		}
	}
}

// add gives the item's file a name that was free a moment ago. The error is
// fs.ErrExist if it is taken now.
func (s *Folder) add(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, name string, share bool) (placed, error) {
	if share {
		if p, err := s.link(root, d, f, name); err == nil || errors.Is(err, fs.ErrExist) {
			return p, err
		}
	}
	return s.copy(ctx, root, d, f, name, rename(root))
}

// link gives the spool's file a second name: no byte is written twice to a
// slow stick. It fails on FAT, and where the spool is elsewhere.
func (s *Folder) link(root *os.Root, d *spool.Delivery, f spool.File, name string) (placed, error) {
	rel, err := filepath.Rel(s.Dir, s.Spool)
	if err != nil || !filepath.IsLocal(rel) {
		return placed{}, errors.New("the spool is elsewhere")
	}
	if err := root.Link(filepath.Join(rel, d.Path(f)), name); err != nil {
		return placed{}, err
	}
	file, err := root.OpenFile(name, os.O_WRONLY, 0)
	if err != nil { // nobody is told then
		file, err = root.Open(name)
	}
	return placed{name, file}, err
}

// copy writes the file under a hidden name, and gives it its name with rename
// when it is whole.
func (s *Folder) copy(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, name string, rename func(from, to string) error) (placed, error) {
	from, err := d.Open(f)
	if err != nil {
		return placed{}, err
	}
	defer from.Close()
	tmp := path.Join(path.Dir(name), ".snsbridge-"+d.Item.ID+"."+spool.Name(d.Job.Target)+".part")
	return write(ctx, root, from, tmp, name, rename)
}

// write copies a file under a temporary name, and then renames it. No other
// writer has the temporary name; what is there was left by a crash.
func write(ctx context.Context, root *os.Root, from io.Reader, tmp, name string, rename func(from, to string) error) (placed, error) {
	durable.Remove(root, tmp)
	to, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return placed{}, err
	}
	err = Copy(ctx, to, from)
	if err == nil {
		err = durable.SyncFile(to)
	}
	if err == nil {
		err = rename(tmp, name)
	}
	if err != nil {
		durable.Remove(root, tmp)
		to.Close()
		return placed{}, err
	}
	return placed{name, to}, nil
}

// Copy copies until the end of from or of ctx. It costs 64 KiB.
func Copy(ctx context.Context, to io.Writer, from io.Reader) error {
	p := make([]byte, 64<<10)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := from.Read(p)
		if _, err := to.Write(p[:n]); err != nil {
			return err
		}
		switch err {
		case nil:
		case io.EOF:
			return nil
		default:
			return err
		}
	}
}

// settle makes stored files durable and closes them: their folders and those
// above, and then once more each file. FAT writes the size and place of a
// renamed file only with that, and by then its hidden name must be gone: who
// removed that one would free the bytes of both. The files are open since they
// were placed; somebody who watches the folder may move them on at their close.
func settle(root *os.Root, files ...placed) error {
	defer func() {
		for _, p := range files {
			p.file.Close()
		}
	}()
	synced := map[string]bool{}
	for _, p := range files {
		for folder := path.Dir(p.name); !synced[folder]; folder = path.Dir(folder) {
			synced[folder] = true
			if err := syncFolder(root, folder); err != nil {
				return err
			}
		}
	}
	for _, p := range files {
		if err := p.file.Sync(); err != nil {
			return err
		}
	}
	return nil
}

func syncFolder(root *os.Root, name string) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return durable.SyncDir(f)
}
