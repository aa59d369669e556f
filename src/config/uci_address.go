package config

import (
	"errors"
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
		s.fail(sec, "address", strconv.Quote(v)+" is not an IPv4 address", "for example option address '%s'", DefaultAddress)
	case a.IsLoopback(), a.IsMulticast(), a.IsUnspecified(), a.IsLinkLocalUnicast(), a.As4()[0] >= 240:
		s.fail(sec, "address", v+" is not an address that cameras send to their router", "for example option address '%s'", DefaultAddress)
	case netip.MustParsePrefix("192.168.0.0/16").Contains(a):
		s.fail(sec, "address", "the oldest cameras take "+v+" for a captive portal", "choose one that does not begin with 192.168, such as '%s'", DefaultAddress)
	}
	return a
}

// FreeAddress returns an address for the cameras' names that is in none of the
// networks, the usual one if it is free. Hotels and companies have 10.x and
// 172.16 to 172.31, mobile networks 100.64; 198.18 is for laboratories. It is
// never one of 192.168.
func FreeAddress(networks []netip.Prefix) netip.Addr {
	spares := []string{DefaultAddress, "10.137.42.99", "172.29.42.99", "198.18.42.99"}
	for i := range 254 {
		spares = append(spares, fmt.Sprintf("10.%d.42.99", i+1))
	}
	for _, text := range spares {
		a := netip.MustParseAddr(text)
		if !slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a) }) {
			return a
		}
	}
	return netip.MustParseAddr("198.19.42.99")
}

// collision tells of an address that is in a network of the router, which it
// has all networks of. It is an error if the network is the cameras' own.
func (u *UCI) collision(name string, network netip.Prefix, all []netip.Prefix) error {
	wrong := fmt.Sprintf("the cameras' address %s is in the network %s of %s: ", u.Address, network, name)
	remedy := fmt.Sprintf("; set option address '%s'", FreeAddress(all))
	if slices.Contains(u.Networks, name) {
		return errors.New(wrong + "cameras look for it among their neighbours, and never find the bridge" + remedy)
	}
	u.warn("%s", wrong+"a device there that has it cannot be reached from here, cameras can send all the same"+remedy)
	return nil
}

func (u *UCI) warn(format string, args ...any) {
	u.Config.Warnings = append(u.Config.Warnings, fmt.Sprintf(format, args...))
}
