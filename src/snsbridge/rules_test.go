package main

import (
	"bufio"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"snsbridge/src/camera"
	"snsbridge/src/config"
	"snsbridge/src/sim"
	"snsbridge/src/spool"
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

// files are made-up photos of an NX300.
func files(t *testing.T, n, seed int) []sim.File {
	t.Helper()
	var list []sim.File
	for i := range n {
		f, err := sim.Photo{Model: "NX300", Taken: time.Date(2013, 7, 14, 0, 0, 0, 0, time.UTC), Size: 200_000, Seed: uint64(seed + i)}.File()
		if err != nil {
			t.Fatal(err)
		}
		f.Name = fmt.Sprintf("SAM_%d.JPG", seed+i)
		list = append(list, f)
	}
	return list
}

// TestFewerDescriptions posts three photos with one description: they are one
// post, which waits for a person.
func TestFewerDescriptions(t *testing.T) {
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "photos"), 0o755)
	d, _ := running(t, filepath.Join(dir, "config.toml"), `
UPLOAD_FOLDER = "photos"
LISTEN = "127.0.0.1:0"
[MASTODON]
BASE_URL = "https://mastodon.example"
TOKEN = "0123456789"
[ACTIONS]
facebook = "mastodon"
`)
	nx300, _ := camera.Find("NX300")
	c := sim.Camera{Model: nx300, Addr: d.Addr()}
	if _, err := c.Post(t.Context(), "facebook", "A day out ~ the harbour", files(t, 3, 0)...); err != nil {
		t.Fatal(err)
	}
	ids := d.spool.IDs()
	if len(ids) != 1 {
		t.Fatalf("%d posts, want one", len(ids))
	}
	it, err := d.spool.Get(ids[0])
	if err != nil {
		t.Fatal(err)
	}
	job := it.Jobs[0]
	if len(it.Files) != 3 || it.Files[0].Alt != "the harbour" || it.Files[1].Alt+it.Files[2].Alt != "" ||
		job.State != spool.Draft || job.Error != "2 of 3 photos have no description" {
		t.Errorf("%+v, want a draft of three photos", it)
	}
}

// TestOneAddress lets four cameras at one address post three photos each at
// the same time.
func TestOneAddress(t *testing.T) {
	dir := t.TempDir()
	photos := filepath.Join(dir, "photos")
	os.Mkdir(photos, 0o755)
	d, _ := running(t, filepath.Join(dir, "config.toml"), "UPLOAD_FOLDER = \"photos\"\nLISTEN = \"127.0.0.1:0\"\n")
	nx300, _ := camera.Find("NX300")
	var all []sim.File
	var sending sync.WaitGroup
	for cam := range 4 {
		three := files(t, 3, 3*cam)
		all = append(all, three...)
		sending.Go(func() {
			c := sim.Camera{Model: nx300, Addr: d.Addr(), Seed: uint64(cam)}
			if _, err := c.Post(t.Context(), "facebook", "", three...); err != nil {
				t.Errorf("camera %d: %v", cam, err)
			}
		})
	}
	sending.Wait()
	if err := delivered(t.Context(), d.spool); err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if same, err := sameBytes(filepath.Join(photos, "2013-07-14", f.Name), f); err != nil || !same {
			t.Errorf("%s: same %v, %v", f.Name, same, err)
		}
	}
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
	files := files(t, 2, 0)
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

// TestTypedRecipient mails to an address and to what is none: the first gets
// the photo, and the second fails by itself, as it was typed.
func TestTypedRecipient(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	mailed := make(chan string)
	go takeMail(server, mailed)
	t.Cleanup(func() { server.Close() })
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "photos"), 0o755)
	d, _ := running(t, filepath.Join(dir, "config.toml"), fmt.Sprintf(`
UPLOAD_FOLDER = "photos"
LISTEN = "127.0.0.1:0"
MAIL_SERVER = "127.0.0.1"
MAIL_PORT = %d
`, server.Addr().(*net.TCPAddr).Port))
	nx300, _ := camera.Find("NX300")
	c := sim.Camera{Model: nx300, Addr: d.Addr()}
	to := []string{"me@example.org", "x @example.org"}
	if _, err := c.Email(t.Context(), sim.Mail{To: to, Files: files(t, 1, 0)}); err != nil {
		t.Fatal(err)
	}
	if got := <-mailed; got != "RCPT TO:<me@example.org>" {
		t.Errorf("mailed to %q", got)
	}
	job := func() spool.Job {
		it, err := d.spool.Get(d.spool.IDs()[0])
		if err != nil {
			t.Fatal(err)
		}
		return it.Jobs[0]
	}
	for job().State == spool.Waiting {
		time.Sleep(5 * time.Millisecond)
	}
	if j := job(); j.State != spool.Failed || j.Code != "recipient" || j.Error != `"x @example.org" is not an e-mail address` {
		t.Errorf("%+v", j)
	}
}

// takeMail is a mail server that takes one mail, and tells for whom it is.
func takeMail(server net.Listener, mailed chan<- string) {
	conn, err := server.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "220 mail.test\r\n")
	var to string
	data := false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		switch line := lines.Text(); {
		case data && line != ".":
			continue
		case strings.HasPrefix(line, "RCPT"):
			to += line
		case line == "DATA":
			data = true
			fmt.Fprint(conn, "354 go on\r\n")
			continue
		case data:
			data = false
			defer func() { mailed <- to }()
		}
		fmt.Fprint(conn, "250 ok\r\n")
	}
}
