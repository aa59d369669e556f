package main

import (
	"bytes"
	"compress/flate"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// inflate returns what an .apk has before compression.
func inflate(t *testing.T, b []byte) []byte {
	t.Helper()
	body, ok := bytes.CutPrefix(b, []byte("ADBd"))
	if !ok {
		t.Fatalf("an .apk begins with %q", b[:4])
	}
	out, err := io.ReadAll(flate.NewReader(bytes.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// testdata/tiny.apk was made by apk-tools 3.0.5 of the package tiny: of the
// same files (those of apkLists among them), with the scripts of apkScripts,
// SOURCE_DATE_EPOCH=1700000000 and
//
//	apk mkpkg --xattrs=no --info name:tiny --info version:1.2.3-r4 ... --files root
//
// Ours is the same, byte for byte.
func TestAPKIsThatOfAPKTools(t *testing.T) {
	b, err := apk(tiny(), when)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile(filepath.Join("testdata", "tiny.apk"))
	if err != nil {
		t.Fatal(err)
	}
	got, want := inflate(t, b), inflate(t, theirs)
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("byte %d is %#x, want %#x; around it ours is\n%q\nand theirs\n%q", i, got[i], want[i], around(got, i), around(want, i))
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d bytes, want %d", len(got), len(want))
	}
}

func around(b []byte, i int) []byte { return b[max(0, i-32):min(len(b), i+32)] }

// What OpenWrt's scripts look for.
func TestAPKLists(t *testing.T) {
	got := map[string]string{}
	for _, f := range apkLists(tiny()) {
		got[f.Path] = string(f.Data)
	}
	want := map[string]string{
		"/lib/apk/packages/tiny.rusers": "tiny=18732:tiny=18732\n",
		"/lib/apk/packages/tiny.list": "/etc/config/tiny\n/etc/init.d/tiny\n/usr/bin/tiny\n/usr/share/tiny/empty\n/usr/share/tiny/same\n" +
			"/lib/apk/packages/tiny.rusers\n",
		"/lib/apk/packages/tiny.conffiles": "/etc/config/tiny\n",
		"/lib/apk/packages/tiny.conffiles_static": "/etc/config/tiny " +
			"24c5e99ef28cf7398b0fa593a3e0a938b394e054e207fd9d19d1ade09994eda2\n", // by sha256sum
	}
	for path, text := range want {
		if got[path] != text {
			t.Errorf("%s is %q, want %q", path, got[path], text)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d lists, want %d", len(got), len(want))
	}
}

// apk knows no architecture "all".
func TestAPKOfAllArchitectures(t *testing.T) {
	p := tiny()
	p.Arch, p.User, p.Files = "all", "", p.Files[:1]
	b, err := apk(p, when)
	if err != nil {
		t.Fatal(err)
	}
	body := inflate(t, b)
	for text, want := range map[string]bool{"noarch": true, "tiny.list": true, "tiny.rusers": false, "tiny.conffiles": false} {
		if got := bytes.Contains(body, []byte(text)); got != want {
			t.Errorf("%q is in the package: %v, want %v", text, got, want)
		}
	}
}
