package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"snsbridge/src/spool"
)

// The golden files are what LuCI's pages are tested with.
func TestGolden(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.Spool.Pause("store", "the stick is full")
	st, err := r.client.Status(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if st.Storage.Upload.Total <= 0 || st.Storage.Spool.Total <= 0 {
		t.Errorf("the storage has no size: %+v", st.Storage)
	}
	st.Storage.Upload = Folder{Path: "/mnt/sda1/photos", Free: 12e9, Total: 32e9}
	st.Storage.Spool = Folder{Path: "/mnt/sda1/photos/.spool", Free: 12e9, Total: 32e9}
	if want := st.Storage.Usable / 5e6; st.Storage.Photos != want {
		t.Errorf("room for %d photos, want %d", st.Storage.Photos, want)
	}
	st.Storage.Usable, st.Storage.Photos = 61e6, 12
	golden(t, "status.json", st)

	q, err := r.client.Queue(ctx, "", 0, "")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "queue.json", q, r.open, "000007-0007")
	if q, err = r.client.Queue(ctx, "", 0, "attention"); err != nil {
		t.Fatal(err)
	}
	golden(t, "attention.json", q)
	it, err := r.client.Show(ctx, "000003-0003")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "item.json", it)
}

func TestGoldenError(t *testing.T) {
	r := newRig(t)
	_, err := r.client.Show(context.Background(), "000099-0099")
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	golden(t, "error.json", errorAnswer{e})
}

// Working memory with room for three photos is no trouble; with room for none,
// cameras are refused, and that is said.
func TestFull(t *testing.T) {
	r := newRig(t)
	disk := &small{Disk: r.Spool.Disk, free: 67e6}
	r.Spool.Disk, r.Spool.Reserve = disk, 50e6
	for free, full := range map[int64]bool{67e6: false, 54e6: true} {
		disk.free = free
		st, err := r.client.Status(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		got := st.Storage
		if (got.Trouble != nil && got.Trouble.Code == "full") != full || got.Usable != free-50e6 || got.Photos != got.Usable/5e6 {
			t.Errorf("%d bytes free: %+v", free, got)
		}
	}
}

// small is a disk of a size.
type small struct {
	spool.Disk
	free int64
}

func (d *small) Space() (spool.Space, error) { return spool.Space{Free: d.free, Total: 67e6}, nil }

// A page must not meet null where it expects a list.
func TestEmpty(t *testing.T) {
	disk, err := spool.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sp := &spool.Spool{Disk: disk}
	if err := sp.Open(); err != nil {
		t.Fatal(err)
	}
	boot := time.Unix(0, 0)
	s := &Server{Spool: sp, Now: func() time.Time { return boot }, Started: boot, UploadFolder: "/nowhere"}
	st, err := s.status(nil)
	if err != nil {
		t.Fatal(err)
	}
	v := st.(*Status)
	if !strings.Contains(v.Storage.Upload.Error, "no such file") {
		t.Errorf("got %q as the error of a folder that is not there", v.Storage.Upload.Error)
	}
	v.Storage.Spool, v.Storage.Usable, v.Storage.Photos = Folder{}, 0, 0
	golden(t, "status-empty.json", v)
}

func TestQueuePages(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		reason, before, state string
		limit                 int
		want                  []string
		more                  bool
	}{
		{"the newest come first", "", "", 2, []string{r.open, "000006-0006"}, true},
		{"the next page begins behind the last id", "000006-0006", "", 3, []string{"000005-0005", "000004-0004", "000003-0003"}, true},
		{"the last page knows that it is", "000003-0003", "", 2, []string{"000002-0002", "000001-0001"}, false},
		{"an id that was removed meanwhile still marks the place", "000003-ffff", "", 1, []string{"000003-0003"}, true},
		{"a post that grows", "", "open", 9, []string{r.open}, false},
		{"what is damaged", "", "damaged", 9, []string{"000005-0005"}, false},
		{"what waits", "", "waiting", 9, []string{r.open, "000006-0006", "000002-0002"}, false},
		{"what needs a person", "", "failed", 9, []string{"000004-0004"}, false},
		{"what needs a person in any way", "", "attention", 9, []string{"000005-0005", "000004-0004", "000003-0003"}, false},
		{"all that is not everywhere yet", "000007-0000", "unfinished", 9, []string{"000006-0006", "000005-0005", "000004-0004", "000003-0003", "000002-0002"}, false},
		{"nothing behind the oldest", "000001-0001", "", 9, nil, false},
	} {
		q, err := r.client.Queue(context.Background(), c.before, c.limit, c.state)
		if err != nil {
			t.Errorf("%s: %v", c.reason, err)
			continue
		}
		var got []string
		for _, it := range q.Items {
			got = append(got, it.ID)
		}
		if !slices.Equal(got, c.want) || q.More != c.more {
			t.Errorf("%s: got %v, more %v; want %v, %v", c.reason, got, q.More, c.want, c.more)
		}
	}
}

// reads counts the records that are opened.
type reads struct {
	spool.Disk
	n int
}

func (d *reads) Open(name string) (spool.DiskFile, error) {
	d.n++
	return d.Disk.Open(name)
}

func TestQueueOfThousands(t *testing.T) {
	r := newRig(t)
	for n := 100; n < 3100; n++ {
		r.write(t, spool.Item{ID: fmt.Sprintf("%06d-0000", n), Kind: spool.Email, Jobs: []spool.Job{{Target: "store", State: spool.Done}}})
	}
	disk := &reads{Disk: r.Spool.Disk}
	r.Spool.Disk = disk
	if err := r.Spool.Recover(func(*spool.Item) {}); err != nil {
		t.Fatal(err)
	}
	disk.n = 0
	q, err := r.client.Queue(context.Background(), "000500-0000", 20, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(q.Items) != 20 || q.Items[0].ID != "000499-0000" || !q.More {
		t.Errorf("got %d items from %s, more %v", len(q.Items), q.Items[0].ID, q.More)
	}
	if disk.n != 20 {
		t.Errorf("a page of 20 read %d records", disk.n)
	}
}

// A camera may send long texts, many times.
func TestQueueOfNovels(t *testing.T) {
	r := newRig(t)
	for n := 100; n < 180; n++ {
		r.write(t, spool.Item{ID: fmt.Sprintf("%06d-0000", n), Kind: spool.Email, Text: strings.Repeat("\x01", textMax)})
	}
	if err := r.Spool.Recover(func(*spool.Item) {}); err != nil {
		t.Fatal(err)
	}
	seen, before := 0, ""
	for more := true; more; {
		q, err := r.client.Queue(context.Background(), before, pageMost, "")
		if err != nil {
			t.Fatal(err)
		}
		if len(q.Items) == 0 || len(q.Items) > 40 {
			t.Fatalf("a page has %d items", len(q.Items))
		}
		seen += len(q.Items)
		before, more = q.Items[len(q.Items)-1].ID, q.More
	}
	if seen != 80+7 {
		t.Errorf("the pages had %d items, want 87", seen)
	}
}

func TestRefusals(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	text := func(s string) *string { return &s }
	edit := func(id string, e Edit) func() error {
		return func() error { _, err := r.client.Edit(ctx, id, e); return err }
	}
	for _, c := range []struct {
		reason string
		do     func() error
		code   string
		says   string
	}{
		{"an id that is a path", func() error { _, err := r.client.Show(ctx, "../../etc/passwd"); return err }, "not-found", "no such item"},
		{"nothing to retry", func() error { _, err := r.client.Retry(ctx, "000001-0001"); return err }, "request", "is delivered"},
		{"a draft is not retried", func() error { _, err := r.client.Retry(ctx, "000003-0003"); return err }, "request", "draft"},
		{"a damaged item is not retried", func() error { _, err := r.client.Retry(ctx, "000005-0005"); return err }, "damaged", "is missing"},
		{"a post that grows", edit(r.open, Edit{Text: text("x")}), "open", "still sending"},
		{"no such file", edit("000003-0003", Edit{Alts: map[int]string{3: "x"}}), "request", "file number 3"},
		{"an alt text that no server takes", edit("000003-0003", Edit{Alts: map[int]string{1: strings.Repeat("x", altMax+1)}}), "request", "longer than"},
		{"no such visibility", edit("000003-0003", Edit{Visibility: text("everybody")}), "request", "visibility"},
		{"a sentence for a language", edit("000003-0003", Edit{Language: text("in English")}), "request", "language"},
		{"a target that the settings do not have", edit("000003-0003", Edit{Targets: map[string]string{"": "mastodon.prv"}}), "request", "no target"},
		{"a job that is done", edit("000001-0001", Edit{Targets: map[string]string{"email": "shell"}}), "request", "no undelivered job"},
		{"no such list", func() error { _, err := r.client.Queue(ctx, "", 0, "lost"); return err }, "request", "no state"},
		{"a list without end", func() error { _, err := r.client.Queue(ctx, "", 1e6, ""); return err }, "request", "list length"},
		{"no such target", func() error { _, err := r.client.Pause(ctx, "fax", ""); return err }, "not-found", "fax"},
		{"a request of a later version", func() error { return r.client.call(ctx, "GET", "/later", nil, nil) }, "request", "no such request"},
		{"a key of a later version", func() error {
			return r.client.call(ctx, "POST", "/items/000003-0003/edit", map[string]int{"later": 1}, nil)
		}, "request", "later"},
	} {
		err := c.do()
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Message, c.says) {
			t.Errorf("%s: got %#v, want code %s and %q in the message", c.reason, err, c.code, c.says)
		}
	}
}

func TestEdit(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	text := func(s string) *string { return &s }
	edit := func(e Edit) Item {
		t.Helper()
		it, err := r.client.Edit(ctx, "000003-0003", e)
		if err != nil {
			t.Fatal(err)
		}
		return it
	}
	it := edit(Edit{Text: text(" Two views "), Warning: text("heights"), Visibility: text("private"), Language: text("ko")})
	if it.Text != "Two views" || it.Warning != "heights" || it.Visibility != "private" || it.Language != "ko" {
		t.Errorf("the texts were not changed: %+v", it)
	}
	if j := it.Jobs[0]; j.State != "draft" || j.Code != "alt-text" || j.NextSeconds != nil {
		t.Errorf("a draft without its texts went out: %+v", j)
	}
	it = edit(Edit{Alts: map[int]string{2: "Clouds"}, Hold: true})
	if j := it.Jobs[0]; j.State != "draft" || j.Code != "held" {
		t.Errorf("a draft that is to be kept went out: %+v", j)
	}
	it = edit(Edit{})
	if j := it.Jobs[0]; j.State != "waiting" || j.Error != "" || j.NextSeconds == nil || *j.NextSeconds != 0 {
		t.Errorf("a complete draft did not go out: %+v", j)
	}
	it = edit(Edit{Hold: true})
	if j := it.Jobs[0]; j.State != "draft" || j.Code != "held" {
		t.Errorf("what waited was not held: %+v", j)
	}
	it = edit(Edit{Targets: map[string]string{"": "store"}})
	if j := it.Jobs[0]; j.Target != "store" || j.State != "waiting" || j.Attempts != 0 {
		t.Errorf("the target was not changed: %+v", j)
	}
	again, err := r.client.Show(ctx, it.ID)
	if err != nil || !reflect.DeepEqual(again, it) {
		t.Errorf("shown is %+v, %v; edited was %+v", again, err, it)
	}
}

func TestIsLanguage(t *testing.T) {
	for s, want := range map[string]bool{"": true, "en": true, "gsw": true, "pt-BR": true, "e": false, "engl": false, "en-": false, "-en": false, "한": false, "e1": false} {
		if got := isLanguage(s); got != want {
			t.Errorf("%q is a language: %v", s, got)
		}
	}
}

func TestRetry(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	// An uplink is no reason to try again what has failed: it needs a person.
	// Nor is the damaged item tried, or the post that still grows.
	n, err := r.client.RetryMany(ctx, "waiting")
	if err != nil || n.Retried != 2 {
		t.Errorf("retried %d that wait, %v; want 2", n.Retried, err)
	}
	if it, err := r.client.Show(ctx, "000004-0004"); err != nil || it.State != "failed" {
		t.Errorf("what failed is %s, %v", it.State, err)
	}
	it, err := r.client.Retry(ctx, "000004-0004")
	if err != nil || it.State != "waiting" {
		t.Errorf("got state %s, %v", it.State, err)
	}
	if n, err := r.client.RetryMany(ctx, "all"); err != nil || n.Retried != 3 {
		t.Errorf("retried %d, %v; want 3", n.Retried, err)
	}
	if _, err := r.client.Pause(ctx, "shell", ""); err != nil {
		t.Fatal(err)
	}
	if n, err := r.client.RetryMany(ctx, "all"); err != nil || n.Retried != 2 {
		t.Errorf("retried %d, %v while one is paused; want 2", n.Retried, err)
	}
	if n, err := r.client.RetryMany(ctx, "failed"); err != nil || n.Retried != 0 {
		t.Errorf("retried %d, %v; want 0", n.Retried, err)
	}
}

func TestRetryAllIncludesFailed(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	if n, err := r.client.RetryMany(ctx, "all"); err != nil || n.Retried != 3 {
		t.Errorf("retried %d, %v; want the two that wait and the one that failed", n.Retried, err)
	}
	if it, err := r.client.Show(ctx, "000004-0004"); err != nil || it.State != "waiting" {
		t.Errorf("what failed is %s, %v", it.State, err)
	}
}

// What needs a person comes first, however much came later, and no page that
// follows leaves anything out.
func TestTop(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	for n := 100; n < 122; n++ {
		r.write(t, spool.Item{ID: fmt.Sprintf("%06d-0000", n), Kind: spool.Email, Jobs: []spool.Job{{Target: "store", State: spool.Done}}})
	}
	if err := r.Spool.Recover(func(*spool.Item) {}); err != nil {
		t.Fatal(err)
	}
	for limit := 1; limit < 40; limit++ {
		seen := map[string]bool{}
		q, err := r.client.Top(ctx, limit)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"000005-0005", "000004-0004", "000003-0003"}[:min(limit, 3)] { // damaged, failed, a draft
			if q.Items[i].ID != want {
				t.Errorf("%d items: number %d is %s, want %s", limit, i+1, q.Items[i].ID, want)
			}
		}
		for {
			for _, it := range q.Items {
				seen[it.ID] = true
			}
			if !q.More {
				break
			}
			if q, err = r.client.Queue(ctx, q.Items[len(q.Items)-1].ID, limit, ""); err != nil {
				t.Fatal(err)
			}
		}
		if all := r.Spool.IDs(); len(seen) != len(all) {
			t.Errorf("pages of %d show %d of %d items", limit, len(seen), len(all))
		}
	}
}

func TestRemove(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	for _, id := range []string{"000005-0005", "000001-0001"} {
		if _, err := r.client.Remove(ctx, id); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(r.dir, "items", id)); err == nil {
			t.Errorf("%s is still on disk", id)
		}
	}
	var e *Error
	if _, err := r.client.Remove(ctx, "000001-0001"); !errors.As(err, &e) || e.Code != "not-found" {
		t.Errorf("got %v for an item that is gone", err)
	}
}

// What a target's attempts lead to, as a person sees it.
func TestTargetStates(t *testing.T) {
	r := newRig(t)
	ctx, cancel := context.WithCancel(context.Background())
	answers := map[string]error{
		"email": nil,
		"shell": &spool.Error{Kind: spool.Permanent, Err: errors.New("exit status 2")},
		"gone":  &spool.Error{Kind: spool.Account, Hint: "Add it again.", Err: errors.New("no such target")},
		"late":  errors.New("no route to host"),
	}
	r.Targets = append(r.Targets, "late")
	if _, err := r.client.Edit(ctx, "000003-0003", Edit{Targets: map[string]string{"": "late"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.client.Retry(ctx, "000004-0004"); err != nil {
		t.Fatal(err)
	}
	tried := make(chan string, 100)
	run := spool.Runner{Spool: r.Spool, Do: func(_ context.Context, d *spool.Delivery) error {
		return answers[d.Job.Target]
	}, Idle: func() { tried <- "" }}
	ended := make(chan bool)
	go func() { run.Run(ctx); ended <- true }()
	for done := false; !done; {
		<-tried
		known := r.Spool.Targets()
		done = true
		for name := range answers {
			k := known[name]
			done = done && (name == "email" && k.Jobs[spool.Waiting] == 0 || name != "email" && k.Failure != nil && k.Failure.Time.Equal(clock))
		}
	}
	cancel()
	<-ended
	st, err := r.client.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, tg := range st.Targets {
		got[tg.Name] = tg.State
		if tg.Name == "gone" && (tg.Configured || tg.Pause == nil || tg.Pause.By != "target" || tg.Pause.AgainSeconds == nil || tg.Pause.Hint == "") {
			t.Errorf("got %+v for a target that refuses us", tg)
		}
		if tg.Name == "late" && (tg.NextSeconds == nil || *tg.NextSeconds < 1 || tg.LastError.Item != "000003-0003") {
			t.Errorf("got %+v for a target that cannot be reached", tg)
		}
	}
	want := map[string]string{
		"email": "ok",
		"shell": "ok", // it did its part: the item is what fails
		"gone":  "paused", "late": "failing",
		"store":        "ok", // it stored something in an earlier run
		"mastodon.pub": "ok", // its draft went elsewhere, its attempt is still known
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What a person releases goes at once, not when a failure of long ago would
// have been tried again.
func TestReleasedAtOnce(t *testing.T) {
	r := newRig(t)
	if _, err := r.client.Edit(context.Background(), "000003-0003", Edit{Alts: map[int]string{2: "Clouds"}}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	run := spool.Runner{Spool: r.Spool, Do: func(_ context.Context, d *spool.Delivery) error {
		if d.Item.ID == "000003-0003" {
			return &spool.Error{Kind: spool.Incomplete, Err: errors.New("too short")}
		}
		return nil
	}, Idle: func() {
		if jobs, _ := r.Spool.Counts(); jobs[spool.Draft] == 1 {
			cancel()
		}
	}}
	run.Run(ctx)
	if it, err := r.client.Show(context.Background(), "000003-0003"); err != nil || it.Jobs[0].Error != "too short" {
		t.Fatalf("got %+v, %v", it.Jobs, err)
	}
	it, err := r.client.Edit(context.Background(), "000003-0003", Edit{})
	if err != nil || it.Jobs[0].NextSeconds == nil || *it.Jobs[0].NextSeconds != 0 {
		t.Errorf("got %+v, %v", it.Jobs, err)
	}
}

func TestPause(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	tg, err := r.client.Pause(ctx, "email", "no money")
	if err != nil || tg.State != Paused || tg.Pause.By != "person" || tg.Pause.Reason != "no money" || tg.NextSeconds != nil {
		t.Errorf("got %+v, %v", tg, err)
	}
	if it, err := r.client.Show(ctx, "000002-0002"); err != nil || it.Jobs[0].NextSeconds != nil {
		t.Errorf("a paused job has a next attempt: %+v, %v", it.Jobs, err)
	}
	if tg, err = r.client.Resume(ctx, "email"); err != nil || tg.State == Paused || tg.NextSeconds == nil {
		t.Errorf("got %+v, %v", tg, err)
	}
}

func TestPrintable(t *testing.T) {
	for _, c := range []struct{ reason, in, want string }{
		{"plain text stays", "Holiday in Köln, 사진 📷", "Holiday in Köln, 사진 📷"},
		{"a terminal's commands", "\x1b]0;owned\x07", `\x1b]0;owned\x07`},
		{"the same in one byte, as xterm reads it", "\u009b31m", `\u009b31m`},
		{"lines", "a\r\nb\u2028c", `a\x0d\nb\u2028c`},
		{"direction of writing", "\u202egnp.exe\u2066", `\u202egnp.exe\u2066`},
		{"what cannot be seen", "a\u200bb\ufeff\U000e0041", `a\u200bb\ufeff\U000e0041`},
		{"bytes that are no UTF-8", "\xff\xec\x82", `\xff\xec\x82`},
	} {
		if got := Printable(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.reason, got, c.want)
		}
	}
	in := []string{hostile, "\u009b31m\u007f", "\U000e0041 사진 📷", "a\nb"}
	doc, err := json.MarshalIndent(in, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	shown := PrintableJSON(doc)
	for line := range strings.SplitSeq(string(shown), "\n") {
		if Printable(line) != line {
			t.Errorf("not printable: %q", line)
		}
	}
	var out []string
	if err := json.Unmarshal(shown, &out); err != nil || !slices.Equal(in, out) {
		t.Errorf("got %q, %v; want %q", out, err, in)
	}
}

// A file system that does not report its room is not one that has none.
func TestRoomUnknown(t *testing.T) {
	f := Folder{Path: "/mnt/sda1"}
	if f.set(spool.Space{}, nil); !strings.Contains(f.Error, "does not report") {
		t.Errorf("%+v", f)
	}
	f = Folder{Path: "/mnt/sda1"}
	if f.set(spool.Space{Free: 0, Total: 1e9}, nil); f.Error != "" {
		t.Errorf("a full one: %+v", f)
	}
}
