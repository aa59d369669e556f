package mastodon

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	api "github.com/mattn/go-mastodon"

	"snsbridge/src/photo"
	"snsbridge/src/spool"
)

func mediaStep(f spool.File) string { return "media " + f.Path }

// uploaded returns the id of a file that is at the server, the sum of the alt
// text that it has there, and its address there, "" if the server did not tell.
func (a *attempt) uploaded(f spool.File) (id, alt, address string) {
	id, alt, _ = strings.Cut(a.marked(mediaStep(f)), " ")
	alt, address, _ = strings.Cut(alt, " ")
	return id, alt, address
}

// markUploaded notes what uploaded returns.
func (a *attempt) markUploaded(f spool.File, id, address string) error {
	if len(address) > 300 || strings.ContainsFunc(address, func(r rune) bool { return r <= ' ' || r > '~' }) {
		address = ""
	}
	return a.mark(mediaStep(f), strings.TrimSpace(id+" "+altSum(f)+" "+address))
}

func altSum(f spool.File) string {
	sum := sha256.Sum256([]byte(clean(f.Alt)))
	return hex.EncodeToString(sum[:4])
}

// ids returns the server's names of a part's files.
func (a *attempt) ids(n int) []string {
	var ids []string
	for _, f := range a.files(a.parts[n]) {
		if id, _, _ := a.uploaded(f); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// forget drops the marks of files that have to be uploaded anew.
func (a *attempt) forget(files []spool.File) error {
	for _, f := range files {
		if err := a.mark(mediaStep(f), ""); err != nil {
			return err
		}
	}
	return nil
}

// look returns those of the files that earlier attempts uploaded and that the
// server does not have free any more. Servers before Mastodon 4.3 would post
// without them and say nothing.
func (a *attempt) look(ctx context.Context, files []spool.File) (gone []spool.File, err error) {
	for _, f := range files {
		id, _, _ := a.uploaded(f)
		if id == "" {
			continue
		}
		err := a.status(ctx, id)
		r, refused := asRefusal(err)
		switch {
		case err == nil:
			a.ready[f.Path] = true
		case !refused || r.passes():
			return nil, a.m.failure(ctx, "ask about "+f.Name, err)
		case r.status == http.StatusNotFound || r.status == http.StatusGone:
			gone = append(gone, f)
		}
	}
	return gone, nil
}

func (a *attempt) status(ctx context.Context, id string) error {
	return (&call{m: a.m, raw: true}).client().GetMediaStatus(ctx, &api.Attachment{ID: api.ID(id)})
}

// upload brings those files to the server that are not there, and waits until
// it has digested all.
func (a *attempt) upload(ctx context.Context, files []spool.File) error {
	for _, f := range files {
		var err error
		id, alt, _ := a.uploaded(f)
		switch {
		case id == "":
			err = a.uploadFile(ctx, f)
		case alt != altSum(f):
			err = a.describe(ctx, f, id)
		}
		if err != nil {
			return a.m.failure(ctx, "upload "+f.Name, err)
		}
	}
	end := time.Now().Add(a.m.processing())
	for _, f := range files {
		if a.ready[f.Path] {
			continue
		}
		if err := a.wait(ctx, f, end); err != nil {
			return err
		}
	}
	return nil
}

// uploadFile uploads a file and notes its id.
func (a *attempt) uploadFile(ctx context.Context, f spool.File) error {
	src, disk, err := a.open(f)
	if err != nil {
		return err
	}
	defer disk.Close()
	c := &call{m: a.m, v1: a.m.onlyV1(), file: newUpload(fileName(f), cmp.Or(f.Type, photo.Other), src, f.Size)}
	att, err := c.upload(ctx, clean(f.Alt))
	if r, ok := asRefusal(err); ok && r.missing() {
		a.m.setOnlyV1(false)
		return &spool.Error{
			Kind: spool.Account,
			Code: "no-api",
			Hint: "Check BASE_URL: this does not look like a server for Mastodon apps.",
			Err:  fmt.Errorf("upload %s: %w", f.Name, r),
		}
	}
	if err != nil {
		return err
	}
	a.m.setOnlyV1(c.v1)
	if err := checkID(att.ID); err != nil {
		return err
	}
	a.fresh[f.Path] = true
	// Mastodon gives an address when it has digested the file. The first version
	// of the endpoint answers 200 only then, and servers that have no other may
	// not answer questions about a file.
	a.ready[f.Path] = att.URL != "" || c.v1 && c.status == http.StatusOK
	if err := a.markUploaded(f, string(att.ID), att.URL); err != nil {
		return err
	}
	a.d.Progress = true
	return nil
}

// upload sends the file as the server wants it: it may not know Expect, or only
// the first version of the endpoint.
func (c *call) upload(ctx context.Context, alt string) (*api.Attachment, error) {
	for {
		att, err := c.client().UploadMediaFromMedia(ctx, &api.Media{File: strings.NewReader(c.file.placeholder), Description: alt})
		r, refused := asRefusal(err)
		switch {
		case refused && r.status == http.StatusExpectationFailed && !c.file.atOnce:
			c.file.atOnce = true
		case refused && r.missing() && !c.v1:
			c.v1 = true
		default:
			return att, err
		}
	}
}

func (m *Account) onlyV1() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.v1
}

func (m *Account) setOnlyV1(v1 bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.v1 = v1
}

// open returns what of a file may be uploaded, and what to close afterwards.
func (a *attempt) open(f spool.File) (io.ReaderAt, io.Closer, error) {
	disk, err := a.d.Open(f)
	if err != nil {
		return nil, nil, diskError{err}
	}
	if !a.m.Public {
		return disk, disk, nil
	}
	src, err := photo.NewPublic(disk, f.Size)
	switch {
	case err == nil:
		return src, disk, nil
	case errors.Is(err, photo.ErrPrivate):
		err = &spool.Error{
			Kind:  spool.Permanent,
			Code:  "private",
			Hint:  "Send files of this kind to another target, or let this target publish position and serial number.",
			Cured: true,
			Err:   fmt.Errorf("%s: %w", f.Name, err),
		}
	default:
		err = diskError{err}
	}
	disk.Close()
	return nil, nil, err
}

// fileName is a name that needs no quoting in a form. No reader of the post
// sees it.
func fileName(f spool.File) string {
	stem := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, strings.TrimSuffix(f.Name, path.Ext(f.Name)))
	switch f.Type {
	case photo.JPEG:
		return stem + ".jpg"
	case photo.MP4:
		return stem + ".mp4"
	case photo.AVI:
		return stem + ".avi"
	}
	return stem
}

// describe changes the alt text of a file that was uploaded before a person
// edited it.
func (a *attempt) describe(ctx context.Context, f spool.File, id string) error {
	form := url.Values{"description": {clean(f.Alt)}}
	_, err := a.m.ask(ctx, http.MethodPut, "/api/v1/media/"+url.PathEscape(id), form)
	if r, ok := asRefusal(err); ok && r.status == http.StatusNotFound {
		return nil // it is in a post already, as will be seen
	}
	if err != nil {
		return err
	}
	_, _, address := a.uploaded(f)
	return a.markUploaded(f, id, address)
}

// wait asks until the server has digested a file. One that takes too long is
// asked for again in the next attempt, and others get their turn.
func (a *attempt) wait(ctx context.Context, f spool.File, end time.Time) error {
	id, _, _ := a.uploaded(f)
	for pause := time.Second; ; pause = min(2*pause, 15*time.Second) {
		err := a.status(ctx, id)
		if err == nil {
			return nil
		}
		r, refused := asRefusal(err)
		switch {
		case !refused || r.passes():
			return a.m.failure(ctx, "ask about "+f.Name, err)
		case r.status == http.StatusUnprocessableEntity:
			if err := a.forget([]spool.File{f}); err != nil {
				return err
			}
			return a.m.failure(ctx, f.Name, err)
		case r.status != http.StatusPartialContent:
			return nil // a token without the right to ask: the post will show
		}
		if time.Now().Add(pause).After(end) {
			return &spool.Error{Code: "processing", Err: fmt.Errorf("%s is still being processed by %s", f.Name, a.m.host())}
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
