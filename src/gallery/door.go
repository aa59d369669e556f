package gallery

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Door lets those in who know the PIN. A session is something random with a
// signature, so it costs no memory and outlives the program; it ends when a
// person ends it or the PIN changes. A browser forgets it after 90 days: the
// router's clock is not one to judge that by.
type Door struct {
	Log *slog.Logger

	// Device names the device that a client is on: those who guess are counted by it. Nil takes
	// each address for a device.
	Device func(client string) string

	pin  string
	key  [32]byte // signs sessions and tokens; another one with another PIN
	file string   // "": nothing is to be kept

	mu   sync.Mutex
	kept kept

	guesses guesses
}

const (
	cookieName  = "snsbridge"
	sessionDays = 90
	loginMax    = 256 // bytes of a login
)

// PIN returns what lets people in.
func (d *Door) PIN() string { return d.pin }

// login takes a PIN.
func (d *Door) login(w http.ResponseWriter, r *http.Request) {
	var typed struct {
		PIN string `json:"pin"`
	}
	// JSON is what no other page can send unasked.
	isJSON := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	if err := json.NewDecoder(io.LimitReader(r.Body, loginMax)).Decode(&typed); err != nil || !isJSON {
		refuse(w, http.StatusBadRequest, "request", "the request cannot be read")
		return
	}
	client := clientOf(r)
	device := client
	if d.Device != nil {
		device = d.Device(client)
	}
	right, wait := d.guesses.try(device, time.Now(), func() bool {
		got, want := sha256.Sum256([]byte(strings.TrimSpace(typed.PIN))), sha256.Sum256([]byte(d.pin))
		return subtle.ConstantTimeCompare(got[:], want[:]) == 1
	})
	seconds := int(math.Ceil(wait.Seconds()))
	switch {
	case right:
		session := d.begin()
		http.SetCookie(w, &http.Cookie{
			Name: cookieName, Value: session, Path: home, MaxAge: sessionDays * 24 * 60 * 60,
			HttpOnly: true, SameSite: http.SameSiteStrictMode,
		})
		d.Log.Info("phone page opened", "client", client)
		reply(w, http.StatusOK, map[string]string{"token": d.token(session)})
	case wait > 0:
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		fallthrough
	default:
		d.Log.Warn("phone page: wrong PIN, or too many", "client", client, "wait", wait.Round(time.Second))
		status, code := http.StatusForbidden, "wrong-pin"
		if wait > 0 {
			status, code = http.StatusTooManyRequests, "slow"
		}
		reply(w, status, map[string]any{"error": map[string]any{"code": code, "message": "this is not the PIN", "hint": "", "wait": seconds}})
	}
}

// logout ends a session also for whoever has copied the cookie: the last
// endedMax that were ended are known.
func (d *Door) logout(w http.ResponseWriter, session string) {
	d.mu.Lock()
	id, _, _ := strings.Cut(session, ".")
	d.kept.Ended = append(d.kept.Ended, id)
	d.kept.Ended = d.kept.Ended[max(0, len(d.kept.Ended)-endedMax):]
	var err error
	if d.file != "" {
		err = d.kept.write(d.file)
	}
	d.mu.Unlock()
	if err != nil {
		d.Log.Warn("the end of a session on the phone page cannot be kept over a restart", "error", err)
	}
	http.SetCookie(w, &http.Cookie{Name: cookieName, Path: home, MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteStrictMode})
	reply(w, http.StatusOK, map[string]string{})
}

// begin makes a session.
func (d *Door) begin() string {
	var name [16]byte
	rand.Read(name[:]) // cannot fail
	id := base64.RawURLEncoding.EncodeToString(name[:])
	return id + "." + d.sign("session", id)
}

// session returns the name of the session that a request belongs to, "" if it
// belongs to none.
func (d *Door) session(r *http.Request) string {
	c, err := r.Cookie(cookieName)
	if err != nil {
		return ""
	}
	id, signature, _ := strings.Cut(c.Value, ".")
	if len(id) != base64.RawURLEncoding.EncodedLen(16) || !equal(signature, d.sign("session", id)) {
		return ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if slices.Contains(d.kept.Ended, id) {
		return ""
	}
	return c.Value
}

// token is what the page of a session adds to requests that change something.
// Another page cannot read it.
func (d *Door) token(session string) string { return d.sign("token", session) }

func (d *Door) holds(session, token string) bool { return equal(token, d.token(session)) }

func (d *Door) sign(what, text string) string {
	mac := hmac.New(sha256.New, d.key[:])
	io.WriteString(mac, what+" "+text)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
