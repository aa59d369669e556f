package main

import (
	"bytes"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDocumentedCommands tries the patterns of files and the names of packages
// in what the pages tell people to type: each command means all that is made.
func TestDocumentedCommands(t *testing.T) {
	pages := ""
	for _, page := range []string{"../../README.md", "../../openwrt/ROUTERS.md"} {
		b, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		pages += strings.ReplaceAll(string(b), "$(dpkg --print-architecture)", "*")
	}
	const root = "../.."
	for _, format := range []string{"ipk", "apk", "deb"} {
		j := &job{
			root: root, out: t.TempDir(), when: when, log: &bytes.Buffer{},
			only:    []string{"mipsel_24kc"},
			compile: func(string, machine, string) ([]byte, error) { return []byte("program"), nil },
		}
		if format == "deb" {
			j.only = nil
		}
		if err := j.run(format); err != nil {
			t.Fatal(err)
		}
		var all, names []string
		entries, _ := os.ReadDir(j.out)
		for _, e := range entries {
			name, _, _ := strings.Cut(e.Name(), "_")
			all, names = append(all, e.Name()), append(names, name)
		}
		if format == "deb" {
			all = all[:1] // those of other processors are not meant
		}
		copies := regexp.MustCompile(`(scp -O|opkg install|apk add --allow-untrusted|apt install)((?: \S+\.` + format + `)+)`)
		found := copies.FindAllStringSubmatch(pages, -1)
		if len(found) == 0 {
			t.Errorf("nobody is told how to install .%s", format)
		}
		for _, command := range found {
			var meant []string
			for _, pattern := range strings.Fields(command[2]) {
				for _, f := range all {
					if ok, err := path.Match(path.Base(pattern), f); err != nil {
						t.Error(err)
					} else if ok && !slices.Contains(meant, f) {
						meant = append(meant, f)
					}
				}
			}
			if slices.Sort(meant); !slices.Equal(meant, all) {
				t.Errorf("%q means %q, want %q", command[0], meant, all)
			}
		}
		for _, command := range regexp.MustCompile(`opkg remove ([a-z0-9 -]+)`).FindAllStringSubmatch(pages, -1) {
			if removed := strings.Fields(command[1]); format == "ipk" && (len(removed) != len(names) || removed[len(removed)-1] != "snsbridge") {
				t.Errorf("%q removes %q, want %q, and what others need last", command[0], removed, names)
			}
		}
	}
}
