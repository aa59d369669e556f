package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
)

// address reads where the cameras' names lead. It is no address of the router,
// nor of anybody.
func (s *uciSource) address(sec *uciSection) netip.Addr {
	v, ok := s.value(sec, "address", text).(string)
	if !ok {
		v = DefaultAddress
	}
	a, err := netip.ParseAddr(v)
	switch {
	case err != nil || !a.Is4():
		s.fail(sec, "address", strconv.Quote(v)+" is no IPv4 address", "for example option address '%s'", DefaultAddress)
	case a.IsLoopback(), a.IsMulticast(), a.IsUnspecified(), a.IsLinkLocalUnicast(), a.As4()[0] >= 240:
		s.fail(sec, "address", v+" is none that cameras send to their router", "for example option address '%s'", DefaultAddress)
	case netip.MustParsePrefix("192.168.0.0/16").Contains(a):
		s.fail(sec, "address", "the oldest cameras take "+v+" for a captive portal", "choose one that does not begin with 192.168, such as '%s'", DefaultAddress)
	}
	return a
}

// spares are proposed if the address is in use. Hotels and companies have 10.x
// and 172.16 to 172.31, mobile networks 100.64; 198.18 is for laboratories.
var spares = []string{DefaultAddress, "10.137.42.99", "172.29.42.99", "198.18.42.99"}

// spare returns an address that is in none of the networks.
func spare(networks []netip.Prefix) string {
	for _, text := range spares {
		a := netip.MustParseAddr(text)
		if !slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a) }) {
			return "'" + text + "'"
		}
	}
	return "one that is free"
}

// collision warns of an address that is in a network of the router, which it
// has all networks of.
func (u *UCI) collision(name string, network netip.Prefix, all []netip.Prefix) {
	trouble := "devices there that have it cannot be reached"
	if slices.Contains(u.Networks, name) {
		trouble = "cameras look for it among their neighbours, and never find the bridge"
	}
	u.warn("the cameras' address %s is in the network %s of %s: %s; set option address %s",
		u.Address, network, name, trouble, spare(all))
}

func (u *UCI) warn(format string, args ...any) {
	u.Config.Warnings = append(u.Config.Warnings, fmt.Sprintf(format, args...))
}
