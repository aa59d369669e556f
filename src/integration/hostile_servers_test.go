//go:build integration

package integration

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"snsbridge/src/control"
	"snsbridge/src/sim"
)

// TestHostileServers lets mail and Mastodon servers answer without end, or not
// at all. The photo stays, a camera and the other targets notice nothing, and
// neither memory nor traffic grow.
func TestHostileServers(t *testing.T) {
	for name, serve := range hostileMail {
		t.Run("mail/"+name, func(t *testing.T) {
			t.Parallel()
			s := &talker{serve: serve}
			s.listen(t)
			tls := ""
			if strings.Contains(name, "TLS") {
				tls = "MAIL_USE_SSL = true"
			}
			endureServer(t, s, strings.HasPrefix(name, "an answer to the photo"), "email", `MAIL_SERVER = "127.0.0.1"`, fmt.Sprintf("MAIL_PORT = %d", s.port), tls)
		})
	}
	for name, serve := range hostileMastodon {
		t.Run("mastodon/"+name, func(t *testing.T) {
			t.Parallel()
			s := &talker{}
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s.asked.Add(1)
				serve(&counted{w, s}, r)
			}))
			t.Cleanup(func() {
				web.CloseClientConnections()
				web.Close()
			})
			endureServer(t, s, false, "mastodon", "[MASTODON]", `BASE_URL = "`+web.URL+`"`, `TOKEN = "`+instanceToken+`"`)
		})
	}
}

// endureServer sends a photo that is to go to a hostile server, and one that is
// not. takes tells that the server accepts its photo.
func endureServer(t *testing.T, s *talker, takes bool, target string, settings ...string) {
	settings = append([]string{`ALT_TEXT = "optional"`, "[ACTIONS]", `"far@example.org" = "` + target + `"`, `"near@example.org" = "store"`}, settings...)
	if target == "email" { // keys come before tables
		settings = append(settings[4:], settings[:4]...)
	}
	b := newBridge(t, settings...)
	d := b.start(t)
	c := cameraAt(t, d, "NX300", 2)
	far, near := photo(t, "FAR.JPG", 1<<20, 1), photo(t, "NEAR.JPG", 1<<20, 2)
	for to, f := range map[string]sim.File{"far@example.org": far, "near@example.org": near} {
		if _, err := c.Email(t.Context(), sim.Mail{To: []string{to}, Files: []sim.File{f}}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, func() error { return stored(b.photos, near) })
	eventually(t, func() error {
		if s.asked.Load() == 0 {
			return errors.New("nobody has asked the server")
		}
		return nil
	})
	// Either the bridge has enough of it soon, or it waits in peace: then a
	// little of what the server says has been read, and no more is.
	var job control.Job
	before := int64(-1)
	eventually(t, func() error {
		job = jobOf(t, b, "far@example.org")
		now := s.said.Load()
		if job.Error == "" && now != before {
			before = now
			time.Sleep(300 * time.Millisecond)
			return fmt.Errorf("the server goes on, and has said %d bytes", now)
		}
		return nil
	})
	if n, asked := s.said.Load(), s.asked.Load(); n > saidMost*max(2, asked) {
		t.Errorf("%d bytes of the server's were taken for %d questions, want at most %d each", n, asked, saidMost)
	}
	// What begins with 250 behind the photo's last byte is an acceptance, whatever follows.
	if (job.State == "done") != takes {
		t.Errorf("the job is %s: %+v", job.State, job)
	}
	if job.NextSeconds != nil && *job.NextSeconds > 3600+60 {
		t.Errorf("tried again in %d seconds", *job.NextSeconds)
	}
	if len(job.Error) > 1<<10 || strings.Contains(job.Error+job.Result, instanceToken) {
		t.Errorf("the error is %.300q", job.Error)
	}
	if m := d.memory(t); m.peak > peakBudget {
		t.Errorf("peak of memory: %d KiB, want at most %d", m.peak, peakBudget)
	}
	if log := d.log.tail(1 << 30); strings.Contains(log, instanceToken) {
		t.Errorf("the log tells the token")
	}
	if status := d.stop(); status != 0 {
		t.Errorf("told to end, the program ended with status %d", status)
	}
	b.start(t)
	eventually(t, func() error {
		if st := b.status(t); !st.Ready {
			return errors.New("the items of the earlier run are still being read")
		}
		return nil
	})
	if job := jobOf(t, b, "far@example.org"); (job.State == "done") != takes {
		t.Errorf("after a restart the job is %s: %+v", job.State, job)
	}
}

// saidMost is what the sockets between hold for each question, which on a busy machine is more
// than 12 MB, and a little of an answer. Servers here would say 100 MB and more.
const saidMost = 16 << 20

func jobOf(t *testing.T, b *bridge, to string) control.Job {
	t.Helper()
	for _, it := range b.queue(t).Items {
		for _, j := range it.Jobs {
			if len(j.To) == 1 && j.To[0] == to {
				return j
			}
		}
	}
	t.Fatalf("there is no item for %s", to)
	return control.Job{}
}

// talker is a server that counts what it gets rid of.
type talker struct {
	port  int
	serve func(*talker, net.Conn)
	asked atomic.Int64
	said  atomic.Int64
}

func (s *talker) listen(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() {
		cancel()
		l.Close()
	})
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.asked.Add(1)
			context.AfterFunc(ctx, func() { conn.Close() })
			go func() {
				defer conn.Close()
				s.serve(s, conn)
			}()
		}
	}()
}

// say says something again and again, up to a gigabyte.
func (s *talker) say(w io.Writer, text string) {
	block := []byte(strings.Repeat(text, 1+(32<<10)/len(text)))
	for total := 0; total < 1<<30; total += len(block) {
		n, err := w.Write(block)
		s.said.Add(int64(n))
		if err != nil {
			return
		}
	}
}

// hear answers each line with another, "" to the last.
func (s *talker) hear(conn net.Conn, answers ...string) bool {
	buf := make([]byte, 4<<10)
	for _, a := range answers {
		if _, err := io.WriteString(conn, a); err != nil {
			return false
		}
		if _, err := conn.Read(buf); err != nil {
			return false
		}
	}
	return true
}

var hostileMail = map[string]func(*talker, net.Conn){
	"a greeting of a gigabyte":        func(s *talker, c net.Conn) { s.say(c, "220 welcome ") },
	"greetings without end":           func(s *talker, c net.Conn) { s.say(c, "220-welcome\r\n") },
	"no greeting":                     func(s *talker, c net.Conn) { io.Copy(io.Discard, c) },
	"extensions without end":          func(s *talker, c net.Conn) { _ = s.hear(c, "220 hi\r\n") && s.endless(c, "250-SIZE 1\r\n") },
	"lines without an end":            func(s *talker, c net.Conn) { _ = s.hear(c, "220 hi\r\n") && s.endless(c, "250-") },
	"nothing but NUL":                 func(s *talker, c net.Conn) { s.say(c, "\x00") },
	"TLS that never begins":           func(s *talker, c net.Conn) { io.Copy(io.Discard, c) },
	"TLS of noise":                    func(s *talker, c net.Conn) { s.say(c, "noise") },
	"TLS that begins again and again": func(s *talker, c net.Conn) { s.say(c, "\x16\x03\x03\x00\x04\x00\x00\x00\x00") },
	"TLS of empty records":            func(s *talker, c net.Conn) { s.say(c, "\x16\x03\x03\x00\x00") },
	"an answer to the photo of a gigabyte": func(s *talker, c net.Conn) {
		_ = s.hear(c, "220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n") && s.endless(c, "250-taken\r\n")
	},
}

func (s *talker) endless(w io.Writer, text string) bool {
	s.say(w, text)
	return true
}

// counted counts what a handler writes.
type counted struct {
	http.ResponseWriter
	s *talker
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.s.said.Add(int64(n))
	return n, err
}

func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

const goodInstance = `{"version":"4.3.1","configuration":{"statuses":{"max_characters":500,"max_media_attachments":4},"media_attachments":{"supported_mime_types":["image/jpeg"]}}}`

var hostileMastodon = map[string]func(*counted, *http.Request){
	"JSON of 100 MB": func(w *counted, _ *http.Request) { w.s.say100(w, `{"version":"`, "x") },
	"a million nothings": func(w *counted, _ *http.Request) {
		io.WriteString(w, `{"configuration":{"media_attachments":{"supported_mime_types":[""`+strings.Repeat(`,""`, 340_000)+`]}}}`)
	},
	"brackets":    func(w *counted, _ *http.Request) { w.s.say100(w, "", `[`) },
	"a gzip bomb": func(w *counted, _ *http.Request) { w.Header().Set("Content-Encoding", "gzip"); w.Write(zeros10GB) },
	"a redirect elsewhere": func(w *counted, r *http.Request) {
		http.Redirect(w, r, "http://127.0.0.1:9/", http.StatusTemporaryRedirect)
	},
	"a redirect to itself": func(w *counted, r *http.Request) { http.Redirect(w, r, r.URL.String(), http.StatusFound) },
	"leave me alone until the year 5000": func(w *counted, _ *http.Request) {
		w.Header().Set("Retry-After", "99999999999")
		w.WriteHeader(http.StatusTooManyRequests)
	},
	"media that is never ready": func(w *counted, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		switch {
		case strings.HasSuffix(r.URL.Path, "/instance"):
			io.WriteString(w, goodInstance)
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusAccepted)
			io.WriteString(w, `{"id":"1","url":null}`)
		default:
			w.WriteHeader(http.StatusPartialContent)
			io.WriteString(w, `{"id":"1","url":null}`)
		}
	},
	"a byte a second": func(w *counted, r *http.Request) {
		for {
			if _, err := w.Write([]byte("{")); err != nil || http.NewResponseController(w).Flush() != nil {
				return
			}
			select {
			case <-r.Context().Done():
				return
			case <-time.After(time.Second):
			}
		}
	},
	"nothing": func(w *counted, r *http.Request) { <-r.Context().Done() },
	"header lines without end": func(w *counted, r *http.Request) {
		conn, _, err := http.NewResponseController(w.ResponseWriter).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		io.WriteString(conn, "HTTP/1.1 200 OK\r\n")
		w.s.say(conn, "X-More: yes\r\n")
	},
	"the page of a portal": func(w *counted, _ *http.Request) {
		io.WriteString(w, "<!DOCTYPE html><title>Welcome to our hotel</title>")
	},
}

// say100 says 100 MB.
func (s *talker) say100(w io.Writer, begin, text string) {
	io.WriteString(w, begin)
	s.say(&capped{w, 100 << 20}, text)
}

type capped struct {
	w    io.Writer
	left int
}

func (c *capped) Write(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, io.ErrShortWrite
	}
	c.left -= len(p)
	return c.w.Write(p)
}

// zeros10GB is that in 10 MB: gzipped parts one after another are one text.
var zeros10GB = func() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	block := make([]byte, 1<<20)
	for range 64 {
		z.Write(block)
	}
	z.Close()
	return bytes.Repeat(b.Bytes(), 160)
}()
