package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"snsbridge/src/spool"
)

// Move brings the photos of one folder into another, with the folders below
// that they are in; nothing is overwritten, and the same bytes under the same
// name are the same photo. A photo leaves the old place when it is durable at
// the new one. Hidden files and folders, such as a spool, stay.
//
// What cannot be moved stays; left says how many photos do, and the error why
// the first of them does.
func Move(ctx context.Context, from, to string) (moved, left int, err error) {
	old, err := os.OpenRoot(from)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	defer old.Close()
	root, err := os.OpenRoot(to)
	if err != nil {
		return 0, 0, err
	}
	defer root.Close()
	var folders []string
	werr := fs.WalkDir(old.FS(), ".", func(name string, d fs.DirEntry, walk error) error {
		switch {
		case walk != nil:
			return walk
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir():
			folders = append(folders, name)
		case d.Type().IsRegular():
			if e := move(ctx, old, root, name); e != nil {
				if left++; err == nil {
					err = e
				}
			} else {
				moved++
			}
		}
		return nil
	})
	for i := len(folders) - 1; i > 0; i-- { // not the folder itself
		old.Remove(folders[i]) // fails if something is left in it
	}
	return moved, left, errors.Join(werr, err)
}

func move(ctx context.Context, old, root *os.Root, name string) error {
	from, err := old.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	fi, err := from.Stat()
	if err != nil {
		return err
	}
	folder, file := path.Split(name)
	folder = path.Clean(folder)
	if err := root.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	unlock, err := lock(root)
	if err != nil {
		return err
	}
	defer unlock()
	for n := range namesMax {
		at := path.Join(folder, spool.Numbered(file, n))
		same, err := sameBytes(root, at, from, fi.Size())
		if errors.Is(err, fs.ErrNotExist) {
			same, err = true, bring(ctx, root, from, fi, at)
		}
		if err != nil {
			return err
		}
		if same {
			if err := settle(root, at); err != nil {
				return err
			}
			return old.Remove(name)
		}
	}
	return errors.New("ten thousand photos are called " + file)
}

// sameBytes tells whether a file at the new place has the bytes of an old one,
// which is at its beginning then. The error is fs.ErrNotExist if there is none.
func sameBytes(root *os.Root, name string, from *os.File, size int64) (bool, error) {
	fi, err := root.Lstat(name)
	if err != nil || !fi.Mode().IsRegular() || fi.Size() != size {
		return false, err
	}
	there, err := root.Open(name)
	if err != nil {
		return false, err
	}
	defer there.Close()
	same, err := equal(there, from)
	_, serr := from.Seek(0, io.SeekStart)
	return same, errors.Join(err, serr)
}

// bring writes a photo under a hidden name and renames it when it is whole.
func bring(ctx context.Context, root *os.Root, from *os.File, fi fs.FileInfo, name string) error {
	tmp := path.Join(path.Dir(name), ".snsbridge-moved.part")
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
		root.Chtimes(tmp, fi.ModTime(), fi.ModTime()) // for people; not every file system can
		err = root.Rename(tmp, name)
	}
	if err != nil {
		root.Remove(tmp)
	}
	return err
}
