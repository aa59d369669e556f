package sns

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

func (s *Server) known(client, mac string) bool { return s.Known == nil || s.Known(client, mac) }

// admits refuses a device that is not Known, before any of its request's body
// is read. All that stays of it is a sighting, by which a person can allow it.
// It is not asked for hotspot checks: phones open www.msn.com, too.
func (s *Server) admits(w http.ResponseWriter, r *http.Request) bool {
	client := clientOf(r)
	mac := s.mac(client)
	if s.known(client, mac) {
		return true
	}
	why := "this device is not among the known cameras"
	if mac == "" {
		why = "the hardware address of this device cannot be found: it is behind another router, or speaks IPv6"
	}
	code, about := wish(r)
	c := s.sighting(client, mac, "", code, about)
	c.Lacks, c.Value = "mac", mac
	s.strangers.add(c)
	s.Log.Warn("refused", "client", client, "mac", mac, "request", r.Method+" "+short(r.URL.Path), "reason", why)
	refuse(http.StatusUnauthorized, codeAccount, "%s", why).(*refusal).answer(w)
	return false
}

// refused notes that a device wanted what the settings do not allow it.
func (s *Server) refused(r *http.Request, ref *refusal) {
	client := clientOf(r)
	code, about := wish(r)
	c := s.sighting(client, s.mac(client), "", code, about)
	s.seen.add(c)
	c.Lacks, c.Value = ref.lacks, ref.value
	s.strangers.add(c)
}

// wish says what a device wanted.
func wish(r *http.Request) (code, about string) {
	first, rest, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case first == "social" && rest == "columbus/email":
		return "wanted-mail", ""
	case rest == "auth":
		return "wanted-login", short(first)
	}
	return "asked", short(r.URL.Path)
}

func (s *Server) mac(client string) string {
	if s.MAC == nil {
		return ""
	}
	return s.MAC(client)
}

// Sighting is the last that was seen of a device.
type Sighting struct {
	Client string // address
	MAC    string // "": unknown
	Model  string // "": unknown
	Time   time.Time
	What   string // it did
	Code   string // the same for programs that translate, a key of deeds
	About  string // the site, file, host or path in it; "": none

	// Of a device that was refused: which list of the settings lacks what,
	// "mac", "sender" or "recipient". Value "": nothing that could be added.
	Lacks, Value string
}

// deeds are what a device can have done. Pages translate them by their codes.
var deeds = map[string]string{
	"check":        "hotspot check at %s",
	"time":         "asked for the time",
	"login":        "logged in to %s",
	"announced":    "announced %s",
	"sent":         "sent %s",
	"mail":         "sends an e-mail",
	"mailed":       "sent an e-mail",
	"mail-failed":  "could not send its e-mail",
	"undecoded":    "asked for something that nobody has decoded",
	"wanted-mail":  "wanted to send an e-mail",
	"wanted-login": "wanted to log in to %s",
	"asked":        "asked for %s",
}

// sightings remembers devices.
type sightings struct {
	mu   sync.Mutex
	list []Sighting // the latest last
}

const sightingsMax = 64

// add notes a sighting in the place of the last one of the same device.
func (l *sightings) add(c Sighting) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.list, c.sameDevice)
	if i >= 0 {
		if c.Model == "" {
			c.Model = l.list[i].Model
		}
		l.list = slices.Delete(l.list, i, i+1)
	} else if len(l.list) == sightingsMax {
		l.list = slices.Delete(l.list, 0, 1)
	}
	l.list = append(l.list, c)
}

func (c Sighting) sameDevice(other Sighting) bool {
	return other.MAC == c.MAC && (c.MAC != "" || other.Client == c.Client)
}

// drop forgets that a device did what code says.
func (l *sightings) drop(client, mac, code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := Sighting{Client: client, MAC: mac}
	l.list = slices.DeleteFunc(l.list, func(old Sighting) bool { return old.Code == code && c.sameDevice(old) })
}

// latest returns all, the latest first.
func (l *sightings) latest() []Sighting {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := slices.Clone(l.list)
	slices.Reverse(list)
	return list
}

func (s *Server) sighting(client, mac, model, code, about string) Sighting {
	return Sighting{
		Client: client, MAC: mac, Model: model, Time: s.Now(),
		What: strings.Replace(deeds[code], "%s", about, 1), Code: code, About: about,
	}
}

// sighted notes what a camera did.
func (s *Server) sighted(client, model, code, about string) {
	s.seen.add(s.sighting(client, s.mac(client), model, code, about))
}

// Cameras returns the clients that behaved like cameras, the latest first.
func (s *Server) Cameras() []Sighting { return s.seen.latest() }

// Strangers returns the devices that were refused since they, their sender or
// their recipient are not allowed, the latest first. One that was allowed
// meanwhile, and did what it had wanted, is not among them.
func (s *Server) Strangers() []Sighting { return s.strangers.latest() }
