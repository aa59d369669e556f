package sns

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"snsbridge/src/photo"
	"snsbridge/src/spool"
	"snsbridge/src/wire"
)

// upload takes the bytes of an announced file, by PUT (the known
// implementation) or POST (a slide on the protocol).
func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	_, token, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	sl, done := s.sessions.upload(token, clientOf(r), s.Now())
	if sl == nil {
		return errNoSession
	}
	sess := sl.session
	defer s.ended(sess)
	if err := s.sized(r); err != nil {
		return err
	}
	if done > 0 && done == r.ContentLength {
		// The camera did not hear that this file has arrived.
		io.Copy(io.Discard, r.Body)
		answer(w, http.StatusOK, success)
		return nil
	}
	up, err := s.Spool.Begin(r.ContentLength)
	if err != nil {
		return err
	}
	defer up.Abort()
	f, err := up.Create(sl.name)
	if err != nil {
		return err
	}
	defer f.Discard()
	under := s.transfers.begin(r, sl.site, cmp.Or(sl.model, s.modelAt(sess.client)))
	defer under.end()
	under.file(f.Name, sess.numberOf(sl))
	if err := s.copy(f, r.Body); err != nil {
		return err
	}
	if err := s.lagging(f, r); err != nil {
		return err
	}
	size := f.Size
	model, err := s.describe(f)
	if err != nil {
		return err
	}
	if sl.model != "" {
		model = sl.model
	}
	id, err := s.file(sl, model, up)
	if err != nil {
		return err
	}
	s.sessions.uploaded(sl, r.ContentLength)
	s.sighted(sess.client, model, "sent", f.Name)
	s.Log.Info("photo accepted", "item", id, "client", sess.client, "site", sl.site, "file", f.Name, "bytes", size)
	answer(w, http.StatusOK, success)
	return nil
}

// lagging takes in the last bytes of a photo whose announced length is too
// small, as it is in the e-mails of some firmware: bytes that follow are
// taken if they complete the photo, and else are none of it.
func (s *Server) lagging(f *spool.Writer, r *http.Request) error {
	if f.Size < 2 {
		return nil
	}
	var end [2]byte
	if _, err := f.ReadAt(end[:], f.Size-2); err != nil {
		return err
	}
	if string(end[:]) == jpegEnd { // by far the most; Complete reads the whole file
		return nil
	}
	if v, err := photo.Complete(f, f.Size); err != nil || v != photo.Cut {
		return err
	}
	rest, _ := io.ReadAll(io.LimitReader(wire.Rest(r, quietRest), lagMax))
	joined := tail{f, f.Size, rest}
	for n := 1; n <= len(rest); n++ {
		if n < len(rest) && !strings.HasSuffix(string(end[1:])+string(rest[:n]), jpegEnd) {
			continue
		}
		v, err := photo.Complete(joined, f.Size+int64(n))
		if err != nil {
			return err
		}
		if v == photo.Whole {
			_, err := f.Write(rest[:n])
			return err
		}
	}
	s.Log.Warn("a photo has arrived as long as was announced, and does not look whole", "client", clientOf(r), "file", f.Name, "bytes", f.Size)
	return nil
}

const (
	jpegEnd = "\xff\xd9"
	lagMax  = 16 // bytes; 4 a part are known of
)

// tail is a file with bytes that are to follow it.
type tail struct {
	io.ReaderAt
	size int64
	rest []byte
}

func (t tail) ReadAt(p []byte, off int64) (int, error) {
	if off >= t.size {
		n := copy(p, t.rest[min(off-t.size, int64(len(t.rest))):])
		if n < len(p) {
			return n, io.EOF
		}
		return n, nil
	}
	n, err := t.ReaderAt.ReadAt(p[:min(int64(len(p)), t.size-off)], off)
	if err == io.EOF {
		err = nil
	}
	if err == nil && n < len(p) {
		var m int
		m, err = t.ReadAt(p[n:], off+int64(n))
		n += m
	}
	return n, err
}

// file adds an upload to the post that it belongs to, or begins one. When it
// returns without error the photo is safe.
func (s *Server) file(sl *slot, model string, up *spool.Upload) (id string, err error) {
	sess := sl.session
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if p := sess.post; p != nil && p.same(sl) {
		_, err := up.AppendTo(p.item, func(it *spool.Item) {
			p.describe(&it.Files[len(it.Files)-1])
		})
		if err == nil {
			p.count++
			return p.item, nil
		}
		if !errors.Is(err, spool.ErrClosed) && !errors.Is(err, spool.ErrNotFound) {
			return "", err
		}
		sess.post = nil // a person removed or finished it meanwhile
	}
	s.endPost(sess)
	text, alts := spool.AltTexts(sl.typed)
	p := &post{site: sl.site, typed: sl.typed, alts: alts}
	it := &spool.Item{
		ID: up.ID(), Kind: spool.Post, Open: true, Client: sess.client, Model: model,
		Sender: sess.user, Site: sl.site, Text: text, Files: up.Files(),
	}
	p.describe(&it.Files[0])
	if err := s.Accept(it, nil); err != nil {
		return "", err
	}
	if err := up.Commit(it); err != nil {
		return "", err
	}
	p.item, p.count = it.ID, 1
	sess.post = p
	return it.ID, nil
}

// same tells whether a photo belongs to a post: cameras send the text of a
// post with each of its photos, and nothing else that could tell.
func (p *post) same(sl *slot) bool {
	return p.typed == sl.typed && p.site == sl.site
}

// numberOf returns which photo of its post an announced one will be.
func (sess *session) numberOf(sl *slot) int {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	if p := sess.post; p != nil && p.same(sl) {
		return p.count + 1
	}
	return 1
}

// describe gives the post's next file its text.
func (p *post) describe(f *spool.File) {
	if p.count < len(p.alts) {
		f.Alt = p.alts[p.count]
	}
}

// nextPost ends the session's post if what is announced belongs to another,
// and lets it wait for what belongs to it.
func (s *Server) nextPost(sess *session, sl *slot) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	switch {
	case sess.post == nil || !s.sessions.idle(sess):
	case sess.post.same(sl):
		s.endPostIn(sess, s.Quiet)
	default:
		s.endPost(sess)
	}
}

// endPost hands the session's post over to delivery. The session is locked.
func (s *Server) endPost(sess *session) {
	p := sess.post
	if p == nil {
		return
	}
	sess.post = nil
	s.closePost(sess, p)
}

// closePost tries again later if the disk fails.
func (s *Server) closePost(sess *session, p *post) {
	err := s.Spool.Close(p.item, func(it *spool.Item) {
		it.Spare = p.alts[min(p.count, len(p.alts)):]
		s.Finish(it)
	})
	for _, vain := range []error{spool.ErrNotFound, spool.ErrClosed, spool.ErrDamaged,
		os.ErrClosed, // the storage is gone for good, and with it this server
	} {
		if errors.Is(err, vain) {
			return
		}
	}
	if err != nil {
		s.Log.Error("cannot finish a post yet", "item", p.item, "error", err)
		time.AfterFunc(s.Quiet, func() {
			sess.mu.Lock()
			defer sess.mu.Unlock()
			s.closePost(sess, p)
		})
	}
}

// finish ends what a session has begun.
func (s *Server) finish(sess *session) {
	sess.mu.Lock()
	defer sess.mu.Unlock()
	s.endPost(sess)
}

// ended notes that an upload has ended. When none is announced in a while, the
// post is complete. A post of which each description has its photo need not
// wait for long: cameras announce the next photo within seconds. But it must
// wait: a user who types one description for three photos would otherwise
// have made three posts.
func (s *Server) ended(sess *session) {
	sess.mu.Lock() // first: who counts the last upload must also be the last to set the timer
	defer sess.mu.Unlock()
	switch running := s.sessions.ended(sess, s.Now()); {
	case running > 0:
	case sess.post != nil && sess.post.described():
		s.endPostIn(sess, s.Settle)
	default:
		s.endPostIn(sess, s.Quiet)
	}
}

// endPostIn ends the session's post after a while without uploads. The session
// is locked.
func (s *Server) endPostIn(sess *session, wait time.Duration) {
	if sess.quiet != nil {
		sess.quiet.Stop()
	}
	if sess.post == nil {
		return
	}
	sess.quiet = time.AfterFunc(wait, func() {
		sess.mu.Lock()
		defer sess.mu.Unlock()
		if s.sessions.idle(sess) {
			s.endPost(sess)
		}
	})
}
