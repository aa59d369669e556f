package main

import (
	"bytes"
	"debug/elf"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// write makes files below dir.
func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A run compiles once for each machine and writes a package for each name.
func TestJob(t *testing.T) {
	_, root := ours(t)
	for format, want := range map[string]string{
		"ipk": "snsbridge_V-rR_mips_siflower.ipk snsbridge_V-rR_mipsel_24kc.ipk snsbridge_V-rR_x86_64.ipk",
		"apk": "snsbridge_V-rR_mips_siflower.apk snsbridge_V-rR_mipsel_24kc.apk snsbridge_V-rR_x86_64.apk",
		"deb": "snsbridge_V-R_amd64.deb snsbridge_V-R_arm64.deb snsbridge_V-R_armhf.deb",
	} {
		compiled := map[machine]int{}
		version := ""
		j := &job{
			root: root, out: t.TempDir(), when: when, log: &bytes.Buffer{},
			only: []string{"mipsel_24kc", "mips_siflower", "x86_64"},
			compile: func(_ string, m machine, v string) ([]byte, error) {
				compiled[m]++
				version = v
				return []byte("program"), nil
			},
		}
		if format == "deb" {
			j.only = nil
		}
		if err := j.run(format); err != nil {
			t.Fatal(err)
		}
		for m, n := range compiled {
			if n != 1 {
				t.Errorf("%s: compiled %d times for %v", format, n, m)
			}
		}
		r, _ := ours(t)
		want = strings.NewReplacer("V", version, "R", r.vars["PKG_RELEASE"]).Replace(want)
		files, err := filepath.Glob(filepath.Join(j.out, "snsbridge_*"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range files {
			files[i] = filepath.Base(files[i])
		}
		if got := strings.Join(files, " "); got != want {
			t.Errorf("%s: got %s\nwant %s", format, got, want)
		}
	}
}

func TestUnknownArchitecture(t *testing.T) {
	_, root := ours(t)
	j := &job{root: root, out: t.TempDir(), only: []string{"mips"}, log: &bytes.Buffer{}}
	if err := j.run("ipk"); err == nil || !strings.Contains(err.Error(), `no architecture "mips"`) {
		t.Errorf("got %v", err)
	}
}

// What LuCI's build system makes of its folders.
func TestLuCI(t *testing.T) {
	r, _ := ours(t)
	root := t.TempDir()
	if p, err := luci(root, r); p != nil || err != nil {
		t.Errorf("without the folder: %v, %v", p, err)
	}
	write(t, root, map[string]string{"luci-app/Makefile": "include $(TOPDIR)/rules.mk\nLUCI_TITLE:=Cameras\nLUCI_DEPENDS:=+luci-base +snsbridge\n"})
	if p, err := luci(root, r); p != nil || err != nil {
		t.Errorf("without pages: %v, %v", p, err)
	}
	const router, plugin = "luci-app/root", "/usr/libexec/rpcd/snsbridge" // by LuCI's custom
	write(t, root, map[string]string{
		"luci-app/htdocs/luci-static/resources/view/snsbridge/status.js": "'use strict';\n",
		router + "/usr/share/rpcd/acl.d/luci-app-snsbridge.json":         "{}\n",
		router + plugin:                       "#!/bin/sh\n",
		"luci-app/po/templates/snsbridge.pot": "\n",
	})
	if err := os.Chmod(filepath.Join(root, router, plugin), 0o700); err != nil {
		t.Fatal(err)
	}
	pages, err := luci(root, r)
	if err != nil || len(pages) != 1 {
		t.Fatal(pages, err)
	}
	p := pages[0]
	if p.Name != "luci-app-snsbridge" || p.Arch != "all" || p.Title != "Cameras" || p.Version != r.vars["PKG_VERSION"] {
		t.Errorf("%s %s %s %q", p.Name, p.Version, p.Arch, p.Title)
	}
	wantLines(t, "depends", p.Depends, "luci-base", "snsbridge")
	b, err := tarball(p.sorted(), when)
	if err != nil {
		t.Fatal(err)
	}
	list, _ := listing(t, b)
	var files []string
	for _, line := range list {
		if !strings.HasSuffix(line, "/") {
			files = append(files, line)
		}
	}
	wantLines(t, "files", files,
		"755 0 0 10 ./usr/libexec/rpcd/snsbridge",
		"644 0 0 3 ./usr/share/rpcd/acl.d/luci-app-snsbridge.json",
		"644 0 0 14 ./www/luci-static/resources/view/snsbridge/status.js")
	if script := p.Scripts["postinst"]; !strings.Contains(script, "killall -HUP rpcd") {
		t.Errorf("postinst is %q", script)
	}

	write(t, root, map[string]string{"luci-app/po/de/snsbridge.po": "msgid \"a\"\nmsgstr \"ä\"\n"})
	pages, err = luci(root, r)
	if err != nil || len(pages) != 2 {
		t.Fatal(pages, err)
	}
	p = pages[1]
	if p.Name != "luci-i18n-snsbridge-de" || p.Version != r.vars["PKG_VERSION"] || len(p.Files) != 2 ||
		p.Files[0].Path != "/etc/uci-defaults/luci-i18n-snsbridge-de" || p.Files[1].Path != "/usr/lib/lua/luci/i18n/snsbridge.de.lmo" {
		t.Errorf("got %+v", p)
	}
	wantLines(t, "depends", p.Depends, "luci-app-snsbridge")
	write(t, root, map[string]string{"luci-app/po/xx/snsbridge.po": "\n"})
	if _, err := luci(root, r); err == nil || !strings.Contains(err.Error(), "language xx") {
		t.Errorf("a language that LuCI does not know: %v", err)
	}
}

// opkg leaves the folders of what it removes. Built here or by LuCI's build
// system, the package removes those that nobody else uses.
func TestLuCIRemoved(t *testing.T) {
	r, root := ours(t)
	app := filepath.Join(root, "luci-app")
	recipe, err := readRecipe(filepath.Join(app, "Makefile"), root)
	if err != nil {
		t.Fatal(err)
	}
	built, err := luci(root, r)
	if err != nil || len(built) == 0 {
		t.Fatal(built, err)
	}
	for by, script := range map[string]string{"LuCI": recipe.scripts("luci-app-snsbridge")["postrm"], "mkipk": built[0].Scripts["postrm"]} {
		for _, c := range []struct{ root, other, want string }{
			{"", "view/system/flash.js", "view view/system view/system/flash.js"},
			{"", "snsbridge/own.js", "snsbridge snsbridge/own.js view"},
			{"/build", "", "snsbridge snsbridge/form view view/snsbridge"},
		} {
			www := t.TempDir()
			err := filepath.WalkDir(filepath.Join(app, "htdocs"), func(name string, d fs.DirEntry, err error) error {
				if err != nil || !d.IsDir() {
					return err
				}
				return os.MkdirAll(filepath.Join(www, strings.TrimPrefix(name, filepath.Join(app, "htdocs"))), 0o700)
			})
			if err != nil {
				t.Fatal(err)
			}
			resources := filepath.Join(www, "luci-static", "resources")
			if c.other != "" {
				write(t, resources, map[string]string{c.other: ""})
			}
			cmd := exec.Command("sh", "-c", strings.NewReplacer("/www", www, "/tmp", www, "killall", "true").Replace(script))
			cmd.Env = append(os.Environ(), "IPKG_INSTROOT="+c.root)
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("by %s: %v: %s", by, err, out)
			}
			var left []string
			filepath.WalkDir(resources, func(name string, _ fs.DirEntry, _ error) error {
				if name != resources {
					left = append(left, strings.TrimPrefix(name, resources+"/"))
				}
				return nil
			})
			if got := strings.Join(left, " "); got != c.want {
				t.Errorf("by %s, with %q: left are %q, want %q", by, c.other, got, c.want)
			}
		}
	}
}

// The flags are ones that Go takes, and make what a router runs.
func TestCompile(t *testing.T) {
	root := t.TempDir()
	write(t, root, map[string]string{
		"go.mod":                "module snsbridge\n\ngo 1.25.0\n",
		"src/snsbridge/main.go": "package main\n\nvar version = \"devel\"\n\nfunc main() { println(version) }\n",
	})
	b, err := compile(root, mipsle, "9.8.7-of-a-test")
	if err != nil {
		t.Fatal(err)
	}
	f, err := elf.NewFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if f.Machine != elf.EM_MIPS || f.Data != elf.ELFDATA2LSB || f.Section(".symtab") != nil || f.Section(".interp") != nil {
		t.Errorf("%v %v, symbols %v, interpreter %v", f.Machine, f.Data, f.Section(".symtab"), f.Section(".interp"))
	}
	if !bytes.Contains(b, []byte("9.8.7-of-a-test")) {
		t.Error("the version is not in it")
	}
	if bytes.Contains(b, []byte(root)) {
		t.Error("the path of the sources is in it")
	}
	again, err := compile(root, mipsle, "9.8.7-of-a-test")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, again) {
		t.Error("compiled again it is another")
	}
}

// The runtime is compiled as its authors do, and each name is one of a package.
func TestInlined(t *testing.T) {
	list := func(args ...string) []string {
		out, err := exec.Command("go", append([]string{"list"}, args...)...).Output()
		if err != nil {
			t.Fatalf("go list %q: %v", args, err)
		}
		return strings.Fields(string(out))
	}
	as := list(strings.Fields(inlined)...)
	for _, pkg := range list("-deps", "runtime") {
		if pkg != "unsafe" && !slices.Contains(as, pkg) {
			t.Errorf("%s is in the runtime, and nothing of it is inlined", pkg)
		}
	}
}

func TestSourceTime(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1700000000")
	if got := sourceTime("."); !got.Equal(when) {
		t.Errorf("got %v, want %v", got, when)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "")
	if got := sourceTime(t.TempDir()); got.Year() != 2026 {
		t.Errorf("outside of git: %v", got)
	}
}

// Only packages for routers with little flash have a budget.
func TestBudget(t *testing.T) {
	cases := []struct {
		why          string
		m            machine
		program, pkg int
		want         string
	}{
		{"within", mipsle, 7_400_000, 2_700_000, ""},
		{"the package is too large", mips, 7_400_000, 2_700_001, "  package 1 over budget"},
		{"so it is with the other byte order", mipsle, 7_400_000, 2_700_001, "  package 1 over budget"},
		{"both are", mips, 7_400_002, 2_700_001, "  program 2 over budget  package 1 over budget"},
		{"there is room", arm64, 9_000_000, 3_000_000, ""},
	}
	for _, c := range cases {
		if got := overBudget(c.m, c.program, c.pkg); got != c.want {
			t.Errorf("%s: got %q, want %q", c.why, got, c.want)
		}
	}
}
