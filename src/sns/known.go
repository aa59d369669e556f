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
// Hotspot checks are not for it to ask: phones open www.msn.com, too.
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
	s.strangers.add(Sighting{Client: client, MAC: mac, Time: s.Now(), What: wish(r)})
	s.Log.Warn("refused", "client", client, "mac", mac, "request", r.Method+" "+short(r.URL.Path), "reason", why)
	refuse(http.StatusUnauthorized, codeAccount, "%s", why).(*refusal).answer(w)
	return false
}

// wish says what a device wanted.
func wish(r *http.Request) string {
	first, rest, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case first == "social" && rest == "columbus/email":
		return "wanted to send an e-mail"
	case rest == "auth":
		return "wanted to log in to " + short(first)
	}
	return "asked for " + short(r.URL.Path)
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
	What   string
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
	i := slices.IndexFunc(l.list, func(old Sighting) bool {
		return old.MAC == c.MAC && (c.MAC != "" || old.Client == c.Client)
	})
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

// latest returns all, the latest first.
func (l *sightings) latest() []Sighting {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := slices.Clone(l.list)
	slices.Reverse(list)
	return list
}

func (s *Server) sighted(client, model, what string) {
	s.seen.add(Sighting{client, s.mac(client), model, s.Now(), what})
}

// Cameras returns the clients that behaved like cameras, the latest first.
func (s *Server) Cameras() []Sighting { return s.seen.latest() }

// Strangers returns the devices that were refused since they are not Known,
// the latest first.
func (s *Server) Strangers() []Sighting { return s.strangers.latest() }
