package mastodon

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// Every row: what goes wrong first, what the spool hears of it, and that the
// next attempts end with exactly one post and one upload.
func TestFaults(t *testing.T) {
	const (
		instance = "GET /api/v2/instance"
		media    = "POST /api/v2/media"
		post     = "POST /api/v1/statuses"
	)
	huge := func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		io.Copy(io.Discard, r.Body)
		io.Copy(w, io.MultiReader(strings.NewReader(`{"id":"`), io.LimitReader(fakeLetters{}, 100<<20), strings.NewReader(`"}`)))
	}
	bomb := func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		io.Copy(z, io.LimitReader(fakeLetters{}, 100<<20))
		z.Close()
	}
	silent := func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	over := make(chan struct{}) // a server learns of a client that went away only while it reads
	deaf := func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		io.CopyN(io.Discard, r.Body, 1<<20)
		<-over
	}
	elsewhere := fakeAnswer(307, "", "Location", "https://photog.example/api")
	const (
		temporary = spool.Temporary
		busy      = spool.Unavailable
		permanent = spool.Permanent
		account   = spool.Account
	)
	for _, c := range []struct {
		reason  string
		route   string
		step    fakeStep
		kind    spool.Kind
		code    string
		after   time.Duration
		uploads int
	}{
		{"401 at the picture", media, fakeAnswer(401, `{"error":"The access token was revoked"}`), account, "login", 0, 2},
		{"401 at the post", post, fakeAnswer(401, `{"error":"The access token was revoked"}`), account, "login", 0, 1},
		{"401 at the limits", instance, fakeAnswer(401, ``), account, "login", 0, 1},
		{"403 that is about the post, since the account is good", post, fakeAnswer(403, `{"error":"This action is not allowed"}`), permanent, "refused", 0, 1},
		{"403 that is about the token", media, fakeAnswer(403, `{"error":"This action is outside the authorized scopes"}`), account, "login", 0, 2},
		{"413 at the picture", media, fakeAnswer(413, `<html>`), permanent, "too-large", 0, 2},
		{"422 at the picture", media, fakeAnswer(422, `{"error":"Validation failed: File is strange"}`), permanent, "refused", 0, 2},
		{"422 at the post", post, fakeAnswer(422, `{"error":"Validation failed"}`), permanent, "refused", 0, 1},
		{"422 since it is not digested", post, fakeAnswer(422, `{"error":"Cannot attach files that have not finished processing."}`), temporary, "processing", 0, 1},
		{"422 since the server has forgotten, against better knowledge", post, fakeAnswer(422, `{"error":"Media 1 not found or already attached to another post"}`), permanent, "refused", 0, 1},
		{"429 without a word", media, fakeAnswer(429, ``), busy, "busy", 0, 2},
		{"429 with seconds", media, fakeAnswer(429, ``, "Retry-After", "120"), busy, "busy", 2 * time.Minute, 2},
		{"429 with a date, by the server's clock", post, fakeAnswer(429, ``, "Date", "Thu, 01 Jan 2032 10:00:00 GMT", "Retry-After", "Thu, 01 Jan 2032 10:05:00 GMT"), busy, "busy", 5 * time.Minute, 1},
		{"429 with Mastodon's own header", post, fakeAnswer(429, ``, "Date", "Thu, 01 Jan 2032 10:00:00 GMT", "X-RateLimit-Reset", "2032-01-01T10:10:00.123456Z"), busy, "busy", 10*time.Minute + 123456*time.Microsecond, 1},
		{"429 with seconds since 1970", post, fakeAnswer(429, ``, "Date", "Thu, 01 Jan 1970 10:00:00 GMT", "X-RateLimit-Reset", "36060"), busy, "busy", time.Minute, 1},
		{"429 for three thousand years", post, fakeAnswer(429, ``, "Retry-After", "99999999999"), busy, "busy", time.Hour, 1},
		{"429 for longer than a number is long", post, fakeAnswer(429, ``, "Retry-After", "99999999999999999999999"), busy, "busy", time.Hour, 1},
		{"429 until a time that is over", post, fakeAnswer(429, ``, "Retry-After", "Thu, 01 Jan 1970 10:05:00 GMT"), busy, "busy", 0, 1},
		{"500", media, fakeAnswer(500, `{"error":"oops"}`), busy, "server", 0, 2},
		{"502 at the post, which was made", post, func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
			next(httptest.NewRecorder(), r)
			w.WriteHeader(502)
		}, busy, "server", 0, 1},
		{"503 with a pause", post, fakeAnswer(503, ``, "Retry-After", "60"), busy, "server", time.Minute, 1},
		{"truncated JSON at the picture", media, fakeAnswer(200, `{"id":"10`), busy, "answer", 0, 2},
		{"truncated JSON at the post", post, fakeAnswer(200, `{"id":"10`), busy, "answer", 0, 1},
		{"an answer without an id", post, fakeAnswer(200, `{}`), busy, "answer", 0, 1},
		{"an id that would fill our record", post, fakeAnswer(200, `{"id":"`+strings.Repeat("1", 500)+`"}`), busy, "answer", 0, 1},
		{"an id that would fill our record, of a picture", media, fakeAnswer(200, `{"id":"`+strings.Repeat("1", 500)+`"}`), busy, "answer", 0, 2},
		{"redirect to another host", post, elsewhere, account, "redirect", 0, 1},
		{"redirect with the photo", media, elsewhere, account, "redirect", 0, 2},
		{"the answer is lost after the post was made", post, fakeLose, busy, "network", 0, 1},
		{"100 MB of JSON", post, huge, busy, "answer", 0, 1},
		{"a gzip bomb", media, bomb, busy, "answer", 0, 2},
		{"a gzip bomb as an error", post, func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(500)
			bomb(w, r, next)
		}, busy, "server", 0, 1},
		{"no answer at the picture", media, silent, busy, "network", 0, 2},
		{"no answer at the post", post, silent, busy, "network", 0, 1},
		{"a server that does not take the bytes", media, deaf, busy, "network", 0, 2},
		{"an answer that does not end", post, func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
			w.Write([]byte(`{"id":`))
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, busy, "network", 0, 1},
	} {
		t.Run(c.reason, func(t *testing.T) {
			// Larger than what the system's buffers take, so that a server
			// that is deaf is noticed while bytes wait.
			file := picture("a.jpg", "a")
			if strings.Contains(c.reason, "does not take") {
				file = video("a.mp4", "a", 16<<20)
			}
			rig := newRig(t, spool.Item{Text: "x"}, file)
			rig.m.Timeout, rig.m.Stall = 20*time.Second, 20*time.Second // never, on a slow machine
			if strings.HasPrefix(c.reason, "no answer") || strings.Contains(c.reason, "does not") {
				rig.m.Timeout, rig.m.Stall = 2*time.Second, 2*time.Second // holds for the calls before it, too
			}
			if strings.Contains(c.reason, "does not take") {
				t.Cleanup(func() { close(over) })
			}
			rig.fake.on(c.route, c.step)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			job := rig.attempt()
			runtime.ReadMemStats(&after)
			if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
				t.Errorf("the attempt allocated %d bytes", n)
			}
			if errors.Is(rig.Err, context.Canceled) {
				t.Errorf("the message is %q", job.Error)
			}
			kind, code := rig.kind()
			if kind != c.kind || code != c.code {
				t.Errorf("got %v %q (%v), want %v %q", kind, code, rig.Err, c.kind, c.code)
			}
			if e, ok := rig.Err.(*spool.Error); ok && e.After != c.after {
				t.Errorf("the next attempt is after %s, want %s", e.After, c.after)
			}
			if (kind == permanent || kind == account) && job.Hint == "" {
				t.Errorf("nobody is told what to do about %q", job.Error)
			}
			if len(job.Error) > 400 || strings.Contains(job.Error, fakeToken) {
				t.Errorf("the message is %q", job.Error)
			}
			rig.m.Timeout, rig.m.Stall = 0, 0
			if job.State == spool.Failed {
				if err := rig.Retry(rig.id); err != nil {
					t.Fatal(err)
				}
			}
			rig.must()
			if n := len(rig.fake.statuses); n != 1 {
				t.Errorf("%d posts, want 1", n)
			}
			if n := rig.fake.count(media); n != c.uploads {
				t.Errorf("the picture was sent %d times, want %d", n, c.uploads)
			}
			if keys := slices.Compact(slices.Clone(rig.fake.sentKeys)); len(keys) != 1 || len(keys[0]) != 64 {
				t.Errorf("the Idempotency-Keys were %q, want one", rig.fake.sentKeys)
			}
		})
	}
}

type fakeLetters struct{}

func (fakeLetters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// The answer to a post is lost. Whatever the server remembers and the token
// may ask, there is never a second post; where nobody can know, a person is asked.
func TestLostAnswer(t *testing.T) {
	later := func(rig *testRig) { rig.m.Now = func() time.Time { return time.Now().Add(3 * 24 * time.Hour) } }
	for _, c := range []struct {
		reason string
		files  int
		reads  bool // the token may look at the account
		change func(rig *testRig)
		code   string // of the second attempt
	}{
		{"at once, and we may look", 1, true, func(*testRig) {}, ""},
		{"at once, and we may not: the key tells", 1, false, func(*testRig) {}, ""},
		{"three days later", 1, true, func(rig *testRig) { later(rig); rig.fake.forgets = true }, ""},
		{"three days later, and we may not look", 1, false, func(rig *testRig) { later(rig); rig.fake.forgets = true }, "maybe-posted"},
		{"a server without keys", 1, true, func(rig *testRig) { rig.fake.forgets = true }, ""},
		{"a server without keys, and we may not look", 1, false, func(rig *testRig) { rig.fake.forgets = true }, "maybe-posted"},
		{"the clock jumped back", 1, true, func(rig *testRig) {
			rig.m.Now = func() time.Time { return time.Unix(0, 0) }
			rig.fake.forgets = true
		}, ""},
		{"a text alone", 0, true, func(rig *testRig) { later(rig); rig.fake.forgets = true }, ""},
		{"a text alone, at once", 0, false, func(*testRig) {}, ""},
		{"a text alone, and we may not look", 0, false, func(rig *testRig) { later(rig); rig.fake.forgets = true }, "maybe-posted"},
		{"Pixelfed refuses the key that it knows", 1, true, func(rig *testRig) {
			rig.fake.on("POST /api/v1/statuses", fakeAnswer(400, `{"error":"Duplicate idempotency key."}`))
		}, ""},
		{"GoToSocial shows a file that it has used as free", 1, true, func(rig *testRig) {
			rig.fake.on("GET /api/v1/media", fakeAnswer(200, `{}`), fakeAnswer(200, `{}`))
			rig.fake.on("POST /api/v1/statuses", fakeAnswer(400, `{"error":"Bad Request: media 1000 already attached to status"}`))
		}, ""},
		{"a server with words of its own", 1, true, func(rig *testRig) {
			rig.fake.on("GET /api/v1/media", fakeAnswer(200, `{}`), fakeAnswer(200, `{}`))
			rig.fake.on("POST /api/v1/statuses", fakeAnswer(422, `{"error":"No."}`))
		}, ""},
		{"the text was edited meanwhile", 1, true, func(rig *testRig) {
			rig.edit(func(it *spool.Item) { it.Text = "another" })
		}, ""},
	} {
		t.Run(c.reason, func(t *testing.T) {
			var files []spooltest.File
			if c.files > 0 {
				files = append(files, picture("a.jpg", "a"))
			}
			rig := newRig(t, spool.Item{Text: "Fish & chips <3"}, files...)
			rig.fake.reads = c.reads
			rig.fake.on("POST /api/v1/statuses", fakeLose)
			if job := rig.attempt(); job.State != spool.Waiting || len(rig.fake.statuses) != 1 {
				t.Fatalf("the job is %s with %d posts: %s", job.State, len(rig.fake.statuses), job.Error)
			}
			c.change(rig)
			job := rig.attempt()
			if kind, code := rig.kind(); code != c.code || code != "" && kind != spool.Permanent || (rig.Err == nil) != (c.code == "") {
				t.Errorf("the second attempt ended with %v %q: %v, want %q", kind, code, rig.Err, c.code)
			}
			if n := len(rig.fake.statuses); n != 1 {
				t.Errorf("%d posts, want 1", n)
			}
			if c.code == "" {
				if want := rig.fake.address(rig.fake.statuses[0]); job.Result != want {
					t.Errorf("the result is %q, want %q", job.Result, want)
				}
				return
			}
			// A person looked, found nothing, and retries.
			rig.fake.statuses = nil
			if err := rig.Retry(rig.id); err != nil {
				t.Fatal(err)
			}
			rig.must()
			if n := len(rig.fake.statuses); n != 1 {
				t.Errorf("after the person's retry there are %d posts, want 1", n)
			}
		})
	}
}

// What cannot be read proves nothing.
func TestLostAndCut(t *testing.T) {
	for _, list := range []string{`[`, `[{"id":"9"}`, `[{"id":"9"},`, `{}`, ``, `[{"id":[]}]`} {
		rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"))
		rig.fake.forgets = true
		rig.fake.on("POST /api/v1/statuses", fakeLose)
		rig.attempt()
		rig.fake.on("GET /api/v1/accounts/7/statuses", fakeAnswer(200, list))
		if job := rig.attempt(); job.State != spool.Waiting {
			t.Errorf("with the list %q the job is %s: %s", list, job.State, job.Error)
		}
		rig.must()
		if n := len(rig.fake.statuses); n != 1 {
			t.Errorf("with the list %q there are %d posts", list, n)
		}
	}
}

// Pixelfed remembers a key although the post then failed, and refuses it.
func TestKeySpoilt(t *testing.T) {
	for _, first := range []fakeStep{fakeAnswer(500, ``), fakeAnswer(400, `{"error":"Contains banned keyword."}`)} {
		rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"))
		rig.fake.on("POST /api/v1/statuses", first, fakeAnswer(400, `{"error":"Duplicate idempotency key."}`), fakeLose)
		if job := rig.attempt(); job.State == spool.Failed {
			if err := rig.Retry(rig.id); err != nil {
				t.Fatal(err)
			}
		}
		if job := rig.attempt(); job.State != spool.Waiting || len(rig.fake.statuses) != 1 {
			t.Fatalf("%s %s", job.State, job.Error)
		}
		rig.must()
		if n := len(rig.fake.statuses); n != 1 || rig.fake.count("POST /api/v2/media") != 1 {
			t.Errorf("%d posts, want 1", n)
		}
		if k := rig.fake.sentKeys; len(k) != 3 || k[0] != k[1] || k[1] == k[2] {
			t.Errorf("the keys were %q, want a new one when it is refused", k)
		}
	}
}

// Files that were uploaded and not posted are thrown away by a server after
// a day.
func TestForgottenMedia(t *testing.T) {
	for _, c := range []struct {
		reason string
		change func(rig *testRig)
		media  string
	}{
		{"the server says so when asked", func(*testRig) {}, "[1000 1003]"},
		{"it cannot be asked, and says so at the post", func(rig *testRig) {
			rig.fake.on("GET /api/v1/media", fakeAnswer(405, ``), fakeAnswer(405, ``))
		}, "[1003 1004]"},
		{"it cannot be asked, and says something else", func(rig *testRig) {
			rig.fake.on("GET /api/v1/media", fakeAnswer(403, ``), fakeAnswer(403, ``))
			rig.fake.on("POST /api/v1/statuses", fakeAnswer(404, `{"error":"Record not found"}`))
		}, "[1003 1004]"},
		{"it would post without, as before Mastodon 4.3", func(rig *testRig) { rig.fake.lenient = true }, "[1000 1003]"},
	} {
		rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"), picture("b.jpg", "b"))
		rig.fake.on("POST /api/v1/statuses", fakeAnswer(500, ``))
		rig.attempt()
		rig.fake.media = map[string]*fakeMedia{"1000": {id: "1000"}, "1": {}, "2": {}}
		c.change(rig)
		rig.must()
		if n := len(rig.fake.statuses); n != 1 || fmt.Sprint(rig.fake.statuses[0].media) != c.media {
			t.Errorf("%s: %d posts, the first of %v, want %s", c.reason, n, rig.fake.statuses[0].media, c.media)
		}
	}
}

// A server that never ends its work is asked again later, and never gets the
// file twice.
func TestProcessing(t *testing.T) {
	rig := newRig(t, spool.Item{Text: "x"}, video("a.mp4", "a", 1000))
	rig.fake.slow = true
	rig.m.Processing = time.Millisecond
	for range 3 {
		job := rig.attempt()
		if kind, code := rig.kind(); kind != spool.Temporary || code != "processing" {
			t.Fatalf("got %v %q %s", kind, code, job.Error)
		}
	}
	rig.fake.media["1000"].busy = false
	rig.must()
	if n := rig.fake.count("POST /api/v2/media"); n != 1 {
		t.Errorf("the video was uploaded %d times", n)
	}

	rig = newRig(t, spool.Item{Text: "x"}, video("a.mp4", "a", 1000))
	rig.fake.slow = true
	rig.fake.on("GET /api/v1/media", nil) // then it is ready
	rig.fake.on("GET /api/v1/media", func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		rig.fake.media["1000"].busy = false
		next(w, r)
	})
	rig.must()

	rig = newRig(t, spool.Item{Text: "x"}, video("a.mp4", "a", 1000))
	rig.fake.slow = true
	rig.fake.on("GET /api/v1/media", fakeAnswer(422, `{"error":"Error processing thumbnail for uploaded media"}`))
	if job := rig.attempt(); job.State != spool.Failed || len(rig.fake.statuses) > 0 {
		t.Errorf("a file that the server cannot digest: %s %s", job.State, job.Error)
	}
}

// A thread that breaks off is continued, with what was planned.
func TestThreadBroken(t *testing.T) {
	for _, step := range []fakeStep{fakeLose, fakeAnswer(500, ``), fakeAnswer(429, ``)} {
		var files []spooltest.File
		for i := range 9 {
			files = append(files, picture(fmt.Sprint(i), fmt.Sprint("alt ", i)))
		}
		rig := newRig(t, spool.Item{Text: strings.TrimSpace(strings.Repeat("abcd ", 150))}, files...)
		rig.fake.on("POST /api/v1/statuses", nil, step)
		if job := rig.attempt(); job.State != spool.Waiting {
			t.Fatalf("%s %s", job.State, job.Error)
		}
		// Both would divide what is left in another way.
		rig.m.limits.media, rig.m.limits.characters = 2, 100
		rig.edit(func(it *spool.Item) { it.Text = "short" })
		rig.must()
		var seen []string
		for i, s := range rig.fake.statuses {
			if i > 0 && s.replyTo != rig.fake.statuses[i-1].id {
				t.Errorf("status %s replies to %q", s.id, s.replyTo)
			}
			for _, id := range s.media {
				seen = append(seen, rig.fake.media[id].alt)
			}
		}
		want := "[alt 0 alt 1 alt 2 alt 3 alt 4 alt 5 alt 6 alt 7 alt 8]"
		if fmt.Sprint(seen) != want || len(rig.fake.statuses) != 3 || rig.fake.count("POST /api/v2/media") != 9 {
			t.Errorf("%d posts, %d uploads of %v, want 3, 9 and %s", len(rig.fake.statuses), rig.fake.count("POST /api/v2/media"), seen, want)
		}
	}
}

// Certificates cannot be judged by a router whose clock is not set.
func TestCertificate(t *testing.T) {
	srv := httptest.NewTLSServer(http.NotFoundHandler())
	srv.Config.ErrorLog = nil
	t.Cleanup(srv.Close)
	for _, c := range []struct {
		reason string
		now    time.Time
		kind   spool.Kind
		code   string
	}{
		{"a clock in the past", time.Unix(0, 0), spool.Temporary, "clock"},
		{"a clock that is set", time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), spool.Account, "tls"},
	} {
		m := &Account{BaseURL: srv.URL, Token: fakeToken, Now: func() time.Time { return c.now }}
		rig := &testRig{Rig: &spooltest.Rig{Err: m.Check(t.Context())}}
		if kind, code := rig.kind(); kind != c.kind || code != c.code {
			t.Errorf("%s: got %v %q %v, want %v %q", c.reason, kind, code, rig.Err, c.kind, c.code)
		}
	}
	m := &Account{BaseURL: srv.URL, Token: fakeToken, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}}}
	rig := &testRig{Rig: &spooltest.Rig{Err: m.Check(t.Context())}}
	if _, code := rig.kind(); code != "refused" {
		t.Errorf("with the right certificate: %v", rig.Err)
	}
}

// The end of the program is no failure of the server.
func TestStopped(t *testing.T) {
	rig := newRig(t, spool.Item{Text: "x"}, picture("a.jpg", "a"))
	ctx, stop := context.WithCancel(t.Context())
	rig.fake.on("POST /api/v2/media", func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		io.Copy(io.Discard, r.Body)
		stop()
		<-r.Context().Done()
	})
	r := &spool.Runner{Spool: rig.Spool, Do: rig.m.Do}
	r.Run(ctx)
	if job := rig.item().Jobs[0]; job.State != spool.Waiting || job.Attempts != 0 || job.Error != "" {
		t.Errorf("the job is %s after %d attempts: %s", job.State, job.Attempts, job.Error)
	}
	rig.must()
}

// The program or the connection ends after any one request that the server
// has carried out: there is one thread in the end, whole and in order.
func TestInterrupted(t *testing.T) {
	var files []spooltest.File
	for i := range 5 {
		files = append(files, picture(fmt.Sprint(i), fmt.Sprint("alt ", i)))
	}
	for k := range 9 { // limits, four pictures, a post, a picture, a post; and nothing at all
		rig := newRig(t, spool.Item{Text: "x"}, files...)
		rig.fake.on("", append(make([]fakeStep, k), fakeLose)...)
		first := rig.attempt()
		if k < 8 {
			if first.State != spool.Waiting {
				t.Fatalf("after request %d: %s %s", k, first.State, first.Error)
			}
			rig.must()
		}
		var alts []string
		for _, s := range rig.fake.statuses {
			for _, id := range s.media {
				alts = append(alts, rig.fake.media[id].alt)
			}
		}
		if want := "[alt 0 alt 1 alt 2 alt 3 alt 4]"; len(rig.fake.statuses) != 2 || fmt.Sprint(alts) != want {
			t.Errorf("after request %d: %d posts of %v, want 2 of %s", k, len(rig.fake.statuses), alts, want)
		}
	}
}
