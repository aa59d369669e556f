package mastodon

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"snsbridge/src/spool"
)

func TestCompose(t *testing.T) {
	for _, c := range []struct {
		reason     string
		item       spool.Item
		postscript string
		want       string
	}{
		{"a post tells the camera", spool.Item{Kind: spool.Post, Text: "Sea", Model: "NX300"}, " #sea", "Sea\n\n📷️ NX300\n\n#sea"},
		{"no text, no empty lines", spool.Item{Kind: spool.Post, Model: "NX300"}, "", "📷️ NX300"},
		{"a model that is not known", spool.Item{Kind: spool.Post, Text: "Sea"}, "", "Sea"},
		{"an e-mail does not", spool.Item{Kind: spool.Email, Text: "Sea", Title: "Holiday", Model: "NX300"}, "#sea", "Sea\n\n#sea"},
		{"what the camera wrote by itself", spool.Item{Kind: spool.Email, Text: noBody + "\n", Title: noTitle}, "", ""},
		{"only a title was typed", spool.Item{Kind: spool.Email, Text: noBody, Title: "Holiday"}, "", "Holiday"},
		{"the default is a text like any other in a post", spool.Item{Kind: spool.Post, Text: noBody}, "", noBody},
		{"bytes that a database refuses", spool.Item{Kind: spool.Post, Text: "a\x00b\r\nc\xffd\x1b[m"}, "", "a b\nc\uFFFDd [m"},
	} {
		if got := compose(&c.item, c.postscript); got != c.want {
			t.Errorf("%s: got %q, want %q", c.reason, got, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	link := "https://example.org/" + strings.Repeat("x", 100)
	for _, c := range []struct {
		reason string
		text   string
		room   int
		want   []string
	}{
		{"it fits", "0123456789", 10, []string{"0123456789"}},
		{"at a word", "one two three", 10, []string{"one two …", "three"}},
		{"a line's end is one too", "one two\n\nthree", 12, []string{"one two …", "three"}},
		{"no spaces", "日本語日本語日本語日本", 10, []string{"日本語日本語日本 …", "語日本"}},
		{"not between a letter and its accent", "aaaaaaae\u0301eeee", 10, []string{"aaaaaaa …", "e\u0301eeee"}},
		{"not inside a family", "aaaaa👩‍👩‍👧bbbb", 10, []string{"aaaaa …", "👩‍👩‍👧bbbb"}},
		{"a short link counts as the server reserves", "abc http://x.y def", 29, []string{"abc http://x.y …", "def"}},
		{"a long one as it is", "abc " + link, 122, []string{"abc …", link}},
		{"as much as it may", strings.Repeat("a ", 60), 10, nil},
	} {
		got, ok := cut(strings.TrimSpace(c.text), c.room, 23)
		if ok != (c.want != nil) || strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%s: got %q, want %q", c.reason, got, c.want)
		}
	}
}

// Whatever is typed, no letter of it is lost and no piece is too long.
func TestCutAll(t *testing.T) {
	alphabet := []rune("ab \n語é\u0301\u200d👩:/~^\ufe0f")
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) {
				return -1
			}
			return r
		}, s)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var b strings.Builder
		for range rnd.IntN(200) {
			b.WriteRune(alphabet[rnd.IntN(len(alphabet))])
		}
		text := clean(b.String())
		const room = 30
		pieces, ok := cut(text, room, 23)
		if !ok {
			t.Fatalf("%q cannot be cut", text)
		}
		all := ""
		for i, p := range pieces {
			if n := utf8.RuneCountInString(p); n > room {
				t.Fatalf("%q: a piece has %d characters", text, n)
			}
			if i < len(pieces)-1 {
				p = strings.TrimSuffix(p, " …")
			}
			all += p
		}
		if plain(all) != plain(text) {
			t.Fatalf("got %q, want %q", all, text)
		}
	}
}

func TestPartsEmpty(t *testing.T) {
	if _, err := intoParts("", nil, 500, 23, 4); err == nil {
		t.Error("a post of nothing is no error")
	}
	if _, err := intoParts(strings.Repeat("word ", 1500), nil, 500, 23, 4); err == nil {
		t.Error("a text for fifteen posts is no error")
	}
}
