package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Resolver is what a router's settings say about who answers when a camera
// asks for a name.
type Resolver struct {
	Missing  bool     // there is no dnsmasq
	Ports    []string // at which it answers; "0": it gives out addresses alone
	Silent   bool     // none of these is the port for names, 53
	Ignoring bool     // it leaves alone the folder where the package's names are
	Told     []string // other resolvers that clients are told to ask, by DHCP
	AdGuard  bool     // AdGuard Home on GL.iNet's firmware takes the questions away from it
}

// ReadResolver reads dnsmasq's and AdGuard Home's settings in a folder such as
// /etc/config.
func ReadResolver(dir string) (Resolver, error) {
	var r Resolver
	r.Ignoring = true
	servers, err := readSections(filepath.Join(dir, "dhcp"))
	if err != nil {
		return r, err
	}
	r.Silent = true
	for _, s := range servers {
		if o := s.option("dhcp_option"); s.typ == "dhcp" && o != nil && !isOn(s.text("ignore")) && s.text("interface") != "wan" {
			r.Told = append(r.Told, toldResolvers(o.values)...)
		}
		if s.typ != "dnsmasq" || isOn(s.text("disabled")) {
			continue
		}
		port := s.text("port")
		if port == "" {
			port = "53"
		}
		r.Ports = append(r.Ports, port)
		if port == "53" {
			r.Silent = false
			r.Ignoring = r.Ignoring && isOn(s.text("ignore_hosts_dir"))
		}
	}
	r.Ignoring = r.Ignoring && !r.Silent
	_, err = os.Stat(filepath.Join(dir, "../init.d/dnsmasq"))
	r.Missing = errors.Is(err, fs.ErrNotExist) || len(r.Ports) == 0
	guards, err := readSections(filepath.Join(dir, "adguardhome"))
	for _, s := range guards {
		r.AdGuard = r.AdGuard || isOn(s.text("enabled")) && isOn(s.text("dns_enabled"))
	}
	return r, err
}

// toldResolvers returns the addresses in DHCP's option 6, such as
// "6,192.168.8.5,1.1.1.1". 0.0.0.0 is dnsmasq itself.
func toldResolvers(options []string) (list []string) {
	for _, o := range options {
		words := strings.Split(strings.ReplaceAll(o, " ", ","), ",")
		for i, w := range words {
			if w == "6" || w == "option:dns-server" {
				list = append(list, slices.DeleteFunc(words[i+1:], func(a string) bool { return a == "0.0.0.0" || a == "" })...)
				break
			}
		}
	}
	return list
}

func isOn(value string) bool {
	return value == "1" || value == "on" || value == "true" || value == "yes" || value == "enabled"
}

// readSections reads a file of UCI, and nothing if there is none.
func readSections(file string) ([]*uciSection, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return readUCI(file, string(b))
}

// CheckNames warns if cameras will not learn where their names lead.
func (u *UCI) CheckNames(dir string) {
	r, err := ReadResolver(dir)
	switch {
	case err != nil:
		u.warn("who answers when cameras ask for names cannot be read: %v", err)
	case r.AdGuard:
		u.warn("AdGuard Home answers when cameras ask for names, and does not know them: switch off AdGuard Home Handle Client Requests")
	case r.Missing:
		u.warn("this router has no dnsmasq: cameras will not find the bridge unless another program gives out the names of /tmp/hosts/snsbridge; install dnsmasq")
	case r.Silent:
		u.warn("dnsmasq answers at port %s, and cameras ask at port 53: they will not find the bridge; set option port '53' in /etc/config/dhcp, or let the program that is there instead give out the names of /tmp/hosts/snsbridge",
			strings.Join(r.Ports, " and "))
	case r.Ignoring:
		u.warn("dnsmasq leaves the names of /tmp/hosts alone: cameras will not find the bridge; remove option ignore_hosts_dir from /etc/config/dhcp")
	}
}
