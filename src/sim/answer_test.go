package sim

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestValue(t *testing.T) {
	for _, c := range []struct {
		raw, key, want string
		err            error
		why            string
	}{
		{loginAnswer, "Response SessionKey", "6def2af9e25a44c5922502227a7c193c", nil, "as the known server sends it"},
		{loginAnswer, "PersistKey Value", "", nil, "may be empty"},
		{loginAnswer, "LoginPeopleID", "Samsung NX Lover", nil, "element and attribute in one"},
		{`<Response  SessionKey="k">`, "Response SessionKey", "", ErrMissing, "two blanks"},
		{`<Response Time="1" SessionKey="k">`, "Response SessionKey", "", ErrMissing, "not the first attribute"},
		{`<response sessionkey="k">`, "Response SessionKey", "", ErrMissing, "case counts"},
		{`<Response SessionKey='k'>`, "Response SessionKey", "", ErrMissing, "single quotes"},
		{`<Response SessionKey="k`, "Response SessionKey", "", ErrMissing, "no end"},
		{`A="` + strings.Repeat("a", 511) + `"`, "A", strings.Repeat("a", 511), nil, "512 bytes with the NUL"},
		{`A="` + strings.Repeat("a", 512) + `"`, "A", "", ErrTooLong, "one more"},
	} {
		got, err := Answer{Raw: []byte(c.raw)}.Value(c.key)
		if got != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s in %.60q (%s): got %q, %v; want %q, %v", c.key, c.raw, c.why, got, err, c.want, c.err)
		}
	}
}

// Each answer meets the step that firmware would judge it by.
func TestJudgement(t *testing.T) {
	email := func(ctx context.Context, c Camera) error {
		_, err := c.Email(ctx, Mail{})
		return err
	}
	photo := func(ctx context.Context, c Camera) error {
		_, err := Session{Camera: c, Site: "picasa", Key: "k"}.Photo(ctx, fileOf("a.jpg", "a"), "")
		return err
	}
	askTime := func(ctx context.Context, c Camera) error {
		_, err := c.Time(ctx)
		return err
	}
	for _, c := range []struct {
		why     string
		run     func(context.Context, Camera) error
		answers []string
		want    error
	}{
		{"success", email, []string{ok(succAnswer)}, nil},
		{"success without a length", email, []string{"HTTP/1.0 200 OK\r\n\r\n" + succAnswer}, nil},
		{"any case of the header's name", email, []string{"HTTP/1.0 200 OK\r\ncontent-length:26\r\n\r\n" + succAnswer}, nil},
		{"refused", email, []string{answerOf(401, succAnswer)}, ErrStatus},
		{"accepted is not 200", email, []string{answerOf(202, succAnswer)}, ErrStatus},
		{"plain words", email, []string{ok("Success!")}, ErrMissing},
		{"not succ", email, []string{ok(`<Response Status="fail" />`)}, ErrMissing},
		{"plain words after a photo", photo, []string{ok(photoAnswer), ok("Success!")}, ErrMissing},
		{"session unknown", photo, []string{answerOf(401, photoAnswer)}, ErrStatus},
		{"nowhere to put it", photo, []string{ok(`<Response ResourceID="upload/1" />`)}, ErrMissing},
		{"no resource", photo, []string{ok(`<Response HostAddr="snsgw.samsungmobile.com:80" />`)}, ErrMissing},
		{"resource with a blank", photo, []string{ok(`<Response HostAddr="snsgw.samsungmobile.com:80" ResourceID="upload/a b" />`)}, ErrMissing},
		{"another server", photo, []string{ok(`<Response HostAddr="192.0.2.1:80" ResourceID="upload/1" />`)}, ErrMissing},
		{"another port", photo, []string{ok(`<Response HostAddr="snsgw.samsungmobile.com:8080" ResourceID="upload/1" />`)}, ErrMissing},
		{"login", login("picasa"), []string{ok(loginAnswer)}, nil},
		{"login refused", login("picasa"), []string{answerOf(401, loginAnswer)}, ErrStatus},
		{"no key", login("picasa"), []string{ok(strings.Replace(loginAnswer, "6def2af9e25a44c5922502227a7c193c", "", 1))}, ErrMissing},
		{"proper XML instead of LoginPeopleID", login("picasa"), []string{ok(strings.Replace(loginAnswer, `LoginPeopleID="`, `LoginPeopleID Value="`, 1))}, ErrMissing},
		{"key too long", login("picasa"), []string{ok(strings.Replace(loginAnswer, "6def", strings.Repeat("6", 600), 1))}, ErrTooLong},
		{"time", askTime, []string{ok(timeAnswer)}, nil},
		{"no time", askTime, []string{ok("<currentServerTime>now</currentServerTime>")}, ErrMissing},
	} {
		err := c.run(background, nx300(t, serve(t, c.answers...)))
		var failure *Failure
		if !errors.Is(err, c.want) || err != nil && !errors.As(err, &failure) {
			t.Errorf("%s: got %v, want %v", c.why, err, c.want)
		}
		if failure != nil && failure.Answer.Status == 0 {
			t.Errorf("%s: the failure lacks the answer", c.why)
		}
	}
}

func TestLoginKey(t *testing.T) {
	s, err := nx300(t, serve(t, ok(loginAnswer))).Login(background, "picasa")
	if err != nil || s.Key != "6def2af9e25a44c5922502227a7c193c" || s.Site != "picasa" || s.Answer.Status != 200 || !s.Answer.Closed {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestTime(t *testing.T) {
	now, err := nx300(t, serve(t, ok(timeAnswer))).Time(background)
	if err != nil || now.UnixMilli() != 1795240336177 {
		t.Errorf("got %v, %v", now, err)
	}
}

// What a person reads says who, what, why and what the camera makes of it.
func TestFailureText(t *testing.T) {
	_, err := nx300(t, serve(t, answerOf(401, ""))).Email(background, Mail{})
	want := "NX300: e-mail: wrong status: 401 instead of 200; the camera says that the e-mail could not be sent"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
