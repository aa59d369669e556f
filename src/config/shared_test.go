package config

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSharedDevices(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"nm-dnsmasq-wlan0.pid": fmt.Sprintln(os.Getpid()),
		"nm-dnsmasq-usb0.pid":  "1\n",         // of root
		"nm-dnsmasq-wlan1.pid": "999999999\n", // of a dnsmasq that has gone
		"nm-dnsmasq-wlan2.pid": "",
		"dnsmasq.pid":          fmt.Sprintln(os.Getpid()),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(sharedDevices(dir+"/nm-dnsmasq-*.pid"), " "); got != "usb0 wlan0" {
		t.Errorf("shared are %q, want usb0 and wlan0", got)
	}
}

// TestSharedInterfaces: with hotspots alone nobody else is served, not even while
// none is up.
func TestSharedInterfaces(t *testing.T) {
	c := load(t, "UPLOAD_FOLDER = \"@\"\nLISTEN = \":18732\"\nINTERFACES = [\"shared\", \"192.168.5.1\"]\n")
	if !c.Shared || len(c.Interfaces) != 1 {
		t.Errorf("shared: %v, interfaces %v", c.Shared, c.Interfaces)
	}
	var b bytes.Buffer
	if err := c.WriteTOML(&b, false); err != nil || !strings.Contains(b.String(), `INTERFACES = ["192.168.5.1/32", "shared"]`) {
		t.Errorf("%v: written is\n%s", err, &b)
	}
	alone := load(t, "UPLOAD_FOLDER = \"@\"\nLISTEN = \":18732\"\nINTERFACES = [\"shared\"]\n")
	if at, open := alone.publicAddress(ownAddresses()); open {
		t.Errorf("it is open at %v", at)
	}
}
