//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"snsbridge/src/control"
)

const (
	pagePIN     = "40718253"
	pageHost    = " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	ownerPhone  = "127.0.20.1"
	newPhone    = "127.0.20.2"
	guessesMost = 20 // that all unknown devices have together, and one a minute
)

// phone is the owner's, who knows the PIN.
type phone struct{ cookie, token string }

func (s *siege) openPage(ctx context.Context) error {
	answer := s.say(ctx, ownerPhone, pinTry(pagePIN))
	_, rest, _ := strings.Cut(answer, "Set-Cookie: ")
	s.phone.cookie, _, _ = strings.Cut(rest, ";")
	_, rest, _ = strings.Cut(answer, `"token":"`)
	s.phone.token, _, _ = strings.Cut(rest, `"`)
	if s.phone.cookie == "" || s.phone.token == "" {
		return fmt.Errorf("the owner is not let in: %q", answer)
	}
	return nil
}

func pinTry(pin string) string {
	body := `{"pin":"` + pin + `"}`
	return fmt.Sprintf("POST /phone/api/login%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", pageHost, len(body), body)
}

// get asks as the page does; each of more is a header line.
func (p phone) get(path string, more ...string) string {
	return "GET /phone/" + path + pageHost + strings.Join(append(more, "Cookie: "+p.cookie), "\r\n") + "\r\n\r\n"
}

func (p phone) post(path, body string, more ...string) string {
	return "POST /phone/" + path + pageHost + "Cookie: " + p.cookie + "\r\nContent-Type: application/json\r\n" +
		strings.Join(append(more, fmt.Sprint("Content-Length: ", len(body))), "\r\n") + "\r\n\r\n" + body
}

// pins guesses the PIN from many addresses, also when it has found it.
func pins(ctx context.Context, s *siege) error {
	for i := range 60 {
		from := fmt.Sprintf("127.0.21.%d", 1+i%20)
		guess := fmt.Sprintf("%08d", s.guessed)
		if s.guessed > guessesMost+5 && i%4 == 0 {
			guess = pagePIN // once it has guessed too often, being right does not help
		}
		if s.guessing.IsZero() {
			s.guessing = time.Now()
		}
		switch status := statusOf(s.say(ctx, from, pinTry(guess))); status {
		case "200":
			if guess != pagePIN || time.Since(s.guessing) < time.Minute { // after which one more is looked at
				return fmt.Errorf("the guess %s lets in", guess)
			}
		case "403":
			s.guessed++
		case "429":
			s.slowed = true
		default:
			return fmt.Errorf("the guess %s: status %s", guess, status)
		}
		if s.slowed {
			s.guessed = max(s.guessed, guessesMost+6)
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	if !s.slowed {
		return errors.New("nobody slows the guessing down")
	}
	if err := s.wants(ctx, newPhone, "the owner's new phone meanwhile", pinTry(pagePIN), "200"); err != nil {
		return err
	}
	return s.wants(ctx, ownerPhone, "the owner's page meanwhile", s.phone.get("api/status"), "200")
}

// page does what a web page, a stolen address or a curious guest can do.
func page(ctx context.Context, s *siege) error {
	const from = "127.0.22.1"
	id, signature, _ := strings.Cut(strings.TrimPrefix(s.phone.cookie, "snsbridge="), ".")
	for why, cookie := range map[string]string{
		"none":                          "",
		"a session without a signature": id,
		"an empty signature":            id + ".",
		"the signature alone":           "." + signature,
		"a bit changed":                 id[:len(id)-1] + "A." + signature[1:] + "A",
		"the token as signature":        id + "." + s.phone.token,
		"a long one":                    strings.Repeat("x", 8<<10),
		"twice":                         id + "x." + signature + "; snsbridge=x." + signature,
	} {
		forged := phone{cookie: "snsbridge=" + cookie}
		for _, path := range []string{"api/status", "api/queue", "api/stored", "api/session", "file/000001-0000/01-A.JPG", "storedthumb/x"} {
			if err := s.wants(ctx, from, "cookie: "+why, forged.get(path), "401"); err != nil {
				return err
			}
		}
	}
	for why, c := range map[string]struct{ raw, status string }{
		"without a token":           {s.phone.post("api/retry", "{}"), "403"},
		"with a made-up token":      {s.phone.post("api/retry", "{}", "X-Token: "+signature), "403"},
		"from another page":         {s.phone.post("api/retry", "{}", "X-Token: "+s.phone.token, "Origin: http://evil.example"), "403"},
		"from a sandbox":            {s.phone.post("api/retry", "{}", "X-Token: "+s.phone.token, "Origin: null"), "403"},
		"across sites":              {s.phone.get("api/status", "Sec-Fetch-Site: cross-site"), "403"},
		"a form that logs in":       {strings.Replace(pinTry(pagePIN), "application/json", "text/plain", 1), "400"},
		"by another name":           {strings.Replace(s.phone.get("api/status"), "Host: 127.0.0.1", "Host: evil.example", 1), "421"},
		"by another address":        {strings.Replace(s.phone.get("api/status"), "Host: 127.0.0.1", "Host: 10.0.0.1", 1), "421"},
		"by a name with our number": {strings.Replace(s.phone.get("api/status"), "Host: 127.0.0.1", "Host: 127.0.0.1.evil.example", 1), "421"},
		"of the program's insides":  {s.phone.post("api/mail-test", "{}", "X-Token: "+s.phone.token), "404"},
		"of the doctor":             {s.phone.get("api/doctor"), "404"},
	} {
		if err := s.wants(ctx, from, "a request "+why, c.raw, c.status); err != nil {
			return err
		}
	}
	for _, path := range []string{
		"stored/../.spool/phone.json", "stored/%2e%2e/.spool/phone.json", "stored/.spool/phone.json", "stored//.spool/phone.json", "stored/x/..%2f.spool%2fphone.json", "stored/%2espool/phone.json",
		"storedthumb/../../settings.toml", "file/../../.spool/phone.json", "file/000001-0000/../../../phone.json", "file/..%2f..%2fphone.json/x", "file/%00/x", "thumb/000001-0000/item.json",
		"api/stored?folder=.spool", "api/stored?folder=..", "api/stored?folder=/etc", "api/stored?folder=%2e%2e%2f", "api/items/..%2f..%2fphone.json", "api/items/000001-0000%2f..", "../settings.toml", "page.html/../../../etc/passwd",
	} {
		answer := s.say(ctx, from, s.phone.get(path))
		if statusOf(answer) == "200" || strings.Contains(answer, pagePIN) || strings.Contains(answer, "root:") || strings.Contains(answer, "MAIL_") {
			return fmt.Errorf("%s: the answer is %.300q", path, answer)
		}
	}
	return edits(ctx, s)
}

// edits asks for too much, and writes too much, with the right to do so.
func edits(ctx context.Context, s *siege) error {
	const from = "127.0.22.2"
	c := control.Client{Socket: filepath.Join(s.spool, "control.sock")}
	st, err := c.Status(ctx)
	if err != nil || st.Phone == nil {
		return fmt.Errorf("the status: %+v, %w", st.Phone, err)
	}
	for _, path := range []string{"api/queue?limit=999999999", "api/queue?limit=-1", "api/queue?before=" + strings.Repeat("9", 5000), "api/stored?before=" + strings.Repeat("~", 5000), "api/live?since=00000000--9999999999999999999"} {
		if answer := s.say(ctx, from, s.phone.get(path)); len(answer) > 512<<10 {
			return fmt.Errorf("%.40s: the answer has %d bytes", path, len(answer))
		}
		pause(ctx, 20*time.Millisecond)
	}
	records, err := filepath.Glob(filepath.Join(s.spool, "items", "*"))
	if err != nil || len(records) == 0 {
		return fmt.Errorf("there is no item to edit: %v", err)
	}
	item := "api/items/" + filepath.Base(records[0]) + "/edit"
	for why, body := range map[string]string{
		"a text of 1 MiB":         `{"text":"` + strings.Repeat("x", 1<<20) + `"}`,
		"a title of 200 KiB":      `{"title":"` + strings.Repeat("x", 200<<10) + `"}`,
		"descriptions of nothing": `{"alts":{"999999":"x"}}`,
		"brackets 100,000 deep":   `{"alts":` + strings.Repeat("[", 100_000),
		"a target of nobody":      `{"targets":{"":"shell.evil"}}`,
		"a field of the record":   `{"files":[{"path":"../../x"}]}`,
	} {
		answer := s.say(ctx, from, s.phone.post(item, body, "X-Token: "+s.phone.token))
		if status := statusOf(answer); !strings.HasPrefix(status, "4") {
			return fmt.Errorf("an edit with %s: the answer is %.300q", why, answer)
		}
	}
	return nil
}
