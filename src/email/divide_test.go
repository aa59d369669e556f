package email

import (
	"fmt"
	"strings"
	"testing"

	"snsbridge/src/spool"
)

// takes lets a server refuse mails of more than so many bytes once it has them,
// whatever it announces. Of the mails before the first that is refused, and
// after, fails is one that is refused for now.
func takes(server *fakeServer, most int64, fails int) {
	n := 0
	server.set(func(s *fakeServer) {
		s.size = 100 << 20
		s.answer = func(step, _ string) string {
			if step != "message" {
				return ""
			}
			if n++; n == fails {
				return "451 4.3.0 later"
			}
			if s.sized > most {
				return "552 5.3.4 Message size exceeds fixed limit"
			}
			return ""
		}
	})
}

// TestTogetherTooLarge has five photos that the server takes alone, and not in
// one mail, although it announces more. Each arrives once, whichever mail fails
// for a while, with a new program in between.
func TestTogetherTooLarge(t *testing.T) {
	var photos []picture
	for i := range 5 {
		photos = append(photos, picture{fmt.Sprint(i+1, ".jpg"), noise(100_000, byte(i))})
	}
	to := []string{"a@b.example", "c@d.example"}
	for _, most := range []int64{150_000, 300_000, 450_000} {
		for fails := range 8 {
			t.Run(fmt.Sprintf("%d bytes, the mail %d waits", most, fails), func(t *testing.T) {
				server := startServer(t)
				takes(server, most, fails)
				s := openSpool(t)
				add(s, spool.Item{Sender: "a@b.example"}, to, photos...)
				for range 3 {
					if job, err := try(s, server.smarthost()); err == nil || job.State != spool.Waiting {
						if err != nil {
							t.Fatal(job, err)
						}
						break
					}
				}
				wantOnce(t, server, to, photos, false)
			})
		}
	}
}

// TestPlan reads and writes plans.
func TestPlan(t *testing.T) {
	p := plan{{2}, {1, 1}, {3}}
	if got := p.String(); got != "2 1+1 3" {
		t.Errorf("the plan is %q", got)
	}
	var steps []string
	for _, part := range p.parts() {
		steps = append(steps, fmt.Sprintf("%d/%d %s", part.n, part.of, part.step()))
	}
	if got := strings.Join(steps, ", "); got != "1/4 mail 1/3, 2/4 mail #3-3, 3/4 mail #4-4, 4/4 mail 3/3" {
		t.Errorf("the parts are %s", got)
	}
	for step, want := range map[string]bool{
		"mail #3-3 a@b.example": true, "mail #3-4 a@b.example": true, "mail 2/3 a@b.example": true, "mail #4-4 a@b.example": false,
		"mail 1/3 a@b.example": false, "mail plan": false, "mail #x-4 a@b.example": false,
	} {
		if list, ok := p.parts()[1].within(step); ok != want || ok && list != "a@b.example" {
			t.Errorf("%q: %q, %v, want %v", step, list, ok, want)
		}
	}
}

// TestAloneTooLarge has a photo that the server does not take alone: it is
// given up, and the others go out.
func TestAloneTooLarge(t *testing.T) {
	server := startServer(t)
	takes(server, 150_000, 0)
	s := openSpool(t)
	photos := []picture{{"1.jpg", noise(100_000, 1)}, {"2.jpg", noise(200_000, 2)}, {"3.jpg", noise(100_000, 3)}}
	add(s, spool.Item{Sender: "a@b.example"}, []string{"a@b.example"}, photos...)
	job, err := try(s, server.smarthost())
	if kind, code := kindOf(err); kind != spool.Permanent || code != "too-large" || job.State != spool.Failed || !strings.HasPrefix(job.Error, "2.jpg: ") {
		t.Errorf("%v, %s, %+v", err, code, job)
	}
	wantOnce(t, server, []string{"a@b.example"}, []picture{photos[0], photos[2]}, false)
}
