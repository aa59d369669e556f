package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"snsbridge/src/sim"
	"snsbridge/src/spool"
)

// add receives an item with the files.
func (r *rig) add(t *testing.T, files ...sim.File) string {
	t.Helper()
	u, err := r.Spool.Begin(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		w, err := u.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		w.Type = f.Type
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, in); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	it := &spool.Item{Kind: spool.Post, Site: "facebook", Jobs: []spool.Job{{Target: "store", State: spool.Waiting}}}
	if err := u.Commit(it); err != nil {
		t.Fatal(err)
	}
	return it.ID
}

// The thumbnails are those in the photos, of the first few; what has none, or
// cannot be read, has none.
func TestThumbnails(t *testing.T) {
	r := newRig(t)
	var files []sim.File
	for n := range 6 {
		f, err := sim.Photo{Seed: uint64(n)}.File()
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	files[1].Type = "video/mp4"
	id := r.add(t, files...)
	got, err := r.client.Thumbnails(context.Background(), id)
	if err != nil || len(got.Thumbnails) != thumbnailsMost {
		t.Fatalf("%v, %d thumbnails", err, len(got.Thumbnails))
	}
	for n, b := range got.Thumbnails {
		if jpeg := bytes.HasPrefix(b, []byte{0xff, 0xd8}) && len(b) > 1000; jpeg != (n != 2) {
			t.Errorf("file %d: %d bytes", n, len(b))
		}
	}
	for id, ok := range map[string]bool{"000003-0003": true, "000005-0005": true, "../status": false, "000099-0099": false} {
		got, err := r.client.Thumbnails(context.Background(), id)
		if (err == nil) != ok {
			t.Errorf("%s: %v", id, err)
		}
		for n, b := range got.Thumbnails {
			if b != nil {
				t.Errorf("%s, file %d: %d bytes of a picture", id, n, len(b))
			}
		}
	}
}

func TestMailTest(t *testing.T) {
	r := newRig(t)
	ask := func() (Mailed, string) {
		m, err := r.client.MailTest(context.Background(), "you@example.org")
		var e *Error
		if errors.As(err, &e) {
			return m, e.Code + ": " + e.Message + " " + e.Hint
		}
		return m, ""
	}
	if _, e := ask(); e != "mail-settings: there is no mail server in the settings Set one, and save and apply the settings." {
		t.Errorf("without a server: %s", e)
	}
	r.Trial = func(_ context.Context, to string) (string, error) { return "250 queued for " + to, nil }
	if m, e := ask(); e != "" || m != (Mailed{"you@example.org", "250 queued for you@example.org"}) {
		t.Errorf("got %v, %s", m, e)
	}
	r.Trial = func(context.Context, string) (string, error) {
		return "", &spool.Error{Kind: spool.Account, Code: "login", Hint: "Check it.", Err: errors.New("535 no")}
	}
	if _, e := ask(); e != "mail-login: 535 no Check it." {
		t.Errorf("a refused login: %s", e)
	}
	r.Trial = func(context.Context, string) (string, error) { return "", errors.New("broken") }
	if _, e := ask(); e != "mail-failed: broken " {
		t.Errorf("another error: %s", e)
	}
}

func TestDoctor(t *testing.T) {
	r := newRig(t)
	if c, err := r.client.Doctor(context.Background(), "", false); err != nil || c.Running || string(c.Report) != "null" {
		t.Errorf("without a doctor: %+v, %v", c, err)
	}
	ago := int64(7)
	var asked []any
	r.Server.Doctor = func(address string, fresh bool) Checkup {
		asked = append(asked, address, fresh)
		return Checkup{json.RawMessage(`{"state":"ok"}`), &ago, true}
	}
	c, err := r.client.Doctor(context.Background(), "10.23.42.99", true)
	if err != nil || !c.Running || *c.SecondsAgo != 7 || string(c.Report) != `{"state":"ok"}` || asked[0] != "10.23.42.99" || asked[1] != true {
		t.Errorf("got %+v, %v; asked for %v", c, err, asked)
	}
}
