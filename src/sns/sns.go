// Package sns speaks the protocol by which Samsung's cameras of 2009 to 2015
// sent photos: hotspot check, e-mail, login and upload to social sites.
//
// The cameras search answers for literal bytes, so what is written here is
// written as it stands on purpose; each oddity names the source it is known
// from. A camera hears success only when its photo is on disk.
package sns

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"snsbridge/src/camera"
	"snsbridge/src/capture"
	"snsbridge/src/spool"
	"snsbridge/src/wire"
)

// Server is the http.Handler that answers in Samsung's place. The fields are
// set before the first request.
type Server struct {
	Spool *spool.Spool
	// Accept decides what is to be done with an item and sets its Jobs. Its
	// error is told to the camera. For a post it is called with the first
	// photo.
	Accept func(it *spool.Item, recipients []string) error
	// Finish is called when a post is complete, before its jobs begin.
	Finish func(it *spool.Item)
	// Sender tells whether a sender's address or a user name may send.
	// nil: everybody may.
	Sender func(name string) bool
	// Recipient tells whether an address may be mailed. nil: all may.
	Recipient func(address string) bool
	// MAC returns a client's hardware address, "" if it cannot be found. nil:
	// none can.
	MAC func(client string) string
	// Known tells whether a device may send. nil: all may.
	Known   func(client, mac string) bool
	MaxFile int64         // bytes of one request
	Quiet   time.Duration // after which a post has no more photos
	Settle  time.Duration // the same for a post of which each description has its photo
	Capture *capture.Log
	Log     *slog.Logger
	Now     func() time.Time
	// Page serves what was not asked of one of Samsung's hosts. Asked tells
	// whether it is really the page that was asked: a name that somebody leads
	// here to learn what a camera wants is not. nil: it is.
	Page  http.Handler
	Asked func(*http.Request) bool

	checks    checks
	sessions  sessions
	seen      sightings
	strangers sightings // devices that were refused
	transfers transfers
	large     atomic.Int32 // documents longer than usual that are being read
}

const (
	documentMax = 64 << 10 // bytes of a login, an announcement, or an e-mail's text
	// Those of cameras are shorter. Longer ones may be largeMax at once, or a
	// few neighbours who never end theirs would fill the memory.
	documentUsual = 8 << 10
	largeMax      = 4

	titleMax  = 1 << 10
	textMax   = 32 << 10
	quietRest = time.Second // how long bytes behind a body may lag
)

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := hostOf(r)
	path := strings.Trim(r.URL.Path, "/")
	elem := strings.Split(path, "/")
	last := elem[len(elem)-1]
	client := clientOf(r)
	post := r.Method == http.MethodPost
	switch {
	case path == "" && !post:
		if host == "" { // only cameras leave it out, and the mirrorless ones ask this
			host = camera.HostGLD
		}
		if s.check(w, client, host) {
			s.sighted(client, "", "check", host)
			return
		}
		s.other(w, r, host)
	case path == "social/columbus/email" && post:
		s.handle(w, r, s.email)
	case path == "security/sso/initialize/time":
		if s.admits(w, r) {
			s.sighted(client, "", "time", "")
			s.time(w)
		}
	case path == "social/columbus/serviceproviders/list",
		path == "security/sso/userprofiles/authentication/emailid":
		if s.admits(w, r) {
			s.undecoded(w, r)
		}
	case path == "oauth":
		if s.admits(w, r) {
			s.oauth(w, r)
		}
	case elem[0] == "upload" && len(elem) == 2 && (post || r.Method == http.MethodPut):
		s.handle(w, r, s.upload)
	case len(elem) == 2 && post && last == "auth":
		s.handle(w, r, s.auth)
	case len(elem) == 2 && post && (last == "photo" || last == "video"):
		s.handle(w, r, s.announce)
	default:
		s.other(w, r, host)
	}
}

// handle runs a part of the service that cameras use, and turns its error
// into an answer that they can read.
func (s *Server) handle(w http.ResponseWriter, r *http.Request, part func(http.ResponseWriter, *http.Request) error) {
	s.checks.passed(clientOf(r))
	if r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "" {
		// No camera says so. It is a web page that wants to mail through us.
		refuse(http.StatusForbidden, "403", "not for web pages").(*refusal).answer(w)
		return
	}
	if !s.admits(w, r) {
		return
	}
	err := part(w, r)
	if err == nil {
		return
	}
	ref := asRefusal(err)
	if ref.lacks != "" {
		s.refused(r, ref)
	}
	s.Log.Warn("refused", "client", clientOf(r), "request", r.Method+" "+short(r.URL.Path), "answer", ref.status, "reason", err)
	ref.answer(w)
}

// other answers what is no part of the service: a page for people where it
// was asked for by a name that is not Samsung's, else an honest error, and a
// line in the capture file.
func (s *Server) other(w http.ResponseWriter, r *http.Request, host string) {
	switch {
	case s.Page != nil && !samsung(host):
		if client := clientOf(r); s.Asked != nil && !s.Asked(r) && s.known(client, s.mac(client)) {
			s.capture(r, "no known host", capture.Body(r.Body))
		}
		s.Page.ServeHTTP(w, r)
	case samsung(host) && strings.Trim(r.URL.Path, "/") == "" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		browser(w, r)
	case s.admits(w, r):
		s.capture(r, "no known request", capture.Body(r.Body))
		refuse(http.StatusNotFound, "404", "unknown request").(*refusal).answer(w)
	}
}

// capture records a request that was not understood.
func (s *Server) capture(r *http.Request, why string, body []byte) {
	kind := r.Method + " " + hostOf(r) + r.URL.Path
	raw := append(slices.Clone(wire.RawHead(r)), body...)
	if err := s.Capture.Add(clientOf(r), kind, why, raw); err != nil {
		s.Log.Warn("cannot write the capture file", "error", err)
	}
	s.Log.Info("captured a request that is not understood", "client", clientOf(r), "request", r.Method+" "+short(r.URL.Path), "why", why)
}

// time answers the ST1000, which wants to know the time before all else:
// milliseconds since 1970 (published answer of the genuine service, 2012).
func (s *Server) time(w http.ResponseWriter) {
	answer(w, http.StatusOK, fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`+
		`<initializeResult><currentServerTime>%d</currentServerTime></initializeResult>`, s.Now().UnixMilli()))
}

// undecoded answers requests that are known and whose answers are not: the
// list of sites that the ST1000 asks for, and the AllShare login. They are
// captured, since a real camera's next step is what would help.
func (s *Server) undecoded(w http.ResponseWriter, r *http.Request) {
	s.sighted(clientOf(r), "", "undecoded", "")
	s.capture(r, "nobody knows yet what this request wants to hear", capture.Body(r.Body))
	ospError(w, http.StatusNotFound, "404", "not available")
}

// oauth is the page that a login answer names for sites with a login page of
// their own (flickr, dropbox, skydrive). Which request a camera makes next is
// not known, so it is captured.
func (s *Server) oauth(w http.ResponseWriter, r *http.Request) {
	s.capture(r, "what follows a login by OAuth is not known", capture.Body(r.Body))
	answer(w, http.StatusOK, page("You are logged in", "Please go back on the camera."))
}

// browser is for the web browser of the mirrorless cameras, which they open
// when they believe in a captive portal. How the camera calls itself is what
// the list of models lacks most.
func browser(w http.ResponseWriter, r *http.Request) {
	text := "Please go back on the camera and send your photos."
	if agent := limit(oneLine(r.UserAgent()), agentMax); agent != "" {
		text += "</p><p>Your camera calls itself: " + markupText.Replace(agent) + "</p><p>If it cannot send, please report this line, " +
			"with the model and capture.txt, to the makers of snsbridge: see A camera that does not work in its README."
	}
	answer(w, http.StatusOK, page("This hotspot is ready", text))
}

const agentMax = 200 // bytes of a User-Agent that are shown

var markupText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func page(title, text string) string {
	return "<!DOCTYPE html>\n<html><head><title>snsbridge</title></head><body><h1>" + title + "</h1><p>" + text + "</p></body></html>\n"
}

// document reads one that cameras call XML.
func (s *Server) document(from io.Reader) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(from, documentUsual+1))
	if err == nil && len(b) > documentUsual {
		defer s.large.Add(-1)
		if s.large.Add(1) > largeMax {
			return nil, refuse(http.StatusServiceUnavailable, codeRetry, "too many long texts at once")
		}
		var more []byte
		more, err = io.ReadAll(io.LimitReader(from, documentMax+1-int64(len(b))))
		b = append(b, more...)
	}
	switch {
	case err != nil:
		return nil, brokenOff(err)
	case len(b) > documentMax:
		return nil, refuse(http.StatusRequestEntityTooLarge, "413", "text is too long")
	}
	return b, nil
}

// hostOf returns the name that was asked for, in lower case and without port.
func hostOf(r *http.Request) string { return strings.ToLower(hostPart(r.Host)) }

func hostPart(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return strings.TrimSuffix(hostport, ":")
}

func clientOf(r *http.Request) string { return hostPart(r.RemoteAddr) }

// samsung tells whether a host is one that only cameras ask for. No host at
// all is a camera's, too.
func samsung(host string) bool {
	return host == "" || slices.Contains(allHosts, host)
}

var allHosts = camera.Hosts(nil)

// short makes a path fit for a log line.
func short(path string) string {
	if len(path) > 60 {
		return path[:60] + "..."
	}
	return path
}
