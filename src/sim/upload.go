package sim

import (
	"context"
	"fmt"
	"strings"

	"snsbridge/src/camera"
)

// Photo announces a photo and sends it to where the answer says. The camera is content with succ.
// How announcements look was never captured: this is what the known server reads.
func (s Session) Photo(ctx context.Context, f File, text string) (Answer, error) {
	e := s.Camera.escape
	return s.upload(ctx, f, "/photo", s.Camera.Model.Photo, `<Photo><Album Name="`+e(s.Camera.Model.Title())+`"/><File Name="`+e(f.Name)+`"/>`+
		s.content(text)+`</Photo>`)
}

// Video is Photo for a video. Whether the model offers that at this site is not checked.
func (s Session) Video(ctx context.Context, f File, text string) (Answer, error) {
	return s.upload(ctx, f, "/video", s.Camera.Model.Video, `<Video><File Name="`+s.Camera.escape(f.Name)+`"/>`+
		s.content(text)+`</Video>`)
}

func (s Session) content(text string) string {
	if s.Camera.Odd.EmptyElements {
		return "<Content/>"
	}
	return "<Content>" + s.Camera.escape(text) + "</Content>"
}

func (s Session) upload(ctx context.Context, f File, path string, has camera.Answer, xml string) (Answer, error) {
	const shows = "says that the upload failed"
	c := s.Camera
	step := f.Name + " to " + s.Site
	if has == camera.No {
		return c.verdict(step, "has no such menu entry", Answer{}, ErrModel)
	}
	answer, err := c.send(ctx, s.request(path, `<?xml version="1.0" encoding="`+or(c.Odd.Charset, "UTF-8")+`"?>
<Request Method="upload" Timeout="3000" SessionKey="`+s.Key+`">`+xml+`</Request>
`))
	if err != nil {
		return c.verdict(step+", announced", shows, answer, err)
	}
	target, err := answer.uploadTarget()
	if err != nil {
		return c.verdict(step+", announced", shows, answer, err)
	}

	method := "PUT"
	if c.Odd.PostUpload {
		method = "POST"
	}
	r := c.plain(method, camera.HostSNS, target, piece{file: &f})
	r.headers = append(r.headers, "Content-Type: "+c.typeOf(f))
	answer, err = c.send(ctx, r)
	if err == nil {
		err = answer.succeeded()
	}
	return c.verdict(step, shows, answer, err)
}

// uploadTarget is the path that an announcement's answer gives. A host other than Samsung's, or another port than 80,
// is an error, although a camera would try: only Samsung's names are answered in Samsung's place.
func (a Answer) uploadTarget() (string, error) {
	if err := a.ok(); err != nil {
		return "", err
	}
	host, err := a.Value("Response HostAddr")
	if err != nil {
		return "", err
	}
	if name := strings.TrimSuffix(host, ":80"); name != camera.HostSNS {
		return "", fmt.Errorf("HostAddr %q: %w: want %s:80", host, ErrMissing, camera.HostSNS)
	}
	id, err := a.Value("ResourceID")
	if err != nil {
		return "", err
	}
	if id == "" || strings.ContainsAny(id, " \r\n") {
		return "", fmt.Errorf("ResourceID %q: %w: not a path", id, ErrMissing)
	}
	return "/" + id, nil
}

// Post does what a user does with some files and a site: hotspot check, login, every file with the same text, logout.
// The first step that fails ends it.
func (c Camera) Post(ctx context.Context, site, text string, files ...File) (Answer, error) {
	if answer, err := c.Check(ctx); err != nil {
		return answer, err
	}
	s, err := c.Login(ctx, site)
	if err != nil {
		return s.Answer, err
	}
	for _, f := range files {
		send := s.Photo
		if f.isVideo() {
			send = s.Video
		}
		if answer, err := send(ctx, f, text); err != nil {
			return answer, err
		}
	}
	return s.Logout(ctx)
}
