package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// tokenGrace is how long a login may wait for its account to be saved.
const tokenGrace = 24 * time.Hour

// RemoveTokens removes the tokens, NAME.token in a folder, of accounts that
// were deleted or never saved: files that these settings do not name, and that
// the previous ones did, a TOML file, or that are older than a day. Errors are
// left to the next start, which tries again.
func (u *UCI) RemoveTokens(folder, previous string) {
	files, _ := filepath.Glob(filepath.Join(folder, "*.token"))
	for _, file := range files {
		fi, err := os.Lstat(file)
		if err != nil || !fi.Mode().IsRegular() || u.Config.names(file, fi) {
			continue
		}
		old := time.Since(fi.ModTime()) > tokenGrace
		if !old {
			// Not there after a boot, a stop or a start that failed.
			c, err := Load(previous)
			old = err == nil && c.names(file, fi)
		}
		if old {
			os.Remove(file)
		}
	}
}

// names tells whether a file is the token of an account, or is mentioned by a
// command.
func (c *Config) names(file string, fi os.FileInfo) bool {
	for _, m := range c.Mastodon {
		if !filepath.IsAbs(m.Token) {
			continue // the token itself
		}
		if named, err := os.Stat(m.Token); err == nil && os.SameFile(named, fi) {
			return true
		}
	}
	for _, s := range c.Shell {
		if slices.ContainsFunc(s.Command, func(word string) bool { return strings.Contains(word, file) }) {
			return true
		}
	}
	return false
}
