package email

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"snsbridge/src/spool"
)

func noise(n int, seed byte) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

// A mail arrives with everything in it as the camera sent it.
func TestArrives(t *testing.T) {
	server := startServer(t)
	s := openSpool(t)
	photos := []picture{
		{"사진 2026년 여름.JPG", noise(100_000, 1)},
		{"SAM_0042.JPG", noise(57*3, 2)},
		{"SAM_0042.JPG", nil},
		{`"; x="../../etc/passwd` + "\r\nBcc: e@f.example", noise(1, 4)},
	}
	add(s, spool.Item{
		Sender: "Hans Müller, Berlin <camera@samsung.example>",
		Title:  "[Samsung Smart Camera] 여름휴가 사진을 보냅니다",
		Text:   "Sent from Samsung Camera.\r\n.\r\n..점\n",
	}, []string{"a@b.example", "C@d.example", "A@B.example"}, photos...)
	if job, err := try(s, server.smarthost()); err != nil || job.State != spool.Done || job.Result != "250 2.0.0 queued" {
		t.Fatalf("got error %v, job %+v", err, job)
	}
	mails := server.accepted()
	if len(mails) != 1 {
		t.Fatalf("got %d mails, want 1", len(mails))
	}
	if got, want := fmt.Sprint(mails[0].from, mails[0].to), "me@here.example[a@b.example C@d.example]"; got != want {
		t.Errorf("envelope: got %s, want %s", got, want)
	}
	m := parse(t, mails[0].data)
	if got, want := m.subject(t), "[Samsung Smart Camera] 여름휴가 사진을 보냅니다"; got != want {
		t.Errorf("subject: got %q, want %q", got, want)
	}
	if got, want := m.text, "Sent from Samsung Camera.\n.\n..점\n"; got != want {
		t.Errorf("text: got %q, want %q", got, want)
	}
	for field, want := range map[string]string{
		"From":     `"Me" <me@here.example>`,
		"To":       "<a@b.example>, <C@d.example>",
		"Reply-To": "=?utf-8?q?Hans_M=C3=BCller_Berlin?= <camera@samsung.example>",
	} {
		if got := m.header.Get(field); got != want {
			t.Errorf("%s: got %s, want %s", field, got, want)
		}
	}
	if len(m.files) != len(photos) {
		t.Fatalf("got %d files, want %d", len(m.files), len(photos))
	}
	names := []string{"사진 2026년 여름.JPG", "SAM_0042.JPG", "SAM_0042.JPG", "passwd__Bcc_ e@f.example"}
	ids := map[string]bool{}
	for i, f := range m.files {
		if f.name != names[i] || f.typ != "image/jpeg" || f.sum != sumOf(photos[i].content) {
			t.Errorf("file %d: got %q of type %s, want %q; same content: %t", i, f.name, f.typ, names[i], f.sum == sumOf(photos[i].content))
		}
		ids[f.id] = true
	}
	if len(ids) != len(photos) || ids[""] {
		t.Errorf("Content-IDs are not unique: %v", ids)
	}
	if steps := server.heard(); steps[len(steps)-1] != "QUIT" {
		t.Errorf("no goodbye: %v", steps)
	}
}

// What the server is told beforehand is the size of what it gets.
func TestSize(t *testing.T) {
	server := startServer(t)
	var announced string
	server.set(func(s *fakeServer) {
		s.size = 10_000_000
		s.answer = func(step, arg string) string {
			if step == "MAIL" {
				_, announced, _ = strings.Cut(arg, "SIZE=")
			}
			return ""
		}
	})
	s := openSpool(t)
	for _, photos := range [][]picture{nil, {{"a.jpg", nil}}, {{"a.jpg", noise(1000, 1)}, {"사.jpg", noise(54321, 2)}}} {
		add(s, spool.Item{Sender: "a@b.example", Title: "제목", Text: ".점\r\n"}, []string{"a@b.example"}, photos...)
		if _, err := try(s, server.smarthost()); err != nil {
			t.Fatal(err)
		}
		server.mu.Lock()
		if got := fmt.Sprint(server.sized); got != announced {
			t.Errorf("%d files: %s bytes, announced %s", len(photos), got, announced)
		}
		server.mu.Unlock()
	}
}

// Mails that are too large are divided by files and numbered; what is too large
// alone is named to the person, and the rest goes out.
func TestDivided(t *testing.T) {
	const mb = 1 << 20
	tests := []struct {
		why     string
		size    int64 // the server's
		max     int64 // MaxSize
		photos  []int
		want    []int // files in each mail
		failure string
	}{
		{"all fit", 10 * mb, 0, []int{mb, mb}, []int{2}, ""},
		{"no limit is known", 0, 0, []int{mb, mb, mb}, []int{3}, ""},
		{"two fit, base64 counted", 3 * mb, 0, []int{mb, mb, mb, mb, mb}, []int{2, 2, 1}, ""},
		{"two do not quite fit", 2*mb*78/57 - 1000, 0, []int{mb, mb}, []int{1, 1}, ""},
		{"two would, without what servers on the way add", 2*mb*78/57 + 3500, 0, []int{mb, mb}, []int{1, 1}, ""},
		{"two do", 2*mb*78/57 + 8000, 0, []int{mb, mb}, []int{2}, ""},
		{"our own limit is lower", 10 * mb, 2 * mb, []int{mb, mb}, []int{1, 1}, ""},
		{"our own limit is higher", 2 * mb, 10 * mb, []int{mb, mb}, []int{1, 1}, ""},
		{"one is too large", 2 * mb, 0, []int{mb, 3 * mb, mb}, []int{1, 1}, "2.jpg: a mail of 4.3 MB, and the limit of 127.0.0.1 is 2.1 MB"},
		{"every one is too large", mb, 0, []int{mb, mb}, nil, "1.jpg: a mail of 1.4 MB, and the limit of 127.0.0.1 is 1.0 MB; 2.jpg: "},
		{"SIZE of next to nothing", 1, 0, []int{1}, nil, "1.jpg: a mail of 0.0 MB, and the limit of 127.0.0.1 is 0.0 MB"},
		{"no photo", 1000, 0, nil, []int{0}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			server := startServer(t)
			server.set(func(s *fakeServer) { s.size = tt.size })
			e := server.smarthost()
			e.MaxSize = tt.max
			s := openSpool(t)
			var photos []picture
			for i, n := range tt.photos {
				photos = append(photos, picture{fmt.Sprintf("%d.jpg", i+1), noise(n, byte(i))})
			}
			add(s, spool.Item{Sender: "a@b.example", Title: "Hi"}, []string{"a@b.example"}, photos...)
			job, err := try(s, e)
			kind, code := kindOf(err)
			switch {
			case tt.failure == "" && (err != nil || job.State != spool.Done):
				t.Fatalf("got %v, job %+v", err, job)
			case tt.failure != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.failure) || kind != spool.Permanent || code != "too-large" || job.Hint == "" || job.State != spool.Failed):
				t.Fatalf("got %v, job %+v, want %s", err, job, tt.failure)
			}
			mails := server.accepted()
			var counts []int
			var sums, ids [][32]byte
			for _, m := range mails {
				if int64(len(m.data)) > tt.size && tt.size > 0 {
					t.Errorf("a mail of %d bytes, the limit is %d", len(m.data), tt.size)
				}
				r := parse(t, m.data)
				counts = append(counts, len(r.files))
				for _, f := range r.files {
					sums = append(sums, f.sum)
				}
				ids = append(ids, sumOf([]byte(r.header.Get("Message-Id"))))
				if len(mails) > 1 && tt.failure == "" && r.subject(t) != fmt.Sprintf("Hi (%d/%d)", len(counts), len(mails)) {
					t.Errorf("subject %q of mail %d of %d", r.subject(t), len(counts), len(mails))
				}
			}
			if !slices.Equal(counts, tt.want) {
				t.Errorf("got mails of %v files, want %v", counts, tt.want)
			}
			for i, id := range ids {
				if slices.Index(ids, id) != i {
					t.Error("two mails have one Message-ID")
				}
			}
			for i, p := range photos {
				if tooMuch := strings.Contains(tt.failure, p.name) || len(tt.want) == 0; !tooMuch && !slices.Contains(sums, sumOf(p.content)) {
					t.Errorf("photo %d is missing", i+1)
				}
			}
		})
	}
}

func TestSenders(t *testing.T) {
	tests := []struct {
		why, sender, from                 string
		wantFrom, wantEnvelope, wantReply string // wantFrom "": refused
		kind                              spool.Kind
	}{
		{"the camera's own", "Camera@samsungcamera.com", "", "<Camera@samsungcamera.com>", "Camera@samsungcamera.com", "", 0},
		{"with a name", "Grandma <g@b.example>", "", `"Grandma" <g@b.example>`, "g@b.example", "", 0},
		{"ours, answers to the camera's", "김치 <g@b.example>", "me@here.example", "<me@here.example>", "me@here.example", "=?utf-8?q?=EA=B9=80=EC=B9=98?= <g@b.example>", 0},
		{"the same twice needs no Reply-To", "ME@here.example", "me@here.example", "<me@here.example>", "me@here.example", "", 0},
		{"no address, but ours is one", "owner", "me@here.example", "<me@here.example>", "me@here.example", "", 0},
		{"a header in the name", "x\r\nBcc: e@f.example <g@b.example>", "me@here.example", "<me@here.example>", "me@here.example", `"x Bcc: e@f.example" <g@b.example>`, 0},
		{"a header in the address", "<g@b.example\r\nBcc: e@f.example>", "me@here.example", "<me@here.example>", "me@here.example", "", 0},
		{"two addresses", "a@b.example, c@d.example", "me@here.example", "<me@here.example>", "me@here.example", "", 0},
		{"a header in an encoded name", "=?utf-8?q?x=0D=0ABcc:_e@f.example?= <g@b.example>", "me@here.example", "<me@here.example>", "me@here.example", `"utf-8?q?x=0D=0ABcc:_e@f.example?=" <g@b.example>`, 0},
		{"no address at all", "owner", "", "", "", "", spool.Permanent},
		{"our own is wrong", "a@b.example", "me at here", "", "", "", spool.Account},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			server := startServer(t)
			s := openSpool(t)
			e := server.smarthost()
			e.From = tt.from
			add(s, spool.Item{Sender: tt.sender, Title: "Hi"}, []string{"a@b.example"})
			_, err := try(s, e)
			mails := server.accepted()
			if tt.wantFrom == "" {
				if kind, code := kindOf(err); err == nil || kind != tt.kind || code != "sender" || len(mails) > 0 {
					t.Errorf("got %v of kind %v, code %s; %d mails", err, kind, code, len(mails))
				}
				return
			}
			if err != nil || len(mails) != 1 {
				t.Fatalf("got %v and %d mails", err, len(mails))
			}
			m := parse(t, mails[0].data)
			if m.header.Get("From") != tt.wantFrom || mails[0].from != tt.wantEnvelope || m.header.Get("Reply-To") != tt.wantReply {
				t.Errorf("got From %s, envelope %s, Reply-To %s", m.header.Get("From"), mails[0].from, m.header.Get("Reply-To"))
			}
			if bytes.Contains(mails[0].data, []byte("\nBcc")) {
				t.Errorf("a header was slipped in:\n%s", mails[0].data)
			}
		})
	}
}

// Those who may not be mailed are not, whatever their address looks like.
func TestRecipients(t *testing.T) {
	server := startServer(t)
	s := openSpool(t)
	e := server.smarthost()
	e.Recipients = []string{"*@family.example"}
	id := add(s, spool.Item{Sender: "a@b.example"}, []string{
		"stranger@b.example", "mum@Family.Example", "x@evil.example\r\nRCPT TO:<y@family.example>", `"a@evil.example, b"@family.example`,
	})
	job, err := try(s, e)
	if kind, code := kindOf(err); kind != spool.Permanent || code != "recipient-not-allowed" || job.State != spool.Failed ||
		!strings.HasPrefix(job.Error, "stranger@b.example is not among those who may be mailed; ") {
		t.Errorf("got %v, code %s, job %+v", err, code, job)
	}
	mails := server.accepted()
	if len(mails) != 1 || !slices.Equal(mails[0].to, []string{"mum@Family.Example"}) {
		t.Errorf("got %+v", mails)
	}
	if to := parse(t, mails[0].data).header.Get("To"); to != "<mum@Family.Example>" {
		t.Errorf("got To %s", to)
	}
	// A second look sends nothing and asks nobody.
	if err := s.Retry(id); err != nil {
		t.Fatal(err)
	}
	e.Server.Port = 1
	if _, err := try(s, e); err == nil || len(server.accepted()) != 1 {
		t.Errorf("again: got %v and %d mails", err, len(server.accepted()))
	}
}

func TestAllowed(t *testing.T) {
	tests := []struct {
		why      string
		patterns []string
		address  string
		want     bool
	}{
		{"no patterns, any address", nil, "a@b.example", true},
		{"the address", []string{"x@y.example", "a@b.example"}, "a@b.example", true},
		{"case does not count", []string{"A@b.Example"}, "a@B.example", true},
		{"another address", []string{"a@b.example"}, "aa@b.example", false},
		{"everybody there", []string{"*@b.example"}, "anybody@B.EXAMPLE", true},
		{"not below there", []string{"*@b.example"}, "a@c.b.example", false},
		{"not what ends so", []string{"*@b.example"}, "a@bb.example", false},
		{"a star is for domains only", []string{"a*@b.example"}, "ab@b.example", false},
		{"blanks in the settings", []string{" a@b.example "}, "a@b.example", true},
		{"a quoted @", []string{"*@b.example"}, `"x@evil.example"@b.example`, false},
		{"a line break", nil, "a@b.example\r\nBcc: x@y.example", false},
		{"a list", nil, "a@b.example,c@d.example", false},
		{"an address of a machine", nil, "x@[127.0.0.1]", false},
		{"a pipe", nil, "|/bin/sh", false},
		{"an option", nil, "-oQ/tmp", false},
		{"a name", nil, "Bob <a@b.example>", false},
		{"a comment", nil, "a@b.example (Bob)", false},
		{"letters beyond ASCII need a server that can do that", nil, "ä@b.example", false},
		{"a NUL", nil, "a@b.example\x00", false},
		{"nothing", nil, "", false},
		{"no domain", nil, "a@", false},
		{"a long one", nil, strings.Repeat("a", 65) + "@b.example", false},
		{"a blank", nil, "a b@c.example", false},
		{"angles", nil, "a@b.example> SIZE=1", false},
	}
	for _, tt := range tests {
		if got := Allowed(tt.patterns, tt.address); got != tt.want {
			t.Errorf("%s: Allowed(%q, %q) = %t", tt.why, tt.patterns, tt.address, got)
		}
	}
}
