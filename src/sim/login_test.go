package sim

import (
	"encoding/base64"
	"encoding/hex"
	"os"
	"regexp"
	"testing"
)

// Published captures come out as they were, from user, password, and what the camera had made up.
func TestLoginCaptures(t *testing.T) {
	for _, capture := range []struct {
		file, user, password string
		secret               string // hex: key, then IV
	}{
		{"testdata/login-of-the-talk.xml", "x", "z", "fffffffff4b799b652010000fcb3a2b6ffffffff482204b652010000001004b6"},
		{"testdata/login-of-the-wiki.xml", "f", "p", "ffffffff1000c0a45201000000f007b6ffffffff1000c0a45201000000f007b6"},
	} {
		want, err := os.ReadFile(capture.file)
		if err != nil {
			t.Fatal(err)
		}
		secret, err := hex.DecodeString(capture.secret)
		if err != nil {
			t.Fatal(err)
		}
		cameraKey, err := hex.DecodeString(string(regexp.MustCompile(`[0-9a-f]{256}`).Find(want)))
		if err != nil {
			t.Fatal(err)
		}
		if got := cryptLogin(capture.user, capture.password, secret, cameraKey); got != string(want) {
			t.Errorf("%s:\ngot\n%s\nwant\n%s", capture.file, got, want)
		}
	}
}

// Made with openssl 3, but for the first two, which are captured.
func TestEncrypt(t *testing.T) {
	const (
		talk      = "//////S3mbZSAQAA/LOitv////9IIgS2UgEAAAAQBLY="
		ascending = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	)
	for _, c := range []struct{ secret, text, want, why string }{
		{talk, "x", "uFK%2Fz%2BkEchpulalnJr1rBw%3D%3D", "captured; padded with NUL"},
		{talk, "z", "ob7Ue7q%2BkUSZFffy3%2BVfiQ%3D%3D", "captured"},
		{talk, "Camera@samsungcamera.com", "vxm4EuwRQxekIuSs5OfMTRyu4miz8MvnjQ0cBuJLaK8%3D", "two blocks"},
		{talk, "correct horse battery", "to0dKRG%2BExkEDQiog%2BzNqa0sj%2FI8bOiv1CCO0zZwdsA%3D", "blanks"},
		{talk, "0123456789abcdef", "QSqxbRJI8RJqsTDbozRrUQ%3D%3D", "fills a block, so no padding"},
		{talk, "pässwörd", "nAmWahrrOKtQYfwtY%2Bj%2Frg%3D%3D", "UTF-8"},
		{talk, "", "", "no block at all"},
		{ascending, "Camera@samsungcamera.com", "8XAlR9hMu8P59J4atMUcAqrmQb%2FAod%2BoyTsPhRH%2BGfY%3D", "key and IV that differ in every byte"},
		{ascending, "secret", "KvImpVasGRwKf8EjSWAO8w%3D%3D", "the same"},
	} {
		secret, err := base64.StdEncoding.DecodeString(c.secret)
		if err != nil {
			t.Fatal(err)
		}
		if got := percent(encrypt(c.text, secret)); got != c.want {
			t.Errorf("%q (%s): got %s, want %s", c.text, c.why, got, c.want)
		}
	}
}

func TestPlainLogin(t *testing.T) {
	want := `<Request Method="login" Timeout="3000"><UserName Value="user%40example.org"/><Password Value="p%26w%20%2B%22"/>` +
		`<PersistKey Use="true"/><SessionKey Type="APIF"/><CryptSessionKey Use="true" Type="SHA1"/><ApplicationKey Value="` + applicationKey + `"/></Request>`
	if got := plainLogin("user@example.org", `p&w +"`); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
