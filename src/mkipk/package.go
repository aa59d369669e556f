package main

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"
)

// Package is what every format holds.
type Package struct {
	Name    string
	Version string // N.N.N
	Release string // N
	Arch    string // as the format names it

	Title       string
	Description string // lines
	Section     string
	License     string
	LicenseFile string
	Maintainer  string
	URL         string // "" if none
	Source      string // the package's folder in its feed
	User        string // "name=uid:group=gid", which the router makes; "" if none
	Depends     []string

	Files   []File
	Scripts map[string]string // the package's own part of postinst, prerm, ...
}

// File is a regular file; the folders above follow from it. Owner is root.
type File struct {
	Path string // from the root of the device: /etc/config/snsbridge
	Mode fs.FileMode
	Conf bool // belongs to the user once installed
	Data []byte
}

// sorted returns the files by path, as every format wants them.
func (p *Package) sorted() []File {
	return slices.SortedFunc(slices.Values(p.Files), func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
}

// conffiles lists the paths of configuration files, a line each.
func (p *Package) conffiles() string {
	var b strings.Builder
	for _, f := range p.sorted() {
		if f.Conf {
			b.WriteString(f.Path + "\n")
		}
	}
	return b.String()
}

// folders returns the folders of the files, without slashes around, parents
// first and the root ("") among them.
func folders(files []File) []string {
	set := map[string]bool{"": true}
	for _, f := range files {
		dir := strings.Trim(f.Path, "/")
		for i := strings.LastIndexByte(dir, '/'); i > 0; i = strings.LastIndexByte(dir, '/') {
			dir = dir[:i]
			set[dir] = true
		}
	}
	list := make([]string, 0, len(set))
	for dir := range set {
		list = append(list, dir)
	}
	slices.Sort(list)
	return list
}
