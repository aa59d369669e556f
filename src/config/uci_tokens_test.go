package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRemoveTokens: the token of an account goes with it, that of a login goes
// a day after it if it was not saved, and nothing else goes.
func TestRemoveTokens(t *testing.T) {
	kept := strings.Fields("command.token folder.token fresh.token link.token linked.token named.token notes.txt old.token.bak spelled.token state")
	for _, tt := range []struct {
		reason, previous string
		gone             string // besides the old
	}{
		{"no previous settings", "", ""},
		{"previous settings that do not load", "MASTODON = 3\n", ""},
		{"an account that was deleted", "UPLOAD_FOLDER = \"@\"\n[MASTODON.a]\nTOKEN = \"@/fresh.token\"\n[MASTODON.b]\nTOKEN = \"@/named.token\"\n", "fresh.token"},
		{"others that were deleted", "UPLOAD_FOLDER = \"@\"\n[MASTODON.a]\nTOKEN = \"@/old.token.bak\"\n[MASTODON.b]\nTOKEN = \"0123456789abcdef0123456789abcdef\"\n", ""},
	} {
		dir := t.TempDir()
		now, old := time.Now(), time.Now().Add(-tokenGrace-time.Minute)
		write := func(name string, at time.Time) {
			file := filepath.Join(dir, name)
			if err := os.WriteFile(file, []byte("a-token\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(file, at, at); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"named.token", "linked.token", "spelled.token", "command.token", "old.token", "old.token.bak", "notes.txt"} {
			write(name, old)
		}
		write("fresh.token", now)
		for _, name := range []string{"state", "folder.token"} {
			if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		elsewhere := t.TempDir()
		if err := os.Chtimes(filepath.Join(dir, "folder.token"), old, old); err != nil {
			t.Fatal(err)
		}
		for link, to := range map[string]string{filepath.Join(dir, "link.token"): "notes.txt", filepath.Join(elsewhere, "a"): filepath.Join(dir, "linked.token")} {
			if err := os.Symlink(to, link); err != nil {
				t.Fatal(err)
			}
		}
		previous := filepath.Join(elsewhere, "snsbridge.toml")
		if tt.previous != "" {
			if err := os.WriteFile(previous, []byte(strings.ReplaceAll(tt.previous, "@", dir)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		u := loadRouter(t, strings.NewReplacer("@", dir, "ELSEWHERE", elsewhere).Replace("config mastodon a\n\toption token '@/named.token'\n"+
			"config mastodon b\n\toption token 'ELSEWHERE/a'\nconfig mastodon c\n\toption token '@/./spelled.token'\n"+
			"config mastodon d\n\toption token '@/missing.token'\nconfig mastodon e\n\toption token '0123456789abcdef0123456789abcdef'\n"+
			"config shell f\n\tlist command '/bin/toot'\n\tlist command '--token=@/command.token'\n"))
		u.RemoveTokens(dir, previous)
		var got []string
		entries, err := os.ReadDir(dir)
		for _, e := range entries {
			got = append(got, e.Name())
		}
		want := slices.DeleteFunc(slices.Clone(kept), func(name string) bool { return name == tt.gone })
		if !slices.Equal(got, want) {
			t.Errorf("%s: left are %q, error %v\nwant %q", tt.reason, got, err, want)
		}
	}
}
