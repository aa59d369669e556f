package control

import (
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"snsbridge/src/spool"
)

var update = flag.Bool("update", false, "write the golden files anew")

// clock is the router's in these tests.
var clock = time.Date(2026, 11, 21, 9, 48, 0, 0, time.UTC)

const hostile = "\x1b]0;owned\x07 \u202egnp.exe\r\nBcc: x@example.org <b>&"

// rig is a bridge without cameras: a spool with an item in every state, a
// server, and a client at its socket.
type rig struct {
	*Server
	client *Client
	dir    string
	open   string // id of the item that is still growing
}

func newRig(t *testing.T) *rig {
	t.Helper()
	dir := t.TempDir()
	r := &rig{dir: dir}
	disk, err := spool.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	sp := &spool.Spool{Disk: disk, Reserve: 16 << 20, Now: func() time.Time { return clock }}
	if err := sp.Open(); err != nil {
		t.Fatal(err)
	}
	for _, it := range items() {
		r.write(t, it)
	}
	// The last of its files is not there.
	if err := os.Remove(filepath.Join(dir, "items", "000005-0005", "01-SAM_0005.JPG")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "seq"), []byte("7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := sp.Open(); err != nil {
		t.Fatal(err)
	}
	if err := sp.Recover(func(*spool.Item) {}); err != nil {
		t.Fatal(err)
	}
	r.Server = &Server{
		Spool: sp, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return clock },
		Version: "1.2.3", Started: clock.Add(-26 * time.Hour),
		Settings: "/var/etc/snsbridge.toml", Listen: "[::]:18732", UploadFolder: dir, SpoolFolder: dir,
		Warnings:    []string{"INSECURE_DOWNLOAD is on: everybody on this network can see all photos"},
		Targets:     []string{"email", "mastodon.pub", "shell", "store"},
		CaptureFile: "/mnt/sda1/photos/.spool/capture.txt",
		Captured:    func() int { return 3 },
		Mail:        func() Mail { return Mail{Today: 12, Limit: 200, Sender: "me@example.org"} },
		Unsynced:    func() bool { return true },
		Cameras: func() []Sighting {
			return []Sighting{
				{"192.168.8.213", "00:16:6c:12:34:56", "NX300", clock.Add(-5 * time.Minute), "logged in to facebook", "login", "facebook", "", ""},
				{"192.168.8.214", "", "", clock.Add(-3 * time.Hour), "hotspot check at www.msn.com", "check", "www.msn.com", "", ""},
			}
		},
		Redirected: func() (string, time.Time) { return "192.168.8.213", clock.Add(-5 * time.Minute) },
		Refused: func() []Sighting {
			return []Sighting{
				{"192.168.8.215", "00:16:6c:65:43:21", "", clock.Add(-time.Minute), "wanted to send an e-mail", "wanted-mail", "", "mac", "00:16:6c:65:43:21"},
				{"192.168.8.213", "00:16:6c:12:34:56", "NX300", clock.Add(-time.Hour), "wanted to send an e-mail", "wanted-mail", "", "sender", "me@example.org"},
			}
		},
		Uploads: func() []Upload {
			return []Upload{{"192.168.8.213", "NX300", "", "SAM_0042.JPG", 2, 4_100_000, 9_400_000}}
		},
		Limits: func(_ context.Context, target string) Limits {
			if kind(target) == "mastodon" {
				return Limits{true, 500, 1500, 4}
			}
			return Limits{}
		},
		Phone: &Phone{"http://camera.lan/", "904217"},
		Ready: ready,
	}
	r.open = r.receive(t)
	r.listen(t)
	return r
}

// ready wants a text for each picture where mastodon is the target.
func ready(it *spool.Item, target string) error {
	for _, f := range it.Files {
		if kind(target) == "mastodon" && f.Alt == "" {
			return &spool.Error{Kind: spool.Incomplete, Code: "alt-text", Hint: "Describe each picture.", Err: os.ErrInvalid}
		}
	}
	return nil
}

func (r *rig) write(t *testing.T, it spool.Item) {
	t.Helper()
	dir := filepath.Join(r.dir, "items", it.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, f := range it.Files {
		if err := os.WriteFile(filepath.Join(dir, f.Path), make([]byte, f.Size), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, err := json.Marshal(it)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "item.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// receive lets a post begin that has not ended.
func (r *rig) receive(t *testing.T) string {
	t.Helper()
	u, err := r.Spool.Begin(0)
	if err != nil {
		t.Fatal(err)
	}
	w, err := u.Create("SAM_0007.JPG")
	if err != nil {
		t.Fatal(err)
	}
	w.Type = "image/jpeg"
	w.Write(make([]byte, 700))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	it := &spool.Item{Kind: spool.Post, Site: "facebook", Model: "NX300", Open: true, Jobs: []spool.Job{{Target: "store", State: spool.Waiting}}}
	if err := u.Commit(it); err != nil {
		t.Fatal(err)
	}
	return it.ID
}

// listen serves at a socket until the test ends.
func (r *rig) listen(t *testing.T) {
	t.Helper()
	socket := socketName(t)
	l, err := Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- r.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve ended with %v", err)
		}
		if _, err := os.Lstat(socket); err == nil {
			t.Errorf("%s is still there after the end", socket)
		}
	})
	r.client = &Client{Socket: socket}
}

// socketName is short: t.TempDir can be longer than a socket's name may be.
func socketName(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sns")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "run", "control.sock")
}

// items are one of each kind, by age.
func items() []spool.Item {
	jpeg := func(n, size int64, alt string) spool.File {
		name := "SAM_000" + string('0'+rune(n)) + ".JPG"
		return spool.File{Name: name, Path: "01-" + name, Type: "image/jpeg", Size: size, Taken: clock.AddDate(0, 0, -1), Alt: alt}
	}
	hour := func(n int) time.Time { return clock.Add(time.Duration(n) * time.Hour) }
	return []spool.Item{
		{ID: "000001-0001", Kind: spool.Email, Received: hour(-20), Client: "192.168.8.213", Model: "NX300", Sender: "Camera@samsungcamera.com",
			Title: "Holiday", Text: "Sent from Samsung Camera.", Files: []spool.File{jpeg(1, 600, "")}, Jobs: []spool.Job{
				{Target: "email", To: []string{"me@example.org"}, State: spool.Done, Attempts: 2, Result: "250 queued", Tried: hour(-19), Finished: hour(-19)},
				{Target: "store", To: []string{"store@example.org"}, State: spool.Done, Attempts: 1, Result: "2026-11-20/SAM_0001.JPG", Tried: hour(-20), Finished: hour(-20)},
			}},
		{ID: "000002-0002", Kind: spool.Email, Received: hour(-10), Sender: "Camera@samsungcamera.com", Files: []spool.File{jpeg(2, 500, "")}, Jobs: []spool.Job{
			{Target: "email", To: []string{"me@example.org", "you@example.org"}, State: spool.Waiting, Attempts: 3, Tried: hour(-1),
				Error: "dial tcp: connection timed out", Code: "network"},
		}},
		{ID: "000003-0003", Kind: spool.Post, Received: hour(-9), Site: "facebook", Sender: "me", Model: "NX300", Text: "Three views", Language: "en",
			Files: []spool.File{jpeg(3, 400, "A mountain"), {Name: "SAM_0103.MP4", Path: "02-SAM_0103.MP4", Type: "video/mp4", Size: 900}},
			Jobs: []spool.Job{{Target: "mastodon.pub", State: spool.Draft, Attempts: 1, Tried: hour(-9),
				Error: "1 of 2 files have no description", Hint: "Describe each picture.", Code: "alt-text"}}},
		{ID: "000004-0004", Kind: spool.Email, Received: hour(-8), Files: []spool.File{jpeg(4, 300, "")}, Jobs: []spool.Job{
			{Target: "shell", State: spool.Failed, Attempts: 1, Tried: hour(-8), Error: "exit status 2", Hint: "Run the command by hand.", Code: "exit"}}},
		{ID: "000005-0005", Kind: spool.Email, Received: hour(-7), Files: []spool.File{jpeg(5, 200, "")}, Jobs: []spool.Job{{Target: "store", State: spool.Waiting}}},
		{ID: "000006-0006", Kind: spool.Post, Received: time.Unix(0, 0).UTC(), Site: hostile, Sender: hostile, Title: hostile, Text: hostile, Client: "192.168.8.9",
			Files: []spool.File{{Name: hostile, Path: "01-x", Type: "application/octet-stream", Size: 1, Alt: hostile}},
			Jobs:  []spool.Job{{Target: "gone", State: spool.Waiting, Attempts: 1, Error: hostile, Hint: hostile, Code: "no-target"}}},
	}
}

// golden compares JSON with a file, or writes the file.
func golden(t *testing.T, name string, v any, replace ...string) {
	t.Helper()
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.NewReplacer(replace...).Replace(string(b)) + "\n"
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s\n got %s\nwant %s", file, got, want)
	}
}
