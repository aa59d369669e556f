package spool

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestPresentWithoutFiles shows when the storage is gone, and that a program which can open
// no more files says nothing about it.
func TestPresentWithoutFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	d, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Present(); err != nil {
		t.Errorf("it is there: %v", err)
	}
	err = withoutFiles(t, d.Present)
	if err == nil || !Scarce(err) || errors.Is(err, ErrGone) {
		t.Errorf("without a file to open: %v", err)
	}
	if err := os.Rename(dir, dir+"-away"); err != nil {
		t.Fatal(err)
	}
	if err := d.Present(); !errors.Is(err, ErrGone) {
		t.Errorf("without the folder: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := d.Present(); !errors.Is(err, ErrGone) {
		t.Errorf("with another folder in its place: %v", err)
	}
}

// withoutFiles calls fn while no more files can be opened.
func withoutFiles(t *testing.T, fn func() error) error {
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 0, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	defer syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was)
	return fn()
}
