//go:build integration

package integration

import (
	"fmt"
	"strings"
	"testing"

	"snsbridge/src/control"
	"snsbridge/src/sim"
)

// Without an uplink photos are accepted and wait, and a person sees why. When
// it is there again they go out.
func TestUplinkComesBack(t *testing.T) {
	port := freePort(t) // where nobody listens yet
	host := &smarthost{port: port}
	b := newBridge(t, host.settings()...)
	d := b.start(t)
	var files []sim.File
	for n := range 3 {
		f := photo(t, fmt.Sprintf("SAM_%04d.JPG", n), 200e3, uint64(n))
		if a, err := cameraAt(t, d, "NX300", 2+n).Email(t.Context(), mail(f)); err != nil || !heardSuccess(a) {
			t.Fatalf("without an uplink the camera heard: %v", err)
		}
		files = append(files, f)
	}
	var first control.Item // the oldest, which is tried for all
	eventually(t, func() error {
		st := b.status(t)
		if len(st.Targets) == 0 || st.Queue.Waiting != 3 {
			return fmt.Errorf("got the status %+v, want three photos waiting", st)
		}
		first = b.queue(t).Items[2]
		if j := first.Jobs[0]; j.Attempts == 0 || j.Running {
			return fmt.Errorf("%s was not tried yet: %+v", first.ID, j)
		}
		return nil
	})
	if j := first.Jobs[0]; !strings.Contains(j.Error, "connection refused") {
		t.Errorf("got the job %+v, want to be told why it waits", j)
	}
	for _, it := range b.queue(t).Items {
		j := it.Jobs[0]
		if it.State != "waiting" || it.ID != first.ID && j.Attempts > 0 || j.NextSeconds == nil || *j.NextSeconds > 120 {
			t.Errorf("got %s with the job %+v, want it waiting for not much longer, and only the first to be tried", it.ID, j)
		}
	}
	for _, tg := range b.status(t).Targets {
		if tg.Name != "email" {
			continue
		}
		if tg.State != "failing" || tg.Jobs.Waiting != 3 || tg.LastError == nil || !strings.Contains(tg.LastError.Error, "connection refused") {
			t.Errorf("got the target %+v, want it failing, and why", tg)
		}
	}
	for _, verb := range []string{"status", "queue"} {
		if out, err := b.verb(verb); err != nil || !strings.Contains(out, "waiting") || !strings.Contains(out, "connection refused") {
			t.Errorf("a person is told by %s: %v\n%s", verb, err, out)
		}
	}

	startSmarthost(t, host)
	if out, err := b.verb("retry", "--all"); err != nil || !strings.Contains(out, "3") {
		t.Fatalf("retry --all: %v\n%s", err, out)
	}
	b.drained(t)
	got := map[string]attachment{}
	for _, m := range host.accepted() {
		for _, a := range m.files {
			got[a.name] = a
		}
	}
	for _, want := range attachments(t, files) {
		if got[want.name] != want {
			t.Errorf("%s did not arrive as it was sent", want.name)
		}
	}
	if n := len(host.accepted()); n != 3 {
		t.Errorf("got %d mails, want 3", n)
	}
	for _, it := range b.queue(t).Items {
		if j := it.Jobs[0]; it.State != "done" || j.Error != "" {
			t.Errorf("got %s with the job %+v, want it done, without an error any more", it.ID, j)
		}
	}
	d.stop()
}

// A post whose photo nobody described waits for a person, also over a restart,
// and goes out once it is described.
func TestDraftIsCompleted(t *testing.T) {
	site := startInstance(t, nil)
	b := newBridge(t, site.settings()...)
	d := b.start(t)
	f := photo(t, "SAM_0001.JPG", 200e3, 1)
	if _, err := cameraAt(t, d, "NX300", 2).Post(t.Context(), "facebook", "At the sea", f); err != nil {
		t.Fatal(err)
	}
	d.stop()
	d = b.start(t)
	eventually(t, func() error {
		if st := b.status(t); !st.Ready || st.Queue.Draft != 1 {
			return fmt.Errorf("got the queue %+v, want one draft", st.Queue)
		}
		return nil
	})
	it := b.queue(t).Items[0]
	if j := it.Jobs[0]; it.State != "draft" || !strings.Contains(j.Hint, "edit") || len(site.media) > 0 {
		t.Errorf("got the job %+v and %d uploads, want a draft, a word on how to complete it, and nothing sent", j, len(site.media))
	}
	if out, err := b.verb("queue", "--state", "draft"); err != nil || !strings.Contains(out, it.ID) || !strings.Contains(out, "edit") {
		t.Errorf("a person is told: %v\n%s", err, out)
	}

	if out, err := b.verb("edit", it.ID, "--alt", "1=갈매기, a gull = \"white\""); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	b.drained(t)
	posts, _ := site.published()
	if len(posts) != 1 || len(posts[0].files) != 1 || !strings.Contains(posts[0].text, "At the sea") {
		t.Fatalf("got the posts %+v, want one with its photo and text", posts)
	}
	if got, want := posts[0].files[0].alt, "갈매기, a gull = \"white\""; got != want {
		t.Errorf("got the alt text %q, want %q", got, want)
	}
	shown := b.queue(t).Items[0]
	if j := shown.Jobs[0]; shown.State != "done" || j.Result != site.URL+"/@me/1" {
		t.Errorf("got the job %+v, want it done, with the post's address", j)
	}
	d.stop()
}
