package smtp

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net"
	"slices"
	"strings"
)

// login tries what the server offers, the best first. Only "504 not that one"
// leads on to the next: a second refusal of a password can lock an account.
//
// Under TLS the plain mechanisms are the best, for every server that offers
// them can check them, while CRAM-MD5 needs the password itself on the server
// and is often offered with nothing behind it.
func (c *Session) login() error {
	order := []string{"PLAIN", "LOGIN", "CRAM-MD5"}
	if !c.secure {
		if !c.loopback() {
			return c.failed("AUTH", ErrNoTLS)
		}
		order = []string{"CRAM-MD5", "PLAIN", "LOGIN"}
	}
	offered := strings.Fields(strings.ToUpper(c.extensions["AUTH"]))
	err := c.failed("AUTH", ErrAuth)
	if slices.Contains(offered, "XOAUTH2") || slices.Contains(offered, "OAUTHBEARER") {
		err = c.failed("AUTH", ErrOAuth)
	}
	for _, mechanism := range order {
		if !slices.Contains(offered, mechanism) {
			continue
		}
		err = c.auth(mechanism)
		var e *Error
		if !errors.As(err, &e) || e.Code != 504 {
			break
		}
	}
	return err
}

func (c *Session) auth(mechanism string) error {
	user, password := c.server.User, c.server.Password
	if mechanism == "PLAIN" {
		return c.say("AUTH PLAIN ", encoded("\x00"+user+"\x00"+password), 2)
	}
	r, err := c.command("AUTH", c.timeouts.Command, 3, "AUTH "+mechanism)
	if err != nil {
		return err
	}
	if mechanism == "LOGIN" {
		if err := c.say("", encoded(user), 3); err != nil {
			return err
		}
		return c.say("", encoded(password), 2)
	}
	challenge, err := base64.StdEncoding.DecodeString(r.Text)
	if err != nil {
		return c.failed("AUTH", errors.New("the server's challenge is not base64"))
	}
	mac := hmac.New(md5.New, []byte(password))
	mac.Write(challenge)
	return c.say("", encoded(user+" "+hex.EncodeToString(mac.Sum(nil))), 2)
}

// say sends a secret. Some servers repeat what they did not understand; a
// password must not get into a record that way.
func (c *Session) say(command, secret string, want int) error {
	r, err := c.command("AUTH", c.timeouts.Command, want, command+secret)
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	hide := strings.NewReplacer(secret, "***", cmp.Or(c.server.Password, secret), "***")
	e.Text = clean(hide.Replace(r.Text))
	var odd oddReply
	if errors.As(e.Err, &odd) {
		e.Err = oddReply(hide.Replace(string(odd)))
	}
	return err
}

func encoded(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// loopback tells whether the connection stays on this machine.
func (c *Session) loopback() bool {
	a, ok := c.wire.RemoteAddr().(*net.TCPAddr)
	return ok && a.IP.IsLoopback()
}
