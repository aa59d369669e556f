package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// recipe is a package's Makefile for OpenWrt's build system: openwrt/Makefile
// or luci-app/Makefile. Of make's language it understands what those need;
// anything else is an error, so that no build silently differs from OpenWrt's.
type recipe struct {
	file    string
	vars    map[string]string
	defines map[string][]string // the lines between define and endef
}

var (
	assignment = regexp.MustCompile(`^([A-Z_]+)\s*[:?]?=\s*(.*)$`)
	variable   = regexp.MustCompile(`\$\(([A-Z_0-9]+)\)`)
)

// readRecipe reads the Makefile. PKG_BUILD_DIR stands for the root of the
// sources, as in OpenWrt's build.
func readRecipe(file, root string) (*recipe, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := &recipe{file: file, vars: map[string]string{"PKG_BUILD_DIR": root, "GO_ARCH_DEPENDS": ""}, defines: map[string][]string{}}
	define := ""
	for i, line := range strings.Split(string(text), "\n") {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch m := assignment.FindStringSubmatch(line); {
		case word == "endef":
			define = ""
		case define != "":
			r.defines[define] = append(r.defines[define], line)
		case word == "define":
			define = rest
			r.defines[define] = []string{}
		case m != nil:
			r.vars[m[1]] = strings.TrimSpace(m[2])
		case word == "", strings.HasPrefix(word, "#"), word == "include", word == "$(eval":
		default:
			return nil, fmt.Errorf("%s:%d: mkipk does not understand %q", file, i+1, line)
		}
	}
	return r, nil
}

// expand replaces variables, whose values may have variables.
func (r *recipe) expand(s string) (string, error) {
	for range 10 {
		m := variable.FindStringSubmatch(s)
		if m == nil {
			return strings.TrimSpace(s), nil
		}
		v, ok := r.vars[m[1]]
		if !ok {
			return "", fmt.Errorf("%s: mkipk does not know $(%s)", r.file, m[1])
		}
		s = strings.ReplaceAll(s, m[0], v)
	}
	return "", fmt.Errorf("%s: %q has too many variables", r.file, s)
}

// fields returns the KEY:=value lines of a define.
func (r *recipe) fields(define string) (map[string]string, error) {
	fields := map[string]string{}
	for _, line := range r.defines[define] {
		m := assignment.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			return nil, fmt.Errorf("%s: define %s: mkipk does not understand %q", r.file, define, line)
		}
		v, err := r.expand(m[2])
		if err != nil {
			return nil, err
		}
		fields[m[1]] = v
	}
	return fields, nil
}

// program returns the package of the program for one architecture.
func (r *recipe) program(arch string, binary []byte) (*Package, error) {
	const name = "snsbridge"
	fields, err := r.fields("Package/" + name)
	if err != nil {
		return nil, err
	}
	p := &Package{
		Name: name, Arch: arch, Source: "feeds/packages/net/" + name,
		Version: r.vars["PKG_VERSION"], Release: r.vars["PKG_RELEASE"],
		License: r.vars["PKG_LICENSE"], LicenseFile: r.vars["PKG_LICENSE_FILES"], Maintainer: r.vars["PKG_MAINTAINER"],
		Title: fields["TITLE"], Section: fields["SECTION"], User: fields["USERID"], URL: fields["URL"],
		Depends: depends(fields["DEPENDS"]),
		Scripts: r.scripts(name),
	}
	for _, line := range r.defines["Package/"+name+"/description"] {
		p.Description = strings.TrimPrefix(p.Description+"\n"+strings.TrimSpace(line), "\n")
	}
	conf := map[string]bool{}
	for _, line := range r.defines["Package/"+name+"/conffiles"] {
		conf[line] = true
	}
	for _, line := range r.defines["Package/"+name+"/install"] {
		f, err := r.install(strings.TrimSpace(line), binary)
		if err != nil {
			return nil, err
		}
		if f != nil {
			f.Conf = conf[f.Path]
			delete(conf, f.Path)
			p.Files = append(p.Files, *f)
		}
	}
	kept := ""
	for _, path := range slices.Sorted(maps.Keys(conf)) {
		if !strings.HasSuffix(path, "/") {
			return nil, fmt.Errorf("%s: %s is a conffile and is not installed", r.file, path)
		}
		kept += path + "\n"
	}
	if kept != "" {
		// As OpenWrt does with folders: their files live on when the firmware
		// is replaced.
		p.Files = append(p.Files, File{Path: "/lib/upgrade/keep.d/" + name, Mode: 0o644, Data: []byte(kept)})
	}
	return p, nil
}

// installModes are the modes of OpenWrt's commands.
var installModes = map[string]fs.FileMode{"$(INSTALL_BIN)": 0o755, "$(INSTALL_CONF)": 0o600, "$(INSTALL_DATA)": 0o644}

// install returns the file that a line of the install section makes.
func (r *recipe) install(line string, binary []byte) (*File, error) {
	words := strings.Fields(line)
	if line == "$(call GoPackage/Package/Install/Bin,$(1))" {
		return &File{Path: "/usr/bin/" + path.Base(r.vars["GO_PKG_BUILD_PKG"]), Mode: 0o755, Data: binary}, nil
	}
	if len(words) == 0 || words[0] == "$(INSTALL_DIR)" {
		return nil, nil
	}
	mode, ok := installModes[words[0]]
	if !ok || len(words) != 3 || !strings.HasPrefix(words[2], "$(1)/") || strings.HasSuffix(words[2], "/") {
		return nil, fmt.Errorf("%s: mkipk does not understand %q: write $(INSTALL_BIN), _CONF or _DATA, one file, and the path it gets", r.file, line)
	}
	from, err := r.expand(words[1])
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(filepath.FromSlash(from))
	if err != nil {
		return nil, err
	}
	return &File{Path: strings.TrimPrefix(words[2], "$(1)"), Mode: mode, Data: data}, nil
}

// scripts returns the maintainer scripts of a package. Make's $$ is a $.
func (r *recipe) scripts(name string) map[string]string {
	scripts := map[string]string{}
	for _, script := range []string{"preinst", "postinst", "prerm", "postrm"} {
		if lines, ok := r.defines["Package/"+name+"/"+script]; ok {
			scripts[script] = strings.ReplaceAll(strings.Join(lines, "\n")+"\n", "$$", "$")
		}
	}
	return scripts
}

// depends returns the packages of a DEPENDS line. Conditions on the target
// have no meaning for a package that is already built for it.
func depends(line string) []string {
	var list []string
	for _, word := range strings.Fields(line) {
		if name := strings.TrimPrefix(word, "+"); !strings.HasPrefix(name, "@") {
			list = append(list, name)
		}
	}
	return list
}
