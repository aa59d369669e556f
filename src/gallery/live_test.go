package gallery

import (
	"encoding/json"
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"

	"snsbridge/src/control"
	"snsbridge/src/spool"
)

func makePipe(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

// ask asks as the page does: with the version and the tag of the last answer.
func (r *rig) ask(since, tag string) (v live, status int, newTag string) {
	r.t.Helper()
	q := r.request("GET", "/phone/api/live?since="+since, "")
	q.Header.Set("If-None-Match", tag)
	w := r.send(q)
	if w.Code == 200 {
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			r.t.Fatal(err)
		}
	}
	return v, w.Code, w.Header().Get("ETag")
}

func TestLive(t *testing.T) {
	r := newRig(t)
	r.login()
	first, status, _ := r.ask("", "")
	if status != 200 || !first.All || first.Version == "" || !first.Ready {
		t.Fatalf("the first answer: %d %+v", status, first)
	}
	v, _, tag := r.ask(first.Version, "")
	if v.All || len(v.Changed) > 0 {
		t.Errorf("nothing has happened: %+v", v)
	}
	if _, status, _ = r.ask(first.Version, tag); status != 304 {
		t.Errorf("nothing has happened: %d", status)
	}
	it := r.put("SAM_0001.JPG", "photo")
	v, status, _ = r.ask(first.Version, tag)
	if status != 200 || v.All || !slices.Equal(v.Changed, []string{it.ID}) || v.Items != 1 || v.Jobs.Waiting != 1 {
		t.Errorf("a photo has arrived: %d %+v", status, v)
	}
	if err := r.Control.Spool.Remove(it.ID); err != nil {
		t.Fatal(err)
	}
	if v, _, _ = r.ask(v.Version, ""); !slices.Equal(v.Changed, []string{it.ID}) || v.Items != 0 {
		t.Errorf("it is deleted: %+v", v)
	}
	uploads := []control.Upload{{Client: "192.168.8.7", Model: "NX300", Bytes: 1}}
	r.Control.Uploads = func() []control.Upload { return uploads }
	_, _, tag = r.ask(v.Version, "")
	uploads[0].Bytes = 2
	if v, status, _ = r.ask(v.Version, tag); status != 200 || len(v.Uploads) != 1 || v.Uploads[0].Bytes != 2 {
		t.Errorf("an upload goes on: %d %+v", status, v)
	}
}

// TestLiveTrouble shows that what keeps photos out, or mail waiting, is told.
func TestLiveTrouble(t *testing.T) {
	r := newRig(t)
	r.login()
	disk := &cramped{Disk: r.Control.Spool.Disk, free: 67e6}
	r.Control.Spool.Disk, r.Control.Spool.Reserve = disk, 50e6
	if v, _, _ := r.ask("", ""); v.Full || v.ClockWait {
		t.Errorf("all is well: %+v", v)
	}
	disk.free = 54e6
	if v, _, _ := r.ask("", ""); !v.Full || v.ClockWait {
		t.Errorf("there is no room for a photo: %+v", v)
	}
	disk.free = 67e6

	doubt := true
	r.Control.Unsynced = func() bool { return doubt }
	for code, want := range map[string]bool{"network": false, "clock-wait": true} {
		u, err := r.Control.Spool.Begin(0)
		if err != nil {
			t.Fatal(err)
		}
		job := spool.Job{Target: "email", State: spool.Waiting, Attempts: 1, Tried: time.Now(), Error: "later", Code: code}
		it := &spool.Item{Kind: spool.Email, Jobs: []spool.Job{job}}
		if err := u.Commit(it); err != nil {
			t.Fatal(err)
		}
		again := &spool.Spool{Disk: disk} // after a restart
		if err := again.Open(); err != nil {
			t.Fatal(err)
		}
		if err := again.Recover(func(*spool.Item) {}); err != nil {
			t.Fatal(err)
		}
		r.Control.Spool = again
		if v, _, _ := r.ask("", ""); v.ClockWait != want {
			t.Errorf("%s: %+v", code, v)
		}
		doubt = false
		if v, _, _ := r.ask("", ""); v.ClockWait {
			t.Errorf("%s, and the clock is set: %+v", code, v)
		}
		doubt = true
		if err := again.Remove(it.ID); err != nil {
			t.Fatal(err)
		}
		if v, _, _ := r.ask("", ""); v.ClockWait {
			t.Errorf("%s, and nothing waits: %+v", code, v)
		}
	}
}

// cramped is a disk of a size.
type cramped struct {
	spool.Disk
	free int64
}

func (d *cramped) Space() (spool.Space, error) { return spool.Space{Free: d.free, Total: 67e6}, nil }

// Who missed too much, or asks after a restart, loads anew.
func TestLiveMissed(t *testing.T) {
	r := newRig(t)
	r.login()
	first, _, _ := r.ask("", "")
	for i := range changesMax {
		r.Changed(fmt.Sprint(i % 7))
	}
	if v, _, _ := r.ask(first.Version, ""); v.All || len(v.Changed) != 7 {
		t.Errorf("%d changes: %+v", changesMax, v)
	}
	r.Changed("one more")
	for _, since := range []string{first.Version, "00000000-3", "x", first.Version[:9] + "999", first.Version[:9] + "-1"} {
		if v, _, _ := r.ask(since, ""); !v.All || len(v.Changed) > 0 {
			t.Errorf("since %s: %+v", since, v)
		}
	}
	if len(r.changes.last) != changesMax {
		t.Errorf("%d changes are remembered", len(r.changes.last))
	}
}
