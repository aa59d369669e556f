package mastodon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"snsbridge/src/photo"
	"snsbridge/src/spool"
)

// Times after which a server is asked for its limits again.
const (
	limitsAge  = 24 * time.Hour
	unknownAge = time.Hour // if it did not tell
)

// limits is what a server takes. 0: it does not say.
type limits struct {
	known      bool // the server has told; else they are Mastodon's, as is what it does not say
	mastodon   bool // the server is Mastodon, which means what it says
	pixelfed   bool
	sameIDs    bool // pictures have the ids of their uploads in a post
	characters int  // of a status, with its content warning
	perURL     int  // characters that a link counts as
	media      int  // files of a status
	alt        int  // characters
	image      int64
	video      int64    // bytes
	pixels     int64    // of an image
	types      []string // of those that cameras make; nil: it does not say
}

// instance is what the first and the second version of the instance
// endpoint have in common. Pixelfed and GoToSocial leave fields out, and a
// number may be a float.
type instance struct {
	Version       string `json:"version"`
	Source        string `json:"source_url"` // of the second version only
	Configuration struct {
		Statuses struct {
			MaxCharacters            float64 `json:"max_characters"`
			MaxMediaAttachments      float64 `json:"max_media_attachments"`
			CharactersReservedPerURL float64 `json:"characters_reserved_per_url"`
		} `json:"statuses"`
		MediaAttachments struct {
			SupportedMimeTypes mediaTypes `json:"supported_mime_types"`
			DescriptionLimit   float64    `json:"description_limit"`
			ImageSizeLimit     float64    `json:"image_size_limit"`
			ImageMatrixLimit   float64    `json:"image_matrix_limit"`
			VideoSizeLimit     float64    `json:"video_size_limit"`
		} `json:"media_attachments"`
	} `json:"configuration"`
}

// mediaTypes are those of a list that cameras make; nil: the list is empty.
type mediaTypes []string

// UnmarshalJSON looks at one type at a time: a list of a million nothings is a
// megabyte of JSON.
func (m *mediaTypes) UnmarshalJSON(b []byte) error {
	*m = nil
	list := json.NewDecoder(bytes.NewReader(b))
	if t, err := list.Token(); err != nil || t != json.Delim('[') {
		return err
	}
	var raw json.RawMessage
	for list.More() {
		if err := list.Decode(&raw); err != nil {
			return err
		}
		if *m == nil {
			*m = mediaTypes{}
		}
		var t string
		if len(raw) < 64 && json.Unmarshal(raw, &t) == nil && slices.Contains(cameraTypes, t) && !slices.Contains(*m, t) {
			*m = append(*m, t)
		}
	}
	return nil
}

var cameraTypes = []string{photo.JPEG, photo.MP4, photo.AVI, photo.SRW}

// mastodon tells Mastodon, with or without changes ("4.3.1+glitch"), from
// servers that speak its API: "3.5.3 (compatible; Pixelfed 0.12.4)",
// "4.0.0 (not true; really snac/2.60)", and GoToSocial, which says "0.20.1
// git-1a2b3c4", or "3.5.3+0.20.1-git-1a2b3c4" if it is asked to.
func (in *instance) mastodon() bool {
	v := in.Version
	return v != "" && v[0] >= '1' && v[0] <= '9' && !strings.ContainsAny(v, " (") && !in.goToSocial()
}

// sameIDs tells the servers of which it is known that a picture in a post has
// the id of its upload. In Friendica it has another.
func (in *instance) sameIDs() bool {
	if in.mastodon() || in.goToSocial() {
		return true
	}
	for _, name := range []string{"Pixelfed", "Pleroma", "Akkoma"} {
		if strings.Contains(in.Version, name) {
			return true
		}
	}
	return false
}

// goToSocial knows both forms of its version, and its source.
func (in *instance) goToSocial() bool {
	return strings.HasPrefix(in.Version, "0.") || strings.Contains(in.Version, "+0.") || strings.Contains(in.Source, "gotosocial")
}

// limits of Mastodon, for what a server does not say.
func (in *instance) limits() limits {
	s, f := in.Configuration.Statuses, in.Configuration.MediaAttachments
	within := func(v float64, low, high, otherwise int) int {
		if v < float64(low) {
			return otherwise
		}
		return int(min(v, float64(high)))
	}
	size := func(v float64) int64 { return int64(min(max(v, 0), 1<<50)) }
	return limits{
		mastodon:   in.mastodon(),
		sameIDs:    in.sameIDs(),
		pixelfed:   strings.Contains(in.Version, "Pixelfed"),
		characters: within(s.MaxCharacters, 50, 10_000, 500),
		perURL:     within(s.CharactersReservedPerURL, 1, 100, 23),
		media:      within(s.MaxMediaAttachments, 1, 100, 4),
		alt:        within(f.DescriptionLimit, 50, 10_000, 1500),
		image:      size(f.ImageSizeLimit),
		video:      size(f.VideoSizeLimit),
		pixels:     size(f.ImageMatrixLimit),
		types:      f.SupportedMimeTypes,
	}
}

// Limits returns how many characters a post and a description may have, and
// how many files a post. The server is asked at most once a day; known tells
// whether it has answered, else these are what is usual.
func (m *Account) Limits(ctx context.Context) (characters, alt, files int, known bool) {
	l, err := limits{}, m.usable()
	if err == nil {
		l, err = m.limitsNow(ctx)
	}
	if err != nil {
		l = (&instance{}).limits()
	}
	return l.characters, l.alt, l.media, l.known
}

// limitsNow returns the server's limits, at most a day old.
func (m *Account) limitsNow(ctx context.Context) (limits, error) {
	m.mu.Lock()
	limits, asked := m.limits, m.asked
	m.mu.Unlock()
	age := limitsAge
	if !limits.known {
		age = unknownAge
	}
	if !asked.IsZero() && time.Since(asked) < age {
		return limits, nil
	}
	return m.askLimits(ctx)
}

// askLimits asks for the second version of the instance document, then for the
// first. A server without a usable one can still take posts, with Mastodon's
// limits. So the error is one that has nothing to do with the document: of the
// network, of the login, or 429.
func (m *Account) askLimits(ctx context.Context) (limits, error) {
	var in instance
	known := false
	for _, path := range []string{"/api/v2/instance", "/api/v1/instance"} {
		b, err := m.ask(ctx, http.MethodGet, path, nil)
		if err == nil {
			var odd *json.UnmarshalTypeError
			if err = json.Unmarshal(b, &in); err == nil || errors.As(err, &odd) {
				known = true
				break
			}
			in = instance{}
			continue
		}
		r, refused := asRefusal(err)
		switch {
		case refused && (r.status == http.StatusUnauthorized || r.status == http.StatusTooManyRequests):
			return limits{}, err
		case !refused && !errors.Is(err, errAnswer):
			return limits{}, err
		}
	}
	limits := in.limits()
	limits.known = known
	m.mu.Lock()
	m.limits, m.asked = limits, time.Now()
	m.mu.Unlock()
	return limits, nil
}

// accepts tells whether the file may be sent, before a byte is uploaded. Only
// Mastodon refuses what is more than it announces. Others announce less than
// they take: GoToSocial a hint for apps of 5 MiB when it takes 40, Pixelfed as
// many pixels as it scales a picture down to. There the server's answer to the
// file decides.
func (a *attempt) accepts(f spool.File) error {
	if a.limits.mastodon {
		if err := a.within(f); err != nil {
			return err
		}
	}
	if f.Type == photo.JPEG {
		return nil
	}
	_, disk, err := a.open(f) // which refuses what has no public copy
	if err == nil {
		disk.Close()
	}
	return err
}

// within tells whether a file is within the server's limits.
func (a *attempt) within(f spool.File) error {
	refuse := func(code, hint, format string, args ...any) error {
		return &spool.Error{Kind: spool.Permanent, Code: code, Hint: hint, Err: fmt.Errorf(format, args...)}
	}
	const smaller = "Set the camera to a smaller size, or send this file elsewhere."
	l := a.limits
	if n := len([]rune(f.Alt)); n > l.alt {
		return refuse("too-long", "Shorten the description and retry.",
			"%s: its description has %d characters, %s takes %d", f.Name, n, a.m.host(), l.alt)
	}
	if l.types != nil && f.Type != "" && !slices.Contains(l.types, f.Type) {
		return refuse("type", "Send files of this kind to another target.", "%s: %s does not take %s", f.Name, a.m.host(), f.Type)
	}
	most := l.image
	if isVideo(f) {
		most = l.video
	}
	if most > 0 && f.Size > most {
		return refuse("too-large", smaller, "%s has %d bytes, %s takes %d", f.Name, f.Size, a.m.host(), most)
	}
	if f.Type != photo.JPEG || l.pixels == 0 {
		return nil
	}
	disk, err := a.d.Open(f)
	if err != nil {
		return diskError{err}
	}
	defer disk.Close()
	info, err := photo.Read(disk, f.Size)
	if err != nil {
		return diskError{err}
	}
	if n := int64(info.Width) * int64(info.Height); n > l.pixels {
		return refuse("too-large", smaller, "%s has %d pixels, %s takes %d", f.Name, n, a.m.host(), l.pixels)
	}
	return nil
}
