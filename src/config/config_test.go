package config

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// settings writes a file with a real folder for each "@".
func settingsFile(t *testing.T, content string) (file, folder string) {
	t.Helper()
	folder = t.TempDir()
	file = filepath.Join(folder, "config.toml")
	content = strings.ReplaceAll(content, `"@"`, `"`+folder+`"`)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file, folder
}

func load(t *testing.T, content string) *Config {
	t.Helper()
	file, _ := settingsFile(t, content)
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBad has one file for each way to be wrong. Its lines with #~ are the
// errors: line number, key, what is wrong; the remedy.
func TestBad(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.toml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			file, _ := settingsFile(t, string(b))
			var want []string
			for line := range strings.Lines(string(b)) {
				if e, ok := strings.CutPrefix(line, "#~ "); ok {
					want = append(want, file+":"+strings.TrimSpace(e))
				}
			}
			c, err := Load(file)
			if err == nil {
				t.Fatalf("taken: %+v", c)
			}
			if got := err.Error(); got != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
			}
		})
	}
}

// TestFlask shows that the settings of the Flask implementation mean here
// what they mean there.
func TestFlask(t *testing.T) {
	b, err := os.ReadFile("testdata/flask.toml")
	if err != nil {
		t.Fatal(err)
	}
	c := load(t, string(b))
	if c.StorePath != "{sender_hash}" || c.AltText != "draft" || !c.Mail.StartTLS || c.Mail.Port != 587 {
		t.Errorf("%+v", c)
	}
	for name, want := range map[string]string{"mastodon": "unlisted", "mastodon.pub": "public"} {
		if m := c.Mastodon[name]; m.Visibility != want || m.Token != "mastodon.secret" || m.Postscript != " #tags" || !m.RemoveLocation {
			t.Errorf("%s: %+v, want visibility %s and the rest inherited", name, m, want)
		}
	}
	if s := c.Shell["shell.log"]; len(s.Command) != 4 || s.Stdin == "" {
		t.Errorf("shell.log inherits the command: %+v", s)
	}
	if s := c.Shell["shell"]; s.Stdin != "" {
		t.Errorf("an instance's STDIN stuck to its parent: %+v", s)
	}
	for key, want := range map[string]string{
		"facebook": "mastodon", "picasa": "store", "masto-public@mydomain.com": "mastodon.pub",
		"store@mydomain.com": "store.mailfolder", "drop@mydomain.com": "drop",
	} {
		if got := c.Actions[key]; got != want {
			t.Errorf("%s leads to %q, want %q", key, got, want)
		}
	}
	if len(c.Warnings) != 4 {
		t.Errorf("warnings: %q; want one for the secret and one for the server, which everybody knows, and one for each token that is not there", c.Warnings)
	}
	set := c.Targets()
	for _, target := range c.Actions {
		if set[target] == nil {
			t.Errorf("there is no action for %s", target)
		}
	}
}

// TestFlatMastodon: the Flask implementation's form of 2024 to 2025, which its
// README still shows, is one account.
func TestFlatMastodon(t *testing.T) {
	c := load(t, `
UPLOAD_FOLDER = "@"
MASTODON_BASE_URL = "https://photog.social"
MASTODON_TOKEN = "0123456789abcdef0123456789abcdef"
MASTODON_POSTSCRIPT = "#photography #SamsungNX"
mastodon_visibility = "Direct"
[ACTIONS]
facebook = "mastodon"
`)
	want := Mastodon{BaseURL: "https://photog.social", Token: "0123456789abcdef0123456789abcdef", Postscript: "#photography #SamsungNX",
		Visibility: "direct", AltText: "draft", RemoveLocation: true}
	if got := c.Mastodon["mastodon"]; len(c.Mastodon) != 1 || got != want || len(c.Warnings) != 0 {
		t.Errorf("%+v, %q; want %+v and no warning", c.Mastodon, c.Warnings, want)
	}
	token := load(t, "UPLOAD_FOLDER = \"@\"\nMASTODON_TOKEN = \"0123456789abcdef0123456789abcdef\"\n").Mastodon["mastodon"]
	if token.Visibility != "unlisted" || !token.RemoveLocation {
		t.Errorf("%+v; want the defaults of [MASTODON]", token)
	}
}

// TestLender: a table that lends its settings to others need not be an account.
func TestLender(t *testing.T) {
	const parent = "UPLOAD_FOLDER = \"@\"\n[MASTODON]\nTOKEN = \"0123456789abcdef0123456789abcdef\"\n"
	if w := load(t, parent+"[MASTODON.pub]\nBASE_URL = \"https://example.org\"\n[ACTIONS]\nfacebook = \"mastodon.pub\"\n").Warnings; len(w) > 0 {
		t.Errorf("warnings: %q; want none", w)
	}
	if w := load(t, parent).Warnings; len(w) != 1 || !strings.Contains(w[0], "mastodon: there is no BASE_URL") {
		t.Errorf("warnings: %q; want that there is no BASE_URL", w)
	}
}

// TestInstancesShareNothing is about the worst defect of the Flask
// implementation: after one post by a public instance every post was public.
// A list is the way in which it could come back here.
func TestInstancesShareNothing(t *testing.T) {
	c := load(t, `
UPLOAD_FOLDER = "@"
[SHELL]
CMD = ["parent", "a", "b"]
[SHELL.one]
CMD = ["one"]
[SHELL.two]
TIMEOUT = "1 minute"
`)
	for name, want := range map[string]string{"shell": "parent a b", "shell.one": "one", "shell.two": "parent a b"} {
		if got := strings.Join(c.Shell[name].Command, " "); got != want {
			t.Errorf("%s runs %q, want %q", name, got, want)
		}
	}
	if got := c.Shell["shell"].Limit; got != 5*time.Minute {
		t.Errorf("the parent's limit became %v", got)
	}
	c.Shell["shell.two"].Command[1] = "changed"
	if got := c.Shell["shell"].Command[1]; got != "a" {
		t.Errorf("parent and instance share a list: %q", got)
	}
}

func TestDefaults(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := Default("photos")
	if err != nil {
		t.Fatal(err)
	}
	wd, _ := os.Getwd()
	if c.Listen != "127.0.0.1:8080" || c.UploadFolder != filepath.Join(wd, "photos") || c.SpoolFolder != filepath.Join(wd, "photos/.spool") ||
		c.StorePath != "{date}" || c.MaxFile != 1<<30 || c.Reserve != 16<<20 || c.KeepDone != 7*24*time.Hour || c.Mail.PerDay != 200 || len(c.Warnings) != 0 {
		t.Errorf("%+v", c)
	}
	if r := c.Rules(); r.Mail != "store" || r.Social != "store" {
		t.Errorf("%+v", r)
	}
}

func TestRelativePaths(t *testing.T) {
	file, folder := settingsFile(t, "UPLOAD_FOLDER = \"here\"\nSPOOL_FOLDER = \"spool\"\n")
	os.Mkdir(filepath.Join(folder, "here"), 0o700)
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if c.UploadFolder != filepath.Join(folder, "here") || c.SpoolFolder != filepath.Join(folder, "spool") {
		t.Errorf("%s, %s; want them below %s", c.UploadFolder, c.SpoolFolder, folder)
	}
}

func TestNamesWithoutRegardToCase(t *testing.T) {
	c := load(t, "upload_folder = \"@\"\nMail_Server = \"localhost\"\n[mastodon]\nToken = \"x\"\n[mastodon.Pub]\nvisibility = \"Public\"\n[actions]\nFaceBook = \"Mastodon.PUB\"\n")
	if c.Mail.Server != "localhost" || c.Mastodon["mastodon.pub"].Visibility != "public" || c.Actions["facebook"] != "mastodon.pub" {
		t.Errorf("%+v", c)
	}
}

// TestWriteTOML shows that what is written can be read, and is the same; and
// that no secret is in it unless asked for.
func TestWriteTOML(t *testing.T) {
	c := load(t, `
UPLOAD_FOLDER = "@"
LISTEN = "127.0.0.1:1"
INTERFACES = ["192.168.8.1", "10.0.0.0/8"]
ADDRESS = "10.137.42.99"
PAGE_NAME = "Photos.Home.Arpa"
PAGE_PIN = "0192837465"
SENDERS = ["a@b.c"]
RECIPIENTS = ["*@b.c"]
SECRET = "hidden-1"
CAMERAS = ["NX300", "cl65"]
MAIL_SERVER = "smtp.example.org"
MAIL_USE_TLS = true
MAIL_USERNAME = "u"
MAIL_PASSWORD = "hidden-2 \"\\ \u00e4"
MAIL_FROM = "Me <me@b.c>"
MAIL_REMOVE_LOCATION = true
KEEP_DONE = "36 h"
[MASTODON]
BASE_URL = "https://example.org"
TOKEN = "hidden-3-0123456789abcdef"
[MASTODON.pub]
ALT_TEXT = "optional"
REMOVE_LOCATION = false
[SHELL]
CMD = ["x", "{filename}"]
[ACTIONS]
"a@b.c" = "mastodon.pub"
picasa = "shell"
`)
	var secret, open bytes.Buffer
	if err := c.WriteTOML(&secret, false); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(secret.String(), "hidden") || strings.Contains(secret.String(), c.PagePIN) {
		t.Errorf("a secret is shown:\n%s", &secret)
	}
	if err := c.WriteTOML(&open, true); err != nil {
		t.Fatal(err)
	}
	again := load(t, open.String())
	c.File, again.File, c.Fingerprint, again.Fingerprint = "", "", "", ""
	if !reflect.DeepEqual(c, again) {
		t.Errorf("came back as\n%+v\nwant\n%+v\nfrom\n%s", again, c, &open)
	}
}

// TestSettingsPage finds every setting in the page that lists them.
func TestSettingsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	notForPeople := []string{"FROM_UCI", "SESSION_FOLDER"} // set by the router's init script; of samsung-nx-emailservice, and without effect
	for name := range settings {
		name = name[strings.LastIndexByte(name, '.')+1:]
		listed := strings.Contains(string(page), "`"+name+"`") || strings.Contains(string(page), "`["+name+"]`")
		if listed == slices.Contains(notForPeople, name) {
			t.Errorf("%s: listed %v", name, listed)
		}
	}
}
