package spool

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// plainName is how cameras, and people on computers, call files.
var plainName = regexp.MustCompile(`^[0-9A-Za-z_][0-9A-Za-z_. -]{0,100}[0-9A-Za-z]$`)

func FuzzName(f *testing.F) {
	for _, s := range []string{"SAM_0001.JPG", "../x", "\xff\x00", strings.Repeat("사", 100) + ".JPG", "NUL", "-", "%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		n := Name(raw)
		if n == "" || len(n) > nameMax+1 || n != filepath.Base(n) || strings.ContainsAny(n, "/\\\x00\n\x1b<>:\"|?*") || strings.ContainsAny(n[:1], ".-") {
			t.Fatalf("%q became %q", raw, n)
		}
		if !filepath.IsLocal(n) || strings.ToValidUTF8(n, "") != n {
			t.Fatalf("%q became %q", raw, n)
		}
		if again := Name(n); again != n {
			t.Fatalf("%q became %q, and that %q", raw, n, again)
		}
		if plainName.MatchString(raw) && n != raw && n != "_"+raw && strings.Trim(raw, "_. -") != "" {
			t.Fatalf("%q became %q for no reason", raw, n)
		}
		for _, number := range []int{1, 99} {
			if other := Numbered(n, number); other == n || !filepath.IsLocal(other) || filepath.Base(other) != other {
				t.Fatalf("%q with number %d is %q", n, number, other)
			}
		}
	})
}

// FuzzRecord reads what a power cut, a full disk or a person's editor may
// have made of a record, beside a file of three bytes.
func FuzzRecord(f *testing.F) {
	s, dir := quickSpool(f)
	f.Add([]byte(`{"id":"000001-0000","files":[{"path":"../../x","size":1}]}`))
	f.Add([]byte(`{"id":"000001-0000","files":[{"path":"01-A.JPG","size":3}],"jobs":[{"target":"store","state":"waiting","marks":{"a":"b"}}]}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(filepath.Join(dir, record), b, 0o600); err != nil {
			t.Fatal(err)
		}
		it, err := s.Get(quickID)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range it.Files {
			if file.Path != "01-A.JPG" || file.Size != 3 {
				t.Fatalf("a file that is not there was believed: %+v", file)
			}
			disk, err := s.OpenFile(quickID, file)
			if err != nil {
				t.Fatal(err)
			}
			disk.Close()
		}
		if it.Damaged != "" {
			if len(it.Files) != 1 {
				t.Fatalf("a damaged item shows %+v, not the file that is there", it.Files)
			}
			return
		}
		again, err := s.update(quickID, func(*Item) error { return nil })
		if err == nil {
			again, err = s.Get(quickID)
		}
		if err != nil && len(b) < recordMax/16 || err == nil && text(t, again) != text(t, it) {
			t.Fatalf("written and read again:\n got %+v, %v\nwant %+v", again, err, it)
		}
	})
}

// FuzzItem writes a record with any words in it, and reads it.
func FuzzItem(f *testing.F) {
	s, _ := quickSpool(f)
	f.Add("Title", "text\n~", "SAM_1.JPG", "alt", "250 ok", 1, int64(1))
	f.Add("\u2028<>&", "\x00\x1b", `"\`, "\U0001f4f7", "\xff", -1, int64(-1)<<40)
	f.Fuzz(func(t *testing.T, title, words, name, alt, result string, attempts int, taken int64) {
		it := &Item{
			ID: quickID, Kind: Post, Received: time.Unix(taken%(1<<37), 0).UTC(), Title: title, Text: words, Spare: []string{alt},
			Files: []File{{Name: name, Path: "01-A.JPG", Size: 3, Alt: alt, Taken: time.Unix(taken%(1<<37), 5).UTC()}},
			Jobs:  []Job{{Target: "store", State: Done, Attempts: attempts, Result: result, Marks: map[string]string{name: result}}},
		}
		if !utf8.ValidString(strings.Join([]string{title, words, name, alt, result}, " ")) || it.Received.Year() < 0 || it.Received.Year() > 9999 {
			return // sns lets none in
		}
		if err := s.writeRecord(itemsDir, it); err != nil {
			t.Fatal(err)
		}
		if again, err := s.Get(quickID); err != nil || text(t, again) != text(t, it) {
			t.Fatalf("got %+v, %v\nwant %+v", again, err, it)
		}
	})
}

func text(t *testing.T, it *Item) string {
	t.Helper()
	b, err := json.Marshal(it)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const quickID = "000001-0000"

// quickSpool has the folder of one item, with a file and without a record, on
// a disk that syncs nothing.
func quickSpool(f *testing.F) (*Spool, string) {
	dir := f.TempDir()
	disk, err := OpenDir(dir)
	if err != nil {
		f.Fatal(err)
	}
	s := &Spool{Disk: lazyDisk{disk}}
	if err := s.Open(); err != nil {
		f.Fatal(err)
	}
	dir = filepath.Join(dir, itemsDir, quickID)
	if err := os.Mkdir(dir, 0o700); err != nil {
		f.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "01-A.JPG"), []byte("abc"), 0o600); err != nil {
		f.Fatal(err)
	}
	return s, dir
}

type lazyDisk struct{ Disk }

func (d lazyDisk) SyncDir(string) error { return nil }

func (d lazyDisk) Create(name string) (DiskFile, error) {
	file, err := d.Disk.Create(name)
	return lazyFile{file}, err
}

type lazyFile struct{ DiskFile }

func (lazyFile) Sync() error { return nil }
