package mastodon

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	api "github.com/mattn/go-mastodon"
)

const (
	mediaV1 = "/api/v1/media"
	mediaV2 = "/api/v2/media"

	answerMax = 1 << 20   // bytes of an answer, unpacked
	formMax   = 256 << 10 // bytes of a request without the file
)

// call is the transport of one request. The API library holds a whole
// upload in memory several times over, sleeps for up to hours when it is told
// to slow down, and never limits an answer; so it composes around a
// placeholder, and what goes over the wire is decided here.
type call struct {
	m    *Account
	file *upload // takes the placeholder's place
	key  string  // Idempotency-Key
	raw  bool    // leave the answer as it is
	v1   bool    // the file goes to the first version of the media endpoint

	status int // of the answer, before all that are good become 200
}

// upload is what is uploaded.
type upload struct {
	name, kind  string
	src         io.ReaderAt
	size        int64
	placeholder string
	atOnce      bool // without asking first whether the server wants it
}

// diskError marks an error of our own disk among those of the network.
type diskError struct{ error }

func (e diskError) Unwrap() error { return e.error }

var (
	errStalled = errors.New("nothing moved any more")
	errAnswer  = errors.New("this is not a Mastodon API response")
)

// client returns the library's client for this one call.
func (c *call) client() *api.Client {
	lib := api.NewClient(&api.Config{Server: c.m.BaseURL, AccessToken: c.m.Token})
	lib.Client = http.Client{Transport: c}
	return lib
}

// RoundTrip returns good answers whole, with status 200. Everything else is an
// error, a *refusal if the server said so: no redirect is followed.
func (c *call) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	defer cancel(nil)
	watch := time.AfterFunc(c.m.timeout(), func() { cancel(errStalled) })
	defer watch.Stop()

	out := req.Clone(ctx)
	if c.m.UserAgent != "" {
		out.Header.Set("User-Agent", c.m.UserAgent)
	}
	if c.key != "" {
		out.Header.Set("Idempotency-Key", c.key)
		// Seeing the key, net/http would send the post again by itself when
		// the connection breaks. Not every server honours keys.
		out.GetBody = nil
	}
	if c.v1 {
		out.URL.Path = strings.Replace(out.URL.Path, mediaV2, mediaV1, 1)
	}
	if c.file != nil {
		err := c.file.replace(out, func(last bool) {
			if last {
				watch.Reset(c.m.timeout())
			} else {
				watch.Reset(c.m.stall())
			}
		})
		if err != nil {
			return nil, err
		}
	}
	resp, err := c.m.transport().RoundTrip(out)
	if err == nil {
		defer resp.Body.Close()
		watch.Reset(c.m.timeout())
		c.m.noteDate(resp.Header)
		c.status = resp.StatusCode
		err = c.read(resp)
	}
	if err != nil {
		return nil, err // errStalled, if watch ended it
	}
	return resp, nil
}

// read takes in the answer.
func (c *call) read(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerMax+1))
	large := len(body) > answerMax
	if resp.StatusCode < 200 || resp.StatusCode > 299 || resp.StatusCode == http.StatusPartialContent {
		if large {
			body = nil
		}
		return c.m.refusal(resp, body)
	}
	if err == nil && large {
		err = fmt.Errorf("%w: it has more than %d bytes", errAnswer, answerMax)
	}
	if err == nil && !c.raw {
		body, err = reduce(body)
	}
	if err != nil {
		return err
	}
	resp.StatusCode = http.StatusOK
	resp.Body = io.NopCloser(bytes.NewReader(body))
	resp.ContentLength = int64(len(body))
	return nil
}

// reduce leaves the fields that are needed. The library refuses a whole answer
// if a field that nobody needs has another type than at Mastodon.
func reduce(body []byte) ([]byte, error) {
	var few struct {
		ID           json.RawMessage `json:"id,omitempty"`
		URL          json.RawMessage `json:"url,omitempty"`
		URI          json.RawMessage `json:"uri,omitempty"`
		Acct         json.RawMessage `json:"acct,omitempty"`
		ClientID     json.RawMessage `json:"client_id,omitempty"`
		ClientSecret json.RawMessage `json:"client_secret,omitempty"`
		AccessToken  json.RawMessage `json:"access_token,omitempty"`
	}
	if err := json.Unmarshal(body, &few); err != nil {
		return nil, fmt.Errorf("%w: %w", errAnswer, err)
	}
	return json.Marshal(few)
}

// replace puts the file where the library put the placeholder, and its name
// and type where the library put its own.
func (f *upload) replace(req *http.Request, moved func(last bool)) error {
	form, err := io.ReadAll(io.LimitReader(req.Body, formMax+1))
	req.Body.Close()
	if err != nil {
		return err
	}
	before, after, found := strings.Cut(string(form), f.placeholder)
	head := strings.Replace(before, `filename="upload"`, `filename="`+f.name+`"`, 1)
	head = strings.Replace(head, "application/octet-stream", f.kind, 1)
	if !found || head == before || len(form) > formMax {
		return errors.New("the form of the upload is not what was expected")
	}
	req.ContentLength = int64(len(head)) + f.size + int64(len(after))
	req.GetBody = func() (io.ReadCloser, error) {
		return io.NopCloser(&watchedBody{moved: moved, r: io.MultiReader(
			strings.NewReader(head),
			diskReader{io.NewSectionReader(f.src, 0, f.size)},
			strings.NewReader(after),
		)}), nil
	}
	req.Body, err = req.GetBody()
	if !f.atOnce {
		// A server that will refuse can say so before the megabytes are paid for.
		req.Header.Set("Expect", "100-continue")
	}
	return err
}

// newUpload returns a file with a placeholder that no alt text contains.
func newUpload(name, kind string, src io.ReaderAt, size int64) *upload {
	return &upload{name: name, kind: kind, src: src, size: size, placeholder: rand.Text() + rand.Text()}
}

// watchedBody tells when it was read from.
type watchedBody struct {
	r     io.Reader
	moved func(last bool)
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	b.moved(err != nil)
	return n, err
}

// diskReader names the disk in its errors.
type diskReader struct{ r io.Reader }

func (d diskReader) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	if err != nil && err != io.EOF {
		err = diskError{err}
	}
	return n, err
}

// transport returns what all calls of this account share: a connection that
// can be used again for the next file.
func (m *Account) transport() http.RoundTripper {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.Transport != nil:
		return m.Transport
	case m.base == nil:
		m.base = &http.Transport{
			DialContext:            (&net.Dialer{Timeout: 30 * time.Second}).DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    30 * time.Second,
			ExpectContinueTimeout:  2 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        20 * time.Second,
		}
	}
	return m.base
}

// noteDate remembers what time it is by the server's clock: ours may be years
// off.
func (m *Account) noteDate(h http.Header) {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.date, m.dated = t, time.Now()
}

// serverTime returns the time by the server's clock, as far as it is known.
func (m *Account) serverTime() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.date.IsZero() {
		return m.now()
	}
	return m.date.Add(time.Since(m.dated))
}

// ask makes a request that the library does not know, and returns the answer.
func (m *Account) ask(ctx context.Context, method, path string, form url.Values) ([]byte, error) {
	u, err := parseURL(m.BaseURL)
	if err != nil {
		return nil, err
	}
	u = u.JoinPath(path)
	var body io.Reader
	if method == http.MethodGet {
		u.RawQuery = form.Encode()
	} else {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if m.Token != "" {
		req.Header.Set("Authorization", "Bearer "+m.Token)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := (&call{m: m, raw: true}).client().Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// checkID refuses what is not fit to be kept in a record.
func checkID(id api.ID) error {
	if id == "" || len(id) > 100 || strings.ContainsFunc(string(id), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%w: it has no id", errAnswer)
	}
	return nil
}
