package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

type picture struct {
	name    string
	content []byte
}

func openSpool(t testing.TB) *spooltest.Rig { return spooltest.New(t, t.TempDir()) }

// add puts an item for the recipients into the spool.
func add(s *spooltest.Rig, it spool.Item, to []string, photos ...picture) string {
	s.T.Helper()
	var files []spooltest.File
	for _, p := range photos {
		files = append(files, spooltest.File{Name: p.name, Type: "image/jpeg", Open: func() io.Reader { return bytes.NewReader(p.content) }})
	}
	it.Jobs = []spool.Job{{Target: "email", To: to, State: spool.Waiting}}
	return s.Add(it, nil, files...)
}

// try makes one attempt at whatever waits in the spool, and returns the job
// then and what came of it.
func try(s *spooltest.Rig, e *Smarthost) (spool.Job, error) {
	s.T.Helper()
	job := s.Attempt(e.Do)
	return job, s.Err
}

// kindOf returns an error's kind and code; temporary ones may have none.
func kindOf(err error) (spool.Kind, string) {
	var e *spool.Error
	if errors.As(err, &e) {
		return e.Kind, e.Code
	}
	return spool.Temporary, ""
}

// received is a received mail as a mail program sees it.
type received struct {
	header mail.Header
	text   string
	files  []receivedFile
}

type receivedFile struct {
	name string
	typ  string
	id   string
	sum  [32]byte
}

func sumOf(b []byte) [32]byte { return sha256.Sum256(b) }

func parse(t testing.TB, data []byte) received {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("the mail cannot be read: %v\n%.2000s", err, data)
	}
	out := received{header: m.Header}
	typ, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("Content-Type %q: %v", m.Header.Get("Content-Type"), err)
	}
	if typ == "text/plain" {
		out.text = readText(t, quotedprintable.NewReader(m.Body))
		return out
	}
	if typ != "multipart/mixed" {
		t.Fatalf("got a mail of type %q", typ)
	}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextPart() // undoes quoted-printable
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatalf("after %d files: %v", len(out.files), err)
		}
		if p.Header.Get("Content-Disposition") == "" {
			out.text = readText(t, p)
			continue
		}
		h := sha256.New()
		if _, err := io.Copy(h, base64.NewDecoder(base64.StdEncoding, p)); err != nil {
			t.Fatalf("%s: %v", p.FileName(), err)
		}
		_, disposition, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		if err != nil || len(disposition) != 1 {
			t.Fatalf("Content-Disposition %q: %v", p.Header.Get("Content-Disposition"), err)
		}
		out.files = append(out.files, receivedFile{disposition["filename"], p.Header.Get("Content-Type"), p.Header.Get("Content-Id"), [32]byte(h.Sum(nil))})
	}
}

func readText(t testing.TB, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

func (m received) subject(t testing.TB) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(m.header.Get("Subject"))
	if err != nil {
		t.Fatalf("Subject %q: %v", m.header.Get("Subject"), err)
	}
	return s
}
