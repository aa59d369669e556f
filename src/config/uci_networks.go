package config

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"slices"
	"strings"
)

// network is an interface of the router, as netifd tells it.
type network struct {
	Interface string `json:"interface"`
	IPv4      []struct {
		Address netip.Addr `json:"address"`
		Mask    int        `json:"mask"`
	} `json:"ipv4-address"`
	Routes []struct {
		Target netip.Addr `json:"target"`
		Mask   int        `json:"mask"`
	} `json:"route"`
}

// reaches returns the networks that an interface is in or leads to. Shorter
// than /8 are the ways to all the rest.
func (n network) reaches() (list []netip.Prefix) {
	for _, a := range n.IPv4 {
		list = append(list, netip.PrefixFrom(a.Address, a.Mask).Masked())
	}
	for _, r := range n.Routes { // of a VPN, or of what is behind the next router
		if r.Mask >= 8 {
			list = append(list, netip.PrefixFrom(r.Target, r.Mask).Masked())
		}
	}
	return list
}

// Join finds the networks of the settings: their addresses, by which requests
// may come in, and their zones. The dump is what `ubus call network.interface
// dump` says, firewall the firewall's file of UCI. A network that is not up yet
// has no address; then Join is to be called again when it is.
func (u *UCI) Join(dump io.Reader, firewall string) error {
	var d struct {
		Interface []network `json:"interface"`
	}
	if err := json.NewDecoder(dump).Decode(&d); err != nil {
		return fmt.Errorf("ubus does not tell the networks of this router: %w", err)
	}
	zones, err := readZones(firewall)
	if err != nil {
		return err
	}
	// Requests of the router itself are always welcome; with nothing else here
	// none would mean all.
	own := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	var names []string
	var all []netip.Prefix
	for _, i := range d.Interface {
		names = append(names, i.Interface)
		all = append(all, i.reaches()...)
	}
	var wrong []error
	for _, n := range u.Networks {
		if zones[n] == "wan" {
			wrong = append(wrong, fmt.Errorf("list network: %s is in the zone wan of the firewall, where strangers are; name networks of your cameras, such as lan", n))
		}
	}
	for _, i := range d.Interface {
		for _, a := range i.IPv4 {
			if slices.Contains(u.Networks, i.Interface) {
				own = append(own, netip.PrefixFrom(a.Address, a.Address.BitLen()))
			}
		}
		has := func(n netip.Prefix) bool { return n.Contains(u.Address) }
		if n := slices.IndexFunc(i.reaches(), has); n >= 0 {
			wrong = append(wrong, u.collision(i.Interface, i.reaches()[n], all))
		}
	}
	u.Config.Interfaces = own
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	u.join(zones, names)
	if len(u.Zones) == 0 {
		slices.Sort(names)
		return fmt.Errorf("this router has no network %s in a zone of its firewall, but %s; name those with cameras: list network",
			strings.Join(u.Networks, " or "), cmp.Or(strings.Join(names, ", "), "none at all"))
	}
	return nil
}

// join sets the zones, and tells which networks are left out. Guest networks
// are looked for unasked: of them it says nothing.
func (u *UCI) join(zones map[string]string, names []string) {
	for _, n := range u.Networks {
		zone := zones[n]
		switch {
		case !slices.Contains(names, n):
			zone = ""
			if strings.Join(u.Networks, " ") != uciNetworks {
				u.warn("there is no network %s: cameras there are not served; list network", n)
			}
		case zone == "":
			u.warn("the network %s is in no zone of the firewall: cameras there are not served; add it to one", n)
		}
		if zone != "" && !slices.Contains(u.Zones, zone) {
			u.Zones = append(u.Zones, zone)
		}
	}
}

// readZones returns the zone of each network. A list may be one option, too,
// with blanks.
func readZones(file string) (map[string]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	sections, err := readUCI(file, string(b))
	if err != nil {
		return nil, err
	}
	zones := map[string]string{}
	for _, s := range sections {
		name, networks := s.option("name"), s.option("network")
		if s.typ != "zone" || name == nil || networks == nil || len(strings.Fields(strings.Join(name.values, " "))) != 1 {
			continue
		}
		for _, n := range strings.Fields(strings.Join(networks.values, " ")) {
			zones[n] = name.values[0]
		}
	}
	return zones, nil
}
