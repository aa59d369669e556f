package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tree makes files, "NAME=CONTENT".
func tree(t *testing.T, dir string, files ...string) {
	t.Helper()
	for _, f := range files {
		name, content, _ := strings.Cut(f, "=")
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// seen lists the files of a folder as tree makes them; what is no file ends in
// a question mark.
func seen(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.Walk(dir, func(path string, fi os.FileInfo, err error) error {
		name, _ := filepath.Rel(dir, path)
		switch {
		case err != nil || fi.IsDir():
		case !fi.Mode().IsRegular():
			list = append(list, name+"?")
		default:
			b, _ := os.ReadFile(path)
			list = append(list, name+"="+string(b))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestMove(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	tree(t, from, "2026-07-14/SAM_1.JPG=one", "2026-07-14/SAM_2.JPG=two", "2026-07-14/SAM_3.JPG=three", "2026-07-14/SAM_4.JPG=four",
		"me/facebook/SAM_1.JPG=deep", "top.jpg=eleven char", ".spool/seq=7", "2026-07-14/.snsbridge-1.part=half")
	tree(t, to, "2026-07-14/SAM_1.JPG=one", "2026-07-14/SAM_2.JPG=TWO", "2026-07-14/.snsbridge-moved.part=left by a crash", "mine.txt=mine")
	for name, err := range map[string]error{
		"a pipe":   syscall.Mkfifo(filepath.Join(to, "2026-07-14/SAM_3.JPG"), 0o600),
		"a link":   os.Symlink("/etc/passwd", filepath.Join(to, "top.jpg")),
		"an old":   os.Chtimes(filepath.Join(from, "2026-07-14/SAM_4.JPG"), july, july),
		"an empty": os.MkdirAll(filepath.Join(from, "empty/below"), 0o755),
	} {
		if err != nil {
			t.Fatal(name, err)
		}
	}
	moved, left, err := Move(t.Context(), from, to)
	if moved != 6 || left != 0 || err != nil {
		t.Errorf("%d moved, %d left, %v", moved, left, err)
	}
	if got, want := seen(t, from), []string{".spool/seq=7", "2026-07-14/.snsbridge-1.part=half"}; !slices.Equal(got, want) {
		t.Errorf("at the old place %q, want %q", got, want)
	}
	if _, err := os.Stat(filepath.Join(from, "empty")); err == nil {
		t.Error("an empty folder is left")
	}
	want := []string{"2026-07-14/SAM_1.JPG=one", "2026-07-14/SAM_2-1.JPG=two", "2026-07-14/SAM_2.JPG=TWO", "2026-07-14/SAM_3-1.JPG=three",
		"2026-07-14/SAM_3.JPG?", "2026-07-14/SAM_4.JPG=four", "me/facebook/SAM_1.JPG=deep", "mine.txt=mine", "top-1.jpg=eleven char", "top.jpg?"}
	if got := seen(t, to); !slices.Equal(got, want) {
		t.Errorf("at the new place\n%q, want\n%q", got, want)
	}
	if fi, err := os.Stat(filepath.Join(to, "2026-07-14/SAM_4.JPG")); err != nil || !fi.ModTime().Equal(july) {
		t.Errorf("its date is %v, want %v; %v", fi.ModTime(), july, err)
	}
}

// TestMoveSomeStay has what cannot be moved, and again when it can.
func TestMoveSomeStay(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	tree(t, from, "a/1.jpg=one", "b/1.jpg=two")
	tree(t, to, "a=a file where a folder must be")
	moved, left, err := Move(t.Context(), from, to)
	if moved != 1 || left != 1 || err == nil {
		t.Errorf("%d moved, %d left, %v", moved, left, err)
	}
	if err := os.Remove(filepath.Join(to, "a")); err != nil {
		t.Fatal(err)
	}
	if moved, left, err = Move(t.Context(), from, to); moved != 1 || left != 0 || err != nil {
		t.Errorf("then %d moved, %d left, %v", moved, left, err)
	}
	if got := seen(t, to); !slices.Equal(got, []string{"a/1.jpg=one", "b/1.jpg=two"}) {
		t.Errorf("%q", got)
	}
}

func TestMoveStops(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	tree(t, from, "a/1.jpg=one")
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	if _, left, err := Move(ctx, from, to); left != 1 || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%d left, %v", left, err)
	}
	if got := append(seen(t, from), seen(t, to)...); !slices.Equal(got, []string{"a/1.jpg=one"}) {
		t.Errorf("%q", got)
	}
	if moved, left, err := Move(t.Context(), filepath.Join(from, "none"), to); moved+left != 0 || err != nil {
		t.Errorf("of a folder that is not there: %d, %d, %v", moved, left, err)
	}
}
