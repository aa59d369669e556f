//go:build integration

package integration

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"snsbridge/src/camera"
)

const (
	slowConns = 1000
	slowHosts = 20
	served    = 56            // connections
	mostFiles = 2*served + 32 // with a file each, and what else is open
)

func slowHeads(ctx context.Context, s *siege) error {
	return slow(ctx, s, emailLine+"X-Never-Ends: ")
}

func slowBodies(ctx context.Context, s *siege) error {
	return slow(ctx, s, emailLine+"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000000\r\n\r\n--x\r\n")
}

// slowPhotos stop inside a photo, where the bridge holds most.
func slowPhotos(ctx context.Context, s *siege) error {
	raw := letterOf(mine, "t", "EVIL.JPG", strings.Repeat("x", 40<<10))
	length := fmt.Sprint("Content-Length: ", len(raw)-strings.Index(raw, "\r\n\r\n")-4)
	raw = strings.TrimSuffix(strings.Replace(raw, length, "Content-Length: 7000000", 1), "\r\n--x\r\n")
	return slow(ctx, s, raw)
}

// slowTexts stop inside an e-mail's text, which is read whole.
func slowTexts(ctx context.Context, s *siege) error {
	return slow(ctx, s, emailLine+"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 7000000\r\n\r\n"+
		"--x\r\ncontent-disposition: form-data; name=\"message\"; fileName=\"sample.txt\"\r\n\r\n"+strings.Repeat("a\xff", 30<<10))
}

// slow keeps a thousand connections busy with a byte now and then for some
// seconds, and makes those anew that the bridge ends. It goes on until as many
// are open as the bridge serves: before that it proves nothing.
func slow(ctx context.Context, s *siege, begin string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	begun := time.Now()
	var all sync.WaitGroup
	for i := range slowConns {
		all.Go(func() {
			from := fmt.Sprintf("127.0.3.%d", 1+i%slowHosts)
			if pause(ctx, time.Duration(2*i)*time.Millisecond) != nil {
				return
			}
			for ctx.Err() == nil {
				conn, err := s.dial(ctx, from)
				if err != nil {
					continue
				}
				for text := begin; err == nil; text = "x" {
					if _, err = io.WriteString(conn, text); err == nil {
						err = pause(ctx, time.Second)
					}
				}
				conn.Close()
				pause(ctx, 2*time.Second)
			}
		})
	}
	most := 0
	for (most < served || time.Since(begun) < 4*time.Second) && pause(ctx, 50*time.Millisecond) == nil {
		list, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.d.pid()))
		if err != nil {
			return err
		}
		most = max(most, len(list))
	}
	cancel()
	all.Wait()
	if most < served || most > mostFiles {
		return fmt.Errorf("%d files are open at most, want %d to %d", most, served, mostFiles)
	}
	return nil
}

// drops connects and is gone, with a reset or without, before and in a request.
func drops(ctx context.Context, s *siege) error {
	for i := range 150 {
		conn, err := s.dial(ctx, fmt.Sprintf("127.0.4.%d", 1+i%20))
		if err != nil {
			return err
		}
		switch i % 3 {
		case 0:
			io.WriteString(conn, emailLine+"Content-Length: 100000\r\n\r\n--x")
		case 1:
			io.WriteString(conn, "PO")
		}
		if i%2 == 0 {
			conn.(*net.TCPConn).SetLinger(0)
		}
		conn.Close()
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// letterOf is an e-mail of a kind that the camera sends, from elsewhere.
func letterOf(to, title, name, photo string) string {
	return multipartOf("<email><sender>Camera@samsungcamera.com</sender><receiverList>"+to+"</receiverList><title>"+title+
		"</title><body>text</body></email>", name, photo)
}

func multipartOf(xml, name, photo string) string {
	body := "--x\r\ncontent-disposition: form-data; name=\"message\"; fileName=\"sample.txt\"\r\n\r\n" + xml +
		"\r\n--x\r\ncontent-disposition: form-data; name=\"binary\"; fileName=\"" + name + "\"\r\ncontent-type: image/jpeg;\r\n\r\n" + photo + "\r\n--x\r\n"
	return fmt.Sprintf("%sContent-Type: multipart/form-data; boundary=x\r\nContent-Length: %d\r\n\r\n%s", emailLine, len(body), body)
}

func receiver(address string) string { return "<receiver>" + address + "</receiver>" }

// relay mails to a random recipient at several times a thousand a minute.
// Strangers' are refused; what is allowed ends at the limit of the day.
func relay(ctx context.Context, s *siege) error {
	for i := range 60 {
		who := rand.Text()
		raw := letterOf(receiver(who+"@spam.example"), "Buy", "A.JPG", "\xff\xd8\xff\xd9")
		if err := s.wants(ctx, "127.0.5.1", "a mail to a stranger", raw, "401"); err != nil {
			return err
		}
		if i%6 == 0 {
			raw := letterOf(receiver(who+"@example.org"), "Buy", "A.JPG", "\xff\xd8\xff\xd9")
			if err := s.wants(ctx, "127.0.5.1", "a mail to one of the allowed domain", raw, "200"); err != nil {
				return err
			}
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

const snsHost = " HTTP/1.1\r\nHost: " + camera.HostSNS + "\r\n"

func xmlTo(path, xml string) string {
	return fmt.Sprintf("POST %s%sContent-Length: %d\r\n\r\n%s", path, snsHost, len(xml), xml)
}

func loginTo(site string) string {
	return xmlTo("/"+site+"/auth", `<Request Method="login"><UserName Value="evil"/><Password Value="`+cameraPassword+`"/></Request>`)
}

func announceTo(site, key, text string) string {
	return xmlTo("/"+site+"/photo", `<Request SessionKey="`+key+`"><Photo><File Name="EVIL.JPG"/><Content>`+text+`</Content></Photo></Request>`)
}

func uploadTo(place, bytes string) string {
	return fmt.Sprintf("PUT /%s%sContent-Length: %d\r\n\r\n%s", place, snsHost, len(bytes), bytes)
}

// valueOf finds an attribute of an answer as firmware does.
func valueOf(answer, key string) string {
	_, rest, _ := strings.Cut(answer, key+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// guesses tries keys of sessions and places of uploads that might exist.
func guesses(ctx context.Context, s *siege) error {
	const from = "127.0.6.1"
	for i := range 100 {
		var b [16]byte
		rand.Read(b[:])
		guess := hex.EncodeToString(b[:])
		if i%10 == 0 {
			guess = []string{"", "0", "*", "%", "'", `" or "1"="1`, "../", "null", guess[:31], guess + "0"}[i/10]
		}
		for _, raw := range []string{announceTo("facebook", guess, ""), uploadTo("upload/"+guess, "\xff\xd8\xff\xd9")} {
			answer := s.say(ctx, from, raw)
			if strings.HasPrefix(answer, "HTTP/1.1 2") || strings.HasPrefix(answer, "HTTP/1.1 3") {
				return fmt.Errorf("the guess %q %w: %q", guess, errAnswered, answer)
			}
		}
		if err := pause(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// foreignSession uses a session and an upload that are a camera's, from another
// address: to send into them, to read nothing, and to end them.
func foreignSession(ctx context.Context, s *siege) error {
	const owner, thief = "127.0.7.1", "127.0.7.2"
	key := valueOf(s.say(ctx, owner, loginTo("evil")), "Response SessionKey")
	place := valueOf(s.say(ctx, owner, announceTo("evil", key, "")), "ResourceID")
	if key == "" || place == "" {
		return errors.New("there is no session to try it with")
	}
	for why, raw := range map[string]string{
		"an announcement":           announceTo("evil", key, ""),
		"an upload":                 uploadTo(place, "\xff\xd8\xff\xd9"),
		"an announcement elsewhere": announceTo("facebook", key, ""),
	} {
		if err := s.wants(ctx, thief, why+" in another's session", raw, "401"); err != nil {
			return err
		}
	}
	s.say(ctx, thief, xmlTo("/evil/auth", `<Request Method="logout" SessionKey="`+key+`"/>`))
	return s.wants(ctx, owner, "the owner's upload after a stranger's logout", uploadTo(place, "\xff\xd8\xff\xd9"), "200")
}

// logins takes more sessions and announcements than there is room for, and a
// session of a while ago must outlive that.
func logins(ctx context.Context, s *siege) error {
	const owner = "127.0.8.1"
	key := valueOf(s.say(ctx, owner, loginTo("evil")), "Response SessionKey")
	long := strings.Repeat("x", 30<<10)
	for i := range 300 {
		from := fmt.Sprintf("127.0.8.%d", 2+i%3)
		own := valueOf(s.say(ctx, from, strings.Replace(loginTo(fmt.Sprint("site", i)), "/auth", "/auth"+strings.Repeat("/", 14<<10), 1)), "Response SessionKey")
		if own == "" {
			return errors.New("a login was refused")
		}
		if err := s.wants(ctx, from, "an announcement", announceTo(fmt.Sprint("site", i), own, long), "200"); err != nil {
			return err
		}
		if err := pause(ctx, 2*time.Millisecond); err != nil {
			return err
		}
	}
	return s.wants(ctx, owner, "an announcement in an earlier session", announceTo("evil", key, ""), "200")
}

// TestRelayEndsAtTheLimit lets everybody mail everybody: what goes out in a day
// is what the settings allow, also after a restart.
func TestRelayEndsAtTheLimit(t *testing.T) {
	s := startSmarthost(t, &smarthost{})
	const most = 5
	b := newBridge(t, `MAIL_SERVER = "127.0.0.1"`, fmt.Sprintf("MAIL_PORT = %d", s.port), fmt.Sprint("MAIL_PER_DAY = ", most))
	for range 2 {
		d := b.start(t)
		for i := range 20 {
			raw := letterOf(receiver(rand.Text()+"@spam.example")+receiver(rand.Text()+"@spam.example"), "Buy", "A.JPG", tinyJPEG)
			if answer := ask(t, dialFrom(t, d, "127.0.5.1"), raw); statusOf(answer) != "200" {
				t.Fatalf("mail %d: the answer is %q", i, answer)
			}
		}
		eventually(t, func() error {
			for _, target := range b.status(t).Targets {
				if target.Name == "email" && target.LastError != nil {
					return nil
				}
			}
			return errors.New("nobody says that the limit is reached")
		})
		if status := d.stop(); status != 0 {
			t.Errorf("the program ended with status %d", status)
		}
		if n := len(s.accepted()); n > most || n < most-1 {
			t.Errorf("%d mails were sent, want %d, or one less", n, most)
		}
	}
}
