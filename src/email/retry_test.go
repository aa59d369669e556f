package email

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"snsbridge/src/spool"
)

// Every attempt at a mail has the same Message-ID and the same To, whoever is
// still to get it.
func TestMessageID(t *testing.T) {
	server := startServer(t)
	s := openSpool(t)
	server.set(func(s *fakeServer) { s.answer = when("RCPT", "c@d.example", 1, "450 later") })
	add(s, spool.Item{Sender: "a@b.example"}, []string{"a@b.example", "c@d.example"}, picture{"1.jpg", noise(100, 1)})
	try(s, server.smarthost())
	if _, err := try(s, server.smarthost()); err != nil {
		t.Fatal(err)
	}
	mails := server.accepted()
	if len(mails) != 2 || !slices.Equal(mails[0].to, []string{"a@b.example"}) || !slices.Equal(mails[1].to, []string{"c@d.example"}) {
		t.Fatalf("got %+v", mails)
	}
	first, second := parse(t, mails[0].data), parse(t, mails[1].data)
	for _, field := range []string{"Message-Id", "To"} {
		if first.header.Get(field) == "" || first.header.Get(field) != second.header.Get(field) {
			t.Errorf("%s: %s, then %s", field, first.header.Get(field), second.header.Get(field))
		}
	}
	add(s, spool.Item{Sender: "a@b.example"}, []string{"a@b.example", "c@d.example"}, picture{"1.jpg", noise(100, 1)})
	if _, err := try(s, server.smarthost()); err != nil {
		t.Fatal(err)
	}
	if third := parse(t, server.accepted()[2].data); third.header.Get("Message-Id") == first.header.Get("Message-Id") {
		t.Error("two items have one Message-ID")
	}
}

// A server's limit that changes between two attempts sends no photo twice and
// leaves none out.
func TestPlanKept(t *testing.T) {
	const mail = 200_000 // one photo fits
	tests := []struct {
		why           string
		before, after int64
		fails         int // the mail that fails at first
		want          int // mails in the end
	}{
		{"larger after the first mail went out", mail, 0, 2, 3},
		{"smaller after the first mail went out, still enough", 2 * mail, mail, 2, 2},
		{"larger before anything went out", mail, 0, 1, 1},
		{"smaller before anything went out", 0, mail, 1, 3},
		{"smaller, two mails instead of one", 0, 2 * mail, 1, 2},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			server := startServer(t)
			server.set(func(s *fakeServer) { s.size, s.answer = tt.before, when("message", "", tt.fails, "451 later") })
			s := openSpool(t)
			photos := []picture{{"1.jpg", noise(100_000, 1)}, {"2.jpg", noise(100_000, 2)}, {"3.jpg", noise(100_000, 3)}}
			to := []string{"a@b.example"}
			add(s, spool.Item{Sender: "a@b.example"}, to, photos...)
			if _, err := try(s, server.smarthost()); err == nil {
				t.Fatal("no error")
			}
			server.set(func(s *fakeServer) { s.size = tt.after })
			if _, err := try(s, server.smarthost()); err != nil {
				t.Fatal(err)
			}
			if got := len(server.accepted()); got != tt.want {
				t.Errorf("%d mails, want %d", got, tt.want)
			}
			wantOnce(t, server, to, photos, false)
		})
	}
}

// What went out is marked before anything else is sent: an attempt that is
// stopped then is taken up where it was.
func TestStopped(t *testing.T) {
	server := startServer(t)
	server.set(func(s *fakeServer) { s.size = 200_000 })
	s := openSpool(t)
	to := []string{"a@b.example", "c@d.example"}
	photos := []picture{{"1.jpg", noise(100_000, 1)}, {"2.jpg", noise(100_000, 2)}}
	id := add(s, spool.Item{Sender: "a@b.example"}, to, photos...)
	// The program ends while the second mail is on its way.
	ctx, cancel := context.WithCancel(t.Context())
	server.set(func(s *fakeServer) {
		s.answer = func(step, arg string) string {
			if step == "MAIL" && len(s.mails) == 1 {
				cancel()
				return hangUp
			}
			return ""
		}
	})
	var derr error
	r := spool.Runner{Spool: s.Spool, Do: func(ctx context.Context, d *spool.Delivery) error {
		derr = server.smarthost().Do(ctx, d)
		return derr
	}}
	r.Run(ctx)
	it, err := s.Get(id)
	if err != nil {
		t.Fatal(err)
	}
	job := it.Jobs[0]
	if derr == nil || job.State != spool.Waiting || job.Attempts != 0 {
		t.Errorf("stopped: got %v, job %+v", derr, job)
	}
	if got, want := fmt.Sprint(job.Marks), "map[mail 1/2 a@b.example c@d.example:250 2.0.0 queued mail plan:1 1]"; got != want {
		t.Errorf("marks: got %s, want %s", got, want)
	}
	server.set(func(s *fakeServer) { s.answer = nil })
	if _, err := try(s, server.smarthost()); err != nil {
		t.Fatal(err)
	}
	wantOnce(t, server, to, photos, false)
}

// After the last mark nothing is left to do, not even to connect.
func TestNothingLeft(t *testing.T) {
	server := startServer(t)
	s := openSpool(t)
	id := add(s, spool.Item{Sender: "a@b.example"}, []string{"A@b.example"})
	lost := errors.New("the program ended after the last mark")
	r := spool.Runner{Spool: s.Spool}
	ctx, cancel := context.WithCancel(t.Context())
	r.Idle = cancel
	r.Do = func(ctx context.Context, d *spool.Delivery) error {
		if err := server.smarthost().Do(ctx, d); err != nil {
			t.Error(err)
		}
		return lost
	}
	r.Run(ctx)
	if _, err := s.Edit(id, func(it *spool.Item) error { // the same address, for mail
		it.Jobs[0].To[0] = "a@B.example"
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	e := server.smarthost()
	e.Server.Port = closedPort(t)
	if job, err := try(s, e); err != nil || job.State != spool.Done {
		t.Errorf("got %v, job %+v", err, job)
	}
	if n := len(server.accepted()); n != 1 {
		t.Errorf("%d mails, want 1", n)
	}
}

func TestCheck(t *testing.T) {
	server := startServer(t)
	e := server.smarthost()
	if err := e.Check(t.Context()); err != nil {
		t.Error(err)
	}
	if got, want := fmt.Sprint(server.heard()), "[greeting EHLO STARTTLS EHLO AUTH MAIL RCPT RSET QUIT]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	server.set(func(s *fakeServer) { s.answer = when("AUTH", "", 0, "535 no") })
	if kind, code := kindOf(e.Check(t.Context())); kind != spool.Account || code != "login" {
		t.Errorf("got kind %v, code %s", kind, code)
	}
	// What a photo would hear at RCPT, the check hears, too.
	server.set(func(s *fakeServer) {
		s.answer = when("RCPT", "", 0, "553 5.7.1 Sender address rejected: not owned by user me")
	})
	if kind, code := kindOf(e.Check(t.Context())); kind != spool.Account || code != "sender" {
		t.Errorf("got kind %v, code %s", kind, code)
	}
	e.From = "nobody"
	if kind, code := kindOf(e.Check(t.Context())); kind != spool.Account || code != "sender" {
		t.Errorf("got kind %v, code %s", kind, code)
	}
}

// For a target that publishes, what a photo tells about its owner is blanked;
// what cannot be blanked is not sent, and the rest is.
func TestPublic(t *testing.T) {
	comment := []byte("\xff\xfe\x00\x12serial 01234567\x00")
	start, rest := []byte("\xff\xd8"), []byte("\xff\xd9")
	jpeg := slices.Concat(start, comment, rest)
	blank := slices.Concat(start, comment[:4], make([]byte, len(comment)-4), rest)
	raw := []byte("II*\x00a raw picture has its position anywhere")
	for _, public := range []bool{false, true} {
		server := startServer(t)
		s := openSpool(t)
		e := server.smarthost()
		e.Public = public
		add(s, spool.Item{Sender: "a@b.example"}, []string{"a@b.example"},
			picture{"1.jpg", jpeg}, picture{"2.srw", raw}, picture{"3.jpg", jpeg})
		job, err := try(s, e)
		var got []string
		for _, m := range server.accepted() {
			for _, f := range parse(t, m.data).files {
				switch f.sum {
				case sumOf(jpeg):
					got = append(got, f.name+" as it is")
				case sumOf(blank):
					got = append(got, f.name+" blanked")
				case sumOf(raw):
					got = append(got, f.name+" raw")
				default:
					got = append(got, f.name+" damaged")
				}
			}
		}
		want := "[1.jpg as it is 2.srw raw 3.jpg as it is]"
		if public {
			want = "[1.jpg blanked 3.jpg blanked]"
		}
		if fmt.Sprint(got) != want {
			t.Errorf("public %t: got %v, want %s", public, got, want)
		}
		kind, code := kindOf(err)
		if public && (kind != spool.Permanent || code != "private" || !bytes.HasPrefix([]byte(job.Error), []byte("2.srw: "))) || !public && err != nil {
			t.Errorf("public %t: got %v, job %+v", public, err, job)
		}
	}
}

func TestBegun(t *testing.T) {
	for step, want := range map[string]bool{planMark: false, "mail 1/2": true} {
		if got := Begun(spool.Job{Marks: map[string]string{step: "x"}}); got != want {
			t.Errorf("%q: begun is %v", step, got)
		}
	}
}
