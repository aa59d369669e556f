// Package gallery is the page for phones: what arrived, what became of it, and
// what waits for a person. Cameras never come here, and are never asked for a
// PIN.
//
// The surprising rule: the page itself is for everybody who opens it, and
// static. All that it shows comes as JSON and pictures, which need the PIN.
package gallery

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"snsbridge/src/control"
)

// Page answers browsers. The fields are set before the first request.
type Page struct {
	Name    string     // of its own, in lower case: "camera.lan"; "": none
	Address netip.Addr // the cameras' virtual one, at which it is as well
	Door    *Door      // who may come in

	// Control answers what the page asks. It should know no PIN.
	Control *control.Server
	Stored  string // the photo folder

	// Private are folders that nobody may look into, even if they are reached from the photo
	// folder: the spool.
	Private []string

	// Open gives the photo folder away to everybody who asks, as a list at /.
	Open bool

	// Idle is called when the page has been answered and nothing more is
	// asked for a while.
	Idle func()

	changes changes
	looking sync.Mutex // for a thumbnail
	quiet   quiet
}

const (
	home   = "/phone"
	prefix = home + "/"
	api    = prefix + "api"
)

// URL is where people find the page.
func (p *Page) URL() string {
	host := p.Name
	if host == "" {
		host = p.Address.String()
	}
	if p.Open {
		return "http://" + host + home
	}
	return "http://" + host + "/"
}

// ServeHTTP answers one request.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", sealed)
	switch path := r.URL.Path; {
	case !p.IsAsked(r):
		// Whose name leads here without being ours could be another page's,
		// that means to read this one (DNS rebinding).
		http.Error(w, "snsbridge does not answer to this name. Its page is at "+p.URL(), http.StatusMisdirectedRequest)
	case path == home, path == "/" && !p.Open:
		p.static(w, r, "page.html")
	case strings.HasPrefix(path, prefix):
		p.inside(w, r, path)
	case p.Open:
		p.download(w, r)
	default:
		http.NotFound(w, r)
	}
}

// What may be loaded and done by what is served. The page needs only itself,
// anything else nothing.
const (
	sealed  = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
	ownPage = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

// inside serves what belongs to the page.
func (p *Page) inside(w http.ResponseWriter, r *http.Request, path string) {
	name := strings.TrimPrefix(path, prefix)
	if _, ok := pageFiles[name]; ok {
		p.static(w, r, name)
		return
	}
	if !fromHere(r) {
		refuse(w, http.StatusForbidden, "foreign", "another page asked for this")
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if path == api+"/login" && r.Method == http.MethodPost {
		p.Door.login(w, r)
		return
	}
	if path != api+"/live" { // which is asked all the time
		defer p.quiet.after(idleAfter, p.Idle)
	}
	session := p.Door.session(r)
	switch {
	case session == "":
		refuse(w, http.StatusUnauthorized, "pin", "the PIN is needed")
	case r.Method != http.MethodGet && r.Method != http.MethodHead && !p.Door.holds(session, r.Header.Get("X-Token")):
		refuse(w, http.StatusForbidden, "token", "the page's token is missing or old: load it again")
	default:
		p.answer(w, r, name, session)
	}
}

// asked is what of control's answers the page uses.
var asked = map[string]bool{"status": true, "queue": true, "items": true, "retry": true, "targets": true}

// answer serves those who know the PIN.
func (p *Page) answer(w http.ResponseWriter, r *http.Request, name, session string) {
	kind, rest, _ := strings.Cut(name, "/")
	get := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch {
	case name == "api/session" && get:
		reply(w, http.StatusOK, map[string]string{"token": p.Door.token(session)})
	case name == "api/logout" && r.Method == http.MethodPost:
		p.Door.logout(w, session)
	case name == "api/live" && get:
		p.live(w, r)
	case name == "api/stored" && get:
		p.list(w, r)
	case name == "api/stored" && r.Method == http.MethodDelete:
		p.remove(w, r)
	case kind == "api" && asked[strings.SplitN(rest, "/", 2)[0]]:
		http.StripPrefix(api, p.Control.Handler()).ServeHTTP(w, r)
	case kind == "file" && get:
		p.file(w, r, rest)
	case kind == "thumb" && get:
		p.thumb(w, r, rest)
	case kind == "stored" && get:
		p.storedFile(w, r, rest)
	case kind == "storedthumb" && get:
		p.storedThumb(w, r, rest)
	default:
		http.NotFound(w, r)
	}
}

// reply writes JSON.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // an error can only be that the client has gone
}

// refuse writes an error in the form that control's have.
func refuse(w http.ResponseWriter, status int, code, message string) {
	reply(w, status, map[string]any{"error": control.Error{Code: code, Message: message}})
}
