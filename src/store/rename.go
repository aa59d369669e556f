package store

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"runtime"
	"syscall"
	"unsafe"
)

// rename returns a function that gives a file another name in its folder. It
// never replaces what has that name: its error is fs.ErrExist then, also if
// that came a moment ago.
func rename(root *os.Root) func(from, to string) error {
	return func(from, to string) error {
		err := renameNew(root, from, to)
		if !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOSYS) && !errors.Is(err, syscall.ENOTSUP) {
			return err
		}
		return renameReserved(root, from, to)
	}
}

// renameReserved is for file systems that cannot refuse to replace a file:
// those of FUSE that renameat2's flags do not reach, such as exFAT's, NFS, and
// FAT before Linux 4.9. It takes the name with an empty file, and replaces that.
func renameReserved(root *os.Root, from, to string) error {
	// Not open for writing, or its close would tell that a photo is whole.
	f, err := root.OpenFile(to, os.O_RDONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	f.Close()
	if err := root.Rename(from, to); err != nil {
		root.Remove(to)
		return err
	}
	return nil
}

const renameNoReplace = 1 // linux/fs.h

// renameNew renames within a folder and leaves it to the kernel that nothing is
// replaced.
func renameNew(root *os.Root, from, to string) error {
	dir, err := root.Open(path.Dir(to))
	if err != nil {
		return err
	}
	defer dir.Close()
	old, err := syscall.BytePtrFromString(path.Base(from))
	if err != nil {
		return err
	}
	now, err := syscall.BytePtrFromString(path.Base(to))
	if err != nil {
		return err
	}
	fd := dir.Fd()
	_, _, errno := syscall.Syscall6(renameat2(runtime.GOARCH), fd, uintptr(unsafe.Pointer(old)), fd, uintptr(unsafe.Pointer(now)), renameNoReplace, 0)
	runtime.KeepAlive(dir)
	if errno != 0 {
		return &fs.PathError{Op: "renameat2", Path: to, Err: errno}
	}
	return nil
}

// renameat2 returns the number of the system call, which package syscall lacks;
// on processors that are not known here, one that no kernel has.
func renameat2(arch string) uintptr {
	switch arch {
	case "386":
		return 353
	case "amd64":
		return 316
	case "arm":
		return 382
	case "arm64", "loong64", "riscv64":
		return 276
	case "mips", "mipsle":
		return 4351
	case "mips64", "mips64le":
		return 5311
	}
	return 1 << 20
}
