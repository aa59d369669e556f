package config

import (
	"net"
	"net/netip"
	"slices"
	"strings"
)

// CheckPublic refuses settings by which everybody on the Internet could store
// photos here, and send mail by the owner's server. A router's package is not
// looked at: it lets in what comes by the networks of the cameras alone.
func (c *Config) CheckPublic() error {
	wrong, remedy := c.unguarded(ownAddresses())
	if wrong == "" {
		return nil
	}
	return &Error{File: c.File, Key: "LISTEN", Wrong: wrong, Remedy: remedy}
}

// unguarded tells what is wrong with a bridge that the Internet reaches, given
// the machine's own addresses; "" if nothing is.
func (c *Config) unguarded(own []netip.Addr) (wrong, remedy string) {
	at, ok := c.publicAddress(own)
	var missing []string
	if len(c.Senders) == 0 {
		missing = append(missing, "SENDERS")
	}
	if c.Mail.Server != "" && len(c.Recipients) == 0 {
		missing = append(missing, "RECIPIENTS")
	}
	if !ok || len(missing) == 0 {
		return "", ""
	}
	what, are := strings.Join(missing, " and "), " is"
	if len(missing) > 1 {
		are = " are"
	}
	return `"` + c.Listen + `" is reachable from the Internet at ` + at.String() + ", and " + what + are + " not set",
		"set " + what + ", or limit INTERFACES to the cameras' own networks"
}

// publicAddress returns an address by which the whole Internet may reach the
// camera port. For a port at all addresses those of IPv6 do not count: cameras
// do not know IPv6, and at home every machine has such an address, behind its
// router's firewall.
func (c *Config) publicAddress(own []netip.Addr) (netip.Addr, bool) {
	host, _, _ := net.SplitHostPort(c.Listen)
	if a, err := netip.ParseAddr(host); err == nil && !a.IsUnspecified() {
		own = []netip.Addr{a}
	} else {
		own = slices.DeleteFunc(slices.Clone(own), func(a netip.Addr) bool { return !a.Is4() })
	}
	for _, a := range own {
		among := func(p netip.Prefix) bool { return p.Contains(a) }
		if !c.FromUCI && isPublic(a) && (len(c.Interfaces) == 0 && !c.Shared || slices.ContainsFunc(c.Interfaces, among)) {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// notInternet are the networks of IPv4 and IPv6 that are nobody's on the Internet,
// beside those that netip knows: shared by providers' customers, for examples,
// for measurements (RFC 6890).
var notInternet = []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "2001:db8::/32"}

// isPublic tells whether an address is one of the Internet.
func isPublic(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(notInternet, func(n string) bool {
		return netip.MustParsePrefix(n).Contains(a)
	})
}

// ownAddresses are those of this machine's interfaces.
func ownAddresses() (list []netip.Addr) {
	all, _ := net.InterfaceAddrs() // without an answer nothing is known to be public
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok {
				list = append(list, ip.Unmap())
			}
		}
	}
	return list
}
