package config

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/BurntSushi/toml"
)

// Error is one wrong setting.
type Error struct {
	File   string
	Line   int    // 0: unknown
	Key    string // as written: "MASTODON.pub.VISIBILITY"; "" for the file as a whole
	Wrong  string // what is wrong
	Remedy string // what would be right
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	for _, part := range []string{e.Key, e.Wrong} {
		if part != "" && b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(part)
	}
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

// source is a settings file on its way to a Config; it gathers what is wrong
// with it, so that all is told at once.
type source struct {
	name  string
	text  string
	meta  toml.MetaData
	wrong []*Error
}

func (s *source) fail(key, wrong, remedy string, args ...any) {
	s.wrong = append(s.wrong, &Error{s.name, s.line(key), key, wrong, fmt.Sprintf(remedy, args...)})
}

// err returns what is wrong, in the order of the file.
func (s *source) err() error {
	sort.SliceStable(s.wrong, func(i, j int) bool { return s.wrong[i].Line < s.wrong[j].Line })
	errs := make([]error, len(s.wrong))
	for i, e := range s.wrong {
		errs[i] = e
	}
	return errors.Join(errs...)
}

// line returns where a key stands, 0 if it stands nowhere. The TOML library
// does not tell; known limit: a line of a multi-line string can be taken for a key.
func (s *source) line(key string) int {
	key = plain(key)
	found, table := 0, ""
	for i, text := range strings.Split(s.text, "\n") {
		name := ""
		text = strings.TrimSpace(text)
		if header, ok := strings.CutPrefix(text, "["); ok {
			header, _, _ = strings.Cut(header, "]")
			name = plain(header)
			table = name + "."
		} else if left, _, ok := strings.Cut(text, "="); ok && !strings.HasPrefix(text, "#") {
			name = table + plain(left)
		}
		switch {
		case name == key:
			return i + 1
		case found == 0 && strings.EqualFold(name, key):
			found = i + 1
		}
	}
	return found
}

func plain(key string) string { return strings.NewReplacer(`"`, "", `'`, "", " ", "").Replace(key) }

// join names a key as people write it.
func join(key []string) string { return strings.Join(key, ".") }

// checkKeys refuses keys that do not exist and values of the wrong type.
func (s *source) checkKeys() {
	seen := map[string]bool{}
	for _, key := range s.meta.Keys() {
		name, typ := join(key), s.meta.Type(key...)
		upper := strings.ToUpper(name)
		if seen[upper] {
			s.fail(name, "is set twice", "names match without regard to case: remove one")
		}
		seen[upper] = true
		want, similar := kindOf(key, typ)
		switch {
		case want == "" && similar != "":
			s.fail(name, "is not a known setting", "did you mean %s?", similar)
		case want == "":
			s.fail(name, "is not a known setting", "remove it, or see the list in docs/settings.md")
		case want != typ && !(want == size && (typ == number || typ == text)):
			s.fail(name, "must be "+article[want]+", not "+article[typ], "for example: %s = %s", key[len(key)-1], example(key, want))
		}
	}
}

// The types of values, as the TOML library names them, and one of our own.
const (
	text   = "String"
	number = "Integer"
	truth  = "Bool"
	list   = "Array"
	table  = "Hash"
	size   = "size"
)

var article = map[string]string{
	text: `a text in quotes`, number: "a whole number", truth: "true or false", list: `a list in [ ]`,
	table: "a table", size: `a size or time such as "1 GiB" or "7 days"`,
	"Float": "a number with a fraction", "Datetime": "a date", "ArrayHash": "a list of tables",
}

// settings are all keys with the type of their value. MASTODON and SHELL may
// have instances: tables in the table with the same keys.
var settings = map[string]string{
	"FROM_UCI": truth, "LISTEN": text, "INTERFACES": list, "CONTROL_SOCKET": text, "STATE_FOLDER": text,
	"ADDRESS": text, "PAGE_NAME": text, "PAGE_PIN": text,
	"UPLOAD_FOLDER": text, "SESSION_FOLDER": text, "SPOOL_FOLDER": text, "FORMER_FOLDER": text, "INSECURE_DOWNLOAD": truth,
	"SENDERS": list, "RECIPIENTS": list, "SECRET": text, "CAMERAS": list, "CAMERA_MACS": list,
	"MAIL_SERVER": text, "MAIL_PORT": number, "MAIL_USERNAME": text, "MAIL_PASSWORD": text,
	"MAIL_USE_TLS": truth, "MAIL_USE_SSL": truth, "MAIL_FROM": text, "MAIL_PER_DAY": number, "MAIL_REMOVE_LOCATION": truth,
	"STORE_PATH": text, "ALT_TEXT": text, "MAX_FILE": size, "RESERVE": size, "KEEP_DONE": size,
	"MASTODON_BASE_URL": text, "MASTODON_TOKEN": text, "MASTODON_POSTSCRIPT": text, "MASTODON_VISIBILITY": text,
	"MASTODON": table, "SHELL": table, "ACTIONS": table,
	"MASTODON.BASE_URL": text, "MASTODON.TOKEN": text, "MASTODON.POSTSCRIPT": text, "MASTODON.VISIBILITY": text,
	"MASTODON.LANGUAGE": text, "MASTODON.ALT_TEXT": text, "MASTODON.REMOVE_LOCATION": truth,
	"SHELL.CMD": list, "SHELL.STDIN": text, "SHELL.TIMEOUT": size, "SHELL.REMOVE_LOCATION": truth,
}

// kindOf returns the type that a key's value must have, "" if there is no such
// key, and then the most similar one.
func kindOf(key []string, typ string) (kind, similar string) {
	upper := strings.ToUpper(join(key))
	parent := strings.ToUpper(key[0])
	switch {
	case settings[upper] != "":
		return settings[upper], ""
	case len(key) == 2 && parent == "ACTIONS":
		return text, ""
	case len(key) >= 2 && parent == "ACTIONS":
		// An address without quotes is a chain of tables to TOML.
		return "", `"` + join(key[1:]) + `" in quotes`
	case len(key) == 2 && (parent == "MASTODON" || parent == "SHELL") && typ == table:
		return table, ""
	case len(key) == 3 && (parent == "MASTODON" || parent == "SHELL"):
		if k := settings[parent+"."+strings.ToUpper(key[2])]; k != "" {
			return k, ""
		}
		upper = parent + "." + strings.ToUpper(key[2])
	}
	best := 4 // letters to change; more is another word
	for name := range settings {
		d := distance(upper, name)
		if d < best || d == best && name < similar {
			best, similar = d, name
		}
	}
	return "", similar
}

// distance counts the letters to insert, remove or replace between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

func example(key []string, kind string) string {
	switch strings.ToUpper(key[len(key)-1]) {
	case "SENDERS":
		return `["Camera@samsungcamera.com"]`
	case "CMD":
		return `["/usr/bin/logger", "{filename}"]`
	case "CAMERAS":
		return `["NX300", "WB850F"]`
	case "CAMERA_MACS":
		return `["00:16:6c:12:34:56"]`
	case "PAGE_PIN":
		return `"4711"`
	case "MAIL_PORT":
		return "587"
	case "MAIL_PER_DAY":
		return "200"
	case "KEEP_DONE":
		return `"7 days"`
	}
	return map[string]string{
		text: `"..."`, number: "1", truth: "true", list: `["...", "..."]`, size: `"1 GiB"`, table: "a line [NAME] with settings below it",
	}[kind]
}
