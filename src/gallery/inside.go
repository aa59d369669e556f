package gallery

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
)

// isShown tells whether a path is one of those that lists have: none with a
// part that begins with a dot, such as the spool.
func isShown(name string) bool {
	for elem := range strings.SplitSeq(name, "/") {
		if elem == "" || strings.HasPrefix(elem, ".") || strings.ContainsAny(elem, "\\\x00") {
			return false
		}
	}
	return true
}

// openFolder opens a folder below the photo folder, "" is that one: step by step, through no link,
// and never one of Private, by whatever name it is reached.
func (p *Page) openFolder(name string) (*os.Root, error) {
	folder, err := os.OpenRoot(p.Stored)
	if err != nil || name == "" {
		return folder, err
	}
	if !isShown(name) {
		folder.Close()
		return nil, fs.ErrNotExist
	}
	private := p.private()
	for elem := range strings.SplitSeq(name, "/") {
		next, err := openStep(folder, elem, private)
		folder.Close()
		if err != nil {
			return nil, err
		}
		folder = next
	}
	return folder, nil
}

// openStep opens a folder in a folder.
func openStep(folder *os.Root, name string, private []fs.FileInfo) (*os.Root, error) {
	fi, err := folder.Lstat(name)
	if err != nil || !fi.IsDir() || isAlias(folder, name) {
		return nil, fs.ErrNotExist
	}
	next, err := folder.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	opened, err := next.Stat(".")
	// Something else may have got the name meanwhile.
	if err != nil || !os.SameFile(fi, opened) || isOneOf(opened, private) {
		next.Close()
		return nil, fs.ErrNotExist
	}
	return next, nil
}

// openPhoto opens a file below the photo folder, if it is one: a link is not followed, and a pipe
// not waited for.
func (p *Page) openPhoto(name string) (*os.File, fs.FileInfo, error) {
	if !isShown(name) {
		return nil, nil, fs.ErrNotExist
	}
	dir, base := path.Split(name)
	folder, err := p.openFolder(strings.TrimSuffix(dir, "/"))
	if err != nil {
		return nil, nil, err
	}
	defer folder.Close()
	named, err := folder.Lstat(base)
	if err != nil || !named.Mode().IsRegular() || isAlias(folder, base) {
		return nil, nil, fs.ErrNotExist
	}
	f, err := folder.OpenFile(base, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	fi, err := f.Stat()
	if err != nil || !os.SameFile(named, fi) {
		f.Close()
		return nil, nil, fs.ErrNotExist
	}
	return f, fi, nil
}

// private returns what Private is at the moment, as far as it is there.
func (p *Page) private() []fs.FileInfo {
	var all []fs.FileInfo
	for _, folder := range p.Private {
		if fi, err := os.Stat(folder); err == nil {
			all = append(all, fi)
		}
	}
	return all
}

func isOneOf(fi fs.FileInfo, all []fs.FileInfo) bool {
	return slices.ContainsFunc(all, func(other fs.FileInfo) bool { return os.SameFile(fi, other) })
}

// isPrivate tells whether an entry of a list is one of those folders.
func isPrivate(e fs.DirEntry, private []fs.FileInfo) bool {
	fi, err := e.Info()
	return err != nil || isOneOf(fi, private)
}

// isAlias tells whether a name in a folder is a second one that the folder does not list. FAT gives
// such names, of 8 and 3 letters and with a tilde, also to what begins with a dot: SPOOL~1.
func isAlias(folder *os.Root, name string) bool {
	if !strings.Contains(name, "~") {
		return false
	}
	dir, err := folder.Open(".")
	if err != nil {
		return true
	}
	defer dir.Close()
	for {
		entries, err := dir.ReadDir(storedChunk)
		for _, e := range entries {
			if e.Name() == name {
				return false
			}
		}
		if err != nil || len(entries) == 0 {
			return true
		}
	}
}
