package sim

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"snsbridge/src/camera"
)

// applicationKey is the same in both published captures.
const applicationKey = "6a563c3967f147d3adfa454ef913535d0d109ba4b4584914"

// Session is a login at a site, until Logout.
type Session struct {
	Camera Camera
	Site   string // such as facebook
	Key    string // from the server
	Answer Answer // to the login
}

// Login logs in at a site. Sites to which users log in by browser (flickr, dropbox, skydrive) get the request that
// the known server reads an OAuth element from; the rest of that conversation was never captured.
func (c Camera) Login(ctx context.Context, site string) (Session, error) {
	const shows = "says that the login failed"
	s := Session{Camera: c, Site: site}
	step := "login at " + site
	if c.Model.Photo == camera.No && c.Model.Video == camera.No {
		_, err := c.verdict(step, "has no such menu entry", Answer{}, ErrModel)
		return s, err
	}
	if c.Odd.EmptyLogin {
		if answer, err := c.send(ctx, s.request("/auth", "")); err != nil {
			_, err = c.verdict(step, shows, answer, err)
			return s, err
		}
	}
	answer, err := c.send(ctx, s.request("/auth", c.loginBody(site)))
	if err == nil {
		s.Key, err = answer.loginKey()
	}
	s.Answer, err = c.verdict(step, shows, answer, err)
	return s, err
}

// loginKey reads a login's answer. Firmware searches for all five; the known server sends them always, so whether a
// camera can do without some is not known.
func (a Answer) loginKey() (string, error) {
	if err := a.ok(); err != nil {
		return "", err
	}
	key, err := a.Value("Response SessionKey")
	if err != nil {
		return "", err
	}
	if key == "" {
		return "", fmt.Errorf("session key is empty: %w", ErrMissing)
	}
	for _, other := range []string{"PersistKey Value", "CryptSessionKey Value", "LoginPeopleID", "OAuth URL"} {
		if _, err := a.Value(other); err != nil {
			return "", err
		}
	}
	return key, nil
}

// Logout ends the session.
func (s Session) Logout(ctx context.Context) (Answer, error) {
	answer, err := s.Camera.send(ctx, s.request("/auth",
		`<Request Method="logout" Timeout="3000" SessionKey="`+s.Key+`"/>`))
	if err == nil {
		err = answer.ok()
	}
	return s.Camera.verdict("logout at "+s.Site, "shows nothing of it, probably", answer, err)
}

func (s Session) request(path, xml string) request {
	if s.Camera.Odd.TrailingSlash {
		path += "/"
	}
	return s.Camera.plain("POST", camera.HostSNS, "/"+s.Site+path, piece{text: xml})
}

func (c Camera) loginBody(site string) string {
	switch {
	case isOAuth(site):
		return `<Request Method="login" Timeout="3000"><OAuth Version="1.0"/><PersistKey Use="true"/><SessionKey Type="APIF"/>` +
			`<CryptSessionKey Use="true" Type="SHA1"/><ApplicationKey Value="` + applicationKey + `"/></Request>`
	case c.Odd.PlainLogin || c.Model.Login == camera.Plain:
		return plainLogin(c.user(), c.Password)
	}
	return cryptLogin(c.user(), c.Password, noiseOf(c.Seed, "key and IV", 32), noiseOf(c.Seed, "camera key", 128))
}

// plainLogin is how the HMX-QF30 logs in, which relies on TLS instead; without a capture, after the known server.
func plainLogin(user, password string) string {
	return `<Request Method="login" Timeout="3000"><UserName Value="` + percent(user) + `"/><Password Value="` + percent(password) +
		`"/><PersistKey Use="true"/><SessionKey Type="APIF"/><CryptSessionKey Use="true" Type="SHA1"/>` +
		`<ApplicationKey Value="` + applicationKey + `"/></Request>`
}

// cryptLogin is how an NX300 logs in, including the half line that its firmware has forgotten in the template.
// secret is AES-128 key and IV, which it sends along in clear; cameraKey looks like RSA and means nothing to a server.
func cryptLogin(user, password string, secret, cameraKey []byte) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<Request Method="login" Timeout="3000" CameraCryptKey="` + hex.EncodeToString(cameraKey) + `">
<UserName Value="` + percent(encrypt(user, secret)) + `"/>
<Password Value="` + percent(encrypt(password, secret)) + `"/>
<PersistKey Use="true"/>
4p4uaaq422af3"/>
<SessionKey Type="APIF"/>
<CryptSessionKey Use="true" Type="SHA1" Value="` + base64.StdEncoding.EncodeToString(secret) + `"/>
<ApplicationKey Value="` + applicationKey + `"/>
</Request>
`
}

// encrypt pads with NUL bytes to whole blocks, none when the text fills them.
func encrypt(text string, secret []byte) string {
	block, err := aes.NewCipher(secret[:16])
	if err != nil {
		panic(err) // 16 bytes are a valid key
	}
	b := make([]byte, (len(text)+15)/16*16)
	copy(b, text)
	cipher.NewCBCEncrypter(block, secret[16:32]).CryptBlocks(b, b)
	return base64.StdEncoding.EncodeToString(b)
}

// percent escapes all but letters, digits and -._~ as captured; net/url's functions leave more as it is, or make a
// blank a plus sign.
func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
