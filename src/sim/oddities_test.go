package sim

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

func TestEndings(t *testing.T) {
	const delimiter = "\r\n-----------------------------7d93b9550d4a"
	for _, c := range []struct {
		odd  Oddities
		want string
	}{
		{Oddities{}, delimiter + "\r\n"},
		{Oddities{Ending: EndDelimiter}, delimiter},
		{Oddities{Ending: EndClosed}, delimiter + "--"},
		{Oddities{Ending: EndClosedLine}, delimiter + "--\r\n"},
		{Oddities{Ending: EndNone}, ""},
		{Oddities{Ending: EndPrefix}, ""},
		{Oddities{Ending: EndPrefix, PrefixLen: 1}, "\r"},
		{Oddities{Ending: EndPrefix, PrefixLen: 35}, delimiter[:35]},
		{Oddities{Ending: EndPrefix, PrefixLen: 43}, delimiter},
		{Oddities{Ending: EndPrefix, PrefixLen: 99}, delimiter},
		{Oddities{Ending: EndPrefix, PrefixLen: -1}, ""},
	} {
		request := emailBy(t, c.odd, "photo")
		if _, got, _ := strings.Cut(request, "photo"); got != c.want {
			t.Errorf("%d, %d: got %q, want %q", c.odd.Ending, c.odd.PrefixLen, got, c.want)
		}
		if announced, sent := lengths(t, request); announced != sent {
			t.Errorf("%d, %d: announced %d, sent %d", c.odd.Ending, c.odd.PrefixLen, announced, sent)
		}
	}
}

func TestShort(t *testing.T) {
	for _, c := range []struct {
		short       Short
		files, want int
		why         string
	}{
		{ShortNone, 1, 0, ""},
		{ShortPhotos, 1, 4, "photos only"},
		{ShortParts, 1, 8, "as captured"},
		{ShortParts, 2, 12, "one more photo"},
		{ShortParts, 10, 44, "more than line end and delimiter: the last photo is hit"},
		{ShortDelimiters, 1, 12, "message, photo, end"},
	} {
		announced, sent := lengths(t, emailBy(t, Oddities{Short: c.short}, make([]string, c.files)...))
		if sent-announced != c.want {
			t.Errorf("%d for %d files (%s): got %d, want %d", c.short, c.files, c.why, sent-announced, c.want)
		}
	}
	extra := emailBy(t, Oddities{Extra: "\r\n\r\n!"}, "a")
	if announced, sent := lengths(t, extra); sent-announced != 5 || !strings.HasSuffix(extra, "7d93b9550d4a\r\n\r\n\r\n!") {
		t.Errorf("extra: %d bytes too many in %q", sent-announced, extra)
	}
}

func emailBy(t *testing.T, odd Oddities, contents ...string) string {
	t.Helper()
	f := serve(t, ok(succAnswer))
	cam := nx300(t, f)
	cam.Odd = odd
	mail := Mail{To: []string{"a&b@example.org"}, Title: "A & B", Text: "<3"}
	for i, content := range contents {
		mail.Files = append(mail.Files, fileOf(fmt.Sprintf("SAM_%04d.JPG", i), content))
	}
	if _, err := cam.Email(background, mail); err != nil {
		t.Errorf("%+v: %v", odd, err)
	}
	return f.stop()[0]
}

func lengths(t *testing.T, request string) (announced, sent int) {
	t.Helper()
	head, body, _ := strings.Cut(request, "\r\n\r\n")
	_, length, _ := strings.Cut(head, "\r\nContent-Length: ")
	if _, err := fmt.Sscan(length, &announced); err != nil {
		t.Errorf("%q: %v", head, err)
	}
	return announced, len(body)
}

// What an oddity puts into the requests, and what it takes away.
func TestOddities(t *testing.T) {
	steps := map[string]func(context.Context, Camera) error{
		"check": check,
		"email": func(ctx context.Context, c Camera) error {
			_, err := c.Email(ctx, Mail{To: []string{"a&b@example.org"}, Title: "A & B", Text: "<3", Files: []File{fileOf("a.jpg", "a")}})
			return err
		},
		"upload": func(ctx context.Context, c Camera) error {
			_, err := c.Post(ctx, "facebook", "A & B", fileOf("a.jpg", "a"))
			return err
		},
	}
	for _, c := range []struct {
		why           string
		odd           Oddities
		step          string
		with, without string // in all requests taken together
	}{
		{"absolute e-mail", Oddities{Absolute: true}, "email", "POST http://www.ospserver.net/social/columbus/email?DUID=123456789033  HTTP/1.0\r\n", "POST /"},
		{"absolute check", Oddities{Absolute: true}, "check", "GET http://gld.samsungosp.com/ HTTP/1.1\r\n", "GET /"},
		{"absolute upload", Oddities{Absolute: true}, "upload", "PUT http://snsgw.samsungmobile.com/upload/6def2af9/1 HTTP/1.1\r\n", "PUT /"},
		{"slash at login", Oddities{TrailingSlash: true}, "upload", "POST /facebook/auth/ HTTP", "/facebook/auth "},
		{"slash at photo", Oddities{TrailingSlash: true}, "upload", "POST /facebook/photo/ HTTP", "/upload/6def2af9/1/"},
		{"upper case", Oddities{HostUpper: true}, "check", "\r\nHost: GLD.SAMSUNGOSP.COM\r\n", "gld"},
		{"port", Oddities{HostPort: true}, "email", "\r\nHost: www.ospserver.net:80\r\n", "net\r\n"},
		{"both", Oddities{HostUpper: true, HostPort: true}, "upload", "\r\nHost: SNSGW.SAMSUNGMOBILE.COM:80\r\n", "snsgw"},
		{"no host", Oddities{NoHost: true}, "check", "GET / HTTP/1.1\r\n\r\n", "Host"},
		{"e-mail by 1.1", Oddities{EmailHTTP11: true}, "email", "  HTTP/1.1\r\n", "HTTP/1.0"},
		{"post", Oddities{PostUpload: true}, "upload", "POST /upload/6def2af9/1 HTTP/1.1\r\n", "PUT"},
		{"plain", Oddities{PlainLogin: true}, "upload", `<UserName Value="x"/><Password Value="z"/>`, "CameraCryptKey"},
		{"file type of an upload", Oddities{ContentType: "image/pjpeg"}, "upload", "\r\nContent-Type: image/pjpeg\r\n", "image/jpeg"},
		{"file type in an e-mail", Oddities{ContentType: "image/pjpeg"}, "email", "\r\ncontent-Type: image/pjpeg;\r\n", "content-Type: image/jpeg;"},
		{"name", Oddities{SenderName: "Me"}, "email", "<sender>Me &lt;Camera@samsungcamera.com&gt;</sender>", "<Camera@"},
		{"raw e-mail", Oddities{RawText: true}, "email", "<receiver>a&b@example.org</receiver></receiverList><title>A & B</title><body><3\r\nlanguage_sh100_utf8</body>", "CDATA"},
		{"raw name", Oddities{RawText: true, SenderName: "Me"}, "email", "<sender>Me <Camera@samsungcamera.com></sender>", "&lt;"},
		{"raw upload", Oddities{RawText: true}, "upload", "<Content>A & B</Content>", "<Content>A &amp; B</Content>"},
		{"empty e-mail", Oddities{EmptyElements: true}, "email", "</receiverList><title/><body/></email>", "language"},
		{"empty upload", Oddities{EmptyElements: true}, "upload", "<Content/></Photo>", "<Content>"},
		{"charset", Oddities{Charset: "EUC-KR"}, "email", "<?xml version=\"1.0\" encoding=\"EUC-KR\"?>\r\n<email>", "utf8"},
		{"charset's tag", Oddities{Charset: "EUC-KR"}, "email", "\r\nlanguage_sh100_euckr]]></body>", "UTF-8"},
		{"charset of uploads", Oddities{Charset: "EUC-KR"}, "upload", "encoding=\"EUC-KR\"?>\n<Request Method=\"upload\"", "encoding=\"UTF-8\"?>\n<Request Method=\"upload\""},
		{"extra", Oddities{Extra: "\r\n\r\n"}, "upload", "Content-Length: 1\r\n\r\na\r\n\r\n#", "GET / HTTP/1.1\r\nHost: gld.samsungosp.com\r\n\r\n\r\n"},
	} {
		answers := []string{ok(succAnswer)}
		if c.step == "upload" {
			answers = []string{gldAnswer, ok(loginAnswer), ok(photoAnswer), ok(succAnswer), ok("bye")}
		}
		f := serve(t, answers...)
		cam := nx300(t, f)
		cam.Odd = c.odd
		if err := steps[c.step](background, cam); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		got := strings.Join(f.stop(), "#") + "#"
		if !strings.Contains(got, c.with) || strings.Contains(got, c.without) {
			t.Errorf("%s: want %q and no %q in\n%s", c.why, c.with, c.without, got)
		}
	}
}

// The first login is empty; whatever the answer, the second is not.
func TestEmptyLogin(t *testing.T) {
	f := serve(t, answerOf(400, "<Response ErrCode=\"400\" ErrSubCode=\"0\" />"), ok(loginAnswer))
	cam := nx300(t, f)
	cam.Odd.EmptyLogin = true
	if _, err := cam.Login(background, "facebook"); err != nil {
		t.Error(err)
	}
	requests := f.stop()
	want := "POST /facebook/auth HTTP/1.1\r\nHost: snsgw.samsungmobile.com\r\nContent-Length: 0\r\n\r\n"
	if len(requests) != 2 || requests[0] != want || !strings.Contains(requests[1], "<UserName") {
		t.Errorf("got %q", requests)
	}

	cam = nx300(t, serve(t, "", ok(loginAnswer)))
	cam.Odd.EmptyLogin = true
	if _, err := cam.Login(background, "facebook"); err == nil {
		t.Error("no answer to the empty login: want an error")
	}
}
