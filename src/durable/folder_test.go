package durable

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestRemove(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, make := range []func(name string) error{
		func(name string) error { return root.WriteFile(name, []byte("x"), 0o600) },
		func(name string) error { return root.Mkdir(name, 0o700) },
		func(name string) error { return root.Symlink("nowhere", name) },
		func(name string) error { return syscall.Mkfifo(filepath.Join(root.Name(), name), 0o600) },
	} {
		if err := make("it"); err != nil {
			t.Fatal(err)
		}
		if err := Remove(root, "it"); err != nil {
			t.Error(err)
		}
		if _, err := root.Lstat("it"); !os.IsNotExist(err) {
			t.Errorf("it is still there: %v", err)
		}
	}
	if err := Remove(root, "it"); !os.IsNotExist(err) {
		t.Errorf("what is not there: %v", err)
	}
	root.Mkdir("full", 0o700)
	root.WriteFile("full/it", nil, 0o600)
	if err := Remove(root, "full"); err == nil {
		t.Error("a folder with a file in it is removed")
	}
}
