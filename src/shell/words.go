package shell

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"snsbridge/src/spool"
	"snsbridge/src/store"
)

const (
	argMax = 8 << 10  // bytes of a value in an argument
	envMax = 64 << 10 // bytes of a value in the environment; Linux allows 128 KiB
)

// word is a value for "{name}" and for the variable SNSBRIDGE_NAME.
type word struct{ name, value string }

// Words are what a Command's Args and Stdin may contain. The first five are
// those of the Flask implementation. Other braces stay as they are.
var Words = []string{
	"{sender}", "{recipient}", "{filename}", "{subject}", "{body}",
	"{site}", "{model}", "{id}", "{type}", "{taken}", "{number}", "{count}",
}

// wordsFor returns the values for one run, in the order of Words. The time is
// the camera's own, which knows no time zone.
func wordsFor(it *spool.Item, r run, filename string) []word {
	taken := ""
	if !r.file.Taken.IsZero() {
		taken = r.file.Taken.Format("2006-01-02T15:04:05")
	}
	values := []string{
		store.Sender(it), r.to, filename, it.Title, it.Text,
		it.Site, it.Model, it.ID, r.file.Type, taken, strconv.Itoa(r.number), strconv.Itoa(len(it.Files)),
	}
	words := make([]word, len(values))
	for i, v := range values {
		words[i] = word{strings.Trim(Words[i], "{}"), v}
	}
	return words
}

// newReplacer replaces the words by their values, each made fit by clean.
// The name of a file has to stay what it is; it comes from store.
func newReplacer(words []word, clean func(string) string) *strings.Replacer {
	var pairs []string
	for _, w := range words {
		if w.name != "filename" {
			w.value = clean(w.value)
		}
		pairs = append(pairs, "{"+w.name+"}", w.value)
	}
	return strings.NewReplacer(pairs...)
}

// arguments returns the arguments of a run.
func arguments(command []string, words []word) []string {
	replacer := newReplacer(words, oneLine)
	var args []string
	onlyOperands := false
	for _, template := range command[1:] {
		arg := replacer.Replace(template)
		if strings.HasPrefix(arg, "-") && !strings.HasPrefix(template, "-") && !onlyOperands {
			arg = " " + arg
		}
		args = append(args, arg)
		onlyOperands = onlyOperands || template == "--"
	}
	return args
}

// environment returns the whole environment of a run: nothing else is inherited.
func environment(words []word, home, temp string) []string {
	env := []string{"PATH=" + strings.Join(searchPath, ":"), "HOME=" + home, "TMPDIR=" + temp, "LANG=C.UTF-8"}
	for _, w := range words {
		if w.name != "filename" {
			w.value = cut(plainText(w.value), envMax)
		}
		env = append(env, "SNSBRIDGE_"+strings.ToUpper(w.name)+"="+w.value)
	}
	return env
}

// oneLine makes a value fit for an argument: one line, and not too long.
func oneLine(s string) string {
	return cut(strings.ReplaceAll(strings.ReplaceAll(plainText(s), "\n", " "), "\t", " "), argMax)
}

// plainText replaces control characters but line ends and tabs by blanks.
func plainText(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == 0:
			return -1
		case unicode.IsControl(r):
			return ' '
		}
		return r
	}, s)
}

// cut cuts between two characters.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
