package config

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"snsbridge/src/mastodon"
)

// isDefined tells whether a setting or a table is there, in whatever way it is
// written.
func (s *source) isDefined(name string) bool {
	for _, key := range s.meta.Keys() {
		if strings.EqualFold(key[0], name) {
			return true
		}
	}
	return false
}

// instances returns the names of the tables in a table.
func (s *source) instances(parent string) []string {
	var names []string
	for _, key := range s.meta.Keys() {
		if len(key) == 2 && strings.EqualFold(key[0], parent) && s.meta.Type(key...) == table {
			names = append(names, key[1])
		}
	}
	return names
}

// decode fills a table of instances. The parent is decoded anew for each, so
// that not even a list is shared: a setting of one instance can never change
// another (which was the worst defect of the Flask implementation).
func decode[T any](s *source, parent string, p toml.Primitive, base T) map[string]T {
	all := map[string]T{}
	if !s.isDefined(parent) {
		return all
	}
	name := strings.ToLower(parent)
	var tables map[string]toml.Primitive
	inherit := func() T {
		v := base
		if err := s.meta.PrimitiveDecode(p, &v); err != nil {
			s.fail(parent, err.Error(), "")
		}
		return v
	}
	if err := s.meta.PrimitiveDecode(p, &tables); err != nil {
		s.fail(parent, err.Error(), "")
	}
	// A table that has nothing but instances is none itself.
	own := func(key toml.Key) bool {
		return len(key) == 2 && strings.EqualFold(key[0], parent) && s.meta.Type(key...) != table
	}
	if len(s.instances(parent)) == 0 || slices.ContainsFunc(s.meta.Keys(), own) {
		all[name] = inherit()
	}
	for _, inst := range s.instances(parent) {
		if !isFolderName(inst) {
			s.fail(parent+"."+inst, fmt.Sprintf("%q is not a valid instance name", inst), "use letters and digits")
		}
		v := inherit()
		if err := s.meta.PrimitiveDecode(tables[inst], &v); err != nil {
			s.fail(parent+"."+inst, err.Error(), "")
		}
		all[name+"."+strings.ToLower(inst)] = v
	}
	return all
}

func (s *source) mastodon(f file) map[string]Mastodon {
	base := Mastodon{Visibility: "unlisted", AltText: f.AltText, RemoveLocation: true}
	all := decode(s, "MASTODON", f.Mastodon, base)
	flat := s.flatMastodon(f, all, base)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		m := all[name]
		m.Visibility = strings.ToLower(m.Visibility)
		all[name] = m
		key := name + "."
		if flat {
			key = "MASTODON_"
		}
		s.oneOf(key+"VISIBILITY", m.Visibility, visibilities)
		s.oneOf(key+"ALT_TEXT", m.AltText, altTexts)
		if m.Language != "" && !isLanguage(m.Language) {
			s.fail(key+"LANGUAGE", fmt.Sprintf("%q is not a language code", m.Language), `for example "en", "ko" or "pt-BR"`)
		}
		if m.BaseURL != "" {
			u, err := url.Parse(m.BaseURL)
			if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
				s.fail(key+"BASE_URL", fmt.Sprintf("%q is not an https address", m.BaseURL), `for example "https://mastodon.social"`)
			}
		}
	}
	return all
}

// flatMastodon adds the account of the settings MASTODON_BASE_URL and the like,
// which are the Flask implementation's form of 2024 to 2025, and tells whether
// there is one.
func (s *source) flatMastodon(f file, all map[string]Mastodon, m Mastodon) (there bool) {
	for _, option := range []struct {
		name, value string
		to          *string
	}{
		{"BASE_URL", f.MastodonBaseURL, &m.BaseURL}, {"TOKEN", f.MastodonToken, &m.Token},
		{"POSTSCRIPT", f.MastodonPostscript, &m.Postscript}, {"VISIBILITY", f.MastodonVisibility, &m.Visibility},
	} {
		key := "MASTODON_" + option.name
		switch {
		case !s.isDefined(key):
		case s.isDefined("MASTODON"):
			s.fail(key, "cannot be set beside a section [MASTODON]", "move it there as %s", option.name)
		default:
			*option.to, there = option.value, true
		}
	}
	if there {
		all["mastodon"] = m
	}
	return there
}

// isLanguage tells whether a text looks as ISO 639 has it, perhaps with a
// country: servers refuse a post with anything else.
func isLanguage(text string) bool {
	for i, part := range strings.Split(text, "-") {
		letters := strings.Trim(strings.ToLower(part), "abcdefghijklmnopqrstuvwxyz") == ""
		if len(part) < 2 || i == 0 && (len(part) > 3 || !letters) || len(part) > 8 {
			return false
		}
	}
	return true
}

func (s *source) shell(f file) map[string]Shell {
	all := decode(s, "SHELL", f.Shell, Shell{Timeout: amount{"5 minutes"}})
	for _, name := range slices.Sorted(maps.Keys(all)) {
		c := all[name]
		var ok bool
		if c.Limit, ok = c.Timeout.duration(); !ok || c.Limit < time.Second {
			s.fail(name+".TIMEOUT", fmt.Sprintf("%q is not a duration", c.Timeout.text), `for example TIMEOUT = "5 minutes"`)
		}
		all[name] = c
	}
	return all
}

// checkAccount warns of an account that cannot post yet.
func (c *Config) checkAccount(name string) {
	m := c.Mastodon[name]
	t, err := mastodon.ReadToken(m.Token, c.folder())
	lends := name == "mastodon" && len(c.Mastodon) > 1 // and may be no account itself
	nowhere := m.BaseURL == "" && t.BaseURL == "" && !lends
	switch {
	case err != nil && nowhere:
		c.warn("%s: there is no BASE_URL, and %v: its posts will wait; run snsbridge mastodon-login", name, err)
	case err != nil:
		c.warn("%s: %v: its posts will wait; run snsbridge mastodon-login", name, err)
	case nowhere:
		c.warn("%s: there is no BASE_URL, nor does a file of its TOKEN tell the server: its posts will wait", name)
	}
	if t.Warning != "" {
		c.warn("%s: %s", name, t.Warning)
	}
	used := slices.Collect(maps.Values(c.Actions))
	if err == nil && !nowhere && !lends && !slices.Contains(used, name) { // once it could post
		c.warn("%s: no rule uses this account, so nothing is posted there; add a rule for the sites or addresses that are meant for it", name)
	}
}

// checkCommand warns of a command whose words were not taken apart.
func (c *Config) checkCommand(name string) {
	command := c.Shell[name].Command
	if len(command) == 0 || !strings.Contains(command[0], " ") {
		return
	}
	program := command[0]
	if !filepath.IsAbs(program) {
		program = filepath.Join(c.folder(), program)
	}
	if _, err := os.Stat(program); err != nil {
		c.warn("%s: there is no program %q: its jobs will wait; make each word its own entry of CMD", name, command[0])
	}
}
