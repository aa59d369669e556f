package config

import (
	"path/filepath"
	"strings"

	"snsbridge/src/action"
)

// Targets returns the actions that the settings name, ready for use.
func (c *Config) Targets() action.Set {
	set := action.Set{"store": c.store(c.StorePath), "drop": action.Drop{}}
	for _, target := range c.Actions {
		if folder, ok := strings.CutPrefix(target, "store."); ok {
			set[target] = c.store(folder)
		}
	}
	return set
}

func (c *Config) store(folder string) *action.Store {
	return &action.Store{Dir: c.UploadFolder, Folder: filepath.ToSlash(folder), Secret: c.Secret, Spool: c.SpoolFolder}
}

// Rules returns which target an item goes to. E-mail that no rule names is
// mailed, or stored where there is no mail server; posts are stored.
func (c *Config) Rules() action.Rules {
	r := action.Rules{Targets: c.Actions, Mail: "store", Social: "store"}
	if c.Mail.Server != "" {
		r.Mail = "email"
	}
	return r
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
