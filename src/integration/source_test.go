//go:build integration

package integration

import (
	"bytes"
	"debug/buildinfo"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const sources = "../.."

// shellScripts returns all of the project, by their shell. A script is what
// says so in its first line.
func shellScripts(t *testing.T) map[string][]string {
	t.Helper()
	scripts := map[string][]string{}
	err := filepath.WalkDir(sources, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || path == filepath.Join(sources, "bin")):
			return fs.SkipDir
		case !d.Type().IsRegular():
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		first, _, _ := bytes.Cut(b, []byte("\n"))
		interpreter, isScript := strings.CutPrefix(string(first), "#!")
		switch {
		case isScript && strings.HasPrefix(interpreter, "/bin/sh"):
			scripts["dash"] = append(scripts["dash"], path) // the nearest to that of routers
		case isScript && strings.HasSuffix(interpreter, "bash"):
			scripts["bash"] = append(scripts["bash"], path)
		case isScript || strings.HasSuffix(path, ".sh"):
			t.Errorf("%s begins with %q: in which language is it?", path, first)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return scripts
}

func TestShellScripts(t *testing.T) {
	scripts := shellScripts(t)
	if len(scripts["dash"]) < 10 || len(scripts["bash"]) < 1 {
		t.Errorf("found only %q", scripts)
	}
	for shell, files := range scripts {
		cmd := exec.Command(tool(t, "shellcheck"), append([]string{"-s", shell}, files...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	}
	b, err := os.ReadFile(filepath.Join(sources, "files/etc/init.d/snsbridge"))
	if n := strings.Count(string(b), "\n"); err != nil || n > 135 {
		t.Errorf("the init script has %d lines, and should have 135 at most; %v", n, err)
	}
}

// TestLicences compares what the package says about licences with the modules
// that are in the program, and with what these say themselves.
func TestLicences(t *testing.T) {
	const copyrightFile = sources + "/files/usr/share/doc/snsbridge/copyright"
	type stanza struct{ copyright, licence string }
	named := map[string]stanza{}
	b, err := os.ReadFile(copyrightFile)
	if err != nil {
		t.Fatal(err)
	}
	for paragraph := range strings.SplitSeq(string(b), "\n\n") {
		fields := map[string]string{}
		for line := range strings.Lines(paragraph) {
			if name, value, ok := strings.Cut(line, ": "); ok {
				fields[name] = strings.TrimSpace(value)
			}
		}
		if of := fields["Files"]; of != "" && of != "*" {
			named[of] = stanza{fields["Copyright"], fields["License"]}
		}
	}

	ask := func(args ...string) string {
		out, err := exec.Command("go", args...).Output()
		if err != nil {
			t.Fatalf("go %q: %v", args, err)
		}
		return strings.TrimSpace(string(out))
	}
	folders := map[string]string{"go": ask("env", "GOROOT")}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range info.Deps {
		folders[m.Path] = ask("list", "-m", "-f", "{{.Dir}}", m.Path)
	}
	if len(folders) < 5 {
		t.Errorf("only %v are in the program", folders)
	}
	for module, folder := range folders {
		text, err := os.ReadFile(filepath.Join(folder, "LICENSE"))
		if os.IsNotExist(err) {
			text, err = os.ReadFile(filepath.Join(folder, "COPYING"))
		}
		if err != nil {
			t.Errorf("%s: %v", module, err)
		}
		s, ok := named[module]
		delete(named, module)
		switch {
		case !ok:
			t.Errorf("%s is in the program, and not in the file copyright", module)
		case s.licence != licenceOf(string(text)):
			t.Errorf("%s: copyright says %s, its LICENSE is %s", module, s.licence, licenceOf(string(text)))
		case !strings.Contains(strings.NewReplacer("(c) ", "", "(C) ", "").Replace(string(text)), "Copyright "+s.copyright):
			t.Errorf("%s: its LICENSE has no \"Copyright %s\"", module, s.copyright)
		}
	}
	for module := range named {
		t.Errorf("%s is in the file copyright, and not in the program", module)
	}
}

// licenceOf tells the kind of a licence by sentences that only it has.
func licenceOf(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	has := func(sentence string) bool { return strings.Contains(text, sentence) }
	switch {
	case has("Permission is hereby granted, free of charge, to any person obtaining a copy"):
		return "MIT"
	case has("Redistribution and use in source and binary forms") && has("Neither the name"):
		return "BSD-3-clause"
	case has("Redistribution and use in source and binary forms"):
		return "BSD-2-clause"
	}
	return "unknown"
}
