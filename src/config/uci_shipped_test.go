package config

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

const shipped = "../../files/etc/config/snsbridge"

// shippedLine is a line of the list of options.
type shippedLine struct {
	option  string // "storage.path"
	text    string // without the #
	example bool   // is not set, whatever is shown
}

// shippedLines returns the lines with options, commented out or not, and the
// whole file with all of them in force.
func shippedLines(t *testing.T) (lines []shippedLine, all string) {
	t.Helper()
	section := ""
	for line := range strings.Lines(UCIOptions) {
		text := strings.TrimPrefix(strings.TrimSpace(line), "#")
		word, rest, _ := strings.Cut(text, " ")
		name, _, _ := strings.Cut(rest, " ")
		switch word {
		case "config":
			section = name
		case "option", "list":
			_, remark, ok := strings.Cut(text, "# ")
			l := shippedLine{section + "." + name, text, strings.HasPrefix(remark, "example")}
			if repeated := len(lines) > 0 && lines[len(lines)-1].option == l.option; !ok && !repeated {
				t.Errorf("%s has no remark", l.option)
			}
			if section == "mastodon" || section == "shell" || section == "rule" {
				// These sections are examples as a whole.
				l.example = l.example || slices.Contains([]string{"command", "match", "action", "account", "folder"}, name)
			}
			lines = append(lines, l)
		default:
			continue
		}
		all += text + "\n"
	}
	return lines, all
}

// others are values that are not the default, and what else must be set for
// them to have a meaning.
var others = map[string]struct{ context, value string }{
	"snsbridge.enabled": {"", "0"},
	"snsbridge.address": {"", "10.137.42.99"},
	"snsbridge.port":    {"", "18733"},
	"snsbridge.network": {"", "wifi"},

	"cameras.model":  {"", "NX1"},
	"cameras.mac":    {"", "00:16:6C:AB:CD:EF"},
	"cameras.sender": {"", "me@example.org"},

	"phone.pin":  {"", "0815"},
	"phone.name": {"", "photos.home.arpa"},

	"storage.path":              {"", "/etc"},
	"storage.store_path":        {"", "{model}"},
	"storage.secret":            {"", "a secret"},
	"storage.insecure_download": {"", "1"},
	"storage.max_file":          {"", "2 GiB"},
	"storage.reserve":           {"", "1 MiB"},
	"storage.keep_done":         {"", "8 days"},

	"smarthost.server":          {"", "smtp.example.org"},
	"smarthost.encryption":      {"option server a.example.org", "tls"},
	"smarthost.port":            {"option server a.example.org", "2525"},
	"smarthost.username":        {"option server a.example.org", "me"},
	"smarthost.password":        {"option server a.example.org", "secret"},
	"smarthost.from":            {"option server a.example.org", "me@example.org"},
	"smarthost.per_day":         {"option server a.example.org", "7"},
	"smarthost.remove_location": {"option server a.example.org", "1"},
	"smarthost.recipient":       {"", "me@example.org"},

	"mastodon.base_url":        {"", "https://example.org"},
	"mastodon.token":           {"", "0123456789abcdef0123456789abcdef"},
	"mastodon.postscript":      {"", "#tag"},
	"mastodon.visibility":      {"", "public"},
	"mastodon.language":        {"", "ko"},
	"mastodon.alt_text":        {"", "optional"},
	"mastodon.remove_location": {"", "0"},

	"shell.command":         {"list command /bin/true", "more"},
	"shell.stdin":           {"list command /bin/true", "{body}"},
	"shell.timeout":         {"list command /bin/true", "1 minute"},
	"shell.remove_location": {"list command /bin/true", "1"},

	"rule.match":   {"option match facebook\noption action drop", "picasa"},
	"rule.action":  {"option match facebook\noption action drop", "store"},
	"rule.account": {"option match facebook\noption action mastodon\noption account first", "second"},
	"rule.command": {"option match facebook\noption action shell\noption command first", "second"},
	"rule.folder":  {"option match facebook\noption action store", "holiday"},
}

// sectionWith writes a section with lines in it, and what rules could lead to.
func sectionWith(typ string, lines ...string) string {
	name := map[string]string{"snsbridge": " main", "mastodon": " x", "shell": " x"}[typ]
	text := "config " + typ + name + "\n" + strings.Join(lines, "\n") + "\n"
	if typ == "rule" {
		text += "config mastodon first\nconfig mastodon second\n"
		text += "config shell one\nlist command a\nconfig shell two\nlist command b\n"
		text = strings.NewReplacer("command first", "command one", "command 'second'", "command two").Replace(text)
	}
	return text
}

// TestUCIOptions shows that every option of the list is read, and changes what
// the router runs by; that those not marked "example" say the default; that none
// is missing; and that the list works with everything in force.
func TestUCIOptions(t *testing.T) {
	lines, all := shippedLines(t)
	inFile := map[string]bool{}
	for _, l := range lines {
		inFile[l.option] = true
		typ, name, _ := strings.Cut(l.option, ".")
		o, ok := others[l.option]
		if !ok {
			t.Errorf("%s is in the file, and no value is known here to try it", l.option)
			continue
		}
		without := loadRouter(t, sectionWith(typ, o.context))
		word, _, _ := strings.Cut(l.text, " ")
		with := loadRouter(t, sectionWith(typ, o.context, word+" "+name+" "+uciText(o.value)))
		if reflect.DeepEqual(with, without) {
			t.Errorf("%s has no effect", l.option)
		}
		if l.example || name == "network" { // two lines are its default
			continue
		}
		shown := loadRouter(t, sectionWith(typ, o.context, l.text))
		shown.reserve = without.reserve // working memory has a default of its own
		if !reflect.DeepEqual(shown, without) {
			t.Errorf("the file shows for %s what is not the default: %s", l.option, l.text)
		}
	}
	for typ, options := range uciOptions {
		for name := range options {
			if !inFile[typ+"."+name] {
				t.Errorf("%s.%s is not in the list", typ, name)
			}
		}
	}
	if !reflect.DeepEqual(loadRouter(t, UCIOptions), loadRouter(t, "")) {
		t.Error("the list as it is does not ask for the defaults")
	}
	// A rule cannot lead to all kinds of places.
	all = strings.NewReplacer("option command 'log'", "", "option folder 'holiday'", "").Replace(all)
	u := loadRouter(t, all)
	if c := u.Config; c.Actions["facebook"] != "mastodon.pub" || len(c.Shell["shell.log"].Command) != 2 || c.Mail.Port != 587 {
		t.Errorf("with all examples in force: %+v", c)
	}
}

// TestShippedFile: the package's settings ask for the defaults, have a section of
// each kind that LuCI's pages look for, and no remark that the first uci commit
// would take away, but for how to list what else there is.
func TestShippedFile(t *testing.T) {
	b, err := os.ReadFile(shipped)
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	if !reflect.DeepEqual(loadRouter(t, text), loadRouter(t, "")) {
		t.Error("the file does not ask for the defaults")
	}
	for typ := range uciOptions {
		if want := typ != "mastodon" && typ != "shell" && typ != "rule"; strings.Contains(text, "\nconfig "+typ+" '") != want {
			t.Errorf("a section %s is there: %v, want %v", typ, !want, want)
		}
	}
	if n := strings.Count(text, "#"); n != 2 || !strings.Contains(text, "# All options, with their defaults: snsbridge config --options\n") {
		t.Errorf("%d remarks in\n%s", n, text)
	}
}

// TestDocumentedOptions: the page has the list word for word.
func TestDocumentedOptions(t *testing.T) {
	b, err := os.ReadFile("../../docs/options.md")
	if err != nil || !strings.Contains(string(b), "\n```\n"+UCIOptions+"```\n") {
		t.Errorf("docs/options.md does not have the list; %v", err)
	}
}

// TestEverySetting shows that what the program can do a router's owner can ask
// for.
func TestEverySetting(t *testing.T) {
	without := map[string]string{
		"SESSION_FOLDER": "is not used",
		"SPOOL_FOLDER":   "is in the photo folder, whose storage is checked",
		"FORMER_FOLDER":  "is working memory, if photos are elsewhere now",
		"CONTROL_SOCKET": "is where the package has it",
		"STATE_FOLDER":   "is in the router's flash",
		"FROM_UCI":       "is true",
		"INTERFACES":     "is made of the networks",
		"ALT_TEXT":       "each account has its own",
		"MAIL_USE_SSL":   "is a value of encryption",
		"MASTODON":       "is made of sections",

		"MASTODON_BASE_URL": "is of old settings files", "MASTODON_TOKEN": "the same",
		"MASTODON_POSTSCRIPT": "the same", "MASTODON_VISIBILITY": "the same",

		"SHELL":   "the same",
		"ACTIONS": "the same",
	}
	reachable := map[string]bool{}
	for typ, options := range uciOptions {
		prefix := ""
		if typ == "mastodon" || typ == "shell" {
			prefix = strings.ToUpper(typ) + "."
		}
		for key := range maps.Values(options) {
			reachable[prefix+key.toml] = true
		}
	}
	for key := range settings {
		if without[key] == "" && !reachable[key] {
			t.Errorf("no option of UCI leads to %s", key)
		}
	}
}
