package durable

import (
	"os"
	"path/filepath"
	"testing"
)

// want compares a file, which only its owner may read and which has nothing beside it.
func want(t *testing.T, name, content string) {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil || string(b) != content {
		t.Errorf("the file has %q, error %v, want %q", b, err, content)
	}
	if fi, err := os.Stat(name); err != nil || fi.Mode() != 0o600 {
		t.Errorf("%v, error %v, want a file with mode 0600", fi, err)
	}
	if files, err := os.ReadDir(filepath.Dir(name)); err != nil || len(files) != 1 {
		t.Errorf("the folder has %v, error %v, want one file", files, err)
	}
}

func TestWriteFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "secret")
	if err := WriteFile(name, []byte("first")); err != nil {
		t.Fatal(err)
	}
	want(t, name, "first")
	// What is there is longer, a crash left another, and all can read both.
	for _, old := range []string{name, name + ".new"} {
		if err := os.WriteFile(old, []byte("long and half"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(old, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteFile(name, []byte("second")); err != nil {
		t.Fatal(err)
	}
	want(t, name, "second")
}

func TestWriteFileFails(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFile(filepath.Join(dir, "none", "secret"), nil); !os.IsNotExist(err) {
		t.Errorf("in a folder that is not there: %v", err)
	}
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(folder, []byte("x")); err == nil {
		t.Error("a folder is replaced by a file")
	}
	if _, err := os.Stat(folder + ".new"); !os.IsNotExist(err) {
		t.Errorf("what could not take its place is left: %v", err)
	}
}
