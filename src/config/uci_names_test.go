package config

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckNames has the ways in which cameras do not learn where names lead.
func TestCheckNames(t *testing.T) {
	for _, tt := range []struct {
		dhcp, guard string
		says        string // "": nothing
		reason      string
	}{
		{"config dnsmasq\n", "", "", "as it is shipped"},
		{"", "", "has no dnsmasq", "nobody answers"},
		{"config odhcpd\n", "", "has no dnsmasq", "who gives out addresses of IPv6 is none"},
		{"config dnsmasq\n\toption disabled 1\n", "", "has no dnsmasq", "it is off"},
		{"config dnsmasq\n\toption port 0\n", "", "answers at port 0", "addresses alone"},
		{"config dnsmasq\n\toption port 54\nconfig dnsmasq two\n\toption port 0\n", "", "answers at port 54 and 0", "another program has its place"},
		{"config dnsmasq\n\toption port 54\nconfig dnsmasq two\n\toption port 53\n", "", "", "one of two does"},
		{"config dnsmasq\n\toption ignore_hosts_dir 1\n", "", "remove option ignore_hosts_dir", "it knows only its own names"},
		{"config dnsmasq\n\toption ignore_hosts_dir 1\nconfig dnsmasq two\n", "", "", "one of two knows ours"},
		{"config dnsmasq\nconfig dnsmasq two\n\toption ignore_hosts_dir 1\n", "", "", "the same, in the other order"},
		{"config dnsmasq\n\toption ignore_hosts_dir 0\n", "", "", "0 is no"},
		{"config dnsmasq\n", "config adguardhome config\n\toption enabled 1\n\toption dns_enabled 1\n", "AdGuard Home", "GL.iNet's switch Handle Client Requests"},
		{"config dnsmasq\n", "config adguardhome config\n\toption enabled 1\n\toption dns_enabled 0\n", "", "it is behind dnsmasq"},
		{"config dnsmasq\n", "config adguardhome config\n\toption enabled 0\n\toption dns_enabled 1\n", "", "it is off"},
		{"option\n", "", "cannot be read", "a broken file"},
		{"config dnsmasq\n", "option\n", "cannot be read", "the other is broken"},
	} {
		dir := t.TempDir()
		for name, text := range map[string]string{"config/dhcp": tt.dhcp, "config/adguardhome": tt.guard, "init.d/dnsmasq": "x"} {
			if text == "" {
				continue
			}
			file := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		u := &UCI{Config: &Config{}}
		u.CheckNames(filepath.Join(dir, "config"))
		if said := strings.Join(u.Config.Warnings, "; "); !strings.Contains(said, tt.says) || tt.says == "" && said != "" {
			t.Errorf("%s: says %q, want %q", tt.reason, said, tt.says)
		}
		if err := os.Remove(filepath.Join(dir, "init.d/dnsmasq")); err != nil {
			t.Fatal(err)
		}
		if r, _ := ReadResolver(filepath.Join(dir, "config")); !r.Missing && tt.dhcp != "option\n" {
			t.Errorf("%s: without the program there is one", tt.reason)
		}
	}
}

func TestFreeAddress(t *testing.T) {
	for _, tt := range []struct{ taken, want, reason string }{
		{"", "10.23.42.99", "the usual one"},
		{"10.23.0.0/16", "10.137.42.99", "a part of 10.x"},
		{"10.0.0.0/8", "172.29.42.99", "all of it"},
		{"10.0.0.0/8 172.16.0.0/12", "198.18.42.99", "and the next"},
		{"10.0.0.0/9 10.128.0.0/10 172.16.0.0/12 198.18.0.0/15", "10.192.42.99", "what is left of 10.x"},
		{"0.0.0.0/0", "198.19.42.99", "nothing is left"},
	} {
		var taken []netip.Prefix
		for _, text := range strings.Fields(tt.taken) {
			taken = append(taken, netip.MustParsePrefix(text))
		}
		if got := FreeAddress(taken).String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.reason, got, tt.want)
		}
	}
}
