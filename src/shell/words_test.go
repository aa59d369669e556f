package shell

import (
	"slices"
	"strings"
	"testing"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// sample is a run with a value for every word.
func sample() (*spool.Item, run, string) {
	it := &spool.Item{
		ID: "000007-abcd", Kind: spool.Email, Sender: "My NX <nx@example.org>", Title: "Hello", Text: "two\r\nlines",
		Site: "facebook", Model: "NX300", Files: make([]spool.File, 3),
	}
	r := run{file: spool.File{Type: "image/jpeg", Taken: spooltest.July}, number: 2, to: "me@example.org"}
	return it, r, "/photos/2026-07-14/SAM_0042.JPG"
}

func TestArguments(t *testing.T) {
	for _, c := range []struct {
		command string // divided at |
		subject string
		want    string
		why     string
	}{
		{"{sender}|{recipient}|{filename}", "", "nx@example.org|me@example.org|/photos/2026-07-14/SAM_0042.JPG", "the example that the Flask implementation ships"},
		{"{subject}|{body}|{site}|{model}", "Hello", "Hello|two lines|facebook|NX300", "one line"},
		{"{id}|{type}|{taken}|{number}/{count}", "", "000007-abcd|image/jpeg|2026-07-14T18:30:05|2/3", "our own words"},
		{"a={subject},{subject}", "x", "a=x,x", "within an argument"},
		{"{subject}", "", "", "an empty argument stays one"},
		{"{{subject}}|{Subject}|{foo}|{}|{subject.__class__}|{0}", "x", "{x}|{Subject}|{foo}|{}|{subject.__class__}|{0}", "known words only, and nothing else"},
		{"%s|$HOME|~|*|`id`", "x", "%s|$HOME|~|*|`id`", "there is no shell"},
		{"{subject}", `"; rm -rf / #`, `"; rm -rf / #`, "one argument, whatever is in it"},
		{"{subject}", "$(id)", "$(id)", "one argument, whatever is in it"},
		{"{subject}", "%s%n", "%s%n", "not a format"},
		{"{subject}", "{filename} {body}", "{filename} {body}", "not filled in twice"},
		{"{subject}", "a\nb\tc\x00d\x1b[31me\u0085f", "a b cd [31me f", "no control characters"},
		{"{subject}", "-rf", " -rf", "no option"},
		{"{subject}", "--exec=x", " --exec=x", "no option"},
		{"{subject}", "-", " -", "not the standard input either"},
		{"{subject}x", "-", " -x", "no option, by the beginning"},
		{"{subject}-x", "", " -x", "nor by what is missing before the dash"},
		{"{subject}{recipient}", "-", " -me@example.org", "nor by two words"},
		{"{subject}", "\n-x", " -x", "nor behind a line end"},
		{"--title={subject}|-s|{subject}", "-x", "--title=-x|-s| -x", "options of the settings stay"},
		{"--|{subject}", "-x", "--|-x", "behind -- everything is an operand"},
		{"{subject}|--|{subject}", "-x", " -x|--|-x", "but not before it"},
		{"-{subject}|{subject}", "-", "--| -", "not even together with the settings"},
		{"{subject}|{subject}", "--", " --| --", "a photo's text cannot end the options"},
	} {
		it, r, file := sample()
		it.Title = c.subject
		got := arguments(strings.Split("cmd|"+c.command, "|"), wordsFor(it, r, file))
		if want := strings.Split(c.want, "|"); !slices.Equal(got, want) {
			t.Errorf("%s\nsubject %q\n got %q\nwant %q", c.why, c.subject, got, want)
		}
	}
}

func TestFileNameIsExact(t *testing.T) {
	it, r, _ := sample()
	file := "/a\tb/" + strings.Repeat("x", 9<<10)
	words := wordsFor(it, r, file)
	if got := arguments([]string{"cmd", "{filename}"}, words)[0]; got != file {
		t.Errorf("as an argument %.60q", got)
	}
	if !slices.Contains(environment(words, "/", "/tmp"), "SNSBRIDGE_FILENAME="+file) {
		t.Error("not in the environment")
	}
}

func TestLengths(t *testing.T) {
	it, r, file := sample()
	it.Text = strings.Repeat("가", 1<<20)
	words := wordsFor(it, r, file)
	if arg := arguments([]string{"cmd", "{body}"}, words)[0]; len(arg) != 8<<10-2 || strings.Trim(arg, "가") != "" {
		t.Errorf("an argument has %d bytes, want 8190: whole characters only", len(arg))
	}
	for _, v := range environment(words, "/", "/tmp") {
		if len(v) > 64<<10+100 {
			t.Errorf("a variable has %d bytes", len(v))
		}
	}
	if in := newReplacer(words, plainText).Replace("{body}"); in != it.Text {
		t.Errorf("the standard input has %d bytes, want all %d", len(in), len(it.Text))
	}
}

func TestEnvironment(t *testing.T) {
	it, r, file := sample()
	it.Title = "a\x00b\x1bc\nPATH=/evil"
	want := []string{
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/home", "TMPDIR=/temp", "LANG=C.UTF-8",
		"SNSBRIDGE_SENDER=nx@example.org", "SNSBRIDGE_RECIPIENT=me@example.org", "SNSBRIDGE_FILENAME=" + file,
		"SNSBRIDGE_SUBJECT=ab c\nPATH=/evil", "SNSBRIDGE_BODY=two\nlines", "SNSBRIDGE_SITE=facebook", "SNSBRIDGE_MODEL=NX300",
		"SNSBRIDGE_ID=000007-abcd", "SNSBRIDGE_TYPE=image/jpeg", "SNSBRIDGE_TAKEN=2026-07-14T18:30:05",
		"SNSBRIDGE_NUMBER=2", "SNSBRIDGE_COUNT=3",
	}
	if got := environment(wordsFor(it, r, file), "/home", "/temp"); !slices.Equal(got, want) {
		t.Errorf("environment\n got %q\nwant %q", got, want)
	}
}

func TestScriptWord(t *testing.T) {
	for _, c := range []struct{ command, want, why string }{
		{"sh|-c|echo {subject}", "{subject}", "a shell runs what is typed on a camera"},
		{"/bin/bash|-ec|mail '{recipient}'", "{recipient}", "quotes are no help"},
		{"/usr/bin/env|bash|-l|-c|x {body}", "{body}", "behind another program"},
		{"busybox|ash|-c|-e|{filename}", "{filename}", "options follow"},
		{`sh|-c|echo "$1"|x|{subject}`, "", "as an argument of the script it is safe"},
		{`sh|-c|echo "$SNSBRIDGE_SUBJECT"`, "", "as a variable too"},
		{"sh|-c|echo {foo}", "", "no word of ours"},
		{"./log.sh|{subject}", "", "no shell: a file"},
		{"sh|./log.sh|-c|{subject}", "{subject}", "looks like one, and better refused"},
		{"curl|-c|{filename}", "", "no shell"},
		{"sh|--posix|{subject}", "", "no script"},
	} {
		if got := scriptWord(strings.Split(c.command, "|")); got != c.want {
			t.Errorf("%s: scriptWord(%q) = %q, want %q", c.why, c.command, got, c.want)
		}
	}
}
