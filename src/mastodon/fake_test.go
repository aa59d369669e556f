package mastodon

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeServer behaves as Mastodon 4.3 does in what a poster sees of it. Each
// request can be given another answer.
type fakeServer struct {
	*httptest.Server
	t testing.TB

	mu       sync.Mutex
	media    map[string]*fakeMedia
	statuses []*fakeStatus
	keys     map[string]*fakeStatus // Idempotency-Key
	calls    []string               // "POST /api/v1/statuses"
	sentKeys []string               // Idempotency-Key of every status that arrived here
	script   map[string][]fakeStep
	instance string        // JSON; "": 404
	mediaMax int           // files of a status
	forgets  bool          // the Idempotency-Keys
	reads    bool          // the token may read
	slow     bool          // media come back with 202
	lenient  bool          // posts without media that it does not have
	noURL    bool          // media have no address
	friendly bool          // as Friendica: see friendica_test.go
	created  func() string // of a new status: created_at
	bytes    int64         // of all media that arrived
}

// fakeStep answers one request instead of the server; next is the server.
type fakeStep func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc)

type fakeMedia struct {
	id, name, kind, alt string
	sum                 string
	size                int64
	data                []byte // the first 64 KiB
	status              *fakeStatus
	busy                bool
}

type fakeStatus struct {
	id, text, visibility, language, warning, replyTo, created string
	sensitive                                                 bool
	media                                                     []string
}

const fakeInstance = `{"version":"4.3.1","configuration":{"statuses":{"max_characters":500,"max_media_attachments":4,"characters_reserved_per_url":23},
"media_attachments":{"supported_mime_types":["image/jpeg","video/mp4"],"description_limit":1500,"image_size_limit":16777216,"image_matrix_limit":33177600,"video_size_limit":103809024}}}`

const fakeToken = "fake-token-of-24-letters"

func newFakeServer(t testing.TB) *fakeServer {
	f := &fakeServer{t: t, media: map[string]*fakeMedia{}, keys: map[string]*fakeStatus{}, script: map[string][]fakeStep{},
		instance: fakeInstance, mediaMax: 4, reads: true}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v2/instance", f.getInstance)
	mux.HandleFunc("GET /api/v1/instance", f.getInstance)
	mux.HandleFunc("GET /api/v1/accounts/verify_credentials", f.whoAmI)
	mux.HandleFunc("GET /api/v1/accounts/7/statuses", f.list)
	mux.HandleFunc("POST /api/v1/media", f.upload)
	mux.HandleFunc("POST /api/v2/media", f.upload)
	mux.HandleFunc("GET /api/v1/media/{id}", f.getMedia)
	mux.HandleFunc("PUT /api/v1/media/{id}", f.putMedia)
	mux.HandleFunc("POST /api/v1/statuses", f.post)
	mux.HandleFunc("POST /api/v1/apps", f.register)
	mux.HandleFunc("POST /oauth/token", f.token)
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.Method + " " + r.URL.Path
		f.mu.Lock()
		if call := name; r.Method == "POST" && r.ContentLength == 0 {
			f.calls = append(f.calls, "EMPTY "+call)
		} else {
			f.calls = append(f.calls, call)
		}
		if name == "POST /api/v1/statuses" {
			f.sentKeys = append(f.sentKeys, r.Header.Get("Idempotency-Key"))
		}
		var step fakeStep
		for route, steps := range f.script {
			if strings.HasPrefix(name, route) && len(steps) > 0 {
				step, f.script[route] = steps[0], steps[1:]
				break
			}
		}
		f.mu.Unlock()
		if step != nil {
			step(w, r, mux.ServeHTTP)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// on gives the next requests of a route other answers; nil: the usual one.
func (f *fakeServer) on(route string, steps ...fakeStep) {
	f.script[route] = append(f.script[route], steps...)
}

// settle lets a test look at the server without a lock between two attempts.
func (f *fakeServer) settle() {
	f.mu.Lock()
	defer f.mu.Unlock()
}

// always gives all requests of a route another answer.
func (f *fakeServer) always(route string, step fakeStep) {
	f.on(route, slices.Repeat([]fakeStep{step}, 50)...)
}

func (f *fakeServer) count(route string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.calls {
		if strings.HasPrefix(c, route) {
			n++
		}
	}
	return n
}

func fakeAnswer(status int, body string, header ...string) fakeStep {
	return func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		io.Copy(io.Discard, r.Body)
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

// fakeLose does what is asked and then breaks the connection.
func fakeLose(_ http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	next(httptest.NewRecorder(), r)
	panic(http.ErrAbortHandler)
}

// fakeLate does what is asked, and whoever stands before it does not wait for it.
func fakeLate(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	next(httptest.NewRecorder(), r)
	w.WriteHeader(504)
}

func (f *fakeServer) json(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v)
}

type fakeObject = map[string]any

// allowed answers for a token that is none.
func (f *fakeServer) allowed(w http.ResponseWriter, r *http.Request) bool {
	if r.Header.Get("Authorization") == "Bearer "+fakeToken {
		return true
	}
	f.json(w, 401, fakeObject{"error": "The access token is invalid"})
	return false
}

func (f *fakeServer) mayRead(w http.ResponseWriter, r *http.Request) bool {
	if !f.allowed(w, r) {
		return false
	}
	if !f.reads {
		f.json(w, 403, fakeObject{"error": "This action is outside the authorized scopes"})
	}
	return f.reads
}

func (f *fakeServer) getInstance(w http.ResponseWriter, _ *http.Request) {
	if f.instance == "" {
		w.WriteHeader(404)
	}
	io.WriteString(w, f.instance)
}

func (f *fakeServer) whoAmI(w http.ResponseWriter, r *http.Request) {
	if f.mayRead(w, r) {
		f.json(w, 200, fakeObject{"id": "7", "acct": "jane", "created_at": "odd"})
	}
}

func (f *fakeServer) upload(w http.ResponseWriter, r *http.Request) {
	if !f.allowed(w, r) {
		return
	}
	switch {
	case r.ContentLength < 0:
		f.json(w, 411, fakeObject{"error": "list length"})
		return
	case r.ContentLength == 0:
		f.json(w, 422, fakeObject{"error": "Validation failed: File can't be blank"})
		return
	}
	form, err := r.MultipartReader()
	if err != nil {
		f.json(w, 400, fakeObject{"error": err.Error()})
		return
	}
	m := &fakeMedia{busy: f.slow}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			f.json(w, 400, fakeObject{"error": err.Error()})
			return
		}
		switch part.FormName() {
		case "file":
			m.name, m.kind = part.FileName(), part.Header.Get("Content-Type")
			h := sha256.New()
			m.data, _ = io.ReadAll(io.TeeReader(io.LimitReader(part, 64<<10), h))
			n, _ := io.Copy(h, part)
			m.size = int64(len(m.data)) + n
			m.sum = fmt.Sprintf("%x", h.Sum(nil))
		case "description":
			b, _ := io.ReadAll(part)
			m.alt = string(b)
		}
	}
	f.mu.Lock()
	m.id = strconv.Itoa(1000 + len(f.media))
	f.media[m.id] = m
	f.bytes += m.size
	f.mu.Unlock()
	if m.busy {
		f.json(w, 202, fakeObject{"id": m.id, "url": nil})
		return
	}
	if f.noURL {
		f.json(w, 200, fakeObject{"id": m.id})
		return
	}
	f.json(w, 200, fakeObject{"id": m.id, "url": f.URL + "/m/" + m.id, "meta": []int{}})
}

// one returns a file that is in no post.
func (f *fakeServer) one(w http.ResponseWriter, r *http.Request) *fakeMedia {
	if !f.allowed(w, r) {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.media[r.PathValue("id")]
	if m == nil || m.status != nil && !f.friendly {
		f.json(w, 404, fakeObject{"error": "Record not found"})
		return nil
	}
	return m
}

func (f *fakeServer) getMedia(w http.ResponseWriter, r *http.Request) {
	m := f.one(w, r)
	switch {
	case m == nil:
	case m.busy:
		f.json(w, 206, fakeObject{"id": m.id, "url": nil})
	default:
		f.json(w, 200, fakeObject{"id": m.id, "url": f.URL + "/m/" + m.id})
	}
}

func (f *fakeServer) putMedia(w http.ResponseWriter, r *http.Request) {
	if m := f.one(w, r); m != nil {
		m.alt = r.FormValue("description")
		f.json(w, 200, fakeObject{"id": m.id})
	}
}

func (f *fakeServer) post(w http.ResponseWriter, r *http.Request) {
	if !f.allowed(w, r) {
		return
	}
	r.ParseForm()
	f.mu.Lock()
	defer f.mu.Unlock()
	key := r.Header.Get("Idempotency-Key")
	if s := f.keys[key]; s != nil && !f.forgets && !f.friendly {
		f.json(w, 200, fakeObject{"id": s.id, "url": f.address(s)})
		return
	}
	s := &fakeStatus{
		text: r.PostFormValue("status"), visibility: r.PostFormValue("visibility"), language: r.PostFormValue("language"),
		warning: r.PostFormValue("spoiler_text"), replyTo: r.PostFormValue("in_reply_to_id"), sensitive: r.PostFormValue("sensitive") == "true",
		media: r.PostForm["media_ids[]"],
	}
	if len([]rune(s.text)) > 500 || len(s.media) > f.mediaMax || s.text == "" && len(s.media) == 0 {
		f.json(w, 422, fakeObject{"error": "Validation failed: Text is wrong"})
		return
	}
	for _, id := range s.media {
		m := f.media[id]
		switch {
		case m == nil && f.lenient:
			s.media = nil
			continue
		case m == nil || m.status != nil && !f.friendly:
			f.json(w, 422, fakeObject{"error": "Media " + id + " not found or already attached to another post"})
			return
		case m.busy:
			f.json(w, 422, fakeObject{"error": "Cannot attach files that have not finished processing. Try again in a moment!"})
			return
		case m.kind == "video/mp4" && len(s.media) > 1:
			f.json(w, 422, fakeObject{"error": "Cannot attach a video to a post that already contains images"})
			return
		}
	}
	for _, id := range s.media {
		f.media[id].status = s
	}
	s.id = strconv.Itoa(len(f.statuses) + 1)
	if f.friendly {
		s.created = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	}
	if f.created != nil {
		s.created = f.created()
	}
	f.statuses = append(f.statuses, s)
	f.keys[key] = s
	f.json(w, 200, fakeObject{"id": s.id, "url": f.address(s), "created_at": "odd"})
}

func (f *fakeServer) address(s *fakeStatus) string { return f.URL + "/@jane/" + s.id }

func (f *fakeServer) list(w http.ResponseWriter, r *http.Request) {
	if !f.mayRead(w, r) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []fakeObject{}
	for _, s := range slices.Backward(f.statuses) {
		media := []fakeObject{}
		for i, id := range s.media {
			if f.friendly {
				other := s.id + "0" + strconv.Itoa(i)
				media = append(media, fakeObject{"id": other, "url": f.URL + "/photo/preview/600/" + other, "remote_url": f.URL + "/m/" + id})
				continue
			}
			media = append(media, fakeObject{"id": id})
		}
		var replyTo any
		if s.replyTo != "" {
			replyTo = s.replyTo
		}
		content := "<p>" + strings.ReplaceAll(html.EscapeString(s.text), "\n\n", "</p><p>") + "</p>"
		list = append(list, fakeObject{"id": s.id, "url": f.address(s), "in_reply_to_id": replyTo, "content": content, "media_attachments": media, "created_at": s.created})
	}
	f.json(w, 200, list)
}

func (f *fakeServer) register(w http.ResponseWriter, r *http.Request) {
	f.json(w, 200, fakeObject{"id": "1", "name": r.FormValue("client_name"), "client_id": "an id", "client_secret": "a secret", "redirect_uris": []string{r.FormValue("redirect_uris")}})
}

func (f *fakeServer) token(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("code") != "the code" || r.FormValue("client_secret") != "a secret" {
		f.json(w, 400, fakeObject{"error": "invalid_grant", "error_description": "The provided authorization grant is invalid"})
		return
	}
	f.json(w, 200, fakeObject{"access_token": fakeToken, "scope": "write:media", "created_at": 1})
}
