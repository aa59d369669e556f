package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"snsbridge/src/camera"
	"snsbridge/src/config"
	"snsbridge/src/sim"
)

// running is a bridge with these settings in a file, and what they say.
func running(t *testing.T, file, settings string) (*daemon, *config.Config) {
	t.Helper()
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	conf, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := start(conf, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Stop)
	return d, conf
}

// TestRules has the same photo sent to several targets, by e-mail and by
// post. In the Flask implementation the second recipient got an empty file,
// an instance of store refused every post, and DROP@ was mailed.
func TestRules(t *testing.T) {
	dir := t.TempDir()
	photos := filepath.Join(dir, "photos")
	os.Mkdir(photos, 0o755)
	d, _ := running(t, filepath.Join(dir, "config.toml"), `
UPLOAD_FOLDER = "photos"
LISTEN = "127.0.0.1:0"
SENDERS = ["camera@SAMSUNGCAMERA.com"]
[ACTIONS]
"one@example.org" = "store.one"
"two@example.org" = "store.two"
"drop@example.org" = "drop"
facebook = "store.album"
picasa = "drop"
`)
	nx300, _ := camera.Find("NX300")
	c := sim.Camera{Model: nx300, Addr: d.Addr()}
	var files []sim.File
	for i := range 2 {
		f, err := sim.Photo{Model: "NX300", Taken: time.Date(2013, 7, 14, 0, 0, 0, 0, time.UTC), Size: 200_000, Seed: uint64(i)}.File()
		if err != nil {
			t.Fatal(err)
		}
		f.Name = fmt.Sprintf("SAM_%d.JPG", i)
		files = append(files, f)
	}
	for _, to := range [][]string{{"ONE@example.org", "two@Example.org", "Drop@Example.ORG"}, {"somebody@example.org"}} {
		if _, err := c.Email(t.Context(), sim.Mail{To: to, Files: files}); err != nil {
			t.Error(err)
		}
	}
	for _, site := range []string{"facebook", "picasa", "cyworld"} {
		if _, err := c.Post(t.Context(), site, "", files...); err != nil {
			t.Error(err)
		}
	}
	if err := delivered(t.Context(), d.spool); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"one", "two", "album", "2013-07-14"} {
		for _, f := range files {
			same, err := sameBytes(filepath.Join(photos, folder, f.Name), f)
			if err != nil || !same {
				t.Errorf("%s in %s: same %v, %v", f.Name, folder, same, err)
			}
		}
	}
	if seen := d.cameras.Cameras(); len(seen) != 1 || seen[0].Model != "NX300" {
		t.Errorf("cameras seen: %+v", seen)
	}
	// What came twice is one file, and what was to be dropped is none.
	all, _ := filepath.Glob(filepath.Join(photos, "*", "*.JPG"))
	if len(all) != 8 {
		t.Errorf("%d files, want 8: %q", len(all), all)
	}
}
