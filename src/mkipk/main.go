// Mkipk makes the packages that people install: for OpenWrt's opkg and apk,
// and for Debian.
//
// The same source gives the same bytes, and openwrt/Makefile is the one place
// of version, metadata and file list: what it says is what OpenWrt's own build
// system would make of it.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const usage = `usage: go run ./src/mkipk [-out DIR] [-only ARCH,...] ipk|apk|deb
`

func main() {
	if err := run(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "mkipk: error: %v\n", err)
		os.Exit(1)
	}
}

func run(stdout io.Writer, args []string) error {
	fl := flag.NewFlagSet("mkipk", flag.ContinueOnError)
	fl.Usage = func() { fmt.Fprint(fl.Output(), usage); fl.PrintDefaults() }
	out := fl.String("out", "bin", "`DIR` for the packages")
	only := fl.String("only", "", "these `ARCH,...` only, as the format names them")
	if err := fl.Parse(args); err != nil {
		return err
	}
	root, err := findRoot()
	if err != nil {
		return err
	}
	j := &job{root: root, out: *out, when: sourceTime(root), compile: compile, log: stdout}
	if *only != "" {
		j.only = strings.Split(*only, ",")
	}
	switch format := fl.Arg(0); {
	case fl.NArg() == 1 && (format == "ipk" || format == "apk" || format == "deb"):
		return j.run(format)
	default:
		fl.Usage()
		return fmt.Errorf("name one format: ipk, apk or deb")
	}
}

// job is one run: all packages of one format.
type job struct {
	root    string // of the sources
	out     string
	only    []string // architectures; none: all
	when    time.Time
	compile func(root string, m machine, version string) ([]byte, error)
	log     io.Writer
}

func (j *job) run(format string) error {
	r, err := readRecipe(filepath.Join(j.root, "openwrt", "Makefile"), j.root)
	if err != nil {
		return err
	}
	list := openwrt
	if format == "deb" {
		list = debian
	}
	archs, unknown := pick(list, j.only)
	if unknown != "" {
		return fmt.Errorf("mkipk knows no architecture %q: arch.go lists them", unknown)
	}
	if err := os.MkdirAll(j.out, 0o755); err != nil {
		return err
	}
	fmt.Fprintf(j.log, "%-32s %10s %10s\n", "bytes", "program", format)
	built := map[machine][]byte{}
	for _, a := range archs {
		if built[a.machine] == nil {
			if built[a.machine], err = j.compile(j.root, a.machine, r.vars["PKG_VERSION"]); err != nil {
				return err
			}
		}
		binary := built[a.machine]
		size, err := j.program(format, r, a.name, binary)
		if err != nil {
			return err
		}
		fmt.Fprintf(j.log, "%-32s %10d %10d%s\n", a.name, len(binary), size, overBudget(a.machine, len(binary), size))
	}
	if format == "deb" {
		return nil
	}
	pages, err := luci(j.root, r)
	if err != nil {
		return err
	}
	if len(pages) == 0 {
		fmt.Fprintln(j.log, "luci-app-snsbridge: there is nothing in luci-app, so no package")
	}
	for _, p := range pages {
		size, err := j.write(format, p)
		if err != nil {
			return err
		}
		fmt.Fprintf(j.log, "%-32s %10s %10d\n", p.Name, "", size)
	}
	return nil
}

// program writes the package of the program and returns its size in bytes.
func (j *job) program(format string, r *recipe, arch string, binary []byte) (int, error) {
	var p *Package
	var err error
	if format == "deb" {
		p, err = debianPackage(j.root, r, arch, binary, j.when)
	} else {
		p, err = r.program(arch, binary)
	}
	if err != nil {
		return 0, err
	}
	return j.write(format, p)
}

func (j *job) write(format string, p *Package) (size int, err error) {
	var b []byte
	release := "r" + p.Release
	switch format {
	case "ipk":
		b, err = ipk(p, j.when)
	case "apk":
		b, err = apk(p, j.when)
	case "deb":
		b, err = deb(p, j.when)
		release = p.Release
	}
	if err != nil {
		return 0, err
	}
	name := fmt.Sprintf("%s_%s-%s_%s.%s", p.Name, p.Version, release, p.Arch, format)
	return len(b), os.WriteFile(filepath.Join(j.out, name), b, 0o644)
}

// The budget of the routers with the least flash, those with MIPS, in bytes.
const (
	budgetProgram = 7_400_000
	budgetPackage = 2_700_000
)

// overBudget says by how much a package for a router with little flash is too
// large.
func overBudget(m machine, program, pkg int) string {
	if m != mips && m != mipsle {
		return ""
	}
	text := ""
	if n := program - budgetProgram; n > 0 {
		text += fmt.Sprintf("  program %d over budget", n)
	}
	if n := pkg - budgetPackage; n > 0 {
		text += fmt.Sprintf("  package %d over budget", n)
	}
	return text
}

// findRoot returns the folder of go.mod, here or above.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("there is no go.mod here or above: run mkipk in the sources of snsbridge")
		}
	}
}

// sourceTime returns the time that all files get: SOURCE_DATE_EPOCH, or that
// of the last commit, or, outside of git, the beginning of 2026.
func sourceTime(root string) time.Time {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		out, _ := exec.Command("git", "-C", root, "log", "-1", "--format=%ct").Output()
		text = strings.TrimSpace(string(out))
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(n, 0).UTC()
	}
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
}
