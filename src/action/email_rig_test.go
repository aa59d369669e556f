package action

import (
	"bytes"
	"context"
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
	"time"

	"snsbridge/src/spool"
)

// mailSpool is a spool in a folder of its own.
func mailSpool(t testing.TB) *spool.Spool {
	t.Helper()
	disk, err := spool.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &spool.Spool{Disk: disk, KeepDone: time.Hour}
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	if err := s.Recover(func(*spool.Item) {}); err != nil {
		t.Fatal(err)
	}
	return s
}

type mailPhoto struct {
	name    string
	content []byte
}

// mailItem puts an item for the recipients into the spool.
func mailItem(t testing.TB, s *spool.Spool, it spool.Item, to []string, photos ...mailPhoto) string {
	t.Helper()
	up, err := s.Begin(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range photos {
		w, err := up.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(p.content); err != nil {
			t.Fatal(err)
		}
		w.Type = "image/jpeg"
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	it.Kind = spool.Email
	it.Jobs = []spool.Job{{Target: "email", To: to, State: spool.Waiting}}
	if err := up.Commit(&it); err != nil {
		t.Fatal(err)
	}
	return it.ID
}

// mailTry makes one attempt at whatever waits in the spool, and returns what
// came of it and the job then.
func mailTry(t testing.TB, s *spool.Spool, id string, e *Email) (error, spool.Job) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tried := false
	var err error
	r := spool.Runner{
		Spool: s,
		Do: func(ctx context.Context, d *spool.Delivery) error {
			tried = true
			err = e.Do(ctx, d)
			return err
		},
		Idle: cancel,
	}
	s.Poke()
	r.Run(ctx)
	if !tried {
		t.Fatal("nothing was tried")
	}
	it, gerr := s.Get(id)
	if gerr != nil {
		t.Fatal(gerr)
	}
	return err, it.Jobs[0]
}

// mailKind returns an error's kind and code; temporary ones may have none.
func mailKind(err error) (spool.Kind, string) {
	var e *spool.Error
	if errors.As(err, &e) {
		return e.Kind, e.Code
	}
	return spool.Temporary, ""
}

// mailRead is a received mail as a mail program sees it.
type mailRead struct {
	header mail.Header
	text   string
	files  []mailReadFile
}

type mailReadFile struct {
	name string
	typ  string
	id   string
	sum  [32]byte
}

func mailSum(b []byte) [32]byte { return sha256.Sum256(b) }

func parseMail(t testing.TB, data []byte) mailRead {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("the mail cannot be read: %v\n%.2000s", err, data)
	}
	out := mailRead{header: m.Header}
	typ, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatalf("Content-Type %q: %v", m.Header.Get("Content-Type"), err)
	}
	if typ == "text/plain" {
		out.text = mailReadText(t, quotedprintable.NewReader(m.Body))
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
			out.text = mailReadText(t, p)
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
		out.files = append(out.files, mailReadFile{disposition["filename"], p.Header.Get("Content-Type"), p.Header.Get("Content-Id"), [32]byte(h.Sum(nil))})
	}
}

func mailReadText(t testing.TB, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

func (m mailRead) subject(t testing.TB) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(m.header.Get("Subject"))
	if err != nil {
		t.Fatalf("Subject %q: %v", m.header.Get("Subject"), err)
	}
	return s
}
