package action

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"snsbridge/src/spool"
)

const (
	shellArgMax = 8 << 10  // bytes of a value in an argument
	shellEnvMax = 64 << 10 // bytes of a value in the environment; Linux allows 128 KiB
)

// shellWord is a value for "{name}" and for the variable SNSBRIDGE_NAME.
type shellWord struct{ name, value string }

// ShellWords are what a Shell's Command and Stdin may contain. The first five
// are those of the Flask implementation. Other braces stay as they are.
var ShellWords = []string{
	"{sender}", "{recipient}", "{filename}", "{subject}", "{body}",
	"{site}", "{model}", "{id}", "{type}", "{taken}", "{number}", "{count}",
}

// shellWords returns the values for one run, in the order of ShellWords. The
// time is the camera's own, which knows no time zone.
func shellWords(it *spool.Item, r shellRun, filename string) []shellWord {
	taken := ""
	if !r.file.Taken.IsZero() {
		taken = r.file.Taken.Format("2006-01-02T15:04:05")
	}
	values := []string{
		bareSender(it), r.to, filename, it.Title, it.Text,
		it.Site, it.Model, it.ID, r.file.Type, taken, strconv.Itoa(r.number), strconv.Itoa(len(it.Files)),
	}
	words := make([]shellWord, len(values))
	for i, v := range values {
		words[i] = shellWord{strings.Trim(ShellWords[i], "{}"), v}
	}
	return words
}

// shellReplacer replaces the words by their values, each made fit by clean.
// The name of a file has to stay what it is; it comes from Store.
func shellReplacer(words []shellWord, clean func(string) string) *strings.Replacer {
	var pairs []string
	for _, w := range words {
		if w.name != "filename" {
			w.value = clean(w.value)
		}
		pairs = append(pairs, "{"+w.name+"}", w.value)
	}
	return strings.NewReplacer(pairs...)
}

// shellArgs returns the arguments of a run.
func shellArgs(command []string, words []shellWord) []string {
	replacer := shellReplacer(words, shellLine)
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

// shellEnv returns the whole environment of a run: nothing else is inherited.
func shellEnv(words []shellWord, home, temp string) []string {
	env := []string{"PATH=" + strings.Join(shellPath, ":"), "HOME=" + home, "TMPDIR=" + temp, "LANG=C.UTF-8"}
	for _, w := range words {
		if w.name != "filename" {
			w.value = shellCut(shellText(w.value), shellEnvMax)
		}
		env = append(env, "SNSBRIDGE_"+strings.ToUpper(w.name)+"="+w.value)
	}
	return env
}

// shellLine makes a value fit for an argument: one line, and not too long.
func shellLine(s string) string {
	return shellCut(strings.ReplaceAll(strings.ReplaceAll(shellText(s), "\n", " "), "\t", " "), shellArgMax)
}

// shellText replaces control characters but line ends and tabs by blanks.
func shellText(s string) string {
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

// shellCut cuts between two characters.
func shellCut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}
