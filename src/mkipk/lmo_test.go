package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// texts.lmo is what the po2lmo of LuCI for 24.10 made of texts.po.
func TestLMO(t *testing.T) {
	got, err := lmo("testdata/texts.po")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/texts.lmo")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestLMORefuses(t *testing.T) {
	for _, c := range []struct{ reason, text, want string }{
		{"a context", "msgctxt \"a\"\nmsgid \"b\"\n", `:1: mkipk does not understand "msgctxt`},
		{"plurals", "msgid \"b\"\nmsgid_plural \"c\"\n", ":2:"},
		{"a text of several lines", "msgid \"a\"\n\"b\"\n", ":2:"},
		{"a quote that ends too early", "msgid \"a\"b\"\n", ":1:"},
		{"a backslash that hides the end", "msgid \"a\\\"\n", ":1:"},
		{"another escape", "msgid \"a\\n\"\n", ":1:"},
	} {
		name := filepath.Join(t.TempDir(), "x.po")
		if err := os.WriteFile(name, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := lmo(name); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want ...%s", c.reason, err, c.want)
		}
	}
}
