package config

import (
	"cmp"
	"net"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"snsbridge/src/action"
	"snsbridge/src/email"
	"snsbridge/src/mastodon"
	"snsbridge/src/shell"
	"snsbridge/src/smtp"
	"snsbridge/src/store"
)

// Targets returns the actions that the settings name, ready for use.
func (c *Config) Targets() action.Set {
	set := action.Set{"store": c.store(c.StorePath), "drop": action.Drop{}}
	for _, target := range c.Actions {
		if folder, ok := strings.CutPrefix(target, "store."); ok {
			set[target] = c.store(folder)
		}
	}
	if c.Mail.Server != "" {
		set["email"] = c.email()
	}
	for name, m := range c.Mastodon {
		set[name] = c.mastodon(m)
	}
	for name, s := range c.Shell {
		// The Flask implementation stores for [SHELL.log] in the folder "log".
		folder := c.StorePath
		if _, instance, ok := strings.Cut(name, "."); ok {
			folder = instance
		}
		set[name] = &shell.Command{
			Store: c.store(folder), Args: s.Command, Stdin: s.Stdin,
			Timeout: s.Limit, Public: s.RemoveLocation, Dir: c.folder(),
		}
	}
	return set
}

// ServerOf returns HOST:PORT of a target's server, "" if it has none.
func (c *Config) ServerOf(target string) string {
	if target == "email" && c.Mail.Server != "" {
		return net.JoinHostPort(c.Mail.Server, strconv.Itoa(c.Mail.Port))
	}
	u, err := url.Parse(c.Mastodon[target].BaseURL)
	if err != nil || u.Host == "" {
		return ""
	}
	usual := "443"
	if u.Scheme == "http" {
		usual = "80"
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), usual))
}

func (c *Config) email() *email.Smarthost {
	m := c.Mail
	return &email.Smarthost{
		Server: smtp.Server{Host: m.Server, Port: m.Port, User: m.Username, Password: m.Password, StartTLS: m.StartTLS, TLS: m.TLS},
		From:   m.From, Recipients: c.Recipients, Public: m.RemoveLocation,
		Quota: &email.Quota{Path: filepath.Join(c.SpoolFolder, "mail-quota"), PerDay: m.PerDay},
	}
}

// mastodon reads the token now, so that a missing file shows at the start. An
// account without a token is a target all the same: its posts wait.
func (c *Config) mastodon(m Mastodon) *mastodon.Account {
	a := &mastodon.Account{
		BaseURL: m.BaseURL, Postscript: m.Postscript, Visibility: m.Visibility, Language: m.Language,
		AltText: m.AltText, Public: m.RemoveLocation, UserAgent: "snsbridge",
	}
	t, err := mastodon.ReadToken(m.Token, c.folder())
	if err != nil {
		return a
	}
	a.Token = t.Token
	if a.BaseURL == "" {
		a.BaseURL = t.BaseURL
	}
	return a
}

// folder is where relative paths in the settings begin.
func (c *Config) folder() string { return filepath.Dir(c.File) }

func (c *Config) store(folder string) *store.Folder {
	return &store.Folder{Dir: c.UploadFolder, Template: filepath.ToSlash(folder), Secret: c.Secret, Spool: c.SpoolFolder}
}

// Rules returns which target an item goes to. E-mail that no rule names is
// mailed, or stored where there is no mail server; posts are stored.
func (c *Config) Rules() action.Rules {
	r := action.Rules{Targets: c.Actions, Mail: "store", Social: "store", AltText: map[string]string{}}
	for name, m := range c.Mastodon {
		r.AltText[name] = m.AltText
	}
	if c.Mail.Server != "" {
		r.Mail = "email"
	}
	return r
}

// MayMail tells whether an address is welcome as a recipient. RECIPIENTS
// limits who is mailed; an address that a rule leads elsewhere is only a name.
func (c *Config) MayMail(address string) bool {
	return c.Rules().Target(address) != "email" || email.Allowed(c.Recipients, address)
}

// MaySend tells whether a sender address or user name is welcome.
func (c *Config) MaySend(name string) bool {
	for _, s := range c.Senders {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return len(c.Senders) == 0
}
