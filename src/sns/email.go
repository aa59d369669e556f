package sns

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/mail"
	"strings"
	"sync"
	"unicode"

	"snsbridge/src/photo"
	"snsbridge/src/spool"
	"snsbridge/src/wire"
)

const (
	recipientsMax = 30
	modelMax      = 80       // bytes
	addressMax    = 320      // bytes
	writeSize     = 16 << 10 // bytes, a multiple of any page
)

// letter is the text part of an e-mail.
type letter struct {
	sender     string // as typed
	address    string
	recipients []string
	title      string
	text       string
}

// email takes POST /social/columbus/email: a multipart body of one XML part
// and the photos (capture of an NX300; the wiki of samsung-nx-hacks has one).
func (s *Server) email(w http.ResponseWriter, r *http.Request) (err error) {
	if err := s.sized(r); err != nil {
		return err
	}
	client := clientOf(r)
	s.sighted(client, "", "mail", "")
	defer func() {
		if err != nil {
			s.sighted(client, "", "mail-failed", "")
		}
	}()
	up, err := s.Spool.Begin(r.ContentLength)
	if err != nil {
		return err
	}
	defer up.Abort()
	under := s.transfers.begin(r, "", s.modelAt(client))
	defer under.end()

	var model string
	parts := wire.NewParts(r.Body, wire.Rest(r, quietRest), wire.Boundary(r.Header.Get("Content-Type")))
	var l *letter
	for {
		part, err := parts.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return brokenOff(err)
		}
		if l == nil && (part.Name == "message" || part.FileName == "" && part.Name != "binary") {
			l, err = s.letter(part)
		} else {
			// Whatever it is called: a photo without a name is one, too.
			model, err = s.receive(up, part, under)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case l == nil:
		return refuse(http.StatusBadRequest, "400", "no message in this e-mail")
	case len(up.Files()) == 0:
		return refuse(http.StatusBadRequest, "400", "no photo in this e-mail")
	}
	it := &spool.Item{
		ID: up.ID(), Kind: spool.Email, Client: client, Model: model, Sender: l.sender,
		Title: l.title, Text: l.text, Files: up.Files(),
	}
	if err := s.Accept(it, l.recipients); err != nil {
		return err
	}
	if err := up.Commit(it); err != nil {
		return err
	}
	s.sighted(client, model, "mailed", "")
	s.strangers.drop(client, s.mac(client), "wanted-mail")
	s.Log.Info("e-mail accepted", "item", it.ID, "client", client, "sender", l.address, "recipients", len(l.recipients),
		"files", len(it.Files), "bytes", it.Size())
	answer(w, http.StatusOK, success)
	return nil
}

// sized refuses what cannot be taken before any of it is read.
func (s *Server) sized(r *http.Request) error {
	switch {
	case r.ContentLength < 0 && len(r.TransferEncoding) == 0,
		r.ContentLength == 0 && r.Header.Get("Content-Length") == "":
		return refuse(http.StatusLengthRequired, "411", "the length is missing")
	case r.ContentLength > s.MaxFile:
		return s.tooLarge()
	}
	return nil
}

func (s *Server) tooLarge() error {
	return refuse(http.StatusRequestEntityTooLarge, "413", "larger than %d MiB", s.MaxFile>>20)
}

// letter reads the XML part and decides whether its sender and recipients are
// welcome, before the photos are read.
func (s *Server) letter(part io.Reader) (*letter, error) {
	b, err := s.document(part)
	if err != nil {
		return nil, err
	}
	m := parseMarkup(b)
	l := &letter{
		title: limit(oneLine(m.text("title")), titleMax),
		text:  limit(withoutLanguage(m.text("body")), textMax),
	}
	l.sender = limit(oneLine(m.text("sender")), addressMax)
	l.address, _ = address(l.sender)
	if s.Sender != nil && !s.Sender(l.address) {
		return nil, notAllowed("401", "sender", l.address, "sender %q is not in the list of allowed senders", l.address)
	}
	var typed []string // what is not an address: the mail to it fails, where its owner sees it
	for _, raw := range m.texts("receiver", recipientsMax+1) {
		to, ok := address(oneLine(raw))
		if !ok {
			if to = limit(oneLine(raw), addressMax); to != "" {
				s.Log.Warn("a recipient is not an address", "recipient", limit(to, 100))
				typed = append(typed, to)
			}
			continue
		}
		if s.Recipient != nil && !s.Recipient(to) {
			if to[0] == '*' { // in the list it would mean everybody there: not one to be offered
				return nil, refuse(http.StatusUnauthorized, "401", "recipient %q is not in the list of allowed recipients", to)
			}
			return nil, notAllowed("401", "recipient", to, "recipient %q is not in the list of allowed recipients", to)
		}
		l.recipients = append(l.recipients, to)
	}
	switch {
	case len(l.recipients) == 0:
		return nil, refuse(http.StatusBadRequest, "400", "no recipient")
	case len(l.recipients)+len(typed) > recipientsMax:
		return nil, refuse(http.StatusBadRequest, "400", "more than %d recipients", recipientsMax)
	}
	l.recipients = append(l.recipients, typed...)
	return l, nil
}

// receive streams one photo or video of an e-mail to disk. It returns the
// camera that the file names.
func (s *Server) receive(up *spool.Upload, part *wire.Part, under *transfer) (model string, err error) {
	f, err := up.Create(part.FileName)
	if err != nil {
		return "", err
	}
	defer f.Discard()
	under.file(f.Name, len(up.Files())+1)
	if err := s.copy(f, part); err != nil {
		return "", err
	}
	// A body that ends without a whole delimiter may have lost the end of its
	// last photo: some firmware announces a length that is too small.
	if part.Ending != wire.Delimited {
		if v, err := photo.Complete(f, f.Size); err != nil {
			return "", err
		} else if v == photo.Cut {
			return "", refuse(http.StatusBadRequest, "400", "the photo %s has not arrived whole", f.Name)
		}
	}
	return s.describe(f)
}

// pageWriters write whole pages: parts of one make the file system touch it twice. They are used again,
// since a crowd of uploads that come and go would leave megabytes of them to the garbage collector.
var pageWriters = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, writeSize) }}

// copy streams a file to disk, no further than MaxFile.
func (s *Server) copy(f *spool.Writer, from io.Reader) error {
	f.Limit = s.MaxFile
	pages := pageWriters.Get().(*bufio.Writer)
	pages.Reset(f)
	defer func() {
		pages.Reset(nil)
		pageWriters.Put(pages)
	}()
	n, err := io.Copy(pages, from)
	if err == nil {
		err = pages.Flush()
	}
	switch {
	case errors.Is(f.Err(), spool.ErrTooLarge):
		return s.tooLarge()
	case f.Err() != nil:
		return f.Err()
	case err != nil:
		return brokenOff(err)
	}
	if n == 0 {
		return refuse(http.StatusBadRequest, "400", "the photo %s is empty", f.Name)
	}
	return nil
}

// describe notes what the file tells about itself, and makes it durable. It
// returns the camera that it names.
func (s *Server) describe(f *spool.Writer) (model string, err error) {
	info, err := photo.Read(f, f.Size)
	if err != nil {
		return "", err
	}
	f.Type, f.Taken = info.Type, info.Taken
	return limit(info.Model, modelMax), f.Close()
}

func brokenOff(err error) error {
	if errors.Is(err, wire.ErrCrowded) {
		return fmt.Errorf("%w: %w", refuse(http.StatusServiceUnavailable, codeRetry, "too many devices are sending at once"), err)
	}
	return fmt.Errorf("%w: %w", refuse(http.StatusBadRequest, "400", "the transfer broke off"), err)
}

// address returns the mail address in what was typed on a camera, which may
// have a display name. Its result is safe in any header.
func address(typed string) (string, bool) {
	if a, err := mail.ParseAddress(typed); err == nil {
		return a.Address, isSafe(a.Address)
	}
	if i := strings.LastIndexByte(typed, '<'); i >= 0 {
		typed, _, _ = strings.Cut(typed[i+1:], ">")
	}
	typed = strings.TrimSpace(typed)
	a, err := mail.ParseAddress("<" + typed + ">")
	if err != nil {
		return limit(typed, addressMax), false
	}
	return a.Address, isSafe(a.Address)
}

// isSafe tells whether an address means the same wherever it is written.
func isSafe(address string) bool {
	again, err := mail.ParseAddress("<" + address + ">") // not if it needs quotes, which are off
	return err == nil && again.Address == address && len(address) <= addressMax && strings.Count(address, "@") == 1 &&
		!strings.ContainsAny(address, " \",;<>") && !strings.ContainsFunc(address, unicode.IsControl)
}

// withoutLanguage takes away the last line, by which a camera tells the
// service its language and encoding: "language_sh100_utf8".
func withoutLanguage(body string) string {
	body = strings.ReplaceAll(body, "\r\n", "\n")
	i := strings.LastIndex(body, "language_sh100_")
	if i < 0 || strings.ContainsAny(strings.TrimSpace(body[i:]), " \t\n") {
		return strings.TrimSpace(body)
	}
	return strings.TrimSpace(body[:i])
}

// oneLine makes control characters blanks.
func oneLine(s string) string {
	return strings.TrimSpace(string(bytes.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, []byte(s))))
}

// limit cuts a text to at most max bytes.
func limit(s string, max int) string {
	if len(s) <= max {
		return s
	}
	return strings.ToValidUTF8(s[:max], "")
}
