package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// queries checks where the cameras' questions go, if not to the router's own
// port for names: who answers there must know the names as well. AdGuard Home
// and other resolvers of OpenWrt's feed are set up with a redirect of the
// firewall; others are told to clients by DHCP, which counts if no redirect
// catches these questions.
func (d *Doctor) queries(ctx context.Context, told []string) Finding {
	diverted, caught := d.diverted(ctx)
	for _, server := range told {
		if !caught && !d.knows(ctx, netip.AddrPortFrom(parseAddr(server), 53).String()) {
			return failed("resolver-told", "DHCP tells devices to use the DNS server "+server+", which does not know the cameras' names",
				"Remove the DHCP option 6 from the settings of the network.", "resolver", server)
		}
	}
	for _, to := range diverted {
		if !d.knows(ctx, to.String()) {
			return failed("resolver-redirected", fmt.Sprintf("the firewall sends the cameras' DNS queries to %s, which does not know the names", to),
				"Have that resolver forward queries to dnsmasq, or remove the redirect of port 53 from the firewall.", "resolver", to.String())
		}
	}
	return ok("dnsmasq")
}

// knows tells whether a resolver leads cameras to the bridge.
func (d *Doctor) knows(ctx context.Context, resolver string) bool {
	if len(d.Hosts) == 0 || !d.Address.IsValid() {
		return false
	}
	got, _, err := d.askAt(ctx, "ip4", resolver, d.Hosts[0])
	return err == nil && slices.Equal(got, []netip.Addr{d.Address})
}

// parseAddr returns the zero Addr for what is none.
func parseAddr(text string) netip.Addr {
	a, _ := netip.ParseAddr(text)
	return a
}

// diverted returns the resolvers to which the firewall redirects queries, and
// whether it redirects any. Its rules are shown to root alone; for others there
// are none.
func (d *Doctor) diverted(ctx context.Context) (all []netip.AddrPort, caught bool) {
	list := d.rules
	if list == nil {
		list = commandOutput
	}
	// A redirect ends at the address of the interface by which a camera came.
	own := netip.MustParseAddr("127.0.0.1")
	for _, p := range d.Config.Interfaces {
		if p.IsSingleIP() && p.Addr().Is4() && own.IsLoopback() {
			own = p.Addr()
		}
	}
	for _, command := range [][]string{{"nft", "-n", "-t", "list", "ruleset"}, {"iptables-save", "-t", "nat"}} {
		if rules, err := list(ctx, command...); err == nil {
			all = append(all, divertedBy(string(rules), own)...)
		}
	}
	caught = len(all) > 0
	return slices.DeleteFunc(slices.Compact(all), func(to netip.AddrPort) bool { return to == netip.AddrPortFrom(own, 53) }), caught
}

// divertedBy reads the rules of nft or iptables-save that lead UDP or TCP for
// port 53 somewhere over IPv4, be it the router's own port 53. Left out are
// those for the Internet's side, by the name of their chain, and for certain
// devices.
//
//	chain dstnat_lan {
//		meta nfproto ipv4 udp dport 53 counter redirect to :3053 comment "..."
//	-A zone_lan_prerouting -p udp -m udp --dport 53 -j DNAT --to-destination 192.168.8.5:53
func divertedBy(rules string, own netip.Addr) (list []netip.AddrPort) {
	chain := ""
	for line := range strings.Lines(rules) {
		line, _, _ = strings.Cut(line, ` comment "`)
		f := strings.Fields(line)
		if len(f) > 1 && (f[0] == "chain" || f[0] == "-A") {
			chain = f[1]
		}
		if strings.Contains(chain, "wan") || !asksNames(f) || oneDevice(f) {
			continue
		}
		to, found := netip.AddrPortFrom(own, 53), false
		for i, word := range f {
			next := func(n int) string {
				if i+n < len(f) {
					return f[i+n]
				}
				return ""
			}
			switch word {
			case "redirect", "REDIRECT":
				found = true
				if next(1) == "to" {
					to = target(next(2), to)
				}
			case "dnat":
				found = true
				at := 1
				if next(1) == "ip" {
					at++
				}
				if next(at) == "to" {
					to = target(next(at+1), to)
				}
			case "--to-ports", "--to-destination":
				found = true
				to = target(next(1), to)
			}
		}
		if found {
			list = append(list, to)
		}
	}
	return list
}

// asksNames tells whether a rule is for port 53.
func asksNames(f []string) bool {
	for i, word := range f {
		if word != "dport" && word != "--dport" && word != "--dports" {
			continue
		}
		for _, port := range f[i+1:] {
			if slices.Contains(strings.Split(port, ","), "53") {
				return true
			}
			if port != "{" && !strings.HasSuffix(port, ",") {
				break
			}
		}
	}
	return false
}

// oneDevice tells whether a rule is for a device by its address, as parental
// controls have it.
func oneDevice(f []string) bool {
	for i, word := range f[:max(0, len(f)-1)] {
		from := f[i+1]
		switch {
		case word == "saddr" && i > 0 && f[i-1] == "ether", word == "--mac-source":
			return true
		case word == "saddr" && !strings.Contains(from, "/") && from != "!=", word == "-s" && strings.HasSuffix(from, "/32"):
			return true
		}
	}
	return false
}

// target reads ":3053", "3053", "192.168.8.5" or "192.168.8.5:53"; what is left
// out, or cannot be read, is as in to.
func target(text string, to netip.AddrPort) netip.AddrPort {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.AddrPortFrom(a, to.Port())
	}
	if !strings.Contains(text, ":") {
		text = ":" + text
	}
	if strings.HasPrefix(text, ":") {
		text = to.Addr().String() + text
	}
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap
	}
	return to
}
