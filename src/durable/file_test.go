package durable

import (
	"os"
	"path/filepath"
	"testing"
)

func TestSyncFile(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := root.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := root.Create("folder/photo")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := SyncFile(f); err != nil {
		t.Error(err)
	}
	got, err := os.Stat(folderOf(f))
	if err != nil {
		t.Fatal(err)
	}
	if want, err := os.Stat(filepath.Join(root.Name(), "folder")); err != nil || !os.SameFile(got, want) {
		t.Errorf("it is in %s, %v", folderOf(f), err)
	}
}
