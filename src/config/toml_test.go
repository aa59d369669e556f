package config

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// encoded is what the library writes.
func encoded(t *testing.T, table map[string]any) string {
	t.Helper()
	var b strings.Builder
	e := toml.NewEncoder(&b)
	e.Indent = ""
	if err := e.Encode(table); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAppendTOML(t *testing.T) {
	for why, table := range map[string]map[string]any{
		"nothing":           {},
		"every type":        {"TEXT": "x", "LIST": []string{"a", "b"}, "NONE": []string{}, "YES": true, "NO": false, "NUMBER": -1, "LARGE": int64(1) << 40},
		"no value on top":   {"ACTIONS": map[string]string{"a@b.c": "store", "picasa": "drop"}},
		"tables in tables":  {"A": "x", "MASTODON": map[string]any{"TOKEN": "t", "pub": map[string]any{"TOKEN": "u"}, "art": map[string]any{}}, "SHELL": map[string]any{}},
		"only tables in it": {"MASTODON": map[string]any{"pub": map[string]any{"TOKEN": "u"}}},
		"names to quote":    {"": "x", "a b": "x", "ä": "x", "a.b": map[string]any{"c\"d": "x", "A-Z_09": "x", "@[`{": "x"}},
	} {
		if got, want := string(appendTOML(nil, "", table)), encoded(t, table); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", why, got, want)
		}
	}
}

// A password is any text. The quotes around it must hold.
func FuzzTOMLString(f *testing.F) {
	var all strings.Builder
	for c := range rune(0x100) {
		all.WriteRune(c)
	}
	f.Add(all.String())
	f.Add("\"\"\"\\u0041\\\n[ACTIONS]\nx = \"")
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) {
			t.Skip("no TOML has it; parse says so")
		}
		table := map[string]any{s: s, "LIST": []string{s, s}}
		text := string(appendTOML(nil, "", table))
		if want := encoded(t, table); text != want {
			t.Errorf("got\n%s\nwant\n%s", text, want)
		}
		back := map[string]any{}
		_, err := toml.Decode(text, &back)
		want := map[string]any{s: s, "LIST": []any{s, s}}
		if s == "LIST" {
			want = map[string]any{s: []any{s, s}}
		}
		if err != nil || !reflect.DeepEqual(back, want) {
			t.Errorf("%q: %v, %q", s, err, back)
		}
	})
}
