package mastodon

import (
	"fmt"
	"testing"
	"time"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// friendica makes the fake behave as Friendica 2024.12 (its classes
// Module\Api\Mastodon\Statuses and Media, Factory\Api\Mastodon\Attachment):
// it knows no Idempotency-Key, a picture can be used any number of times and
// stays visible, and in a post it has another id than when it was uploaded,
// the address being its remote_url.
func friendica(rig *testRig) {
	rig.fake.friendly = true
	rig.fake.instance = `{"version":"2.8.0 (compatible; Friendica 2024.12)","source_url":null,"configuration":{"statuses":{"max_characters":200000,"max_media_attachments":20},
		"media_attachments":{"supported_mime_types":["image/jpeg"],"image_size_limit":800000,"image_matrix_limit":10}}}`
}

// TestFriendica loses the answer to a post: there is one post in the end.
func TestFriendica(t *testing.T) {
	for _, c := range []struct {
		reason string
		files  int
		change func(rig *testRig)
	}{
		{"by the address of its picture", 1, func(*testRig) {}},
		{"by one of two", 2, func(*testRig) {}},
		{"by text and time, as there is no address", 1, func(rig *testRig) { rig.fake.noURL = true }},
		{"a text alone", 0, func(*testRig) {}},
		{"the router's clock is not set", 1, func(rig *testRig) {
			rig.fake.noURL = true
			rig.m.Now = func() time.Time { return time.Unix(1000, 0) }
		}},
		{"the server answers 504 to what it does", 1, func(rig *testRig) {
			rig.fake.script["POST /api/v1/statuses"] = []fakeStep{fakeLate}
		}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			var files []spooltest.File
			for i := range c.files {
				files = append(files, picture(fmt.Sprint(i), "alt"))
			}
			rig := newRig(t, spool.Item{Text: "Fish & chips <3", Model: "NX300"}, files...)
			friendica(rig)
			rig.fake.on("POST /api/v1/statuses", fakeLose)
			c.change(rig)
			if job := rig.attempt(); job.State != spool.Waiting || len(rig.fake.statuses) != 1 {
				t.Fatalf("%s with %d posts: %s", job.State, len(rig.fake.statuses), job.Error)
			}
			job := rig.must()
			if n := len(rig.fake.statuses); n != 1 || job.Result != rig.fake.address(rig.fake.statuses[0]) {
				t.Errorf("%d posts, want 1; the result is %q", n, job.Result)
			}
			if n := rig.fake.count("POST /api/v2/media"); n != c.files {
				t.Errorf("%d uploads, want %d", n, c.files)
			}
		})
	}
}

// TestSameText shows that another post of the same text is not taken for the
// one that was lost: cameras send many, of which the model is all that is said.
func TestSameText(t *testing.T) {
	ago := func(d time.Duration) func() string {
		return func() string { return time.Now().Add(-d).UTC().Format(time.RFC3339) }
	}
	for _, c := range []struct {
		reason string
		change func(fake *fakeServer)
	}{
		{"of an hour ago", func(fake *fakeServer) { fake.created = ago(time.Hour) }},
		{"of later", func(fake *fakeServer) { fake.created = ago(-time.Hour) }},
		{"of a moment ago, which we know", func(*fakeServer) {}},
		{"without a time", func(fake *fakeServer) { fake.created = func() string { return "" } }},
	} {
		t.Run(c.reason, func(t *testing.T) {
			rig := newRig(t, spool.Item{Model: "NX300"}, picture("1", "alt"))
			friendica(rig)
			rig.fake.noURL = true
			c.change(rig.fake)
			rig.must()
			rig.fake.created = nil
			rig.id = rig.Add(spool.Item{Kind: spool.Post, Model: "NX300", Jobs: []spool.Job{{Target: "mastodon", State: spool.Waiting}}}, nil, picture("2", "alt"))
			rig.fake.on("POST /api/v1/statuses", fakeAnswer(500, "")) // and does nothing
			rig.attempt()
			rig.must()
			if n := len(rig.fake.statuses); n != 2 {
				t.Errorf("%d posts, want 2", n)
			}
		})
	}
}

// TestPicturesTell shows that text and time count for nothing where a post's
// pictures have the ids of their uploads: this post of the same text was made a
// moment ago, and nothing is known of it since the program was started anew.
func TestPicturesTell(t *testing.T) {
	for _, version := range []string{"4.3.1", "0.20.1+git-1a2b3c4", "3.5.3+0.20.1-git-1a2b3c4", "3.5.3 (compatible; Pixelfed 0.12.4)", "2.7.2 (compatible; Akkoma 3.10.4)"} {
		rig := newRig(t, spool.Item{Model: "NX300"}, picture("1", "alt"))
		now := func() string { return time.Now().UTC().Format(time.RFC3339Nano) }
		rig.fake.instance, rig.fake.created, rig.fake.forgets = `{"version":"`+version+`"}`, now, true
		rig.must()
		rig.m = &Account{BaseURL: rig.fake.URL, Token: fakeToken, Public: true}
		rig.id = rig.Add(spool.Item{Kind: spool.Post, Model: "NX300", Jobs: []spool.Job{{Target: "mastodon", State: spool.Waiting}}}, nil, picture("2", "alt"))
		rig.fake.on("POST /api/v1/statuses", fakeAnswer(500, ""), fakeLose)
		rig.attempt()
		rig.attempt()
		rig.must()
		if n := len(rig.fake.statuses); n != 2 {
			t.Errorf("%s: %d posts, want 2", version, n)
		}
	}
}

// TestNoKeys shows that a person is asked where nobody can know: the token may
// not look, and the server is not Mastodon, so it may know no key.
func TestNoKeys(t *testing.T) {
	for version, code := range map[string]string{"4.3.1": "", "0.20.1+git-1a2b3c4": "maybe-posted", "2.8.0 (compatible; Friendica 2024.12)": "maybe-posted"} {
		rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"))
		friendica(rig)
		rig.fake.friendly = code != ""
		rig.fake.instance = `{"version":"` + version + `"}`
		rig.fake.reads = false
		rig.fake.on("POST /api/v1/statuses", fakeLose)
		rig.attempt()
		rig.attempt()
		if _, got := rig.kind(); got != code || len(rig.fake.statuses) != 1 {
			t.Errorf("%s: %q %v with %d posts, want %q and 1", version, got, rig.Err, len(rig.fake.statuses), code)
		}
	}
}
