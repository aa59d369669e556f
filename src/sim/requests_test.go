package sim

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// Every request, byte for byte. A golden file has the requests of one step one after the other, each behind a line
// of its own that begins with ####.
func TestRequests(t *testing.T) {
	files := []File{fileOf("SAM_4371.JPG", "one photo"), fileOf("SAM_4372.JPG", "another photo")}
	session := func(c Camera) Session { return Session{Camera: c, Site: "facebook", Key: "6def2af9"} }
	for _, step := range []struct {
		golden, model string
		answers       []string
		run           func(context.Context, Camera) error
	}{
		{"email-nx300", "NX300", []string{ok(succAnswer)}, func(ctx context.Context, c Camera) error {
			_, err := c.Email(ctx, Mail{To: []string{"a@example.org", "b@example.org"}, Files: files})
			return err
		}},
		{"email-st1000", "ST1000", []string{ok(timeAnswer), ok(succAnswer)}, func(ctx context.Context, c Camera) error {
			_, err := c.Email(ctx, Mail{To: []string{"a@example.org"}, Title: "Fish & <chips>", Text: "two\r\nlines", Files: files[:1]})
			return err
		}},
		{"providers-st1000", "ST1000", []string{answerOf(404, "")}, func(ctx context.Context, c Camera) error {
			_, err := c.ServiceProviders(ctx)
			return err
		}},
		{"allshare-nx300", "NX300", []string{answerOf(401, "")}, func(ctx context.Context, c Camera) error {
			_, err := c.AllShare(ctx)
			return err
		}},
		{"check-nx300", "NX300", []string{gldAnswer}, check},
		{"check-st200f", "ST200F", []string{cookie}, check},
		{"check-dv150f", "DV150F", []string{strings.ReplaceAll(cookie, ".yahoo.co.kr", ".msn.com")}, check},
		{"login-nx300", "NX300", []string{ok(loginAnswer)}, login("facebook")},
		{"login-hmx-qf30", "HMX-QF30", []string{ok(loginAnswer)}, login("facebook")},
		{"login-nxmini-flickr", "NXmini", []string{ok(loginAnswer)}, login("flickr")},
		{"photo-nx300", "NX300", []string{ok(photoAnswer), ok(succAnswer)}, func(ctx context.Context, c Camera) error {
			_, err := session(c).Photo(ctx, files[0], "Fish & chips~fish")
			return err
		}},
		{"video-nx300", "NX300", []string{ok(photoAnswer), ok(succAnswer)}, func(ctx context.Context, c Camera) error {
			video := fileOf("SAM_0001.MP4", "a video")
			video.Type = "video/mp4"
			_, err := session(c).Video(ctx, video, "")
			return err
		}},
		{"logout-nx300", "NX300", []string{ok("Logged out for real!")}, func(ctx context.Context, c Camera) error {
			_, err := session(c).Logout(ctx)
			return err
		}},
	} {
		t.Run(step.golden, func(t *testing.T) {
			f := serve(t, step.answers...)
			c := nx300(t, f)
			c.Model = model(t, step.model)
			if err := step.run(background, c); err != nil {
				t.Error(err)
			}
			got := ""
			for _, request := range f.stop() {
				got += "####\n" + request + "\n"
			}
			golden(t, filepath.Join("testdata", step.golden+".txt"), got)
		})
	}
}

func check(ctx context.Context, c Camera) error {
	_, err := c.Check(ctx)
	return err
}

func login(site string) func(context.Context, Camera) error {
	return func(ctx context.Context, c Camera) error {
		_, err := c.Login(ctx, site)
		return err
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\ngot\n%q\nwant\n%q", file, got, want)
	}
}

// Post is the whole conversation, in this order.
func TestPost(t *testing.T) {
	f := serve(t, gldAnswer, ok(loginAnswer), ok(photoAnswer), ok(succAnswer), ok(photoAnswer), ok(succAnswer), ok("bye"))
	video, err := Video{Size: 2000}.File()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nx300(t, f).Post(background, "facebook", "hello", fileOf("a.jpg", "a"), video); err != nil {
		t.Error(err)
	}
	var got []string
	for _, request := range f.stop() {
		line, _, _ := strings.Cut(request, " HTTP/")
		got = append(got, line)
	}
	want := "GET /, POST /facebook/auth, POST /facebook/photo, PUT /upload/6def2af9/1, POST /facebook/video, PUT /upload/6def2af9/1, POST /facebook/auth"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}
