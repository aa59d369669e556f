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
	"syscall"

	"snsbridge/src/spool"
)

const namesMax = 10_000 // "SAM_0042.JPG" to "SAM_0042-9999.JPG"

// Put stores one file of the item for a recipient and returns its name below
// the root.
func (s *Folder) Put(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, recipient string) (string, error) {
	name, err := s.put(ctx, root, d, f, s.folder(d.Item, f, recipient))
	if err == nil {
		err = settle(root, name)
	}
	if err != nil {
		return "", s.unusable(fmt.Errorf("%s: %w", f.Name, err))
	}
	return name, nil
}

// put stores one file below folder. It is durable after settle, which is due
// also for a file that was there: the attempt that put it there may have ended
// before that.
func (s *Folder) put(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, folder string) (string, error) {
	if err := root.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(root)
	if err != nil {
		return "", err
	}
	defer unlock()
	for n := range namesMax {
		name := path.Join(folder, spool.Numbered(f.Name, n))
		same, err := s.same(root, d, f, name)
		if errors.Is(err, fs.ErrNotExist) {
			same, err = s.add(ctx, root, d, f, name)
		}
		if err != nil {
			return "", err
		}
		if same {
			return name, nil
		}
	}
	return "", fmt.Errorf("ten thousand photos are called %s", f.Name)
}

// lock keeps everybody else from taking a name between the look and the
// use: a target of another lane, or a second program on the same folder.
func lock(root *os.Root) (unlock func(), err error) {
	f, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	// What fails here is a network file system that has no locks.
	syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	return func() { f.Close() }, nil
}

// same tells whether a stored file has the same bytes as one of the item. The
// error is fs.ErrNotExist if there is no such file.
func (s *Folder) same(root *os.Root, d *spool.Delivery, f spool.File, name string) (bool, error) {
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
	return equal(old, mine)
}

// linked tells whether a stored file and the spool's are one.
func (s *Folder) linked(d *spool.Delivery, f spool.File, stored fs.FileInfo) bool {
	mine, err := os.Stat(filepath.Join(s.Spool, d.Path(f)))
	return err == nil && os.SameFile(mine, stored)
}

func equal(a, b io.Reader) (bool, error) {
	p, q := make([]byte, 32<<10), make([]byte, 32<<10)
	for {
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

// add gives the item's file a name that was free a moment ago. It returns
// false if the name is taken now.
func (s *Folder) add(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, name string) (bool, error) {
	err := s.link(root, d, f, name)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err != nil {
		err = s.copy(ctx, root, d, f, name)
	}
	return err == nil, err
}

// link gives the spool's file a second name: no byte is written twice to a
// slow stick. It fails on FAT, and where the spool is elsewhere.
func (s *Folder) link(root *os.Root, d *spool.Delivery, f spool.File, name string) error {
	rel, err := filepath.Rel(s.Dir, s.Spool)
	if err != nil || !filepath.IsLocal(rel) {
		return errors.New("the spool is elsewhere")
	}
	return root.Link(filepath.Join(rel, d.Path(f)), name)
}

// Own gives a stored file bytes of its own if it shares them with the spool,
// so that whoever writes into it does not change what other targets will get.
func (s *Folder) Own(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, name string) error {
	if err := s.own(ctx, root, d, f, name); err != nil {
		return s.unusable(fmt.Errorf("%s: %w", f.Name, err))
	}
	return nil
}

func (s *Folder) own(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, name string) error {
	unlock, err := lock(root)
	if err != nil {
		return err
	}
	defer unlock()
	fi, err := root.Lstat(name)
	if err != nil || !s.linked(d, f, fi) {
		return err
	}
	if err := s.copy(ctx, root, d, f, name); err != nil {
		return err
	}
	return settle(root, name)
}

// copy writes the file under a hidden name and renames it when it is whole.
func (s *Folder) copy(ctx context.Context, root *os.Root, d *spool.Delivery, f spool.File, name string) error {
	from, err := d.Open(f)
	if err != nil {
		return err
	}
	defer from.Close()
	tmp := path.Join(path.Dir(name), ".snsbridge-"+d.Item.ID+".part")
	root.Remove(tmp) // left by a crash
	to, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	err = Copy(ctx, to, from)
	if err == nil {
		err = to.Sync()
	}
	if cerr := to.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		root.Remove(tmp)
	}
	return err
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

// settle makes stored files durable that were renamed: their folders and those
// above, and then once more each file. FAT writes the size and place of a
// renamed file only with that, and by then its hidden name must be gone: who
// removed that one would free the bytes of both.
func settle(root *os.Root, names ...string) error {
	synced := map[string]bool{}
	for _, name := range names {
		for folder := path.Dir(name); !synced[folder]; folder = path.Dir(folder) {
			synced[folder] = true
			// Some network file systems cannot sync folders, and say so.
			if err := syncName(root, folder); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOTSUP) {
				return err
			}
		}
	}
	for _, name := range names {
		if err := syncName(root, name); err != nil {
			return err
		}
	}
	return nil
}

func syncName(root *os.Root, name string) error {
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
