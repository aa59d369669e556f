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

// uploaded returns the id of a file that is at the server, and the sum of the
// alt text that it has there.
func (a *attempt) uploaded(f spool.File) (id, alt string) {
	id, alt, _ = strings.Cut(a.marked(mediaStep(f)), " ")
	return id, alt
}

func altSum(f spool.File) string {
	sum := sha256.Sum256([]byte(clean(f.Alt)))
	return hex.EncodeToString(sum[:4])
}

// ids returns the server's names of a part's files.
func (a *attempt) ids(n int) []string {
	var ids []string
	for _, f := range a.files(a.parts[n]) {
		if id, _ := a.uploaded(f); id != "" {
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
		id, _ := a.uploaded(f)
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
		id, alt := a.uploaded(f)
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
	up := newUpload(fileName(f), cmp.Or(f.Type, photo.Other), src, f.Size)
	c := &call{m: a.m, file: up}
	media := func() *api.Media {
		return &api.Media{File: strings.NewReader(up.placeholder), Description: clean(f.Alt)}
	}
	att, err := c.client().UploadMediaFromMedia(ctx, media())
	if r, ok := asRefusal(err); ok && r.status == http.StatusExpectationFailed {
		up.atOnce = true
		att, err = c.client().UploadMediaFromMedia(ctx, media())
	}
	if r, ok := asRefusal(err); ok && (r.status == http.StatusNotFound || r.status == http.StatusMethodNotAllowed) {
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
	if err := checkID(att.ID); err != nil {
		return err
	}
	a.fresh[f.Path] = true
	a.ready[f.Path] = att.URL != "" // Mastodon gives an address when it has digested the file
	return a.mark(mediaStep(f), string(att.ID)+" "+altSum(f))
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
			Kind: spool.Permanent,
			Code: "private",
			Hint: "Send files of this kind to another target, or let this target publish position and serial number.",
			Err:  fmt.Errorf("%s: %w", f.Name, err),
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
	return a.mark(mediaStep(f), id+" "+altSum(f))
}

// wait asks until the server has digested a file. One that takes too long is
// asked for again in the next attempt, and others get their turn.
func (a *attempt) wait(ctx context.Context, f spool.File, end time.Time) error {
	id, _ := a.uploaded(f)
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
