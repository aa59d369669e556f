package camera

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "rewrite testdata and the table of models in docs")

const hint = "if the new text is right, run `go generate ./src/camera`"

func TestTable(t *testing.T) {
	var out bytes.Buffer
	if err := WriteTable(&out, Models()); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 100 {
			t.Errorf("%d columns, want at most 100: %s", n, line)
		}
	}
	golden(t, "testdata/models.txt", out.Bytes())
}

// The web pages of the router read this; a change of what is there breaks them.
func TestJSON(t *testing.T) {
	out, err := json.MarshalIndent(Models(), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out, []byte("null")) {
		t.Errorf("null in the JSON: a list was left nil")
	}
	golden(t, "testdata/models.json", append(out, '\n'))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, name, string(got), string(want))
}

// The page shows the table as it is, between two markers.
func TestPage(t *testing.T) {
	const name, begin, end = "../../docs/cameras.md", "<!-- models -->\n", "<!-- /models -->\n"
	var table strings.Builder
	if err := writeMarkdown(&table); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	block, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s: the table of models needs the lines %q and %q around it", name, begin, end)
	}
	if *update {
		block = table.String()
		if err := os.WriteFile(name, []byte(before+begin+block+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	compare(t, name, table.String(), block)
}

// compare shows the first line that differs.
func compare(t *testing.T, name, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	gots, wants := strings.Split(got, "\n"), strings.Split(want, "\n")
	i := 0
	for i < min(len(gots), len(wants))-1 && gots[i] == wants[i] {
		i++
	}
	t.Errorf("%s: line %d of the table\n got %q\nwant %q\n%s", name, i+1, gots[i], wants[i], hint)
}

func TestMarkdownShowsEachModelOnce(t *testing.T) {
	var out strings.Builder
	if err := writeMarkdown(&out); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		if n := strings.Count(line, "|"); n != 7 {
			t.Errorf("%d bars, want 7: %s", n, line)
		}
		for _, title := range strings.Split(strings.Split(line, "|")[1], ",") {
			count[strings.TrimSpace(title)]++
		}
	}
	for _, m := range models {
		if got := count[m.Title()]; got != 1 {
			t.Errorf("%s stands in %d rows, want 1", m.Title(), got)
		}
	}
}

func TestYears(t *testing.T) {
	for _, c := range []struct {
		list         []Model
		want, reason string
	}{
		{[]Model{{Year: 2013}}, "2013", "one"},
		{[]Model{{Year: 2013}, {Year: 2013}}, "2013", "the same twice"},
		{[]Model{{Year: 2014}, {Year: 2012}}, "2012-2014", "later one first"},
		{[]Model{{Year: 2013}, {Year: 2013, Assumed: "year"}}, "2013?", "one is a guess"},
		{[]Model{{}, {Year: 2013}}, "2013?", "one is unknown"},
		{[]Model{{}}, "?", "unknown"},
	} {
		if got := years(c.list...); got != c.want {
			t.Errorf("years(%v) = %q, want %q (%s)", c.list, got, c.want, c.reason)
		}
	}
}

func TestTableOfSome(t *testing.T) {
	var out strings.Builder
	list := []Model{
		{ID: "A1", Generation: Compact, Status: Undecoded, Note: strings.Repeat("words ", 18) + "end."},
		{ID: "LONGNAME", Generation: Camcorder, Year: 2010, Photo: Yes, Video: Yes, Status: None},
	}
	if err := WriteTable(&out, list); err != nil {
		t.Fatal(err)
	}
	want := `COMPACT    YEAR  E-MAIL  SOCIAL        STATUS        REMARK
A1         ?     ?       ?             not yet       words words words words words words words words
                                                     words words words words words words words words
                                                     words words end.

CAMCORDER  YEAR  E-MAIL  SOCIAL        STATUS        REMARK
LONGNAME   2010  ?       photo, video  not possible
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWriteErrorIsReported(t *testing.T) {
	if err := WriteTable(fullDisk{}, Models()); err != errFull {
		t.Errorf("WriteTable: %v, want %v", err, errFull)
	}
	if err := writeMarkdown(fullDisk{}); err != errFull {
		t.Errorf("writeMarkdown: %v, want %v", err, errFull)
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }
