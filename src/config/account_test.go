package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAccountThatNoRuleUses(t *testing.T) {
	for rule, want := range map[string]bool{"": true, "[ACTIONS]\nfacebook = 'mastodon.pub'\n": false} {
		file := filepath.Join(t.TempDir(), "config.toml")
		text := rule + "[MASTODON.pub]\nBASE_URL = 'https://social.example'\nTOKEN = 'abcdefghijklmnopqrstuvwxyz'\n"
		if err := os.WriteFile(file, []byte("UPLOAD_FOLDER = '"+t.TempDir()+"'\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := Load(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(strings.Join(c.Warnings, "\n"), "mastodon.pub: no rule uses this account"); got != want {
			t.Errorf("with %q: %q", rule, c.Warnings)
		}
	}
}
