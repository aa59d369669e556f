package sns

import (
	"net/http"
	"sync"

	"snsbridge/src/camera"
)

// checks remembers which answer a client of the Yahoo and MSN checks gets
// next. Some cameras pass by a cookie, some (nobody noted which) may want the
// redirect; a camera that is not content asks again. The memory is of each
// client: two cameras at once must not take each other's turn.
type checks struct {
	mu    sync.Mutex
	turns map[string]int
}

const checksMax = 256 // clients; then all begin anew

// turn counts up for a client and host, from 0.
func (c *checks) turn(client, host string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.turns == nil || len(c.turns) >= checksMax {
		c.turns = map[string]int{}
	}
	key := client + " " + host
	n := c.turns[key]
	c.turns[key] = n + 1
	return n
}

// passed forgets a client, which has gone on to the service proper.
func (c *checks) passed(client string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, host := range []string{camera.HostYahoo, camera.HostMSN} {
		delete(c.turns, client+" "+host)
	}
}

// check answers a hotspot check, or tells that the host is not one of a check.
func (s *Server) check(w http.ResponseWriter, client, host string) bool {
	switch host {
	case camera.HostGLD:
		// The NX mini searches the raw answer for `ETag: "`, `Server: nginx/`
		// and `Content-Length: 0`, each as it stands here. Samsung's server
		// said nginx/0.7.65.
		h := w.Header()
		h["ETag"] = []string{`"deadbeef"`}
		h["Server"] = []string{"nginx/0.7.65"}
		h["Content-Type"] = []string{"text/html"}
		h["Content-Length"] = []string{"0"}
		h["Date"] = nil
		w.WriteHeader(http.StatusOK)
	case camera.HostYahoo:
		s.portal(w, client, host, "YAHOO!", ".yahoo.co.kr", "http://yahoo.com")
	case camera.HostMSN:
		s.portal(w, client, host, "MSN", ".msn.com", "http://msn.com")
	default:
		return false
	}
	return true
}

// portal answers in turn with a cookie and with a redirect. The cookie is
// first: ST200F, WB850F and WB37F are known to pass by it, and the WB37F does
// not stand the redirect. "yahoo." must be within the first 12 characters of
// the Location (firmware of the WB850F).
func (s *Server) portal(w http.ResponseWriter, client, host, word, domain, location string) {
	if s.checks.turn(client, host)%2 == 1 {
		w.Header()["Location"] = []string{location}
		answer(w, http.StatusFound, word)
		return
	}
	// http.SetCookie would take the leading dot away.
	w.Header()["Set-Cookie"] = []string{"samsung=hotspot; Domain=" + domain + "; Path=/"}
	answer(w, http.StatusOK, word)
}
