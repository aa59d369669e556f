package email

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"snsbridge/src/spool"
)

// clockwork is a clock that can be set, and an uptime that cannot.
type clockwork struct {
	clock  time.Time
	uptime time.Duration
}

func (c *clockwork) pass(d time.Duration) { c.clock, c.uptime = c.clock.Add(d), c.uptime+d }

// quota starts the program, which then finds what earlier runs left.
func (c *clockwork) quota(path string, perDay int) *Quota {
	return &Quota{Path: path, PerDay: perDay, now: func() time.Time { return c.clock }, uptime: func() time.Duration { return c.uptime }}
}

func TestQuota(t *testing.T) {
	in2026 := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	type step struct {
		why     string
		pass    time.Duration // of clock and uptime
		jump    time.Duration // of the clock alone
		restart bool
		take    int
		refused bool
	}
	const year = 365 * 24 * time.Hour
	tests := []struct {
		name  string
		start time.Time
		steps []step
	}{
		{"a day", in2026, []step{
			{why: "all at once", take: 10},
			{why: "used up", take: 1, refused: true},
			{why: "nearly a day", pass: dayLength - time.Second, take: 1, refused: true},
			{why: "a day", pass: time.Second, take: 10},
			{why: "used up again", take: 1, refused: true},
		}},
		{"restarts", in2026, []step{
			{why: "some", take: 6},
			{why: "the rest, counted on", restart: true, take: 4},
			{why: "used up", restart: true, take: 1, refused: true},
			{why: "a day later, switched off in between", jump: 25 * time.Hour, restart: true, take: 10},
			{why: "used up", restart: true, take: 1, refused: true},
		}},
		{"the clock is set", time.Unix(0, 0), []step{
			{why: "before", take: 10},
			{why: "1970 to 2026 is a day at most", jump: 56 * year, take: 10},
			{why: "and one only", take: 1, refused: true},
			{why: "the next boot begins in 1970", jump: -56 * year, restart: true, take: 1, refused: true},
			{why: "the clock is set, and little time has passed", jump: 56 * year, take: 1, refused: true},
		}},
		{"the clock goes back", in2026, []step{
			{why: "used up", take: 10},
			{why: "a year", jump: -year, take: 1, refused: true},
			{why: "a restart", restart: true, take: 1, refused: true},
			{why: "a day of uptime", pass: dayLength, take: 10},
		}},
		{"somebody plays with the clock", in2026, []step{
			{why: "used up", take: 10},
			{why: "believed once", jump: dayLength, take: 10},
			{why: "not twice", jump: dayLength, take: 1, refused: true},
			{why: "nor backwards", jump: -year, take: 1, refused: true},
			{why: "nor by a year", jump: 10 * year, take: 1, refused: true},
			{why: "a real day", pass: dayLength, take: 10},
		}},
		{"the clock was far ahead once, and the router runs hours a day", in2026.Add(50 * year), []step{
			{why: "used up", take: 10},
			{why: "first evening", jump: -50 * year, restart: true, pass: 10 * time.Hour, take: 1, refused: true},
			{why: "second evening", jump: 14 * time.Hour, restart: true, pass: 10 * time.Hour, take: 1, refused: true},
			{why: "third evening", jump: 14 * time.Hour, restart: true, pass: 4 * time.Hour, take: 10},
		}},
		{"too many at once", in2026, []step{
			{why: "the last ones", take: 8},
			{why: "not all of them", take: 3, refused: true},
			{why: "but these", take: 2},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "mails")
			c := &clockwork{clock: tt.start}
			q := c.quota(path, 10)
			for _, s := range tt.steps {
				c.clock = c.clock.Add(s.jump)
				if s.restart {
					c.uptime = 0
					q = c.quota(path, 10)
				}
				q.Used() // looks, and changes nothing
				c.pass(s.pass)
				before := q.Used()
				err := q.Take(s.take)
				var e *spool.Error
				switch {
				case !s.refused && err != nil:
					t.Errorf("%s: %v", s.why, err)
				case !s.refused && q.Used() != before+s.take:
					t.Errorf("%s: %d used, %d before", s.why, q.Used(), before)
				case s.refused && (!errors.As(err, &e) || e.Kind != spool.Temporary || e.After <= 0 || e.After > dayLength || q.Used() != before):
					t.Errorf("%s: got %#v", s.why, err)
				}
			}
		})
	}
}

// A count that cannot be kept is not given: a restart would forget it.
func TestQuotaNoDisk(t *testing.T) {
	q := &Quota{Path: filepath.Join(t.TempDir(), "missing", "mails"), PerDay: 2}
	if err := q.Take(1); err == nil || q.Used() != 0 {
		t.Errorf("got %v, %d used", err, q.Used())
	}
}

func TestQuotaDamaged(t *testing.T) {
	for _, content := range []string{"", "{", "null", `{"used":-5}`, `{"used":1e99}`, `{"used":0,"ran":-99999999999999}`} {
		path := filepath.Join(t.TempDir(), "mails")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		q := &Quota{Path: path, PerDay: 2}
		if err := q.Take(2); err != nil {
			t.Errorf("%q: %v", content, err)
		}
		if err := q.Take(1); err == nil {
			t.Errorf("%q: three of two", content)
		}
	}
}

// Mails count for each recipient that got one; what was not mailed does not.
func TestQuotaOfRecipients(t *testing.T) {
	server := startServer(t)
	s := openSpool(t)
	e := server.smarthost()
	e.Quota = &Quota{Path: filepath.Join(t.TempDir(), "mails"), PerDay: 3}
	both := []string{"a@b.example", "c@d.example"}

	server.set(func(s *fakeServer) { s.answer = when("RCPT", "c@d.example", 0, "450 later") })
	add(s, spool.Item{Sender: "a@b.example"}, both)
	for range 3 {
		if _, err := try(s, e); err == nil || e.Quota.Used() != 1 {
			t.Errorf("one of two: got %v, %d used, want 1", err, e.Quota.Used())
		}
	}
	server.set(func(s *fakeServer) { s.answer = when("message", "", 0, "451 later") })
	if _, err := try(s, e); err == nil || e.Quota.Used() != 1 {
		t.Errorf("not accepted: got %v, %d used, want 1", err, e.Quota.Used())
	}
	server.set(func(s *fakeServer) { s.answer = when("message", "", 0, hangUp) })
	if _, err := try(s, e); err == nil || e.Quota.Used() != 2 {
		t.Errorf("a lost answer: got %v, %d used, want 2", err, e.Quota.Used())
	}
	server.set(func(s *fakeServer) { s.answer = nil })
	if job, err := try(s, e); err != nil || job.State != spool.Done || e.Quota.Used() != 3 {
		t.Errorf("got %v, %d used, want 3", err, e.Quota.Used())
	}
	add(s, spool.Item{Sender: "a@b.example"}, both[:1])
	job, err := try(s, e)
	var se *spool.Error
	if !errors.As(err, &se) || se.Code != "quota" || se.After < 23*time.Hour || job.State != spool.Waiting || job.Hint == "" {
		t.Errorf("used up: got %#v, job %+v", err, job)
	}
	if n := len(server.accepted()); n != 2 {
		t.Errorf("%d mails, want 2", n)
	}
}

// A message counts once, however many recipients it has, and not at all if the
// server does not take it.
func TestQuotaCountsMessages(t *testing.T) {
	server := startServer(t)
	s := openSpool(t)
	e := server.smarthost()
	e.Quota = &Quota{Path: filepath.Join(t.TempDir(), "quota"), PerDay: 2}
	to := []string{"a@b.example", "c@d.example", "e@f.example"}
	add(s, spool.Item{Sender: "a@b.example"}, to)
	if _, err := try(s, e); err != nil || e.Quota.Used() != 1 {
		t.Errorf("got %v, %d counted", err, e.Quota.Used())
	}
	server.set(func(s *fakeServer) { s.answer = when("RCPT", "", 0, "550 5.1.1 no such user") })
	add(s, spool.Item{Sender: "a@b.example"}, to)
	if _, err := try(s, e); err == nil || e.Quota.Used() != 1 {
		t.Errorf("refused: got %v, %d counted", err, e.Quota.Used())
	}
}
