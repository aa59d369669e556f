package sim

import (
	"errors"
	"strings"
	"testing"
)

func TestCheck(t *testing.T) {
	location := func(url string) string { return strings.Replace(redirect, "http://yahoo.com", url, 1) }
	msn := func(answer string) string {
		return strings.NewReplacer(".yahoo.co.kr", ".msn.com", "yahoo.com", "msn.com").Replace(answer)
	}
	const real2013 = "HTTP/1.1 200 OK\r\nAccept-Ranges: bytes\r\nContent-type: text/html\r\nServer: nginx/0.7.65\r\nContent-length: 7\r\nConnection: close\r\n\r\n200 OK\n"
	failing := answerOf(500, "")
	for _, c := range []struct {
		why, model string
		odd        Oddities
		answers    []string
		want       error
		asked      int
	}{
		{"any 200 will do", "NX300", Oddities{}, []string{ok("hello")}, nil, 1},
		{"what Samsung answered in 2013", "NX300", Oddities{}, []string{real2013}, nil, 1},
		{"what everybody can be told", "NX300", Oddities{}, []string{gldAnswer}, nil, 1},
		{"asked three times", "NX300", Oddities{}, []string{failing, failing, failing, gldAnswer}, ErrStatus, 3},
		{"the third passes", "NX300", Oddities{}, []string{failing, failing, gldAnswer}, nil, 3},
		{"all three literals", "NXmini", Oddities{}, []string{gldAnswer}, nil, 1},
		{"newer firmware refuses the old answer", "NXmini", Oddities{}, []string{real2013, real2013, real2013}, ErrMissing, 3},
		{"case of ETag", "NXmini", Oddities{}, repeat(strings.Replace(gldAnswer, "ETag", "Etag", 1)), ErrMissing, 3},
		{"another server's name", "NXmini", Oddities{}, repeat(strings.Replace(gldAnswer, "nginx/", "nginx ", 1)), ErrMissing, 3},
		{"length with a small l", "NXmini", Oddities{}, repeat(strings.Replace(gldAnswer, "-Length", "-length", 1)), ErrMissing, 3},
		{"cookie", "ST200F", Oddities{}, []string{cookie}, nil, 1},
		{"redirect", "ST200F", Oddities{}, []string{redirect}, nil, 1},
		{"word at 11", "WB850F", Oddities{}, []string{location("http://www.yahoo.com/")}, nil, 1},
		{"word at 12", "WB850F", Oddities{}, repeat(location("https://www.yahoo.com/")), ErrMissing, 3},
		{"word elsewhere", "WB850F", Oddities{}, repeat(location("http://login.example/")), ErrMissing, 3},
		{"cookie for the host, not the domain", "ST200F", Oddities{}, repeat(strings.Replace(cookie, "=.yahoo", "=yahoo", 1)), ErrMissing, 3},
		{"header's name in another case", "ST200F", Oddities{}, repeat(strings.Replace(cookie, "Set-C", "Set-c", 1)), ErrMissing, 3},
		{"cookie for another site", "DV150F", Oddities{}, repeat(cookie), ErrMissing, 3},
		{"cookie for MSN", "DV150F", Oddities{}, []string{msn(cookie)}, nil, 1},
		{"redirect for MSN", "DV150F", Oddities{}, []string{msn(redirect)}, nil, 1},
		{"refuses the redirect", "WB37F", Oddities{}, repeat(msn(redirect)), ErrMissing, 3},
		{"alternating answers", "WB37F", Oddities{}, []string{msn(redirect), msn(cookie)}, nil, 2},
		{"a redirect with the cookie is still one", "WB37F", Oddities{}, repeat(strings.Replace(msn(cookie), "200 OK", "302 FOUND", 1)), ErrMissing, 3},
		{"wants the redirect", "ST200F", Oddities{OnlyRedirect: true}, []string{cookie, redirect}, nil, 2},
		{"wants the cookie", "ST200F", Oddities{OnlyCookie: true}, []string{redirect, cookie}, nil, 2},
		{"without an answer there is no second try", "NX300", Oddities{}, []string{"", gldAnswer}, errAny, 1},
		{"check not known", "WB150F", Oddities{}, nil, nil, 0},
	} {
		f := serve(t, c.answers...)
		cam := nx300(t, f)
		cam.Model, cam.Odd = model(t, c.model), c.odd
		_, err := cam.Check(background)
		if asked := len(f.stop()); !matches(err, c.want) || asked != c.asked {
			t.Errorf("%s (%s): got %v after %d requests; want %v after %d", c.why, c.model, err, asked, c.want, c.asked)
		}
	}
}

func repeat(answer string) []string { return []string{answer, answer, answer} }

func TestRefusesAddress(t *testing.T) {
	for _, c := range []struct {
		model, addr string
		want        bool
	}{
		{"ST1000", "192.168.8.1:80", true},
		{"SH100", "192.168.79.1:80", true},
		{"ST1000", "10.23.42.99:80", false},
		{"ST1000", "192.169.8.1:80", false},
		{"NX300", "192.168.8.1:80", false},
	} {
		if got := refusesAddress(model(t, c.model), c.addr); got != c.want {
			t.Errorf("%s at %s: got %v, want %v", c.model, c.addr, got, c.want)
		}
	}
	_, err := Camera{Model: model(t, "ST1000")}.verdict("e-mail", "", Answer{}, ErrAddress)
	if !strings.Contains(err.Error(), "Certification is needed") {
		t.Errorf("got %v, want what the ST1000's display said", err)
	}
}

// A model refuses what it has no menu for, before it sends anything.
func TestServices(t *testing.T) {
	f := serve(t)
	nx3000, nx500, nxmini := nx300(t, f), nx300(t, f), nx300(t, f)
	nx3000.Model, nx500.Model, nxmini.Model = model(t, "NX3000"), model(t, "NX500"), model(t, "NXmini")
	_, email := nx3000.Email(background, Mail{})
	_, login := nx500.Login(background, "facebook")
	_, photo := Session{Camera: nx500}.Photo(background, File{}, "")
	_, video := Session{Camera: nxmini}.Video(background, File{}, "")
	for what, err := range map[string]error{"e-mail by NX3000": email, "login by NX500": login, "photo by NX500": photo, "video by NX mini": video} {
		if !errors.Is(err, ErrModel) {
			t.Errorf("%s: got %v, want %v", what, err, ErrModel)
		}
	}
	if n := len(f.stop()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
