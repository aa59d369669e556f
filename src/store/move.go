package store

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"

	"snsbridge/src/durable"
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
		durable.Remove(old, folders[i]) // fails if something is left in it
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
	if err := makeFolder(ctx, root, folder); err != nil {
		return err
	}
	for n := range namesMax {
		at := path.Join(folder, spool.Numbered(file, n))
		p, err := bring(ctx, root, from, fi, at)
		if errors.Is(err, fs.ErrExist) {
			continue // other bytes
		}
		if err == nil {
			err = settle(root, p)
		}
		if err != nil {
			return err
		}
		return durable.Remove(old, name)
	}
	return errors.New("ten thousand photos are called " + file)
}

// bring writes a photo to its new place, unless it is there. The error is
// fs.ErrExist if something else is.
func bring(ctx context.Context, root *os.Root, from *os.File, fi fs.FileInfo, name string) (placed, error) {
	there, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		tmp := path.Join(path.Dir(name), ".snsbridge-moved.part")
		return write(ctx, root, from, tmp, name, func(tmp, name string) error {
			root.Chtimes(tmp, fi.ModTime(), fi.ModTime()) // for people; not every file system can
			return rename(root)(tmp, name)
		})
	}
	if err != nil {
		return placed{}, err
	}
	if !there.Mode().IsRegular() || there.Size() != fi.Size() {
		return placed{}, fs.ErrExist
	}
	f, err := root.Open(name)
	if err != nil {
		return placed{}, err
	}
	same, err := equal(ctx, f, from)
	_, serr := from.Seek(0, io.SeekStart)
	if err := errors.Join(err, serr); err != nil || !same {
		f.Close()
		return placed{}, cmp.Or(err, fs.ErrExist)
	}
	return placed{name, f}, nil
}
