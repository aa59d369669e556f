// Package control is how people and web pages ask the running bridge: JSON
// over HTTP over a unix socket.
//
// The surprising rule: the JSON is a contract with pages that are installed
// and updated apart from the program. Every key is always there, lists are
// never null, and a time is null when the router's clock was not set then.
// Keys may be added, none may change; testdata has the shapes.
package control

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"snsbridge/src/realtime"
	"snsbridge/src/spool"
)

// Server answers. The fields are set before the first request; func fields
// that are nil leave their part of the answers empty.
type Server struct {
	Spool   *spool.Spool
	Log     *slog.Logger
	Now     func() time.Time // nil: time.Now
	Version string
	Started time.Time

	Settings     string   // file of the settings; "": there is none
	Listen       string   // address of the camera port
	UploadFolder string   // where photos are stored
	SpoolFolder  string   // where they wait
	Warnings     []string // of the settings
	Targets      []string // all that the settings know: "store", "mastodon.pub"
	CaptureFile  string   // where requests go that nobody understood

	Cameras    func() []Sighting                                              // the latest first
	Redirected func() (client string, at time.Time)                           // who came last by the names' address; "": nobody
	Unsynced   func() bool                                                    // whether the clock may be wrong, and mail waits for it; nil: it is right
	Trouble    func() *Error                                                  // with the storage; nil: none
	Refused    func() []Sighting                                              // devices that the settings do not allow, or whose sender or recipient they do not, the latest first
	Captured   func() int                                                     // requests that nobody understood
	Mail       func() Mail                                                    // nil: nothing is mailed
	Trial      func(ctx context.Context, to string) (reply string, err error) // a test mail; nil: nothing is mailed
	Doctor     func(address string, fresh bool) Checkup                       // what is wrong, as known now
	Uploads    func() []Upload                                                // that are under way
	Ready      func(*spool.Item, string) error                                // why a target cannot take the item yet; nil: always can
	Begun      func(spool.Job) bool                                           // whether a part of a job may have been done; nil: if it has a mark

	// Limits tells what a target takes, as far as is known. It may ask the
	// target. nil: nothing is known.
	Limits func(ctx context.Context, target string) Limits
	Phone  *Phone // the phone page; nil: there is none
}

// Sighting is the last that was seen of a camera.
type Sighting struct {
	Client string // address
	MAC    string // "": unknown
	Model  string // "" unless the camera told it
	Time   time.Time
	What   string // what it did, in a few words
	Code   string // the same for programs that translate
	About  string // the site, file, host or path in it; "": none

	// Of a device that was refused: which list of the settings lacks what,
	// "mac", "sender" or "recipient". Value "": nothing that could be added.
	Lacks, Value string
}

// stamp returns a time of the router's clock for JSON.
func stamp(t time.Time) *time.Time {
	if !realtime.Believable(t) {
		return nil
	}
	return second(t)
}

func second(t time.Time) *time.Time {
	t = t.UTC().Truncate(time.Second)
	return &t
}

func (s *Server) now() time.Time {
	if s.Now == nil {
		return time.Now()
	}
	return s.Now()
}

func kind(target string) string {
	kind, _, _ := strings.Cut(target, ".")
	return kind
}

func (s *Server) knows(target string) bool { return slices.Contains(s.Targets, target) }

// Handler returns the routes. Who may ask is the caller's business.
func (s *Server) Handler() http.Handler {
	return routes{
		"GET /status":                   s.do(s.status),
		"GET /queue":                    s.do(s.queue),
		"GET /items/{id}":               s.do(s.show),
		"GET /items/{id}/thumbnails":    s.do(s.thumbnails),
		"DELETE /items/{id}":            s.do(s.remove),
		"POST /items/{id}/retry":        s.do(s.retry),
		"POST /items/{id}/edit":         s.do(s.edit),
		"POST /retry":                   s.do(s.retryMany),
		"GET /targets/{target}/limits":  s.do(s.limits),
		"GET /doctor":                   s.do(s.doctor),
		"POST /mail-test":               s.do(s.mailTest),
		"POST /targets/{target}/pause":  s.do(s.pause),
		"POST /targets/{target}/resume": s.do(s.resume),
		"": s.do(func(r *http.Request) (any, error) {
			return nil, &Error{Code: "request", Message: "there is no such request", Hint: "The command line and the running bridge may be of different versions: restart the bridge."}
		}),
	}
}
