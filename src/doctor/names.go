package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"snsbridge/src/config"
)

// server53 checks that it is the router's dnsmasq, which knows the names, that
// answers when cameras ask.
func (d *Doctor) server53(ctx context.Context) Finding {
	r, err := config.ReadResolver(d.Router)
	const dhcp = "/etc/config/dhcp"
	switch {
	case err != nil:
		return skipped("resolver-unknown", "the settings of dnsmasq cannot be read: "+err.Error(), "", "error", err.Error())
	case r.AdGuard:
		return failed("resolver-adguard", "AdGuard Home answers when cameras ask, and does not know the names", "Switch off AdGuard Home Handle Client Requests.")
	case r.Missing:
		return failed("resolver-none", "there is no dnsmasq", "Install dnsmasq, or let the program that is there instead give out the names of /tmp/hosts/snsbridge.")
	case r.Silent && d.knows(ctx, d.DNS): // another program answers, and asks dnsmasq
	case r.Silent:
		ports := strings.Join(r.Ports, ", ")
		return failed("resolver-port", "dnsmasq answers at port "+ports+", and cameras ask at port 53",
			"Set option port '53' in "+dhcp+", or let the program that is there instead give out the names of /tmp/hosts/snsbridge.", "ports", ports)
	case r.Ignoring:
		return failed("resolver-ignores", "dnsmasq leaves the names of /tmp/hosts alone", "Remove option ignore_hosts_dir from "+dhcp+".")
	}
	return d.queries(ctx, r.Told)
}

// resolver checks that the router's own resolver answers. Its word for a name
// that is not there is an answer, too.
func (d *Doctor) resolver(ctx context.Context) Finding {
	if !d.Address.IsValid() || len(d.Hosts) == 0 {
		return skipped("names-unknown", "it is not known here where the cameras' names should lead",
			"Name the address: snsbridge doctor --address 10.23.42.99")
	}
	if _, answered, err := d.ask(ctx, d.Hosts[0]); !answered {
		return failed("resolver-silent", fmt.Sprintf("the resolver at %s does not answer: %s", d.DNS, reason(err)),
			"Restart dnsmasq: /etc/init.d/dnsmasq restart. Without an uplink it is silent about names that it was not given; then restart the bridge.",
			"dns", d.DNS)
	}
	return ok("the resolver at %s answers", d.DNS)
}

// name checks that a camera that asks for a host is led to the bridge.
func (d *Doctor) name(ctx context.Context, host string) Finding {
	got, _, err := d.ask(ctx, host)
	params := []string{"host", host, "want", d.Address.String(), "got", fmt.Sprint(got)}
	const remedy = "Restart the bridge, which gives the names to dnsmasq. Another program may answer in its place, such as AdGuard Home: let it not handle client requests."
	switch {
	case slices.ContainsFunc(got, func(a netip.Addr) bool { return a != d.Address && (a.IsUnspecified() || a.IsLoopback()) }):
		return failed("name-blocked", fmt.Sprintf("a block list also contains this name: its answers alternate between %v, and must be %s", got, d.Address),
			"Allow "+host+" in the ad blocker (adblock, AdGuard Home or the like).", params...)
	case err != nil:
		return failed("name-unknown", fmt.Sprintf("is not known, and must be %s: %s", d.Address, reason(err)), remedy, params...)
	case !slices.Equal(got, []netip.Addr{d.Address}):
		return failed("name-elsewhere", fmt.Sprintf("is %v, and must be %s", got, d.Address), remedy, params...)
	}
	return ok("is %s", d.Address)
}

// ipv6 checks that clients that ask for IPv6 as well, which cameras do not, get
// an empty answer at once. By its hosts files alone dnsmasq knows IPv4, and asks
// the Internet for the rest.
func (d *Doctor) ipv6(ctx context.Context) Finding {
	host := d.Hosts[0]
	if i := slices.Index(d.Hosts, "www.msn.com"); i >= 0 { // which has an address there
		host = d.Hosts[i]
	}
	ctx, cancel := context.WithTimeout(ctx, ipv6Limit)
	defer cancel()
	got, answered, _ := d.askAt(ctx, "ip6", d.DNS, host)
	const remedy = "Cameras are not affected. To fix this, add the output of snsbridge hosts --dnsmasq to the settings of dnsmasq."
	switch {
	case len(got) > 0:
		return warning("names-ipv6-elsewhere", fmt.Sprintf("over IPv6 %s is %v: phones may go there instead of the bridge", host, got[0]), remedy, "host", host, "got", got[0].String())
	case !answered:
		return warning("names-ipv6-slow", "devices that also ask for IPv6 addresses, such as phones, wait until the query to the Internet times out", remedy, "host", host)
	}
	return ok("no IPv6, and no wait")
}

const ipv6Limit = 3 * time.Second // a dnsmasq that knows needs none of it

// reason leaves out what the library says of a resolver that was not asked.
func reason(err error) string {
	var de *net.DNSError
	if errors.As(err, &de) {
		return de.Err
	}
	return err.Error()
}

// ask asks the router's own resolver.
func (d *Doctor) ask(ctx context.Context, host string) (list []netip.Addr, answered bool, err error) {
	return d.askAt(ctx, "ip4", d.DNS, host)
}

// askAt asks a resolver for a host's addresses, "ip4", which are all that cameras
// know, or "ip6", and tells whether it answered at all.
func (d *Doctor) askAt(ctx context.Context, kind, resolver, host string) (list []netip.Addr, answered bool, err error) {
	var heard atomic.Bool
	r := net.Resolver{
		PreferGo: true,
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var dialer net.Dialer
			conn, err := dialer.DialContext(ctx, network, resolver)
			if udp, ok := conn.(*net.UDPConn); ok {
				return &listening{udp, &heard}, err
			}
			return conn, err
		},
	}
	// The dot keeps the router's own domain from being tried as well.
	list, err = r.LookupNetIP(ctx, kind, host+".")
	for i := range list {
		list[i] = list[i].Unmap()
	}
	return list, heard.Load() || err == nil, err
}

// listening notes that something came back.
type listening struct {
	*net.UDPConn
	heard *atomic.Bool
}

func (l *listening) Read(p []byte) (int, error) {
	n, err := l.UDPConn.Read(p)
	if n > 0 {
		l.heard.Store(true)
	}
	return n, err
}
