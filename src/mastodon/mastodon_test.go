package mastodon

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"snsbridge/src/photo"
	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

func TestPost(t *testing.T) {
	rig := newRig(t,
		spool.Item{Text: "Sunset", Model: "NX300", Language: "de", Warning: "Bright light"},
		picture("SAM_0001.JPG", "The sun over the sea"), picture("SAM_\uc0ac\uc9c4.JPG", "A dog & \"quotes\"\r\n--x"))
	rig.m.Postscript, rig.m.Visibility, rig.m.Language, rig.m.UserAgent = " #photography", "private", "en", "snsbridge/1"
	var agent string
	rig.fake.on("POST /api/v1/statuses", func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		agent = r.UserAgent()
		next(w, r)
	})
	job := rig.must()

	s := rig.fake.statuses[0]
	want := fakeStatus{id: "1", text: "Sunset\n\n📷️ NX300\n\n#photography", visibility: "private", language: "de",
		warning: "Bright light", sensitive: true, media: []string{"1000", "1001"}}
	if got := fmt.Sprintf("%+v", *s); got != fmt.Sprintf("%+v", want) {
		t.Errorf("the status:\n got %s\nwant %+v", got, want)
	}
	if job.Result != rig.fake.address(s) {
		t.Errorf("the result is %q, want the post's address", job.Result)
	}
	if agent != "snsbridge/1" {
		t.Errorf("the User-Agent is %q", agent)
	}
	for id, want := range map[string]fakeMedia{
		"1000": {name: "SAM_0001.jpg", kind: "image/jpeg", alt: "The sun over the sea"},
		"1001": {name: "SAM___.jpg", kind: "image/jpeg", alt: "A dog & \"quotes\"\n--x"},
	} {
		m := rig.fake.media[id]
		if m.name != want.name || m.kind != want.kind || m.alt != want.alt {
			t.Errorf("file %s arrived as %q %q %q, want %q %q %q", id, m.name, m.kind, m.alt, want.name, want.kind, want.alt)
		}
	}
}

// TestAccountLimits asks a server, once, and falls back on what is usual.
func TestAccountLimits(t *testing.T) {
	rig := newRig(t, spool.Item{})
	rig.fake.instance = `{"configuration":{"statuses":{"max_characters":5000,"max_media_attachments":16},"media_attachments":{"description_limit":420}}}`
	for range 2 {
		if text, alt, files, known := rig.m.Limits(t.Context()); text != 5000 || alt != 420 || files != 16 || !known {
			t.Errorf("got %d, %d, %d, %v", text, alt, files, known)
		}
	}
	if n := rig.fake.count("GET /api/v2/instance"); n != 1 {
		t.Errorf("the server was asked %d times", n)
	}
	rig.fake.Close()
	for _, m := range []*Account{{BaseURL: rig.fake.URL, Token: fakeToken}, {}} {
		if text, alt, files, known := m.Limits(t.Context()); text != 500 || alt != 1500 || files != 4 || known {
			t.Errorf("without a server: got %d, %d, %d, %v", text, alt, files, known)
		}
	}
}

func TestBegun(t *testing.T) {
	for _, c := range []struct {
		reason string
		marks  map[string]string
		want   bool
	}{
		{"nothing was tried", nil, false},
		{"pictures are uploaded, and in no post", map[string]string{"media 01-a.jpg": "1000 0a"}, false},
		{"a post was sent", map[string]string{"plan": "", "posting 1": "1795240336"}, true},
		{"and refused", map[string]string{"plan": "[]", "posting 1": ""}, false},
		{"the first part is there", map[string]string{"posting 1": "", "status 1": "1 https://x/1"}, true},
	} {
		if got := Begun(spool.Job{Marks: c.marks}); got != c.want {
			t.Errorf("%s: begun is %v", c.reason, got)
		}
	}
}

func TestMetadata(t *testing.T) {
	for _, c := range []struct {
		reason string
		file   spooltest.File
		secret string
		public bool
	}{
		{"a public copy has no position", picture("a.jpg", "x"), sampleGPS, true},
		{"a video neither", video("a.mp4", "x", 100_000), sampleUdta, true},
		{"if asked for, the file is as it is", picture("a.jpg", "x"), sampleGPS, false},
		{"also a video", video("a.mp4", "x", 100_000), sampleUdta, false},
	} {
		rig := newRig(t, spool.Item{Text: "x"}, c.file)
		rig.m.Public = c.public
		rig.must()
		original, _ := io.ReadAll(c.file.Open())
		m := rig.fake.media["1000"]
		if !strings.Contains(string(original), c.secret) {
			t.Fatal("the sample has no secret")
		}
		if got := strings.Contains(string(m.data), c.secret); got == c.public {
			t.Errorf("%s: the secret arrived: %v", c.reason, got)
		}
		want := original
		if c.public {
			r, err := photo.NewPublic(strings.NewReader(string(original)), int64(len(original)))
			if err != nil {
				t.Fatal(err)
			}
			want, _ = io.ReadAll(r)
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(want)); m.sum != sum || m.size != int64(len(original)) {
			t.Errorf("%s: %d bytes with the sum %s arrived, want %d and %s", c.reason, m.size, m.sum, len(original), sum)
		}
	}
}

func TestThread(t *testing.T) {
	var nine []spooltest.File
	for i := range 9 {
		nine = append(nine, picture(fmt.Sprintf("%d.jpg", i), fmt.Sprint("picture ", i)))
	}
	long := strings.TrimSpace(strings.Repeat("words that go on ", 60)) // 1,019 characters
	for _, c := range []struct {
		reason     string
		text       string
		files      []spooltest.File
		visibility string
		media      []int // of each status
		visible    []string
	}{
		{"nine pictures, four at a time", "Nine", nine, "public", []int{4, 4, 1}, []string{"public", "unlisted", "unlisted"}},
		{"the first post's visibility otherwise", "Nine", nine, "private", []int{4, 4, 1}, []string{"private", "private", "private"}},
		{"a text over the limit goes on", long, nine[:1], "direct", []int{1, 0, 0}, []string{"direct", "direct", "direct"}},
		{"text and pictures go on together", long, nine, "", []int{4, 4, 1}, []string{"unlisted", "unlisted", "unlisted"}},
		{"a video stands alone", "x", []spooltest.File{nine[0], video("v.mp4", "v", 10), nine[1], nine[2]}, "", []int{1, 1, 2},
			[]string{"unlisted", "unlisted", "unlisted"}},
	} {
		rig := newRig(t, spool.Item{Text: c.text}, c.files...)
		rig.m.Visibility = c.visibility
		job := rig.must()
		var media []int
		var visible, words []string
		last := ""
		for _, s := range rig.fake.statuses {
			media = append(media, len(s.media))
			visible = append(visible, s.visibility)
			words = append(words, strings.Fields(strings.TrimSuffix(s.text, "…"))...)
			if s.replyTo != last {
				t.Errorf("%s: status %s replies to %q, want %q", c.reason, s.id, s.replyTo, last)
			}
			last = s.id
		}
		if !slices.Equal(media, c.media) || !slices.Equal(visible, c.visible) {
			t.Errorf("%s: got %v %v, want %v %v", c.reason, media, visible, c.media, c.visible)
		}
		if got := strings.Join(words, " "); got != c.text {
			t.Errorf("%s: the text is %q, want %q", c.reason, got, c.text)
		}
		if job.Result != rig.fake.address(rig.fake.statuses[0]) {
			t.Errorf("%s: the result is %q, want the first post", c.reason, job.Result)
		}
	}
}

func TestDraft(t *testing.T) {
	rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "described"), picture("b.jpg", " "))
	if job := rig.attempt(); job.State != spool.Draft || !strings.Contains(job.Hint, rig.id) {
		t.Fatalf("a post without enough alt text is %s, hint %q, want a draft", job.State, job.Hint)
	}
	if n := len(rig.fake.calls); n != 0 {
		t.Errorf("%d requests were made for a draft", n)
	}
	rig.edit(func(it *spool.Item) {
		it.Files[1].Alt = "now it is"
		it.Jobs[0].State = spool.Waiting
	})
	rig.must()
	if alt := rig.fake.media["1001"].alt; alt != "now it is" {
		t.Errorf("the alt text is %q", alt)
	}
}

// An edit after a refusal must not cost the megabytes again.
func TestEdited(t *testing.T) {
	rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "old"))
	rig.fake.on("POST /api/v1/statuses", fakeAnswer(422, `{"error":"Validation failed: too rude"}`))
	if job := rig.attempt(); job.State != spool.Failed || !strings.Contains(job.Error, "too rude") {
		t.Fatalf("the job is %s: %s, want failed with the server's words", job.State, job.Error)
	}
	rig.edit(func(it *spool.Item) { it.Text, it.Files[0].Alt = "polite", "new" })
	if err := rig.Retry(rig.id); err != nil {
		t.Fatal(err)
	}
	rig.must()
	if n := rig.fake.count("POST /api/v2/media"); n != 1 {
		t.Errorf("the picture was uploaded %d times", n)
	}
	if s, m := rig.fake.statuses[0], rig.fake.media["1000"]; s.text != "polite" || m.alt != "new" {
		t.Errorf("posted %q with %q", s.text, m.alt)
	}
}

// Upstream's configuration has several instances; one must never show in the
// posts of another.
func TestInstances(t *testing.T) {
	it := spool.Item{Text: "x", Jobs: []spool.Job{{Target: "mastodon", State: spool.Waiting}, {Target: "mastodon.pub", State: spool.Waiting}}}
	rig := newRig(t, it, picture("a.jpg", "a"))
	public := &Account{BaseURL: rig.fake.URL, Token: fakeToken, Public: true, Visibility: "public"}
	rig.m.Visibility = "direct"
	targets := map[string]*Account{"mastodon": rig.m, "mastodon.pub": public}
	rig.attemptWith(targets)
	rig.attemptWith(targets)
	if n := len(rig.fake.statuses); n != 2 {
		t.Fatalf("%d posts, want one for each instance, though both use one account", n)
	}
	for i, want := range []string{"x direct", "x public"} {
		if s := rig.fake.statuses[i]; s.text+" "+s.visibility != want {
			t.Errorf("post %d is %q, want %q", i, s.text+" "+s.visibility, want)
		}
	}
}

// What Mastodon refuses must be known before the uplink is used.
func TestLimits(t *testing.T) {
	const conf = `{"version":"%s","configuration":{"statuses":{},"media_attachments":{%s}}}`
	for _, c := range []struct {
		reason string
		limit  string
		file   spooltest.File
		code   string
	}{
		{"no room for the picture", `"image_size_limit":50`, picture("a.jpg", "a"), "too-large"},
		{"the limit of images is none of videos", `"image_size_limit":50`, video("a.mp4", "a", 100), ""},
		{"a video has its own", `"video_size_limit":50`, video("a.mp4", "a", 100), "too-large"},
		{"too many pixels", `"image_matrix_limit":11`, picture("a.jpg", "a"), "too-large"},
		{"enough pixels", `"image_matrix_limit":12`, picture("a.jpg", "a"), ""},
		{"a kind that the server does not know", `"supported_mime_types":["image/png"]`, picture("a.jpg", "a"), "type"},
		{"a description that it would cut", `"description_limit":60`, picture("a.jpg", strings.Repeat("ab ", 21)+"c"), "too-long"},
		{"a number as a text is no limit", `"image_size_limit":"50"`, picture("a.jpg", "a"), ""},
		{"raw files have no public copy", ``, spooltest.File{Name: "a.srw", Type: photo.SRW, Alt: "a", Open: func() io.Reader { return strings.NewReader("II*\x00 secrets") }}, "private"},
	} {
		rig := newRig(t, spool.Item{Text: "x"}, c.file)
		rig.fake.instance = fmt.Sprintf(conf, "4.3.1", c.limit)
		rig.attempt()
		kind, code := rig.kind()
		if code != c.code || code != "" && kind != spool.Permanent {
			t.Errorf("%s: got %v %q %v, want permanent %q", c.reason, kind, code, rig.Err, c.code)
		}
		if n := rig.fake.count("POST"); c.code != "" && n > 0 {
			t.Errorf("%s: %d requests were made", c.reason, n)
		}
	}
}

// TestHints shows that only Mastodon's limits are taken at their word. The
// versions are those that the servers' own code gives them.
func TestHints(t *testing.T) {
	for version, law := range map[string]bool{
		"4.3.1": true, "4.4.0-alpha.3+glitch": true, "4.2.10+hometown-1.1.1": true, "4.3.0rc1": true, "4.5.0-nightly.2025-10-01": true,
		"3.5.3 (compatible; Pixelfed 0.12.4)":   false,
		"2.8.0 (compatible; Friendica 2024.12)": false,
		"2.7.2 (compatible; Akkoma 3.10.4)":     false,
		"0.20.1 git-1a2b3c4":                    false,
		"0.20.1+git-1a2b3c4":                    false,
		"3.5.3+0.20.1-git-1a2b3c4":              false,
		"4.0.0 (not true; really snac/2.60)":    false,
		"takahe/0.11.0":                         false,
		"":                                      false,
		"4.2.1 (compatible; Iceshrimp 2023.12)": false,
	} {
		for _, c := range []struct {
			limit string
			file  spooltest.File
		}{
			{`"image_size_limit":50`, picture("a.jpg", "a")},
			{`"video_size_limit":50`, video("a.mp4", "a", 100)},
			{`"image_matrix_limit":11`, picture("a.jpg", "a")},
			{`"supported_mime_types":["image/png"]`, picture("a.jpg", "a")},
			{`"description_limit":60`, picture("a.jpg", strings.Repeat("ab ", 21)+"c")},
		} {
			rig := newRig(t, spool.Item{Text: "x"}, c.file)
			rig.fake.instance = fmt.Sprintf(`{"version":%q,"configuration":{"media_attachments":{%s}}}`, version, c.limit)
			if job := rig.attempt(); (job.State == spool.Failed) != law {
				t.Errorf("version %q with %s: %s %s", version, c.limit, job.State, job.Error)
			}
		}
	}
	// What the server says of the file itself decides, also in its own words.
	for _, answer := range []fakeStep{
		fakeAnswer(413, `<html>`),
		fakeAnswer(422, `{"error":"Unprocessable Entity: media exceeds configured max size: 40MiB"}`),
		fakeAnswer(422, `{"message":"The file must not be greater than 15000 kilobytes."}`),
		fakeAnswer(422, `{"error":"Validation failed: 9000x5000 images are not supported"}`),
	} {
		rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"))
		rig.fake.instance = `{"version":"0.20.1+git-1a2b3c4","configuration":{"media_attachments":{"image_size_limit":50}}}`
		rig.fake.on("POST /api/v2/media", answer)
		if job := rig.attempt(); job.State != spool.Failed || job.Code != "too-large" {
			t.Errorf("%s %s %q", job.State, job.Error, job.Code)
		}
	}
}

// TestInstanceDocument shows that posts need no instance document, unless the
// reason has nothing to do with it.
func TestInstanceDocument(t *testing.T) {
	huge := func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
		io.Copy(w, io.MultiReader(strings.NewReader(`{"title":"`), io.LimitReader(fakeLetters{}, 2<<20), strings.NewReader(`"}`)))
	}
	const first = `{"version":"4.3.1","configuration":{"statuses":{"max_media_attachments":10}}}`
	bad := map[string]fakeStep{
		"404": fakeAnswer(404, ""), "501": fakeAnswer(501, `{"error":"Not implemented"}`), "500": fakeAnswer(500, ""), "403": fakeAnswer(403, ""), "410": fakeAnswer(410, ""),
		"a web page": fakeAnswer(200, "<html>"), "cut": fakeAnswer(200, `{"configuration":`), "too much": huge,
		"elsewhere": fakeAnswer(302, "", "Location", "https://photog.example/login"),
	}
	var files []spooltest.File
	for i := range 5 {
		files = append(files, picture(fmt.Sprint(i), "alt"))
	}
	for name, answer := range bad {
		for second, posts := range map[string]int{first: 1, "": 2} {
			rig := newRig(t, spool.Item{Text: "x"}, files...)
			rig.fake.mediaMax, rig.fake.instance = 10, second
			rig.fake.on("GET /api/v2/instance", answer)
			if second == "" {
				rig.fake.on("GET /api/v1/instance", answer)
			}
			job := rig.attempt()
			if n := len(rig.fake.statuses); job.State != spool.Done || n != posts {
				t.Errorf("%s, then %.12q: %s with %d posts: %s, want %d", name, second, job.State, n, job.Error, posts)
			}
			if _, _, _, known := rig.m.Limits(t.Context()); known != (second != "") {
				t.Errorf("%s, then %.12q: the limits are known: %v", name, second, known)
			}
			if n := rig.fake.count("GET /api/v2/instance"); n != 1 {
				t.Errorf("%s: the server was asked %d times", name, n)
			}
		}
	}
	for code, answer := range map[string]fakeStep{
		"busy": fakeAnswer(429, "", "Retry-After", "60"), "login": fakeAnswer(401, ""), "network": fakeLose,
	} {
		rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"))
		rig.fake.on("GET /api/v2/instance", answer)
		if rig.attempt(); rig.fake.count("POST") > 0 {
			t.Errorf("%s: the server was not left alone", code)
		}
		if _, got := rig.kind(); got != code {
			t.Errorf("got %q %v, want %q", got, rig.Err, code)
		}
		rig.must()
	}
	// A server that answers nothing gets no megabytes: whose the token is, is
	// asked first.
	for kind, answer := range map[spool.Kind]fakeStep{
		spool.Unavailable: fakeAnswer(502, ""), spool.Account: fakeAnswer(301, "", "Location", "https://photog.example/"),
	} {
		rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"))
		rig.fake.on("", answer, answer, answer, answer, answer)
		rig.attempt()
		if got, code := rig.kind(); got != kind || rig.fake.count("POST") > 0 {
			t.Errorf("got %v %q %v after %v, want %v and no upload", got, code, rig.Err, rig.fake.calls, kind)
		}
	}
}

// TestMediaV1 shows the way to servers that have only the first version of the
// media endpoint, which answers when the file is digested.
func TestMediaV1(t *testing.T) {
	for _, status := range []int{404, 405} {
		rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"), picture("b.jpg", "b"))
		rig.fake.always("POST /api/v2/media", fakeAnswer(status, ""))
		rig.fake.always("GET /api/v1/media", fakeAnswer(404, ""))
		rig.fake.noURL = true
		rig.must()
		if got := rig.fake.statuses[0].media; fmt.Sprint(got) != "[1000 1001]" {
			t.Errorf("%d: posted %v", status, got)
		}
		if v2, v1 := rig.fake.count("POST /api/v2/media"), rig.fake.count("POST /api/v1/media"); v2 != 1 || v1 != 2 {
			t.Errorf("%d: %d and %d files were sent, want one to each version, then the second to the first", status, v2, v1)
		}
	}
	// It can also answer that it is not ready.
	rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"))
	rig.fake.slow = true
	rig.fake.always("POST /api/v2/media", fakeAnswer(404, ""))
	rig.m.Processing = time.Millisecond
	if rig.attempt(); rig.fake.count("POST /api/v1/statuses") > 0 {
		t.Error("posted before the file is ready")
	}
	rig.fake.media["1000"].busy = false
	rig.must()
	// What has neither is not such a server.
	rig = newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"))
	rig.fake.on("POST /api/v2/media", fakeAnswer(404, ""))
	rig.fake.on("POST /api/v1/media", fakeAnswer(404, ""))
	if job := rig.attempt(); job.Code != "no-api" {
		t.Errorf("%s %q", job.Error, job.Code)
	}
	rig.must()
}

// Pixelfed and GoToSocial leave out what Mastodon has, and old servers do not
// know the newer endpoints.
func TestRelatives(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(rig *testRig)
		posts  int
	}{
		{"no instance endpoint at all: Mastodon's limits", func(rig *testRig) { rig.fake.instance = "" }, 2},
		{"only the first version of it", func(rig *testRig) {
			rig.fake.instance = `{"configuration":{"statuses":{"max_media_attachments":10}}}`
			rig.fake.on("GET /api/v2/instance", fakeAnswer(404, "<html>"))
		}, 1},
		{"fewer pictures", func(rig *testRig) {
			rig.fake.instance = `{"configuration":{"statuses":{"max_media_attachments":2.0}}}`
		}, 3},
		{"limits that are none", func(rig *testRig) {
			rig.fake.instance = `{"configuration":{"statuses":{"max_media_attachments":0,"max_characters":-1},"media_attachments":{"image_size_limit":-5}}}`
		}, 2},
		{"a configuration that is a list, as PHP writes an empty one", func(rig *testRig) { rig.fake.instance = `{"configuration":[]}` }, 2},
		{"media are answered with 202 and are ready at the first look", func(rig *testRig) {
			rig.fake.on("POST /api/v2/media", fakeAnswer(202, `{"id":1000,"url":null}`))
			rig.fake.media["1000"] = &fakeMedia{id: "1000"}
		}, 2},
		{"a server that knows no Expect", func(rig *testRig) { rig.fake.on("POST /api/v2/media", fakeAnswer(417, "")) }, 2},
		{"a token without the right to read", func(rig *testRig) { rig.fake.reads = false }, 2},
	} {
		var files []spooltest.File
		for i := range 5 {
			files = append(files, picture(fmt.Sprint(i), "alt"))
		}
		rig := newRig(t, spool.Item{Text: "x"}, files...)
		rig.fake.mediaMax = 10
		c.change(rig)
		job := rig.attempt()
		if job.State != spool.Done || len(rig.fake.statuses) != c.posts {
			t.Errorf("%s: %s with %d posts: %s, want %d", c.reason, job.State, len(rig.fake.statuses), job.Error, c.posts)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(rig *testRig)
		code   string
		kind   spool.Kind
	}{
		{"all is well", func(*testRig) {}, "", 0},
		{"the token of the Flask implementation may only write", func(rig *testRig) { rig.fake.reads = false }, "", 0},
		{"a token that is none", func(rig *testRig) { rig.m.Token = "x" }, "login", spool.Account},
		{"no token", func(rig *testRig) { rig.m.Token = "" }, "settings", spool.Account},
		{"a token must not go over the wire in clear", func(rig *testRig) { rig.m.BaseURL = "http://photog.social" }, "settings", spool.Account},
		{"nobody there", func(rig *testRig) { rig.fake.Close() }, "network", spool.Unreachable},
	} {
		rig := newRig(t, spool.Item{Text: "x"})
		c.change(rig)
		rig.Err = rig.m.Check(t.Context())
		if kind, code := rig.kind(); kind != c.kind || code != c.code || (rig.Err == nil) != (c.code == "") {
			t.Errorf("%s: got %v %q (%v), want %v %q", c.reason, kind, code, rig.Err, c.kind, c.code)
		}
	}
}

// The router has less memory than a video has bytes.
func TestMemory(t *testing.T) {
	const size = 90 << 20
	rig := newRig(t, spool.Item{Text: "x"}, video("v.mp4", "v", size))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rig.must()
	runtime.ReadMemStats(&after)
	if rig.fake.bytes < size {
		t.Fatalf("%d bytes arrived", rig.fake.bytes)
	}
	// All that was ever allocated on the way, freed or not, by the server too.
	if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
		t.Errorf("uploading %d bytes allocated %d", size, n)
	} else {
		t.Logf("uploading %d bytes allocated %d, the fake server's share included", size, n)
	}
}

// TestVisibilityOfAPerson shows that what a person chose for one post
// is for that post alone.
func TestVisibilityOfAPerson(t *testing.T) {
	m := &Account{Visibility: "public"}
	for _, c := range []struct {
		chosen string
		part   int
		want   string
	}{
		{"", 0, "public"}, {"", 1, "unlisted"}, {"direct", 0, "direct"}, {"direct", 1, "direct"}, {"public", 1, "unlisted"}, {"", 0, "public"},
	} {
		if got := m.visibility(&spool.Item{Visibility: c.chosen}, c.part); got != c.want {
			t.Errorf("a person chose %q, part %d: %q, want %q", c.chosen, c.part, got, c.want)
		}
	}
}
