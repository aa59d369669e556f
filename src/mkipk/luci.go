package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// luciScript makes LuCI find new pages and rights, and forget old ones. rpcd
// reads its access lists again at a SIGHUP, in every release.
const luciScript = `#!/bin/sh
[ -n "$IPKG_INSTROOT" ] || {
	rm -f /tmp/luci-indexcache*
	rm -rf /tmp/luci-modulecache
	killall -HUP rpcd
} 2>/dev/null
true
`

// luci returns the package of the pages in the folder luci-app, and one for
// each translation; none where there are no pages. They have the version of the
// program.
func luci(root string, program *recipe) ([]*Package, error) {
	const name = "luci-app-snsbridge"
	dir := filepath.Join(root, "luci-app")
	r, err := readRecipe(filepath.Join(dir, "Makefile"), root)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := &Package{
		Name: name, Arch: "all", Source: "feeds/luci/applications/" + name, Section: "luci",
		Version: program.vars["PKG_VERSION"], Release: program.vars["PKG_RELEASE"],
		License: program.vars["PKG_LICENSE"], Maintainer: program.vars["PKG_MAINTAINER"],
		Title: r.vars["LUCI_TITLE"], Description: r.vars["LUCI_TITLE"],
		Depends: depends(r.vars["LUCI_DEPENDS"]),
		Scripts: r.scripts(name),
	}
	for _, script := range []string{"postinst", "postrm"} {
		p.Scripts[script] = luciScript + strings.TrimPrefix(p.Scripts[script], "#!/bin/sh\n")
	}
	for folder, to := range map[string]string{"htdocs": "/www/", "root": "/"} {
		files, err := below(filepath.Join(dir, folder), to)
		if err != nil {
			return nil, err
		}
		p.Files = append(p.Files, files...)
	}
	if len(p.Files) == 0 {
		return nil, nil
	}
	list := []*Package{p}
	files, err := filepath.Glob(filepath.Join(dir, "po", "*", "snsbridge.po"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		t, err := translation(file, *p)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

// languages are those of our translations, as LuCI lists them.
var languages = map[string]string{"de": "Deutsch (German)"}

// translation returns the package of a translation, as LuCI's build makes it:
// what LuCI reads, and a line that adds the language to its list.
func translation(file string, app Package) (*Package, error) {
	language := filepath.Base(filepath.Dir(file))
	title, ok := languages[language]
	if !ok {
		return nil, fmt.Errorf("%s: mkipk does not know how LuCI calls the language %s", file, language)
	}
	texts, err := lmo(file)
	if err != nil {
		return nil, err
	}
	p := app // version, licence, maintainer, source
	p.Name = "luci-i18n-snsbridge-" + language
	p.Title = app.Name + " - " + language + " translation"
	p.Description = "Translation for " + app.Name + " - " + title
	p.Depends = []string{app.Name}
	p.Files = []File{
		{Path: "/etc/uci-defaults/" + p.Name, Mode: 0o644, Data: []byte("uci set luci.languages." + language + "='" + title + "'; uci commit luci\n")},
		{Path: "/usr/lib/lua/luci/i18n/snsbridge." + language + ".lmo", Mode: 0o644, Data: texts},
	}
	return &p, nil
}

// below returns the files of a folder, which need not be there. Of their
// modes only whether they can be run is kept, as git does.
func below(dir, to string) ([]File, error) {
	var files []File
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) && name == dir {
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o644)
		if info.Mode()&0o111 != 0 {
			mode = 0o755
		}
		path := to + filepath.ToSlash(rel)
		files = append(files, File{Path: path, Mode: mode, Data: data, Conf: strings.HasPrefix(path, "/etc/config/")})
		return nil
	})
	return files, err
}
