package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// allowed says which of our packages a package may import. It is the table of
// src/README.md.
var allowed = map[string]string{
	"camera": "", "wire": "", "photo": "", "capture": "", "durable": "", "smtp": "", "neighbour": "", "realtime": "",
	"sns":         "camera capture photo spool wire",
	"spool":       "durable",
	"action":      "spool",
	"store":       "durable spool",
	"email":       "durable photo smtp spool",
	"mastodon":    "action durable photo spool",
	"shell":       "photo spool store",
	"config":      "action camera email mastodon shell smtp store",
	"control":     "photo realtime spool",
	"doctor":      "config control realtime spool",
	"gallery":     "control durable photo spool",
	"luci":        "camera config control doctor durable mastodon neighbour spool",
	"sim":         "camera",
	"mkipk":       "mkipk/deflate",
	"snsbridge":   "action camera capture config control doctor email gallery luci mastodon neighbour realtime shell sim sns spool store wire",
	"integration": "",

	"mkipk/deflate":   "",
	"spool/spooltest": "spool", // for tests
}

// libraries says what each module is for that go.mod asks for. A new one needs
// a reason.
var libraries = map[string]string{
	"github.com/BurntSushi/toml":     "reads the settings",
	"github.com/jordan-wright/email": "composes mails",
	"github.com/mattn/go-mastodon":   "speaks Mastodon's API",
}

// never says what no part of the program may use, and why.
var never = map[string]string{
	"html":           "brings 45 KB of characters' names",
	"html/template":  "costs 2.3 MB of the binary",
	"text/template":  "costs as much, and ends dead-code elimination",
	"encoding/xml":   "refuses what cameras call XML",
	"image/jpeg":     "a photo decoded is more than a router's memory",
	"net/http/pprof": "200 KB, and an open door",
	"regexp":         "84 KB: strings.Cut and strings.FieldsFunc",
}

// dear says what the program's own code does not call, since it costs more in
// flash than it is worth, and what does as well.
var dear = map[string]string{
	"slices.SortFunc(":       "12 KB for each type: sort.Slice",
	"slices.SortStableFunc(": "as much: sort.SliceStable",
	"toml.NewEncoder(":       "36 KB: appendTOML",
	".Shutdown(":             "20 KB: answering",
	"http.NewServeMux(":      "26 KB: control's routes",
	"embed.FS":               "14 KB: a variable for each file",
}

func goList(t *testing.T, args ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

func TestWhoMayImportWhom(t *testing.T) {
	const ours = "snsbridge/src/"
	for _, line := range goList(t, "-f", `{{.ImportPath}} {{join .Imports " "}}`, "../...") {
		words := strings.Fields(line)
		name := strings.TrimPrefix(words[0], ours)
		may, known := allowed[name]
		if !known {
			t.Errorf("%s is not in the table", name)
			continue
		}
		for _, imp := range words[1:] {
			if what, ok := strings.CutPrefix(imp, ours); ok && !slices.Contains(strings.Fields(may), what) {
				t.Errorf("%s imports %s, which the table does not allow", name, what)
			}
		}
	}
}

func TestLibraries(t *testing.T) {
	const direct = `{{if not (or .Main .Indirect)}}{{.Path}}{{end}}`
	want := slices.Sorted(maps.Keys(libraries))
	if got := goList(t, "-m", "-f", direct, "all"); !slices.Equal(got, want) {
		t.Errorf("go.mod asks for %q, want %q", got, want)
	}
}

func TestNeverImported(t *testing.T) {
	for _, dep := range goList(t, "-deps", ".") {
		if why := never[dep]; why != "" {
			t.Errorf("%s is in the program: it %s", dep, why)
		}
	}
}

func TestNeverCalled(t *testing.T) {
	const sources = `{{with .Module}}{{if .Main}}{{range $.GoFiles}}{{$.Dir}}/{{.}} {{end}}{{end}}{{end}}`
	files := strings.Fields(strings.Join(goList(t, "-deps", "-f", sources, "."), " "))
	if len(files) < 50 {
		t.Errorf("only %d source files: %q", len(files), files)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for call, why := range dear {
			if strings.Contains(string(b), call) {
				t.Errorf("%s: %s) costs %s", filepath.Base(file), call, why)
			}
		}
	}
}
