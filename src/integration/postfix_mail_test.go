//go:build integration

package integration

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"snsbridge/src/sim"
)

// Five large photos go through a real mail server, in as many mails as its
// limit demands, and are the same photos afterwards.
func TestPostfix(t *testing.T) {
	a := newAuthority(t)
	p := startPostfix(t, a)
	for _, c := range []struct {
		name     string
		settings []string
		from     string
		replyTo  string
	}{
		{"the camera's sender", nil, "<camera@b.example>", ""},
		{"a sender of our own", []string{`MAIL_FROM = "Photos <a@b.example>"`}, `"Photos" <a@b.example>`, "<camera@b.example>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := a.trusted(newBridge(t, append(p.settings(), c.settings...)...))
			d := b.start(t)
			camera := cameraAt(t, d, "NX300", 2)
			camera.Sender = "camera@b.example"
			var files []sim.File
			for i := range 5 {
				files = append(files, photo(t, fmt.Sprintf("여름 바다 %d.JPG", i+1), 8e6, uint64(i)))
			}
			m := mail(files...)
			m.To = []string{"a@b.example", "c@b.example"}
			m.Title = "[스마트 카메라] 여름휴가 사진을 보냅니다, " + c.name
			m.Text = "바다에서\r\n.\r\n"
			if _, err := camera.Email(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			d.line("msg=delivered", "target=email")
			want := attachments(t, files)
			ids := map[string]bool{}
			for _, name := range []string{"a", "c"} {
				for n, part := range [][]attachment{want[:2], want[2:4], want[4:]} {
					subject := fmt.Sprintf("%s (%d/3)", m.Title, n+1)
					var l letter
					eventually(t, func() error {
						inbox, err := p.inbox(name)
						if _, ok := inbox[subject]; !ok {
							return errors.Join(err, fmt.Errorf("%s has no mail %q", name, subject))
						}
						l = inbox[subject]
						return err
					})
					if err := sameFiles(l.files, part); err != nil {
						t.Errorf("%s, part %d: %v", name, n+1, err)
					}
					if got, want := strings.ReplaceAll(l.text, "\r\n", "\n"), "바다에서\n."; strings.TrimSpace(got) != want {
						t.Errorf("%s, part %d: got the text %q, want %q", name, n+1, got, want)
					}
					for field, want := range map[string]string{"From": c.from, "Reply-To": c.replyTo, "To": "<a@b.example>, <c@b.example>"} {
						if got := l.header.Get(field); got != want {
							t.Errorf("%s, part %d: got %s: %s, want %s", name, n+1, field, got, want)
						}
					}
					if n := len(l.header["Message-Id"]); n != 1 {
						t.Errorf("%s: got %d Message-IDs in a mail, want 1", name, n)
					}
					ids[l.header.Get("Message-Id")] = true
				}
			}
			if len(ids) != 3 {
				t.Errorf("got %d different Message-IDs, want 3, one a part", len(ids))
			}
		})
	}
}

// A recipient whom the server does not know has a failure of their own, and the
// others their mail.
func TestPostfixUnknownRecipient(t *testing.T) {
	a := newAuthority(t)
	p := startPostfix(t, a)
	b := a.trusted(newBridge(t, p.settings()...))
	d := b.start(t)
	camera := cameraAt(t, d, "NX300", 2)
	camera.Sender = "camera@b.example"
	f := photo(t, "SAM_0001.JPG", 100e3, 1)
	m := mail(f)
	m.To, m.Title = []string{"nobody@b.example", "a@b.example"}, "one of two"
	if _, err := camera.Email(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	d.line(`msg="not delivered"`, "state=failed")
	eventually(t, func() error {
		inbox, err := p.inbox("a")
		return errors.Join(err, sameFiles(inbox[m.Title].files, attachments(t, []sim.File{f})))
	})
	items := b.queue(t).Items
	if len(items) != 1 || len(items[0].Jobs) != 1 {
		t.Fatalf("got the queue %+v, want one item with one job", items)
	}
	j := items[0].Jobs[0]
	if !strings.HasPrefix(j.Error, "nobody@b.example: 550") || strings.Contains(j.Error, " a@b.example") || j.State != "failed" || j.Hint == "" {
		t.Errorf("got the job %+v, want a failure that names the recipient, the server's words and what to do", j)
	}

	// To retry is to ask for the one that is missing, not to mail all again.
	if out, err := b.verb("retry", items[0].ID); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	eventually(t, func() error {
		if j := b.queue(t).Items[0].Jobs[0]; j.Attempts != 2 || j.State != "failed" {
			return fmt.Errorf("the job is %+v after a retry", j)
		}
		return nil
	})
	if inbox, err := p.inbox("a"); err != nil || len(inbox) != 1 {
		t.Errorf("got %d mails and %v, want the one mail only", len(inbox), err)
	}
}

// Server, user name and password are all that a beginner fills in, and a
// recipient on the camera. The server wants senders to be the account's own,
// and says so at RCPT, as Postfix does unless it is told otherwise: the photo
// arrives.
func TestPostfixSenderChecks(t *testing.T) {
	a := newAuthority(t)
	p := startPostfix(t, a, "smtpd_sender_login_maps = inline:{ {"+postfixUser+" = "+postfixUser+"} }",
		"smtpd_sender_restrictions = reject_sender_login_mismatch")
	b := a.trusted(newBridge(t, p.settings()...))
	d := b.start(t)
	camera := cameraAt(t, d, "NX300", 2) // with the sender that it was delivered with
	f := photo(t, "SAM_0001.JPG", 100e3, 1)
	m := mail(f)
	m.To, m.Title = []string{"a@b.example"}, "four fields"
	if _, err := camera.Email(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	d.line("refuses the camera's sender")
	d.line("msg=delivered", "target=email")
	eventually(t, func() error {
		inbox, err := p.inbox("a")
		return errors.Join(err, sameFiles(inbox[m.Title].files, attachments(t, []sim.File{f})))
	})
	inbox, err := p.inbox("a")
	if err != nil {
		t.Fatal(err)
	}
	if l := inbox[m.Title]; l.header.Get("From") != "<"+postfixUser+">" || l.header.Get("Reply-To") != "" {
		t.Errorf("From %q, Reply-To %q", l.header.Get("From"), l.header.Get("Reply-To"))
	}
}

// A wrong password stops the target and not the photos: they wait.
func TestPostfixWrongPassword(t *testing.T) {
	a := newAuthority(t)
	p := startPostfix(t, a)
	settings := p.settings()
	wrong := slices.Clone(settings)
	for i, s := range wrong {
		if strings.HasPrefix(s, "MAIL_PASSWORD") {
			wrong[i] = `MAIL_PASSWORD = "another"`
		}
	}
	b := a.trusted(newBridge(t, wrong...))
	d := b.start(t)
	camera := cameraAt(t, d, "NX300", 2)
	camera.Sender = "camera@b.example"
	m := mail(photo(t, "SAM_0001.JPG", 100e3, 1))
	m.To, m.Title = []string{"c@b.example"}, "after the password was corrected"
	if _, err := camera.Email(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	line := d.line(`msg="not delivered"`)
	if !strings.Contains(line, "535") || !strings.Contains(line, "state=waiting") || strings.Contains(line, "another") {
		t.Errorf("got %s, want what the server said, the photo waiting, and no password", line)
	}
	d.stop()
	b.set(t, settings...)
	b.start(t)
	eventually(t, func() error {
		inbox, err := p.inbox("c")
		if len(inbox[m.Title].files) != 1 {
			return errors.Join(err, errors.New("the photo did not arrive"))
		}
		return err
	})
}
