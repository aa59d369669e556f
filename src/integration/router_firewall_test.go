//go:build integration

package integration

import (
	"fmt"
	"strings"
	"testing"
)

// zones are those of testdata/router/firewall, with the devices of the site.
var zones = []struct{ name, device, input string }{
	{"lan", "br-lan", "accept"},
	{"wan", "wan0", "reject"},
	{"guest", "guest0", "reject"},
}

// fw4 writes a ruleset as firewall4 does: the form of each rule is its own,
// what has no say here is left out. The redirects are what procd was told.
func fw4(tb testing.TB, s *service) string {
	tb.Helper()
	var b strings.Builder
	p := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	p("flush ruleset\ntable inet fw4 {")
	p("chain input {\ntype filter hook input priority filter; policy drop\niif \"lo\" accept")
	p("ct state vmap { established : accept, related : accept }")
	for _, z := range zones {
		p("iifname \"%s\" jump input_%s", z.device, z.name)
	}
	p("}\nchain forward {\ntype filter hook forward priority filter; policy drop")
	p("ct state vmap { established : accept, related : accept }")
	p("iifname { \"br-lan\", \"guest0\" } oifname \"wan0\" accept\nmeta l4proto tcp reject with tcp reset\n}")
	redirects := map[string][]string{}
	if s != nil {
		for i, r := range s.redirects {
			redirects[r["src"]] = append(redirects[r["src"]], redirectRule(tb, i, r))
		}
	}
	for _, z := range zones {
		p("chain input_%s {", z.name)
		if z.name == "guest" {
			p("meta nfproto ipv4 udp dport 53 accept\ntcp dport 53 accept") // GL.iNet's Allow-DNS
		}
		if len(redirects[z.name]) > 0 {
			p("ct status dnat accept comment \"!fw4: Accept port redirections\"")
		}
		if z.input == "accept" {
			p("accept\n}")
		} else {
			p("meta l4proto tcp reject with tcp reset\nreject with icmpx type port-unreachable\n}")
		}
	}
	p("chain dstnat {\ntype nat hook prerouting priority dstnat; policy accept")
	for _, z := range zones {
		p("iifname \"%s\" jump dstnat_%s", z.device, z.name)
	}
	p("}")
	for _, z := range zones {
		p("chain dstnat_%s {\n%s\n}", z.name, strings.Join(redirects[z.name], "\n"))
	}
	p("chain srcnat {\ntype nat hook postrouting priority srcnat; policy accept\noifname \"wan0\" meta nfproto ipv4 masquerade\n}\n}")
	return b.String()
}

// redirectRule is for redirects to the router itself, which have no dest_ip.
func redirectRule(tb testing.TB, n int, r map[string]string) string {
	tb.Helper()
	for key, want := range map[string]string{"type": "redirect", "target": "DNAT", "family": "ipv4", "proto": "tcp", "reflection": "0", "dest_ip": "", "dest": ""} {
		if r[key] != want {
			tb.Fatalf("%s is %q in %v, which is another kind of rule", key, r[key], r)
		}
	}
	return fmt.Sprintf("ip daddr %s tcp dport %s counter redirect to :%s comment \"!fw4: ubus:snsbridge[main] redirect %d\"",
		r["src_dip"], r["src_dport"], r["dest_port"], n)
}

// firewall reads what procd was told, as fw4 does when it starts or reloads.
func (s *site) firewall() {
	s.tb.Helper()
	rules := fw4(s.tb, s.service)
	cmd := s.in("router", tool(s.tb, "nft"), "-f", "-")
	cmd.Stdin = strings.NewReader(rules)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.tb.Fatalf("nft: %v\n%s\n%s", err, out, rules)
	}
}
