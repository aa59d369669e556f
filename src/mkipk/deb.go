package main

import (
	"bytes"
	"crypto/md5"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

//go:embed debian
var debianScripts embed.FS

// debianFiles are those of the folder files that are Debian's: the others are
// OpenWrt's. Each lies there by the path that it gets.
var debianFiles = []struct {
	path string
	mode fs.FileMode
}{
	{"/etc/NetworkManager/dnsmasq-shared.d/snsbridge.conf", 0o644},
	{"/etc/snsbridge/config.toml", 0o640}, // the group is given by postinst
	{"/usr/lib/NetworkManager/dispatcher.d/90-snsbridge", 0o755},
	{"/usr/lib/snsbridge/network", 0o755},
	{"/usr/lib/systemd/system/snsbridge.service", 0o644},
	{"/usr/lib/sysusers.d/snsbridge.conf", 0o644},
	{"/usr/share/doc/snsbridge/copyright", 0o644},
}

// debianPackage returns the same program with what a Debian machine needs
// instead of OpenWrt's files. Without a firewall cameras would not reach it;
// NetworkManager is what most hotspots are made with.
func debianPackage(root string, r *recipe, arch string, binary []byte, when time.Time) (*Package, error) {
	p, err := r.program(arch, binary)
	if err != nil {
		return nil, err
	}
	p.Depends = []string{"ca-certificates", "init-system-helpers", "nftables | iptables", "systemd"}
	p.Scripts = map[string]string{}
	for _, name := range []string{"postinst", "prerm", "postrm"} {
		text, err := debianScripts.ReadFile("debian/" + name)
		if err != nil {
			return nil, err
		}
		p.Scripts[name] = string(text)
	}
	p.Files = []File{{Path: "/usr/bin/snsbridge", Mode: 0o755, Data: binary}}
	for _, f := range debianFiles {
		data, err := os.ReadFile(filepath.Join(root, "files", f.path))
		if err != nil {
			return nil, err
		}
		p.Files = append(p.Files, File{Path: f.path, Mode: f.mode, Conf: strings.HasPrefix(f.path, "/etc/"), Data: data})
	}
	log, err := changelog(p, filepath.Join(root, "openwrt", "CHANGES.md"), when)
	if err != nil {
		return nil, err
	}
	const doc = "/usr/share/doc/snsbridge/"
	p.Files = append(p.Files, File{Path: doc + "changelog.Debian.gz", Mode: 0o644, Data: log})
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		return nil, err
	}
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		rel, err := filepath.Rel(root, page)
		if err != nil {
			return nil, err
		}
		text, err := os.ReadFile(page)
		if err != nil {
			return nil, err
		}
		p.Files = append(p.Files, File{Path: doc + filepath.ToSlash(rel), Mode: 0o644, Data: text})
	}
	return p, nil
}

// changelog returns what users notice in the form of Debian.
func changelog(p *Package, file string, when time.Time) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s (%s-%s) stable; urgency=medium\n\n", p.Name, p.Version, p.Release)
	for line := range strings.Lines(string(text)) {
		fmt.Fprintf(&out, "  %s", line)
	}
	fmt.Fprintf(&out, "\n -- %s  %s\n", p.Maintainer, when.Format(time.RFC1123Z))
	return gzipped(out.Bytes())
}

// deb returns the package as dpkg reads it.
func deb(p *Package, when time.Time) ([]byte, error) {
	data, err := tarball(p.sorted(), when)
	if err != nil {
		return nil, err
	}
	var sums strings.Builder
	size := 0
	for _, f := range p.sorted() {
		size += (len(f.Data) + 1023) / 1024
		fmt.Fprintf(&sums, "%x  %s\n", md5.Sum(f.Data), f.Path[1:])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Package: %s\nVersion: %s-%s\nArchitecture: %s\n", p.Name, p.Version, p.Release, p.Arch)
	fmt.Fprintf(&b, "Maintainer: %s\nInstalled-Size: %d\n", p.Maintainer, size)
	fmt.Fprintf(&b, "Depends: %s\nRecommends: dnsmasq-base, network-manager\n", strings.Join(p.Depends, ", "))
	fmt.Fprintf(&b, "Section: %s\nPriority: optional\n", p.Section)
	if p.URL != "" {
		fmt.Fprintf(&b, "Homepage: %s\n", p.URL)
	}
	fmt.Fprintf(&b, "Description: %s\n %s\n", p.Title, strings.ReplaceAll(p.Description, "\n", "\n "))
	control := []File{
		{Path: "control", Mode: 0o644, Data: []byte(b.String())},
		{Path: "conffiles", Mode: 0o644, Data: []byte(p.conffiles())},
		{Path: "md5sums", Mode: 0o644, Data: []byte(sums.String())},
	}
	for name, text := range p.Scripts {
		control = append(control, File{Path: name, Mode: 0o755, Data: []byte(text)})
	}
	meta, err := tarball(control, when)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	out.WriteString("!<arch>\n")
	member(&out, "debian-binary", []byte("2.0\n"), when)
	member(&out, "control.tar.gz", meta, when)
	member(&out, "data.tar.gz", data, when)
	return out.Bytes(), nil
}

// member writes a file of an ar archive: sixty bytes of head, and an even
// number of bytes.
func member(out *bytes.Buffer, name string, data []byte, when time.Time) {
	fmt.Fprintf(out, "%-16s%-12d%-6d%-6d%-8o%-10d`\n", name, when.Unix(), 0, 0, 0o100644, len(data))
	out.Write(data)
	if len(data)%2 != 0 {
		out.WriteByte('\n')
	}
}
