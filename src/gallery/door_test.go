package gallery

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLogin(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		reason, body, typ string
		status            int
		code              string
	}{
		{"the PIN", `{"pin":"271828"}`, "application/json", 200, ""},
		{"with blanks of a keyboard", `{"pin":" 271828 "}`, "application/json; charset=utf-8", 200, ""},
		{"another", `{"pin":"271829"}`, "application/json", 403, "wrong-pin"},
		{"the beginning", `{"pin":"2718"}`, "application/json", 403, "wrong-pin"},
		{"none", `{}`, "application/json", 403, "wrong-pin"},
		{"a form of another page", `{"pin":"271828"}`, "text/plain", 400, "request"},
		{"no JSON", `271828`, "application/json", 400, "request"},
		{"a novel", `{"pin":"` + strings.Repeat(" ", loginMax) + `271828"}`, "application/json", 400, "request"},
	} {
		q := r.request("POST", "/phone/api/login", c.body)
		q.Header.Set("Content-Type", c.typ)
		w := r.send(q)
		var v struct{ Error struct{ Code string } }
		json.Unmarshal(w.Body.Bytes(), &v)
		if w.Code != c.status || v.Error.Code != c.code {
			t.Errorf("%s: %d %s", c.reason, w.Code, w.Body)
		}
		cookie := w.Header().Get("Set-Cookie")
		if (cookie != "") != (c.status == 200) {
			t.Errorf("%s: cookie %q", c.reason, cookie)
		}
		if c.status == 200 && (!strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Strict") || !strings.Contains(cookie, "Path=/phone")) {
			t.Errorf("%s: cookie %q", c.reason, cookie)
		}
	}
	q := r.request("POST", "/phone/api/login", `{"pin":"271828"}`)
	q.Header.Set("Origin", "http://evil.example")
	if w := r.send(q); w.Code != 403 || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("a login by another page: %d", w.Code)
	}
}

// A session outlives a restart, and ends when the PIN changes.
func TestSessions(t *testing.T) {
	r := newRig(t)
	r.login()
	file := filepath.Join(r.dir, "phone.json")
	in := func() bool { return r.get("/phone/api/session").Code == 200 }
	if !in() {
		t.Fatal("not in after a login")
	}
	cookie := r.cookie
	for reason, forged := range map[string]string{
		"one letter":      cookie[:len(cookie)-1] + string(cookie[len(cookie)-1]^1),
		"another session": cookieName + "=" + strings.Repeat("A", 22) + cookie[strings.Index(cookie, "."):],
		"no signature":    cookie[:strings.Index(cookie, ".")+1],
		"the token":       cookieName + "=" + cookie[len(cookieName)+1:strings.Index(cookie, ".")] + "." + r.token,
	} {
		if r.cookie = forged; in() {
			t.Errorf("in with %s changed: %s", reason, forged)
		}
	}
	r.cookie = cookie
	log := slog.New(slog.DiscardHandler)
	if r.Door = OpenDoor(file, file, testPIN, log); !in() {
		t.Error("out after a restart")
	}
	if r.Door = OpenDoor(file, file, "31415", log); in() {
		t.Error("in with the session of an earlier PIN")
	}
	r.Door = OpenDoor(file, file, testPIN, log)
	w := r.send(r.request("POST", "/phone/api/logout", ""))
	if c := w.Header().Get("Set-Cookie"); w.Code != 200 || !strings.Contains(c, "Max-Age=0") {
		t.Errorf("logout: %d, cookie %q", w.Code, c)
	}
	if in() {
		t.Error("in with a copy of a session that was ended")
	}
	if r.Door = OpenDoor(file, file, testPIN, log); in() {
		t.Error("after a restart in with a session that was ended")
	}
	for range endedMax + 10 {
		r.login()
		r.send(r.request("POST", "/phone/api/logout", ""))
	}
	if fi, err := os.Stat(file); err != nil || fi.Size() > keptMax {
		t.Errorf("many sessions fill the file: %v, %v", fi.Size(), err)
	}
	if r.Door.PIN() != testPIN {
		t.Error("the PIN changed")
	}
	if r.Door = OpenDoor(file, file, testPIN, log); len(r.Door.kept.Ended) != endedMax {
		t.Errorf("%d ended sessions are kept, want %d", len(r.Door.kept.Ended), endedMax)
	}
}

// A PIN that was made up stays, is for our eyes, and is no secret that fits
// all.
func TestMadeUpPIN(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	seen := map[string]bool{}
	for range 20 {
		file := filepath.Join(t.TempDir(), "phone.json")
		pin := OpenDoor(file, file, "", log).PIN()
		if len(pin) != 6 || strings.Trim(pin, "0123456789") != "" {
			t.Errorf("made up %q", pin)
		}
		if again := OpenDoor(file, file, "", log).PIN(); again != pin {
			t.Errorf("after a restart the PIN is %s, was %s", again, pin)
		}
		if fi, err := os.Stat(file); err != nil || fi.Mode().Perm() != 0o600 {
			t.Errorf("the file has mode %v, %v", fi.Mode(), err)
		}
		seen[pin] = true
	}
	if len(seen) < 19 {
		t.Errorf("20 bridges have %d PINs", len(seen))
	}
	file := filepath.Join(t.TempDir(), "phone.json")
	for _, broken := range []string{"", "{", `{"pin":"12","key":""}`, strings.Repeat("x", 2000)} {
		os.WriteFile(file, []byte(broken), 0o644)
		if pin := OpenDoor(file, file, "", log).PIN(); len(pin) != 6 {
			t.Errorf("from %.20q came the PIN %q", broken, pin)
		}
	}
	// A disk that does not answer: a link to itself cannot be read, but replaced.
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, file); err != nil {
		t.Fatal(err)
	}
	if pin := OpenDoor(file, file, "", log).PIN(); len(pin) != 6 {
		t.Errorf("where nothing can be read: %q", pin)
	}
	if fi, err := os.Lstat(file); err != nil || fi.Mode().IsRegular() {
		t.Errorf("what could not be read was replaced: %v, %v", fi, err)
	}
	if pin := OpenDoor(filepath.Join(file, "not a folder"), filepath.Join(file, "not a folder"), "", log).PIN(); len(pin) != 6 {
		t.Errorf("where nothing can be written: %q", pin)
	}
}

func TestGuesses(t *testing.T) {
	start := time.Now()
	var g guesses
	guess := func(client string, after time.Duration, right bool) (bool, time.Duration) {
		return g.try(client, start.Add(after), func() bool { return right })
	}
	for n := range freeGuesses - 1 {
		if ok, wait := guess("a", 0, false); ok || wait != 0 {
			t.Errorf("guess %d: %v, wait %v", n+1, ok, wait)
		}
	}
	if _, wait := guess("a", 0, false); wait != firstWait {
		t.Errorf("the fifth wrong one makes wait %v", wait)
	}
	if ok, wait := guess("a", time.Second, true); ok || wait != firstWait-time.Second {
		t.Errorf("even the right one must wait: %v, %v", ok, wait)
	}
	if ok, _ := guess("b", time.Second, true); !ok {
		t.Error("another device is kept out")
	}
	at, total := firstWait, 0
	for range 20 {
		_, wait := guess("a", at, false)
		if wait < firstWait || wait > longestWait {
			t.Fatalf("wait %v", wait)
		}
		at, total = at+wait, total+1
	}
	if at < 60*time.Minute {
		t.Errorf("25 guesses took %v", at)
	}
	if ok, wait := guess("a", at, true); !ok || wait != 0 {
		t.Errorf("in the end the right one: %v, %v", ok, wait)
	}
	if _, wait := guess("a", at, false); wait != 0 {
		t.Errorf("the count goes on after the right one: %v", wait)
	}
}

// Who has a thousand addresses has not a thousand guesses, and keeps nobody
// out who was in.
func TestGuessesOfACrowd(t *testing.T) {
	start := time.Now()
	var g guesses
	g.try("mine", start, func() bool { return true })
	looked := 0
	for hour := range 2 {
		for n := range 1000 {
			g.try(string(rune('A'+n))+string(rune(hour)), start.Add(time.Duration(hour)*time.Hour), func() bool { looked++; return false })
		}
	}
	if most := 2 * (sharedMost + firstMost); looked != most {
		t.Errorf("%d guesses of a crowd were looked at in two bursts, want %d", looked, most)
	}
	if len(g.devices) > deviceMax {
		t.Errorf("%d devices are remembered", len(g.devices))
	}
	if ok, wait := g.try("mine", start.Add(time.Hour), func() bool { return true }); !ok {
		t.Errorf("who was in has to wait %v", wait)
	}
	if ok, wait := g.try("new", start.Add(time.Hour), func() bool { return true }); ok || wait <= 0 || wait > firstRefill {
		t.Errorf("a new device in the middle of it: %v, wait %v", ok, wait)
	}
	if ok, _ := g.try("new", start.Add(time.Hour+firstRefill), func() bool { return true }); !ok {
		t.Errorf("a new device must still wait after %v", firstRefill)
	}
}

// Devices that guess again and again use up no guess of the owner's new phone.
func TestGuessesKeepNobodyOut(t *testing.T) {
	start := time.Now()
	var g guesses
	at := start
	for range 3 * sharedMost {
		for n := range sharedMost {
			g.try(string(rune('A'+n)), at, func() bool { return false })
		}
		if ok, wait := g.try("new", at, func() bool { return true }); !ok {
			t.Fatalf("after %v the new phone has to wait %v", at.Sub(start), wait)
		}
		delete(g.devices, "new") // the next one is another phone
		at = at.Add(time.Second)
	}
}

// One device has the guesses of one, however many addresses it has.
func TestGuessesOfManyAddresses(t *testing.T) {
	r := newRig(t)
	r.Door.Device = func(client string) string {
		if client == "192.168.8.50" {
			return "00:16:6c:00:00:01"
		}
		return "00:16:6c:00:00:02"
	}
	looked := 0
	for n := range 40 {
		q := r.request("POST", "/phone/api/login", `{"pin":"000000"}`)
		q.RemoteAddr = fmt.Sprintf("192.168.8.%d:4711", 100+n)
		if r.send(q).Code == 403 {
			looked++
		}
	}
	if looked != freeGuesses-1 {
		t.Errorf("%d guesses were looked at without a wait, want %d", looked, freeGuesses-1)
	}
	r.login()
}

// PIN and sessions of an earlier version, which kept them among the photos, stay, and the file on
// the memory stick goes. Another stick changes nothing.
func TestTakenOver(t *testing.T) {
	r := newRig(t)
	stick, state := t.TempDir(), t.TempDir()
	former, file := filepath.Join(stick, "phone.json"), filepath.Join(state, "phone.json")
	log := slog.New(slog.DiscardHandler)
	r.Door = OpenDoor(former, former, "", log)
	pin := r.Door.PIN()
	w := r.send(r.request("POST", "/phone/api/login", `{"pin":"`+pin+`"}`))
	r.cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
	for _, step := range []struct {
		why    string
		former string // what the file among the photos becomes before the start; "": stays
	}{
		{"the upgrade", ""},
		{"a restart", ""},
		{"another stick, which has a PIN of its own", `{"pin":"111111","key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`},
		{"a stick with rubbish", "{"},
	} {
		if step.former != "" {
			if err := os.WriteFile(former, []byte(step.former), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r.Door = OpenDoor(file, former, "", log)
		if got := r.Door.PIN(); got != pin {
			t.Errorf("%s: the PIN is %s, was %s", step.why, got, pin)
		}
		if code := r.get("/phone/api/session").Code; code != 200 {
			t.Errorf("%s: the phone is out: status %d", step.why, code)
		}
		if _, err := os.Lstat(former); !os.IsNotExist(err) {
			t.Errorf("%s: the stick still has the file: %v", step.why, err)
		}
	}
	if fi, err := os.Stat(file); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", fi, err)
	}
}

// Where the new place cannot be written, the file stays where it was.
func TestNotTakenOver(t *testing.T) {
	former := filepath.Join(t.TempDir(), "phone.json")
	log := slog.New(slog.DiscardHandler)
	pin := OpenDoor(former, former, "", log).PIN()
	nowhere := filepath.Join(t.TempDir(), "missing", "phone.json")
	for range 2 {
		if got := OpenDoor(nowhere, former, "", log).PIN(); got != pin {
			t.Errorf("the PIN is %s, was %s", got, pin)
		}
	}
	if _, err := os.Stat(former); err != nil {
		t.Error(err)
	}
}
