package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snsbridge/src/config"
)

// call runs a command line in a folder of its own.
func call(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(context.Background(), environ{strings.NewReader(""), &out, &errs}, args)
	return status, out.String(), errs.String()
}

// TestCommandLine has what people type, with the exit status and a piece of
// what they must see.
func TestCommandLine(t *testing.T) {
	t.Chdir(t.TempDir())
	os.WriteFile("bad.toml", []byte("UPLOAD_FOLDER = \".\"\nLISTN = \":1\"\n"), 0o600)
	os.WriteFile("good.toml", []byte("UPLOAD_FOLDER = \".\"\nCAMERAS = [\"NX500\"]\nSECRET = \"hush\"\n"), 0o600)
	os.WriteFile("named.toml", []byte("UPLOAD_FOLDER = \".\"\nADDRESS = \"10.137.42.99\"\nPAGE_NAME = \"photos.home.arpa\"\n"), 0o600)
	for _, c := range []struct {
		args   string
		status int
		stdout string
		stderr string
	}{
		{"", 2, "", "Usage: snsbridge COMMAND"},
		{"help", 0, "Usage: snsbridge COMMAND", ""},
		{"--version", 0, "snsbridge ", ""},
		{"version", 0, "snsbridge ", ""},
		{"serv", 2, "", "snsbridge: error: unknown command \"serv\"\nhint: snsbridge help\n"},
		{"serve --help", 0, "take photos from cameras until interrupted", ""},
		{"serve extra", 2, "", "too many arguments"},
		{"serve --config none.toml", 1, "", "snsbridge: error: open none.toml: no such file or directory\nhint: "},
		{"config --check bad.toml", 1, "", "snsbridge: error: bad.toml:2: LISTN: is not a known setting; did you mean LISTEN?\n"},
		{"config --check good.toml", 0, "The configuration is valid.\n", ""},
		{"config good.toml", 0, "SECRET = \"***\"", ""},
		{"config --secrets good.toml", 0, "SECRET = \"hush\"", ""},
		{"config", 0, "/photos/.spool", ""},
		{"hosts --config good.toml", 0, "10.23.42.99\tgld.samsungosp.com\n10.23.42.99\tsamsungimaging.com\n10.23.42.99\twww.ospserver.net\n10.23.42.99\twww.samsungimaging.com\n10.23.42.99\tcamera.lan\n", ""},
		{"hosts", 0, "10.23.42.99\tcamera.lan\n", ""},
		{"hosts --config named.toml --address 10.1.2.3", 0, "10.1.2.3\tphotos.home.arpa\n", ""},
		{"hosts --config named.toml", 0, "10.137.42.99\tphotos.home.arpa\n", ""},
		{"hosts --address 1.2.3", 2, "", "--address"},
		{"models", 0, "NX300", ""},
		{"models --jsn", 2, "", "hint: snsbridge models --help\n"},
		{"simulate --model NX9", 2, "", "there is no camera \"NX9\""},
		{"simulate none.jpg", 1, "", "none.jpg"},
	} {
		t.Run(c.args, func(t *testing.T) {
			status, out, errs := call(t, strings.Fields(c.args)...)
			if status != c.status || !strings.Contains(out, c.stdout) || !strings.Contains(errs, c.stderr) {
				t.Errorf("status %d, stdout\n%s\nstderr\n%s\nwant %d, %q, %q", status, out, errs, c.status, c.stdout, c.stderr)
			}
			if c.status == 0 && errs != "" || c.status != 0 && out != "" {
				t.Errorf("success writes to stdout alone, failure to stderr alone: %q, %q", out, errs)
			}
		})
	}
}

// TestLooksWithoutTouching shows that only who takes photos makes a folder for
// them.
func TestLooksWithoutTouching(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, verb := range []string{"config", "config --check", "doctor", "hosts", "status"} {
		call(t, strings.Fields(verb)...)
	}
	if found, err := os.ReadDir("."); err != nil || len(found) > 0 {
		t.Errorf("%v was made, %v", found, err)
	}
	conf, err := config.Default("photos")
	if err != nil {
		t.Fatal(err)
	}
	conf.Listen = "127.0.0.1:0"
	d, err := start(conf, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Stop()
	if fi, err := os.Stat("photos"); err != nil || fi.Mode().Perm()&0o755 != 0o755 {
		t.Errorf("the photo folder: %v, %v; want one for everybody to look into", fi, err)
	}
}

func TestModelsJSON(t *testing.T) {
	_, out, _ := call(t, "models", "--json")
	var list []map[string]any
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) < 40 {
		t.Errorf("%d models, %v", len(list), err)
	}
}

// TestDemo is what make demo shows: seven generations of cameras, everything
// compared byte by byte. A second time sends other photos of the same names,
// and overwrites none.
func TestDemo(t *testing.T) {
	t.Chdir(t.TempDir())
	for range 2 {
		status, out, errs := call(t, "demo")
		if status != 0 || !strings.HasSuffix(out, "\n22 of 22 files arrived whole.\n") || strings.Contains(out, "MISSING") {
			t.Fatalf("status %d\n%s%s", status, out, errs)
		}
	}
	photos, _ := filepath.Glob("demo/2*/*")
	if len(photos) != 44 {
		t.Errorf("%d files after the demonstration ran twice, want 44: %q", len(photos), photos)
	}
}

// TestDemoNotices shows that the demonstration would tell of a lost photo.
func TestDemoNotices(t *testing.T) {
	dir := t.TempDir()
	files, err := scenes[0].files(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, files[0].Name), make([]byte, files[0].Size), 0o600)
	var out bytes.Buffer
	if err := report(&out, dir, files); err == nil || !strings.Contains(out.String(), "MISSING SAM_0001.JPG") {
		t.Errorf("%v\n%s", err, &out)
	}
}

// TestSimulate sends to a running bridge as a person does.
func TestSimulate(t *testing.T) {
	t.Chdir(t.TempDir())
	conf, err := config.Default("photos")
	if err != nil {
		t.Fatal(err)
	}
	conf.Listen = "127.0.0.1:0"
	d, err := start(conf, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Stop()
	for _, args := range [][]string{
		{"--email", "me@example.org,you@example.org", "--photos", "2", "--size", "50000"},
		{"--model", "NX mini", "--site", "picasa", "--text", "Hello", "--size", "50000"},
		{"--model", "nx500", "--short", "--photos", "12", "--size", "50000"},
		{"--size", "50000", "--trace"},
	} {
		status, out, errs := call(t, append([]string{"simulate", "--to", d.Addr()}, args...)...)
		if status != 0 || !strings.Contains(out, ": sent\n") {
			t.Errorf("%q: status %d\n%s%s", args, status, out, errs)
		}
	}
	if status, _, errs := call(t, "simulate", "--to", "127.0.0.1:1"); status != 1 || !strings.Contains(errs, "connection refused") {
		t.Errorf("without a bridge: status %d, %q", status, errs)
	}
	if status, out, _ := call(t, "simulate", "--to", d.Addr(), "--size", "50000", "--abort", "20000"); status != 1 || strings.Contains(out, ": sent") {
		t.Errorf("a camera that hangs up says %q", out)
	}
	if err := delivered(t.Context(), d.spool); err != nil {
		t.Error(err)
	}
}

// TestInsiders tells by which addresses of ours somebody may come in.
func TestInsiders(t *testing.T) {
	l := insiders{networks: []netip.Prefix{netip.MustParsePrefix("192.168.8.1/32"), netip.MustParsePrefix("192.168.9.0/24")}}
	for addr, want := range map[string]bool{
		"192.168.8.1": true, "192.168.9.7": true, "::ffff:192.168.9.7": true, "127.0.0.1": true,
		"192.168.8.2": false, "10.0.0.1": false, "2001:db8::1": false,
	} {
		if got := l.inside(&net.TCPAddr{IP: net.ParseIP(addr)}); got != want {
			t.Errorf("by %s: %v, want %v", addr, got, want)
		}
	}
	if !(insiders{}).inside(&net.TCPAddr{IP: net.ParseIP("10.0.0.1")}) {
		t.Error("without INTERFACES somebody is kept out")
	}
}

// TestPortTaken shows what a bridge says whose port is not free.
func TestPortTaken(t *testing.T) {
	t.Chdir(t.TempDir())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	status, _, errs := call(t, "serve", "--listen", l.Addr().String())
	if status != 1 || !strings.Contains(errs, "address already in use\nhint: is another program") {
		t.Errorf("status %d, %q", status, errs)
	}
}
