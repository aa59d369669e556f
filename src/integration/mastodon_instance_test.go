//go:build integration

package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
)

// instance is a Mastodon server that counts, of which it has what a poster
// sees. It outlives the program that posts.
type instance struct {
	*httptest.Server
	// Lose tells whether a post's answer gets lost. nil: never.
	lose func() bool
	// Blind tells whether the token does not allow to look at posts. nil: it
	// always does.
	blind func() bool

	mu      sync.Mutex
	media   []*upload
	posts   []*post
	keys    map[string]*post // Idempotency-Key
	repeats []*post          // posts that came again with their key
	wrong   []error
}

const instanceToken = "a-token-of-more-than-24-letters"

// upload is a file that arrived.
type upload struct {
	id   string
	name string
	alt  string
	size int64
	sum  sum
	post *post // that it is in
}

// post is a status.
type post struct {
	id    string
	key   string
	text  string
	files []*upload
	// Noted tells that the client heard of it and went on.
	noted bool
}

// line is a connection.
type line struct{ given *post }

type lineKey struct{}

// startInstance serves by https if there is an authority.
func startInstance(tb testing.TB, a *authority) *instance {
	tb.Helper()
	s := &instance{keys: map[string]*post{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/instance", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"version":"4.3.1","configuration":{"statuses":{"max_characters":500,"max_media_attachments":4,"characters_reserved_per_url":23},
			"media_attachments":{"supported_mime_types":["image/jpeg","video/mp4"],"description_limit":1500,"image_size_limit":16777216,"image_matrix_limit":33177600,"video_size_limit":103809024}}}`)
	})
	mux.HandleFunc("GET /api/v1/accounts/verify_credentials", func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, object{"id": "7"}) })
	mux.HandleFunc("GET /api/v1/accounts/7/statuses", s.list)
	mux.HandleFunc("POST /api/v2/media", s.take)
	mux.HandleFunc("GET /api/v1/media/{id}", s.tell)
	mux.HandleFunc("PUT /api/v1/media/{id}", s.describe)
	mux.HandleFunc("POST /api/v1/statuses", s.publish)
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l := r.Context().Value(lineKey{}).(*line)
		s.mu.Lock()
		if l.given != nil {
			l.given.noted, l.given = true, nil
		}
		s.mu.Unlock()
		if r.URL.Path != "/api/v2/instance" && r.Header.Get("Authorization") != "Bearer "+instanceToken {
			s.fault(fmt.Errorf("%s %s without the token", r.Method, r.URL))
			return
		}
		mux.ServeHTTP(w, r)
	}))
	s.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, lineKey{}, &line{})
	}
	if a == nil {
		s.Start()
	} else {
		s.TLS = a.tls(tb)
		s.StartTLS()
	}
	tb.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
		for _, err := range s.wrong {
			tb.Error(err)
		}
	})
	return s
}

// settings lead a bridge to the server: what is sent to
// Facebook or YouTube.
func (s *instance) settings(more ...string) []string {
	lines := []string{"[ACTIONS]", `facebook = "mastodon"`, `youtube = "mastodon"`, "[MASTODON]", `BASE_URL = "` + s.URL + `"`, `TOKEN = "` + instanceToken + `"`}
	return append(lines, more...)
}

func (s *instance) fault(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wrong = append(s.wrong, err)
}

// published returns the posts, and those of them that came again.
func (s *instance) published() (posts, repeats []*post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.posts), slices.Clone(s.repeats)
}

type object = map[string]any

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

func (s *instance) take(w http.ResponseWriter, r *http.Request) {
	form, err := r.MultipartReader()
	if err != nil {
		answer(w, 400, object{"error": err.Error()})
		return
	}
	u := &upload{}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return // the client is gone
		}
		switch part.FormName() {
		case "file":
			u.name = part.FileName()
			count := &counting{r: part}
			u.sum, err = sumOf(count)
			u.size = count.n
		case "description":
			var alt []byte
			alt, err = io.ReadAll(part)
			u.alt = string(alt)
		}
		if err != nil {
			return
		}
	}
	s.mu.Lock()
	u.id = strconv.Itoa(1000 + len(s.media))
	s.media = append(s.media, u)
	s.mu.Unlock()
	answer(w, 200, object{"id": u.id, "url": s.URL + "/media/" + u.id})
}

type counting struct {
	r io.Reader
	n int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// find returns a file by its id; nil: there is none.
func (s *instance) find(id string) *upload {
	for _, u := range s.media {
		if u.id == id {
			return u
		}
	}
	return nil
}

// tell tells of a file that is in no post yet, as Mastodon does.
func (s *instance) tell(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.find(r.PathValue("id"))
	if u == nil || u.post != nil {
		answer(w, 404, object{"error": "Record not found"})
		return
	}
	answer(w, 200, object{"id": u.id, "url": s.URL + "/media/" + u.id})
}

func (s *instance) describe(w http.ResponseWriter, r *http.Request) {
	alt := r.FormValue("description")
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.find(r.PathValue("id"))
	if u == nil || u.post != nil {
		answer(w, 404, object{"error": "Record not found"})
		return
	}
	u.alt = alt
	answer(w, 200, object{"id": u.id})
}

func (s *instance) publish(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		return // the client is gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := r.Header.Get("Idempotency-Key")
	p := s.keys[key]
	if p != nil {
		if p.noted {
			s.wrong = append(s.wrong, fmt.Errorf("a post that the program knew of came again: %s", p.text))
		}
		s.repeats = append(s.repeats, p)
	} else {
		p = &post{id: strconv.Itoa(len(s.posts) + 1), key: key, text: r.PostFormValue("status")}
		for _, id := range r.PostForm["media_ids[]"] {
			u := s.find(id)
			if u == nil || u.post != nil {
				answer(w, 422, object{"error": "Media " + id + " not found or already attached to another post"})
				return
			}
			p.files = append(p.files, u)
		}
		for _, u := range p.files {
			u.post = p
		}
		s.posts = append(s.posts, p)
		s.keys[key] = p
	}
	if s.lose != nil && s.lose() {
		panic(http.ErrAbortHandler)
	}
	r.Context().Value(lineKey{}).(*line).given = p
	answer(w, 200, object{"id": p.id, "url": s.URL + "/@me/" + p.id})
}

func (s *instance) list(w http.ResponseWriter, _ *http.Request) {
	if s.blind != nil && s.blind() {
		answer(w, 403, object{"error": "This action is outside the authorized scopes"})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []object{}
	for _, p := range slices.Backward(s.posts) {
		media := []object{}
		for _, u := range p.files {
			media = append(media, object{"id": u.id})
		}
		list = append(list, object{"id": p.id, "url": s.URL + "/@me/" + p.id, "content": p.text, "media_attachments": media})
		if len(list) == 40 {
			break
		}
	}
	answer(w, 200, list)
}
