package capture

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"encrypted login of a camera", `<UserName Value="u%3D"/><Password Value="ob7U%3D"/><PersistKey Use="true"/>`, `<UserName Value="u%3D"/><Password Value="xxxxxxx"/><PersistKey Use="true"/>`},
		{"attribute is not the first", `<Password  Type='a' Value="geheim" />`, `<Password  Type='x' Value="xxxxxx" />`},
		{"AllShare login", `<loginID>me</loginID><password>eee</password><duid></duid>`, `<loginID>me</loginID><password>xxx</password><duid></duid>`},
		{"form", `user=a&password=p%26w&x=1`, `user=a&password=xxxxx&x=1`},
		{"JSON", `{"password" : "p\u0041", "a":1}`, `{"password" : "xxxxxxx", "a":1}`},
		{"attribute named so", `<Login User="a" Password="b"/>`, `<Login User="a" Password="x"/>`},
		{"basic authorization", "GET / HTTP/1.1\r\nAuthorization: Basic YTpi\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nAuthorization:xxxxxxxxxxx\r\nHost: x\r\n\r\n"},
		{"OAuth stays: it is what a signature is computed of", "Authorization:OAuth oauth_nonce=\"n\"\r\n", "Authorization:OAuth oauth_nonce=\"n\"\r\n"},
		{"in CDATA", `<password><![CDATA[geheim]]></password>`, `<password>xxxxxxxxxxxxxxxxxx</password>`},
		{"blank in the tag", `<password >x1</password>`, `<password >xx</password>`},
		{"element in the element", `<Password><Value>x1</Value></Password>`, `<Password>xxxxxxxxxxxxxxxxx</Password>`},
		{"without quotes", `<Password Value=x1/>`, `<Password Value=xx/>`},
		{"field of a form in parts", "name=\"password\"\r\n\r\ns3\r\n--b", "name=\"password\"\r\n\r\nxx\r\n--b"},
		{"cut off within the value", `<Password Value="abc`, `<Password Value="xxx`},
		{"cut off after the word", `<Password`, `<Password`},
		{"odd bytes keep their places", "\xc4\xb0\xff<password>a\xffb</password>", "\xc4\xb0\xff<password>xxx</password>"},
	} {
		if got := string(Redact([]byte(c.in))); got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

// spellings are how a password can be said. SECRET stands for it.
var spellings = []string{
	`<Password Value="SECRET"/>`,
	`<pass Value="SECRET"/>`,
	`<ns:Passwd type='a' value='SECRET'>`,
	`<password>SECRET</password>`,
	`<password><![CDATA[SECRET]]></password>`,
	`<Login User="a" Password="SECRET"/>`,
	`<item name="password" value="SECRET"/>`,
	`<param name="pwd">SECRET</param>`,
	"<key>Password</key>\n\t<string>SECRET</string>",
	"<name>passwd</name><value><string>SECRET</string></value>",
	"password=SECRET&x=1",
	"user=a&pass=SECRET",
	"passwd : SECRET\r\n",
	"password[0]=SECRET",
	`{"password" : "SECRET"}`,
	`{"pwd":"a\"SECRET"}`,
	`{"password": {"value": "SECRET"}}`,
	`{"passphrase": ["a", "SECRET"]}`,
	`"{\"password\":\"SECRET\"}"`,
	"Content-Disposition: form-data; name=\"password\"\r\n\r\nSECRET\r\n--b",
	"content-disposition: form-data; name=\"pass\"\r\ncontent-type: text/plain\r\n\r\nSECRET\r\n--b",
	"content-disposition: form-data; name=password\n\nSECRET\n--b",
	"Authorization: Basic SECRET\r\n",
	"authorization :\r\n Digest SECRET\r\n",
	"Proxy-Authorization:Bearer SECRET\n",
	"Cookie: a=b;\r\n\tc=SECRET\r\n",
	"Set-Cookie:SECRET\r\n",
}

const secret = "Geheim7"

// Whatever stands around it, a password is redacted, and without one
// nothing is.
func FuzzRedact(f *testing.F) {
	for i := range spellings {
		f.Add("", "", uint8(i))
		f.Add("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n<a b='", "pwd=:'\"<password>", uint8(i))
	}
	f.Fuzz(func(t *testing.T, before, after string, spelling uint8) {
		said := strings.Replace(spellings[int(spelling)%len(spellings)], "SECRET", secret, 1)
		got := string(Redact([]byte(before + said + after)))
		if len(got) != len(before+said+after) {
			t.Fatalf("%d bytes became %d", len(before+said+after), len(got))
		}
		if got[len(before):][strings.Index(said, secret):][:len(secret)] != strings.Repeat("x", len(secret)) {
			t.Fatalf("%q is told by %q", said, got)
		}
		low := strings.ToLower(before)
		for _, word := range []string{"pass", "pwd", "authorization", "cookie"} {
			if strings.Contains(low, word) {
				return
			}
		}
		if got := string(Redact([]byte(before))); got != before {
			t.Fatalf("%q became %q for no reason", before, got)
		}
	})
}

func TestLogKeepsTheFirstOfEachKind(t *testing.T) {
	l := &Log{Path: filepath.Join(t.TempDir(), "capture.txt")}
	for i := range 20 {
		if err := l.Add("10.0.0.2", "GET news", "no camera asks this", fmt.Appendf(nil, "GET /news-%02d\r\n\r\n", i)); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(l.Path)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(string(b), "GET /news-"); got != sameMax {
		t.Errorf("%d of 20 requests were written, want %d", got, sameMax)
	}
	if !strings.Contains(string(b), "GET /news-00\r\n\r\n") {
		t.Errorf("the first request is not there byte for byte:\n%s", b)
	}
	if l.Count() != 20 {
		t.Errorf("counted %d, want 20", l.Count())
	}
	if fi, _ := os.Stat(l.Path); fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", fi.Mode().Perm())
	}
}

func TestLogIsBounded(t *testing.T) {
	l := &Log{Path: filepath.Join(t.TempDir(), "capture.txt")}
	for i := range 2 * kindMax {
		if err := l.Add("c", fmt.Sprint(i), "why", make([]byte, BodyMax)); err != nil {
			t.Fatal(err)
		}
	}
	fi, err := os.Stat(l.Path)
	if err != nil {
		t.Fatal(err)
	}
	if fi.Size() > fileMax+4096 || fi.Size() < fileMax/2 {
		t.Errorf("the file has %d bytes, want about %d", fi.Size(), fileMax)
	}
	if len(l.seen) > kindMax {
		t.Errorf("%d kinds are remembered, want at most %d", len(l.seen), kindMax)
	}
}
