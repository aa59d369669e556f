package config

import (
	"os"
	"strings"

	"snsbridge/src/mastodon"
)

// othersMay tells what users who neither own a file nor are in its group may do
// with it. Of FAT, which has no owners, it tells what the mount allows.
func othersMay(file string) (read, write bool) {
	fi, err := os.Stat(file)
	if err != nil {
		return false, false
	}
	return fi.Mode()&0o004 != 0, fi.Mode()&0o002 != 0
}

// checkAccess warns of a settings file that everybody on this machine can
// change, or read although passwords are in it.
func (c *Config) checkAccess() {
	read, write := othersMay(c.File)
	switch {
	case write:
		c.warn("others on this machine can change %s: run chmod o-rwx %[1]s", c.File)
	case read && c.hasSecrets():
		c.warn("others on this machine can read the passwords in %s: run chmod o-rwx %[1]s", c.File)
	}
}

// hasSecrets tells whether the settings hold what WriteTOML hides. A token that
// is in a file of its own does not count: that file has a warning of its own.
func (c *Config) hasSecrets() bool {
	for _, m := range c.Mastodon {
		if t, err := mastodon.ReadToken(m.Token, c.folder()); err == nil && t.Token == strings.TrimSpace(m.Token) {
			return true
		}
	}
	return c.Secret != "" || c.PagePIN != "" || c.Mail.Password != ""
}
