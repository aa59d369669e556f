package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// ours reads the recipe of the program.
func ours(t *testing.T) (*recipe, string) {
	t.Helper()
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	r, err := readRecipe(filepath.Join(root, "openwrt", "Makefile"), root)
	if err != nil {
		t.Fatal(err)
	}
	return r, root
}

const keepList = "/lib/upgrade/keep.d/snsbridge"

func TestRecipe(t *testing.T) {
	r, _ := ours(t)
	p, err := r.program("mips_24kc", []byte("program"))
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(p.Version) || !regexp.MustCompile(`^\d+$`).MatchString(p.Release) {
		t.Errorf("version %q, release %q: apk takes N.N.N and N only", p.Version, p.Release)
	}
	wantLines(t, "depends", p.Depends, "ca-bundle")
	if p.User != "snsbridge=18732:snsbridge=18732" {
		t.Errorf("user %q", p.User)
	}
	var list []string
	for _, f := range p.sorted() {
		line := fmt.Sprintf("%o %s", f.Mode, f.Path)
		if f.Conf {
			line += " conffile"
		}
		list = append(list, line)
	}
	for _, want := range []string{"600 /etc/config/snsbridge conffile", "755 /etc/init.d/snsbridge", "755 /usr/bin/snsbridge"} {
		if !slices.Contains(list, want) {
			t.Errorf("%q is not in the package:\n%s", want, strings.Join(list, "\n"))
		}
	}
	i := slices.IndexFunc(p.Files, func(f File) bool { return f.Path == keepList })
	if i < 0 || string(p.Files[i].Data) != "/etc/snsbridge/\n" {
		t.Errorf("accounts' tokens are lost when the firmware is replaced: %v", list)
	}
	for what, text := range map[string]string{"title": p.Title, "section": p.Section, "licence": p.License, "maintainer": p.Maintainer, "description": p.Description} {
		if text == "" || strings.Contains(text, "$(") {
			t.Errorf("%s is %q", what, text)
		}
	}
}

// frame is as much of OpenWrt's build system as the recipe's install section
// needs. INSTALL_* are OpenWrt's, from its rules.mk.
const frame = `
TOPDIR := .
INCLUDE_DIR := .
INSTALL_BIN := install -m0755
INSTALL_DIR := install -d -m0755
INSTALL_DATA := install -m0644
INSTALL_CONF := install -m0600
PKG_BUILD_DIR := $(SOURCES)
GoPackage/Package/Install/Bin = mkdir -p $(1)/usr/bin && install -m0755 /dev/null $(1)/usr/bin/snsbridge
include recipe.mk
install:
	$(call Package/snsbridge/install,$(DEST))
show:
	@echo '$(PKG_VERSION) $(GO_PKG_BUILD_PKG) $(GO_PKG_LDFLAGS_X)'
`

// OpenWrt's build system makes the same of the recipe as we do.
func TestRecipeByMake(t *testing.T) {
	r, root := ours(t)
	p, err := r.program("mips_24kc", nil)
	if err != nil {
		t.Fatal(err)
	}
	dir, dest := t.TempDir(), t.TempDir()
	text, err := os.ReadFile(r.file)
	if err != nil {
		t.Fatal(err)
	}
	lang := filepath.Join(dir, "lang", "golang")
	if err := os.MkdirAll(lang, 0o700); err != nil {
		t.Fatal(err)
	}
	work := filepath.Join(dir, "net", "snsbridge")
	if err := os.MkdirAll(work, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"Makefile": frame, "recipe.mk": string(text), "rules.mk": "", "package.mk": "",
		"../../lang/golang/golang-package.mk": "",
	} {
		if err := os.WriteFile(filepath.Join(work, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("make", append([]string{"-s", "-C", work, "SOURCES=" + root, "DEST=" + dest}, args...)...)
		cmd.Env = append(os.Environ(), "MAKEFLAGS=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if got, want := run("show"), p.Version+" snsbridge/src/snsbridge main.version="+p.Version; got != want {
		t.Errorf("make has %q, want %q", got, want)
	}
	run("install")
	var got, want []string
	err = fs.WalkDir(os.DirFS(dest), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			info, err := d.Info()
			if err != nil {
				return err
			}
			got = append(got, fmt.Sprintf("%o %d /%s", info.Mode(), info.Size(), name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.sorted() {
		if f.Path == keepList { // made of the conffiles when OpenWrt packs
			continue
		}
		want = append(want, fmt.Sprintf("%o %d %s", f.Mode, len(f.Data), f.Path))
	}
	wantLines(t, "what make installs", got, want...)
}

// Every file for a device is in a package, and in one only.
func TestEveryFileIsInAPackage(t *testing.T) {
	r, root := ours(t)
	p, err := r.program("mips_24kc", nil)
	if err != nil {
		t.Fatal(err)
	}
	in := map[string][]string{}
	for _, f := range p.Files {
		in[f.Path] = append(in[f.Path], "OpenWrt's")
	}
	for _, f := range debianFiles {
		in[f.path] = append(in[f.path], "Debian's")
	}
	err = fs.WalkDir(os.DirFS(filepath.Join(root, "files")), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && len(in["/"+name]) != 1 {
			t.Errorf("files/%s is in %d packages %q: install it in openwrt/Makefile, or name it in debianFiles", name, len(in["/"+name]), in["/"+name])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// OpenWrt's build copies Go code only; what is embedded must be named.
func TestEmbeddedFilesAreCopied(t *testing.T) {
	r, root := ours(t)
	out := output(t, "go", "list", "-deps", "-f", `{{$d := .Dir}}{{with .Module}}{{if .Main}}{{range $.EmbedFiles}}{{$d}}/{{.}} {{end}}{{end}}{{end}}`, "../snsbridge")
	files := strings.Fields(out)
	if len(files) == 0 {
		t.Fatal("the program embeds nothing, says go list")
	}
	for _, file := range files {
		rel := strings.TrimPrefix(file, root+"/")
		matched := false
		for _, pattern := range strings.Fields(r.vars["GO_PKG_INSTALL_EXTRA"]) {
			matched = matched || regexp.MustCompile(pattern).MatchString("./"+rel)
		}
		if !matched {
			t.Errorf("%s is embedded, and GO_PKG_INSTALL_EXTRA = %q does not match it", rel, r.vars["GO_PKG_INSTALL_EXTRA"])
		}
	}
}

func TestRecipeRefuses(t *testing.T) {
	const head = "PKG_VERSION:=1.2.3\nGO_PKG_BUILD_PKG:=snsbridge/src/snsbridge\ndefine Package/snsbridge\n  TITLE:=x\nendef\n"
	cases := []struct{ why, text, want string }{
		{"conditions are beyond us", "ifeq ($(A),b)\nendif\n", "Makefile:6: mkipk does not understand"},
		{"so are functions", "define Package/snsbridge/install\n\t$(CP) ./files/* $(1)/\nendef\n", "mkipk does not understand \"$(CP)"},
		{"two files of one line", "define Package/snsbridge/install\n\t$(INSTALL_DATA) a b $(1)/etc/\nendef\n", "one file, and the path it gets"},
		{"a folder as the path", "define Package/snsbridge/install\n\t$(INSTALL_DATA) a $(1)/etc/\nendef\n", "one file, and the path it gets"},
		{"a path not in the package", "define Package/snsbridge/install\n\t$(INSTALL_DATA) a /etc/a\nendef\n", "one file, and the path it gets"},
		{"a variable that is not there", "define Package/snsbridge/install\n\t$(INSTALL_DATA) $(NOWHERE)/a $(1)/etc/a\nendef\n", "$(NOWHERE)"},
		{"a variable that is itself", "A:=$(A)\ndefine Package/snsbridge/install\n\t$(INSTALL_DATA) $(A) $(1)/etc/a\nendef\n", "too many variables"},
		{"a file that is not there", "define Package/snsbridge/install\n\t$(INSTALL_DATA) $(PKG_BUILD_DIR)/gone $(1)/etc/a\nendef\n", "gone: no such file"},
		{"a conffile that is not there", "define Package/snsbridge/conffiles\n/etc/config/a\nendef\n", "/etc/config/a is a conffile and is not installed"},
	}
	for _, c := range cases {
		dir := t.TempDir()
		file := filepath.Join(dir, "Makefile")
		if err := os.WriteFile(file, []byte(head+c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := readRecipe(file, dir)
		if err == nil {
			_, err = r.program("mips_24kc", nil)
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.why, err, c.want)
		}
	}
}

func TestScriptsOfARecipe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "Makefile")
	text := "define Package/a/postinst\n#!/bin/sh\n[ -n \"$${IPKG_INSTROOT}\" ] || true\nendef\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := readRecipe(file, ".")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.scripts("a")["postinst"], "#!/bin/sh\n[ -n \"${IPKG_INSTROOT}\" ] || true\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
