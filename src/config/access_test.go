package config

import (
	"os"
	"strings"
	"testing"
)

// TestOthersReadSettings: who else is on this machine, a program of another
// user for one, must not read passwords, and not change anything.
func TestOthersReadSettings(t *testing.T) {
	const (
		plain = "UPLOAD_FOLDER = \"@\"\nMAIL_SERVER = \"localhost\"\nSENDERS = [\"me\"]\n"
		token = "[MASTODON]\nBASE_URL = \"https://example.org\"\nTOKEN = \"0123456789abcdef0123456789abcdef\"\n[ACTIONS]\nfacebook = \"mastodon\"\n"
	)
	for _, tt := range []struct {
		content string
		mode    os.FileMode
		says    string // "": nothing
	}{
		{plain, 0o644, ""},
		{plain, 0o646, "others on this machine can change "},
		{plain + "MAIL_USERNAME = \"u\"\nMAIL_PASSWORD = \"p\"\n", 0o644, "others on this machine can read the passwords in "},
		{plain + "MAIL_USERNAME = \"u\"\nMAIL_PASSWORD = \"p\"\n", 0o640, ""},
		{plain + "MAIL_USERNAME = \"u\"\nMAIL_PASSWORD = \"p\"\n", 0o606, "others on this machine can change "},
		{plain + "SECRET = \"s\"\n", 0o604, "others on this machine can read the passwords in "},
		{plain + "PAGE_PIN = \"4711\"\n", 0o604, "others on this machine can read the passwords in "},
		{plain + token, 0o604, "others on this machine can read the passwords in "},
		{plain + token, 0o600, ""},
	} {
		file, _ := settingsFile(t, tt.content)
		if err := os.Chmod(file, tt.mode); err != nil {
			t.Fatal(err)
		}
		c, err := Load(file)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{}
		if tt.says != "" {
			want = append(want, tt.says+file+": run chmod o-rwx "+file)
		}
		if got := strings.Join(c.Warnings, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("mode %o of\n%s\nwarnings: %q; want %q", tt.mode, tt.content, got, want)
		}
	}
}

// TestOthersReadSettingsOfRouter: the same for the file that LuCI writes.
func TestOthersReadSettingsOfRouter(t *testing.T) {
	file := t.TempDir() + "/snsbridge"
	text := "config storage\n\toption path ram\nconfig phone\n\toption pin 4711\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	u, err := LoadUCI(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(u.Config.Warnings, "\n"); !strings.Contains(got, "can read the passwords in "+file+": run chmod o-rwx "+file) {
		t.Errorf("warnings: %q", got)
	}
}
