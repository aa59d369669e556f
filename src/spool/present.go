package spool

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// ErrGone is in the chain of Present's errors.
var ErrGone = errors.New("the storage is gone")

// Present tells whether the folder that was opened is still the one at its
// name. A memory stick can be pulled out, and another put in its place,
// without a word, and on some systems what is open goes on as if it were there.
// An error without ErrGone says that this could not be looked at.
func (d *DirDisk) Present() error {
	err := d.unmoved()
	if err == nil || Scarce(err) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrGone, err)
}

// Scarce tells whether an error is not about a file or a folder: the program,
// or the machine, has no more open files or memory for anything.
func Scarce(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOMEM)
}

func (d *DirDisk) unmoved() error {
	now, err := os.Open(d.root.Name())
	if err != nil {
		return err
	}
	defer now.Close()
	then, err := d.root.Open(".")
	if err != nil {
		return err
	}
	defer then.Close()
	a, err := now.Stat()
	if err != nil {
		return err
	}
	b, err := then.Stat()
	if err != nil {
		return err
	}
	// A stick that is put in again gets the same numbers of device and files
	// again. The number of a mount is not given again while something of it
	// is open.
	m, err := mountID(now)
	if err != nil {
		return err
	}
	n, err := mountID(then)
	if err != nil {
		return err
	}
	if !os.SameFile(a, b) || m != n {
		return fmt.Errorf("another is mounted at %s now", d.root.Name())
	}
	return nil
}

// mountID returns the number of the mount that an open file is on, "" if /proc
// does not tell.
func mountID(f *os.File) (string, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", f.Fd()))
	if Scarce(err) {
		return "", err
	}
	_, rest, _ := strings.Cut(string(b), "mnt_id:")
	id, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(id), nil
}
