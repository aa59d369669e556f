package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// listing returns the entries of a gzip'd tar as "mode uid gid size name", and
// the contents. It fails on what opkg or reproducibility would not like.
func listing(t *testing.T, packed []byte) (list []string, data map[string]string) {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	if z.Name != "" || !z.ModTime.IsZero() {
		t.Errorf("gzip has name %q and time %v", z.Name, z.ModTime)
	}
	data = map[string]string{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return list, data
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Format != tar.FormatGNU || !h.ModTime.Equal(when) || h.Uname+h.Gname != "" {
			t.Errorf("%s: format %v, time %v, owner %q %q; want GNU's, %v, numbers only", h.Name, h.Format, h.ModTime, h.Uname, h.Gname, when)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%o %d %d %d %s", h.Mode, h.Uid, h.Gid, h.Size, h.Name))
		data[h.Name] = string(b)
	}
}

func wantLines(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("%s:\n%s\nwant:\n%s", what, g, w)
	}
}

// tinyTree is the package tiny on a device.
var tinyTree = []string{
	"755 0 0 0 ./",
	"755 0 0 0 ./etc/",
	"755 0 0 0 ./etc/config/",
	"600 0 0 12 ./etc/config/tiny",
	"755 0 0 0 ./etc/init.d/",
	"755 0 0 25 ./etc/init.d/tiny",
	"755 0 0 0 ./usr/",
	"755 0 0 0 ./usr/bin/",
	"755 0 0 800 ./usr/bin/tiny",
	"755 0 0 0 ./usr/share/",
	"755 0 0 0 ./usr/share/tiny/",
	"644 0 0 0 ./usr/share/tiny/empty",
	"644 0 0 12 ./usr/share/tiny/same",
}

func TestIPK(t *testing.T) {
	b, err := ipk(tiny(), when)
	if err != nil {
		t.Fatal(err)
	}
	outer, parts := listing(t, b)
	data, control := parts["./data.tar.gz"], parts["./control.tar.gz"]
	wantLines(t, "the package", outer,
		"644 0 0 4 ./debian-binary",
		fmt.Sprintf("644 0 0 %d ./data.tar.gz", len(data)),
		fmt.Sprintf("644 0 0 %d ./control.tar.gz", len(control)))
	if got := parts["./debian-binary"]; got != "2.0\n" {
		t.Errorf("debian-binary is %q", got)
	}
	tree, _ := listing(t, []byte(data))
	wantLines(t, "data.tar.gz", tree, tinyTree...)
	list, files := listing(t, []byte(control))
	var names []string
	for _, line := range list {
		names = append(names, line[:3]+line[strings.LastIndexByte(line, ' '):])
	}
	wantLines(t, "control.tar.gz", names, "755 ./", "644 ./conffiles", "644 ./control", "755 ./postinst", "755 ./postinst-pkg", "755 ./prerm")
	wantLines(t, "control", strings.Split(files["./control"], "\n"),
		"Package: tiny",
		"Version: 1.2.3-r4",
		"Depends: libc, ca-bundle",
		"Source: feeds/packages/net/tiny",
		"SourceName: tiny",
		"License: Apache-2.0",
		"LicenseFiles: LICENSE",
		"Section: net",
		"Require-User: tiny=18732:tiny=18732",
		"SourceDateEpoch: 1700000000",
		"Maintainer: The snsbridge authors <authors@snsbridge.invalid>",
		"Architecture: mips_24kc",
		fmt.Sprintf("Installed-Size: %d", len(data)*142/100),
		"Description: A package that does",
		" nothing.",
		"")
	if got := files["./conffiles"]; got != "/etc/config/tiny\n" {
		t.Errorf("conffiles is %q", got)
	}
	if got := files["./postinst-pkg"]; got != tiny().Scripts["postinst"] {
		t.Errorf("postinst-pkg is %q", got)
	}
}

// Every tar that is at hand must see the same as Go's own.
func TestIPKWithOtherReaders(t *testing.T) {
	b, err := ipk(tiny(), when)
	if err != nil {
		t.Fatal(err)
	}
	tars := [][]string{{"tar"}}
	if _, err := exec.LookPath("busybox"); err == nil {
		tars = append(tars, []string{"busybox", "tar"})
	}
	for _, reader := range tars {
		dir := t.TempDir()
		extract := func(file string) {
			t.Helper()
			out, err := exec.Command(reader[0], append(reader[1:], "-xzpf", file, "-C", dir)...).CombinedOutput()
			if err != nil {
				t.Fatalf("%v: %v\n%s", reader, err, out)
			}
		}
		name := filepath.Join(dir, "tiny.ipk")
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		extract(name)
		extract(filepath.Join(dir, "data.tar.gz"))
		extract(filepath.Join(dir, "control.tar.gz"))
		for _, f := range append(tiny().Files, File{Path: "/postinst", Mode: 0o755, Data: []byte(opkgScript("default_postinst"))}) {
			path := filepath.Join(dir, f.Path)
			got, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
				continue
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, f.Data) || info.Mode() != f.Mode || !info.ModTime().Equal(when) {
				t.Errorf("%v: %s has %d bytes, mode %v, time %v; want %d, %v, %v", reader, f.Path, len(got), info.Mode(), info.ModTime(), len(f.Data), f.Mode, when)
			}
		}
	}
}

// What the recipe does not say yet is in all formats once it does.
func TestURL(t *testing.T) {
	r, root := ours(t)
	r.defines["Package/snsbridge"] = append(r.defines["Package/snsbridge"], "  URL:=https://example.org/$(PKG_NAME)")
	p, err := r.program("mips_24kc", nil)
	if err != nil {
		t.Fatal(err)
	}
	const url = "https://example.org/snsbridge"
	if got := ipkControl(p, 1, when); !strings.Contains(got, "\nURL: "+url+"\nMaintainer: ") {
		t.Errorf("ipk:\n%s", got)
	}
	if got := apkTree(p, nil, 1); !bytes.Contains(got, []byte(url)) {
		t.Errorf("apk:\n%q", got)
	}
	if p, err = debianPackage(root, r, "amd64", nil, when); err != nil {
		t.Fatal(err)
	}
	b, err := deb(p, when)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "snsbridge.deb")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(output(t, "dpkg-deb", "-f", file, "Homepage")); got != url {
		t.Errorf("deb: %q", got)
	}
}

// A package of the same content is the same package.
func TestSameBytes(t *testing.T) {
	for name, format := range map[string]func(*Package, time.Time) ([]byte, error){"ipk": ipk, "apk": apk, "deb": deb} {
		one, err := format(tiny(), when)
		if err != nil {
			t.Fatal(err)
		}
		shuffled := tiny()
		for i, j := 0, len(shuffled.Files)-1; i < j; i, j = i+1, j-1 {
			shuffled.Files[i], shuffled.Files[j] = shuffled.Files[j], shuffled.Files[i]
		}
		shuffled.Scripts["prerm"] = "#!/bin/sh\n"
		delete(shuffled.Scripts, "prerm")
		two, err := format(shuffled, when)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(one, two) {
			t.Errorf("%s: %d and %d bytes differ", name, len(one), len(two))
		}
	}
}

// The scripts of opkg call OpenWrt's, with the path by which these find the
// package's lists; in an image under construction they do nothing.
func TestScripts(t *testing.T) {
	root := t.TempDir()
	script := filepath.Join(root, "tiny.postinst")
	if err := os.WriteFile(script, []byte(opkgScript("default_postinst")), 0o700); err != nil {
		t.Fatal(err)
	}
	call := func(env ...string) string {
		t.Helper()
		cmd := exec.Command(script, "configure")
		cmd.Env = append(append(os.Environ(), "IPKG_INSTROOT="+root), env...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v\n%s", env, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	if got := call(); got != "" {
		t.Errorf("without OpenWrt's functions: %q", got)
	}
	if err := os.Mkdir(filepath.Join(root, "lib"), 0o700); err != nil {
		t.Fatal(err)
	}
	functions := "default_postinst() { echo \"default_postinst $*\"; }\n"
	if err := os.WriteFile(filepath.Join(root, "lib", "functions.sh"), []byte(functions), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := call(), "default_postinst "+script+" configure"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := call("IPKG_NO_SCRIPT=1"); got != "" {
		t.Errorf("although no script was to run: %q", got)
	}
}
