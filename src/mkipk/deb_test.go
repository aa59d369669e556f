package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// The package of the program, read by dpkg and ar.
func TestDeb(t *testing.T) {
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	r, err := readRecipe(filepath.Join(root, "openwrt", "Makefile"), root)
	if err != nil {
		t.Fatal(err)
	}
	p, err := debianPackage(root, r, "arm64", []byte("program of an odd length"+"!"), when)
	if err != nil {
		t.Fatal(err)
	}
	b, err := deb(p, when)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "snsbridge.deb")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	wantLines(t, "members", strings.Fields(output(t, "ar", "t", file)), "debian-binary", "control.tar.gz", "data.tar.gz")
	wantLines(t, "control files", strings.Fields(output(t, "sh", "-c", `dpkg-deb --ctrl-tarfile "$1" | tar -t | sort`, "sh", file)),
		"./", "./conffiles", "./control", "./md5sums", "./postinst", "./postrm", "./prerm")
	var tree []string
	for line := range strings.Lines(output(t, "dpkg-deb", "-c", file)) {
		words := strings.Fields(line)
		if owner := words[1]; owner != "0/0" && owner != "root/root" {
			t.Errorf("owner %s: %s", owner, line)
		}
		if !strings.HasPrefix(line, "d") {
			tree = append(tree, words[0]+" "+words[5])
		}
	}
	wantLines(t, "tree", tree,
		"-rw-r--r-- ./etc/NetworkManager/dnsmasq-shared.d/snsbridge.conf",
		"-rw-r----- ./etc/snsbridge/config.toml",
		"-rwxr-xr-x ./usr/bin/snsbridge",
		"-rwxr-xr-x ./usr/lib/NetworkManager/dispatcher.d/90-snsbridge",
		"-rwxr-xr-x ./usr/lib/snsbridge/network",
		"-rw-r--r-- ./usr/lib/systemd/system/snsbridge.service",
		"-rw-r--r-- ./usr/lib/sysusers.d/snsbridge.conf",
		"-rw-r--r-- ./usr/share/doc/snsbridge/README.md",
		"-rw-r--r-- ./usr/share/doc/snsbridge/changelog.Debian.gz",
		"-rw-r--r-- ./usr/share/doc/snsbridge/copyright",
		"-rw-r--r-- ./usr/share/doc/snsbridge/docs/cameras.md",
		"-rw-r--r-- ./usr/share/doc/snsbridge/docs/costs.md",
		"-rw-r--r-- ./usr/share/doc/snsbridge/docs/elsewhere.md",
		"-rw-r--r-- ./usr/share/doc/snsbridge/docs/linux.md",
		"-rw-r--r-- ./usr/share/doc/snsbridge/docs/options.md",
		"-rw-r--r-- ./usr/share/doc/snsbridge/docs/settings.md")
	for field, want := range map[string]string{
		"Package": "snsbridge", "Version": r.vars["PKG_VERSION"] + "-" + r.vars["PKG_RELEASE"], "Architecture": "arm64",
		"Maintainer": r.vars["PKG_MAINTAINER"], "Depends": "ca-certificates, init-system-helpers, nftables | iptables, systemd",
		"Section": "net", "Priority": "optional",
	} {
		if got := strings.TrimSpace(output(t, "dpkg-deb", "-f", file, field)); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	conf := output(t, "dpkg-deb", "-I", file, "conffiles")
	wantLines(t, "conffiles", strings.Fields(conf), "/etc/NetworkManager/dnsmasq-shared.d/snsbridge.conf", "/etc/snsbridge/config.toml")

	output(t, "dpkg-deb", "-x", file, filepath.Join(dir, "x"))
	if err := os.WriteFile(filepath.Join(dir, "sums"), []byte(output(t, "dpkg-deb", "-I", file, "md5sums")), 0o600); err != nil {
		t.Fatal(err)
	}
	output(t, "sh", "-c", `cd "$1/x" && md5sum --quiet -c ../sums`, "sh", dir)
	log := output(t, "zcat", filepath.Join(dir, "x", "usr/share/doc/snsbridge/changelog.Debian.gz"))
	if want := "snsbridge (" + r.vars["PKG_VERSION"] + "-"; !strings.HasPrefix(log, want) {
		t.Errorf("the changelog begins with %.40q, want %q", log, want)
	}
}

func TestDebianScripts(t *testing.T) {
	for _, script := range []string{"debian/postinst", "debian/prerm", "debian/postrm", "../../files/usr/lib/snsbridge/network", "../../files/usr/lib/NetworkManager/dispatcher.d/90-snsbridge"} {
		output(t, "sh", "-n", script)
	}
}

// Whoever links with others' work says so.
func TestCopyrightNamesAllModules(t *testing.T) {
	text, err := os.ReadFile("../../files/usr/share/doc/snsbridge/copyright")
	if err != nil {
		t.Fatal(err)
	}
	modules := output(t, "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "../snsbridge")
	for _, m := range strings.Fields(modules) {
		if m != "snsbridge" && !strings.Contains(string(text), "\nFiles: "+m+"\n") {
			t.Errorf("the program has %s in it, and its copyright does not say so", m)
		}
	}
}

// TestNetworkRedirectRefused is a kernel that redirects neither by nftables nor
// by iptables: the service must not start as if cameras could reach it.
func TestNetworkRedirectRefused(t *testing.T) {
	text, err := os.ReadFile("../../files/usr/lib/snsbridge/network")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, script := range map[string]string{
		"network":   strings.NewReplacer("/run/snsbridge/", dir+"/", "/run/", dir+"/").Replace(string(text)),
		"nft":       "echo 'nft cannot' >&2; exit 1",
		"iptables":  `case "$*" in *REDIRECT*) exit 1 ;; esac`,
		"snsbridge": `[ "$1" = hosts ] || printf '%s\n' 'ADDRESS = "10.23.42.99"' 'LISTEN = ":18732"'`,
	} {
		if !strings.HasPrefix(script, "#!") {
			script = "#!/bin/sh\n" + script + "\n"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(filepath.Join(dir, "network"), "up")
	cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "nft cannot") {
		t.Errorf("%v, want a failure that tells why:\n%s", err, out)
	}
}
