package sns

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snsbridge/src/spool"
)

// Parts of an e-mail as an NX300 sends it: published in the wiki of
// samsung-nx-hacks, with what was blacked out there filled in.
const (
	emailHead = "POST /social/columbus/email?DUID=123456789033  HTTP/1.0\r\n" +
		"Authorization:OAuth oauth_consumer_key=\"censored\",oauth_nonce=\"censored\",oauth_signature=\"censored=\",oauth_signature_method=\"HmacSHA1\",oauth_timestamp=\"9717886885\",oauth_version=\"1.0\"\r\n" +
		"x-osp-version:v1\r\n" +
		"User-Agent: sdeClient\r\n" +
		"Content-Type: multipart/form-data; boundary=---------------------------7d93b9550d4a\r\n" +
		"Accept: image/gif, image/x-xbitmap, image/jpeg, image/pjpeg, application/x-shockwave-flash, application/vnd.ms-excel, application/vnd.ms-powerpoint, application/msword, */*\r\n" +
		"Pragma: no-cache\r\n" +
		"Accept-Language: ko\r\n" +
		"User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1; Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1) ; .NET CLR 1.1.4322; InfoPath.2; .NET CLR 2.0.50727)\r\n" +
		"Host: www.ospserver.net\r\n" +
		"Content-Length: %d\r\n\r\n"
	delimiter   = "\r\n-----------------------------7d93b9550d4a"
	messageHead = "content-disposition: form-data; name=\"message\"; fileName=\"sample.txt\"\r\ncontent-Type: multipart/form-data;\r\n\r\n"
	photoHead   = "\r\ncontent-disposition: form-data; name=\"binary\"; fileName=\"%s\"\r\ncontent-Type: image/jpeg;\r\n\r\n"
	message     = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<email><sender>Camera@samsungcamera.com</sender><receiverList><receiver>me@example.org</receiver></receiverList>` +
		`<title><![CDATA[[Samsung Smart Camera] sent you files.]]></title><body><![CDATA[Sent from Samsung Camera.` + "\n" +
		`language_sh100_utf8]]></body></email>` + "\r\n"
	defaultTitle = "[Samsung Smart Camera] sent you files."
	defaultText  = "Sent from Samsung Camera."
)

// email builds the request of an e-mail. Length is added to what
// Content-Length says, end is what stands behind the last photo.
func email(message string, names, photos []string, length int, end string) string {
	var b strings.Builder
	b.WriteString(delimiter[2:] + "\r\n" + messageHead + message)
	for i, p := range photos {
		fmt.Fprintf(&b, delimiter+photoHead, names[i])
		b.WriteString(p)
	}
	b.WriteString(end)
	return fmt.Sprintf(emailHead, b.Len()+length) + b.String()
}

func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("SAM_%04d.JPG", 4371+i)
	}
	return list
}

func photos(n, size int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = jpeg(i, size)
	}
	return list
}

// TestEmailEndings has every end of body and error of length that is known or
// thinkable: each must give whole photos.
func TestEmailEndings(t *testing.T) {
	for _, c := range []struct {
		name   string
		photos int
		length int
		end    string
	}{
		{"as captured: delimiter and line end", 1, 0, delimiter + "\r\n"},
		{"an empty line behind the last delimiter", 1, 0, delimiter + "\r\n\r\n"},
		{"two of them, two photos", 2, 0, delimiter + "\r\n\r\n\r\n"},
		{"delimiter only: the Flask implementation loses the last photo", 1, 0, delimiter},
		{"proper terminator", 1, 0, delimiter + "--\r\n"},
		{"proper terminator without line end", 2, 0, delimiter + "--"},
		{"half of a delimiter", 1, 0, delimiter[:20]},
		{"one byte of a delimiter", 1, 0, "\r"},
		{"no end at all", 1, 0, ""},
		{"as captured: 8 bytes short with one photo", 1, -8, delimiter + "\r\n"},
		{"12 bytes short with two", 2, -12, delimiter + "\r\n"},
		{"4 bytes a photo short", 10, -40, delimiter + "\r\n"},
		{"4 bytes a part short: the end of the last photo is outside", 10, -44, delimiter + "\r\n"},
		{"4 bytes a delimiter short", 10, -48, delimiter + "\r\n"},
		{"20 photos, 4 bytes a part short", 20, -84, delimiter + "\r\n"},
		{"20 photos, no line end behind the delimiter", 20, -84, delimiter},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBridge(t)
			ns, ps := names(c.photos), photos(c.photos, 5000)
			b.want(b.say(nx300, email(message, ns, ps, c.length, c.end)), "200", `<Response Status="succ" />`)
			items := b.items()
			if len(items) != 1 || len(items[0].Files) != c.photos {
				t.Fatalf("%d items, want one with %d files\n%s", len(items), c.photos, b.log)
			}
			for i := range ps {
				if got := b.content(items[0], i); got != ps[i] {
					t.Errorf("photo %d: %d bytes that differ from the %d sent", i, len(got), len(ps[i]))
				}
				if got := items[0].Files[i].Name; got != ns[i] {
					t.Errorf("photo %d is called %q, want %q", i, got, ns[i])
				}
			}
			it := items[0]
			if it.Title != defaultTitle || it.Text != defaultText || it.Sender != "Camera@samsungcamera.com" || it.Jobs[0].To[0] != "me@example.org" {
				t.Errorf("title %q, text %q, sender %q, jobs %+v", it.Title, it.Text, it.Sender, it.Jobs)
			}
		})
	}
}

// TestEmailCutShort shows that no camera hears success for a photo that is
// not whole.
func TestEmailCutShort(t *testing.T) {
	whole := email(message, names(2), photos(2, 5000), 0, delimiter+"\r\n")
	short := jpeg(1, 5000)
	for _, c := range []struct{ name, request string }{
		{"the camera hangs up within a photo", whole[:len(whole)-3000]},
		{"within the first photo", whole[:len(whole)-7000]},
		{"a photo without its end, and no delimiter", email(message, names(1), []string{short[:len(short)-2]}, 0, "")},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBridge(t)
			got := b.sayAndHangUp(nx300, c.request)
			if !strings.Contains(got, `<Response ErrCode="`) || strings.Contains(got, "succ") {
				t.Errorf("answer %q, want an error", got)
			}
			if n := len(b.items()); n != 0 {
				t.Errorf("%d items, want none", n)
			}
			if left, _ := os.ReadDir(filepath.Join(b.dir, "tmp")); len(left) > 0 {
				t.Errorf("left in tmp: %v", left)
			}
		})
	}
}

// TestEmailText has what users and firmware put where XML should be.
func TestEmailText(t *testing.T) {
	xml := func(sender, receivers, title, body string) string {
		return `<?xml version="1.0" encoding="UTF-8"?><email>` + sender + "<receiverList>" + receivers + "</receiverList>" + title + body + "</email>"
	}
	const from, to, title, body = "<sender>a@b.c</sender>", "<receiver>d@e.f</receiver>", "<title>t</title>", "<body>x</body>"
	for _, c := range []struct {
		name, message           string
		sender, title, text, to string
	}{
		{"empty elements: the Flask implementation dies", xml(from, to, "<title/>", "<body></body>"), "a@b.c", "", "", "d@e.f"},
		{"missing elements", xml(from, to, "", ""), "a@b.c", "", "", "d@e.f"},
		{"bare & in a text: the Flask implementation dies", xml(from, to, "<title>Tom & Jerry</title>", "<body>a && b</body>"), "a@b.c", "Tom & Jerry", "a && b", "d@e.f"},
		{"entities", xml(from, to, "<title>a &lt; b &amp; c &#233;</title>", body), "a@b.c", "a < b & c é", "x", "d@e.f"},
		{"entities stay in CDATA", xml(from, to, "<title><![CDATA[a &lt; b]]></title>", body), "a@b.c", "a &lt; b", "x", "d@e.f"},
		{"tags in CDATA", xml(from, to, "<title><![CDATA[</title><receiver>x@y.z</receiver>]]></title>", body), "a@b.c", "</title><receiver>x@y.z</receiver>", "x", "d@e.f"},
		{"display name in the sender", xml("<sender>My camera <a@b.c></sender>", to, title, body), "My camera <a@b.c>", "t", "x", "d@e.f"},
		{"display name, escaped", xml("<sender>My camera &lt;a@b.c&gt;</sender>", to, title, body), "My camera <a@b.c>", "t", "x", "d@e.f"},
		{"several recipients", xml(from, to+"<receiver>g@h.i</receiver>", title, body), "a@b.c", "t", "x", "d@e.f,g@h.i"},
		{"a recipient that is not an address fails by itself", xml(from, "<receiver>x @example.org</receiver>"+to+"<receiver>|/bin/sh</receiver>", title, body), "a@b.c", "t", "x", "d@e.f,x @example.org,|/bin/sh"},
		{"an empty recipient is left out", xml(from, "<receiver> </receiver>"+to, title, body), "a@b.c", "t", "x", "d@e.f"},
		{"a recipient of 5,000 bytes is cut", xml(from, "<receiver>"+strings.Repeat("x", 5000)+"@y.z</receiver>"+to, title, body), "a@b.c", "t", "x", "d@e.f," + strings.Repeat("x", addressMax)},
		{"line breaks in a recipient", xml(from, "<receiver>d@e.f\r\nBcc: x@y.z</receiver>"+to, title, body), "a@b.c", "t", "x", "d@e.f,d@e.f  Bcc: x@y.z"},
		{"language line with CRLF", xml(from, to, title, "<body><![CDATA[Hi\r\nlanguage_sh100_utf8]]></body>"), "a@b.c", "t", "Hi", "d@e.f"},
		{"another language tag", xml(from, to, title, "<body><![CDATA[Hi\nlanguage_sh100_euckr\n]]></body>"), "a@b.c", "t", "Hi", "d@e.f"},
		{"words like a language line in a text stay", xml(from, to, title, "<body>language_sh100_ is a tag</body>"), "a@b.c", "t", "language_sh100_ is a tag", "d@e.f"},
		{"line breaks in a title", xml(from, to, "<title>a\r\nBcc: x@y.z</title>", body), "a@b.c", "a  Bcc: x@y.z", "x", "d@e.f"},
		{"text is never closed", xml(from, to, title, "<body>x"), "a@b.c", "t", "x", "d@e.f"},
		{"bytes that are no UTF-8", xml(from, to, "<title>\xb0\xa1</title>", body), "a@b.c", "\uFFFD", "x", "d@e.f"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBridge(t)
			b.want(b.say(nx300, email(c.message, names(1), photos(1, 100), 0, delimiter+"\r\n")), "200", success)
			items := b.items()
			if len(items) != 1 {
				t.Fatalf("%d items", len(items))
			}
			it := items[0]
			got := strings.Join(it.Jobs[0].To, ",")
			if it.Sender != c.sender || it.Title != c.title || it.Text != c.text || got != c.to {
				t.Errorf("got  %q, %q, %q, %q\nwant %q, %q, %q, %q", it.Sender, it.Title, it.Text, got, c.sender, c.title, c.text, c.to)
			}
		})
	}
}

// TestEmailRefused has what must not be taken, with the answer that a camera
// can parse: no HTML, no silent success.
func TestEmailRefused(t *testing.T) {
	valid := email(message, names(1), photos(1, 100), 0, delimiter+"\r\n")
	_, body, _ := strings.Cut(valid, "\r\n\r\n")
	receivers := strings.Repeat("<receiver>a@b.c</receiver>", 2000)
	for _, c := range []struct{ name, request, status, code string }{
		{"sender who is not in the list", strings.Replace(valid, "Camera@samsungcamera.com", "Stranger@samsungcamera.co", 1), "401", "401"},
		{"recipient who is not in the list", strings.Replace(valid, "me@example.org", "me@example.net", 1), "401", "401"},
		{"no recipient: the Flask implementation says success", strings.Replace(valid, "<receiver>me@example.org</receiver>", strings.Repeat(" ", 35), 1), "400", "400"},
		{"2,000 recipients", email(strings.Replace(message, "<receiver>", receivers+"<receiver>", 1), names(1), photos(1, 100), 0, delimiter), "400", "400"},
		{"no message part", strings.Replace(valid, `name="message"; fileName="sample.txt"`, `name="binary"; fileName="sample.txt" `, 1), "400", "400"},
		{"no photo", email(message, nil, nil, 0, delimiter+"\r\n"), "400", "400"},
		{"an empty photo", email(message, names(1), []string{""}, 0, delimiter+"\r\n"), "400", "400"},
		{"empty body", fmt.Sprintf(emailHead, 0), "400", "400"},
		{"list length", strings.Replace(valid, "Content-Length: ", "Content-Lemgth: ", 1), "411", "411"},
		{"a length of 1 TB", fmt.Sprintf(emailHead, int64(1)<<40) + body, "413", "413"},
		{"a text of 300 KiB", email(message+strings.Repeat(" ", 300<<10), names(1), photos(1, 100), 0, delimiter), "413", "413"},
		{"no multipart at all", fmt.Sprintf(emailHead, 5) + "hello", "400", "400"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBridge(t)
			b.Sender = func(a string) bool { return strings.EqualFold(a, "camera@samsungcamera.com") }
			b.Recipient = func(a string) bool { return strings.HasSuffix(a, "@example.org") || a == "a@b.c" }
			got := b.sayAndHangUp(nx300, c.request)
			status, body := split(got)
			if !strings.HasPrefix(status, c.status) || !strings.HasPrefix(body, `<Response ErrCode="`+c.code+`" ErrSubCode="0" />`) {
				t.Errorf("answer %q, want %s and code %s\n%s", got, c.status, c.code, b.log)
			}
			if n := len(b.items()); n != 0 {
				t.Errorf("%d items, want none", n)
			}
			if left, _ := os.ReadDir(filepath.Join(b.dir, "tmp")); len(left) > 0 {
				t.Errorf("left in tmp: %v", left)
			}
			if !strings.Contains(b.log.String(), "msg=refused client=127.0.0.2") {
				t.Errorf("no log line tells of it:\n%s", b.log)
			}
		})
	}
}

// TestEmailNames has file names that must not become paths, and must not make
// a camera fail.
func TestEmailNames(t *testing.T) {
	for _, c := range []struct{ name, sent, want string }{
		{"path", "../../etc/passwd", "passwd"},
		{"encoded path", "..%2f..%2fetc%2frc.local", "_.%2f..%2fetc%2frc.local"},
		{"path of another system", `C:\DCIM\100PHOTO\SAM_1.JPG`, "SAM_1.JPG"},
		{"NUL", "SAM\x00.JPG", "SAM_.JPG"},
		{"Korean in UTF-8", "사진.JPG", "사진.JPG"},
		{"Korean in EUC-KR keeps its bytes", "\xbb\xe7\xc1\xf8.JPG", "%BB%E7%C1%F8.JPG"},
		{"writing direction", "SAM\u202eGPJ.exe", "SAM_GPJ.exe"},
		{"option", "-rf", "_rf"},
		{"hidden file", ".bashrc", "_bashrc"},
		{"command", "$(reboot).JPG", "_(reboot).JPG"},
		{"markup", "<svg onload=alert(1)>.jpg", "_svg onload=alert(1)_.jpg"},
		{"only dots", "...", "unnamed"},
		{"no name at all", "", "unnamed"},
		{"device of another system", "NUL.JPG", "_NUL.JPG"},
		{"300 bytes", strings.Repeat("ä", 150) + ".JPG", strings.Repeat("ä", 58) + ".JPG"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBridge(t)
			photo := jpeg(1, 100)
			b.want(b.say(nx300, email(message, []string{c.sent}, []string{photo}, 0, delimiter+"\r\n")), "200", success)
			it := b.items()[0]
			if got := it.Files[0].Name; got != c.want {
				t.Errorf("name %q, want %q", got, c.want)
			}
			if got := b.content(it, 0); got != photo {
				t.Errorf("the photo is not whole")
			}
		})
	}
}

func TestEmailTwoFilesOfOneName(t *testing.T) {
	b := newBridge(t)
	ps := photos(2, 300)
	b.want(b.say(nx300, email(message, []string{"SAM_1.JPG", "SAM_1.JPG"}, ps, 0, delimiter+"\r\n")), "200", success)
	it := b.items()[0]
	if b.content(it, 0) != ps[0] || b.content(it, 1) != ps[1] {
		t.Errorf("one of two photos of the same name is lost: %+v", it.Files)
	}
}

// TestEmailVariants has other ways to send the same.
func TestEmailVariants(t *testing.T) {
	valid := email(message, names(1), photos(1, 300), 0, delimiter+"\r\n")
	for _, c := range []struct{ name, request string }{
		{"absolute form", strings.Replace(valid, "POST /social", "POST http://www.ospserver.net/social", 1)},
		{"trailing slash", strings.Replace(valid, "/email?", "/email/?", 1)},
		{"HTTP/1.1", strings.Replace(valid, "  HTTP/1.0", " HTTP/1.1", 1)},
		{"no Host", strings.Replace(valid, "Host: www.ospserver.net\r\n", "", 1)},
		{"bytes behind the body", valid + "\r\n\r\nmore"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBridge(t)
			b.want(b.say(nx300, c.request), "200", success)
			if n := len(b.items()); n != 1 {
				t.Errorf("%d items, want 1", n)
			}
		})
	}
}

// TestWebPages shows that a page in a phone's browser cannot mail through the
// bridge: no camera tells where a request came from, and every browser does.
func TestWebPages(t *testing.T) {
	b := newBridge(t)
	valid := email(message, names(1), photos(1, 300), 0, delimiter+"\r\n")
	for _, header := range []string{"Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"} {
		got := b.sayAndHangUp(nx300, strings.Replace(valid, "Pragma: no-cache", header, 1))
		if status, _ := split(got); !strings.HasPrefix(status, "403") || len(b.items()) != 0 {
			t.Errorf("%s: %q, %d items", header, got, len(b.items()))
		}
	}
}

// TestFullDisk shows what a camera hears when a photo does not fit.
func TestFullDisk(t *testing.T) {
	b := newBridge(t)
	b.Spool.Reserve = 1 << 60
	got := b.sayAndHangUp(nx300, email(message, names(1), photos(1, 300), 0, delimiter+"\r\n"))
	if status, body := split(got); !strings.HasPrefix(status, "503") || !strings.HasPrefix(body, `<Response ErrCode="1000" ErrSubCode="0" />`) {
		t.Errorf("answer %q, want 503 and code 1000", got)
	}
}

// TestCommentIsText shows that words of a camera cannot leave the comment in
// which an error quotes them.
func TestCommentIsText(t *testing.T) {
	b := newBridge(t)
	b.Sender = func(string) bool { return false }
	const sender = "--><Response Status=&quot;succ&quot; />--@x.y"
	got := b.say(nx300, email(strings.Replace(message, "Camera@samsungcamera.com", sender, 1), names(1), photos(1, 100), 0, delimiter+"\r\n"))
	_, body := split(got)
	comment, ok := strings.CutPrefix(body, `<Response ErrCode="401" ErrSubCode="0" /><!-- `)
	comment, closed := strings.CutSuffix(comment, " -->")
	if !ok || !closed || strings.Contains(comment, "--") || strings.ContainsAny(comment, "<>") {
		t.Errorf("answer %q", body)
	}
}

// TestNothingAcceptedNothingSaid shows that an error of whoever decides about
// an item reaches the camera.
func TestNothingAcceptedNothingSaid(t *testing.T) {
	b := newBridge(t)
	b.Accept = func(*spool.Item, []string) error { return fmt.Errorf("no") }
	got := b.say(nx300, email(message, names(1), photos(1, 300), 0, delimiter+"\r\n"))
	if status, _ := split(got); !strings.HasPrefix(status, "503") {
		t.Errorf("answer %q, want 503", got)
	}
	if n := len(b.items()); n != 0 {
		t.Errorf("%d items, want none", n)
	}
}
