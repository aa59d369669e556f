package doctor

import (
	"net/netip"
	"strings"
	"testing"
)

// TestDivertedBy has rules as fw4, fw3, and people by hand make them.
func TestDivertedBy(t *testing.T) {
	for _, tt := range []struct{ rules, want, reason string }{
		{"chain dstnat_lan {\n meta nfproto ipv4 udp dport 53 counter packets 0 bytes 0 redirect to :3053 comment \"!fw4: adguard\"\n}", "192.168.8.1:3053", "fw4"},
		{"chain dstnat_lan {\n ip daddr 10.23.42.99 tcp dport 80 counter redirect to :18732\n}", "", "our own rule"},
		{"chain dstnat_lan {\n tcp dport 5353 counter redirect to :53\n}", "", "another port"},
		{"chain dstnat_lan {\n meta nfproto ipv4 tcp dport 53 counter redirect to :53\n}", "192.168.8.1:53", "to dnsmasq: it helps"},
		{"chain dstnat_lan {\n udp dport 53 counter redirect\n}", "192.168.8.1:53", "the same"},
		{"chain dstnat_lan {\n udp dport 53 counter dnat ip to 192.168.8.1:53\n}", "192.168.8.1:53", "the same, by the address"},
		{"chain dstnat_lan {\n udp dport 53 counter dnat to 192.168.8.5:53\n}", "192.168.8.5:53", "another machine"},
		{"chain dstnat_lan {\n udp dport 53 counter dnat ip to 192.168.8.5\n}", "192.168.8.5:53", "the same without a port"},
		{"chain prerouting {\n iifname \"br-lan\" meta l4proto { tcp, udp } th dport { 53, 853 } redirect to :5353\n}", "192.168.8.1:5353", "a set of ports"},
		{"chain dstnat_wan {\n udp dport 53 counter dnat ip to 192.168.8.5:53\n}", "", "of the Internet's side"},
		{"chain dstnat_lan {\n ether saddr aa:bb:cc:dd:ee:ff udp dport 53 redirect to :5353\n}", "", "a child's phone"},
		{"chain dstnat_lan {\n ip saddr 192.168.8.77 udp dport 53 redirect to :5353\n}", "", "the same"},
		{"chain dstnat_lan {\n ip saddr 192.168.8.0/24 udp dport 53 redirect to :5353\n}", "192.168.8.1:5353", "everybody"},
		{"-A zone_lan_prerouting -p udp -m udp --dport 53 -m comment --comment \"!fw3: x\" -j REDIRECT --to-ports 3053", "192.168.8.1:3053", "fw3"},
		{"-A PREROUTING -i br-lan -p tcp -m tcp --dport 53 -j DNAT --to-destination 192.168.8.5:54", "192.168.8.5:54", "iptables"},
		{"-A PREROUTING -p udp -m multiport --dports 53,853 -j DNAT --to-destination 192.168.8.5", "192.168.8.5:53", "several ports"},
		{"-A zone_wan_prerouting -p udp -m udp --dport 53 -j DNAT --to-destination 192.168.8.5:53", "", "of the Internet's side"},
		{"-A PREROUTING -s 192.168.8.77/32 -p udp -m udp --dport 53 -j REDIRECT --to-ports 5353", "", "one device"},
		{"chain dstnat_lan {\n udp dport 53 redirect to\n udp dport\n -s\n saddr", "192.168.8.1:53", "cut off"},
	} {
		var got []string
		for _, to := range divertedBy(tt.rules, netip.MustParseAddr("192.168.8.1")) {
			got = append(got, to.String())
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q leads to %q, want %q", tt.reason, tt.rules, got, tt.want)
		}
	}
}

// TestRedirectedQueries: dnsmasq at 127.0.0.1 knows the names, and cameras never
// ask it.
func TestRedirectedQueries(t *testing.T) {
	for reason, tt := range map[string]struct {
		names map[string]string
		want  string
	}{
		"a resolver that asks the Internet": {map[string]string{"gld.samsungosp.com": "93.184.215.14"}, "names-server failed resolver-redirected"},
		"one that does not answer":          {map[string]string{"gld.samsungosp.com": "refused"}, "names-server failed resolver-redirected"},
		"one that asks dnsmasq":             {map[string]string{"gld.samsungosp.com": "127.0.0.1"}, ""},
	} {
		t.Run(reason, func(t *testing.T) {
			r := newRig(t)
			r.router("config dnsmasq\n", "")
			_, port, _ := strings.Cut(fakeDNS(t, tt.names), ":")
			r.rules = says("nft", "table inet fw4 {\n chain dstnat_lan {\n  udp dport 53 counter packets 3 bytes 9 redirect to :"+port+"\n"+
				"  ip daddr 127.0.0.1 tcp dport 80 counter redirect to :18732\n }\n}\n")
			if got := strings.Join(states(r.examine().Checks), ", "); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
		})
	}
}

// TestToldResolvers: DHCP tells cameras to ask another than the router.
func TestToldResolvers(t *testing.T) {
	const told = "config dnsmasq\nconfig dhcp lan\n\toption interface lan\n\tlist dhcp_option '3,192.168.8.1'\n\tlist dhcp_option '6,127.0.0.77'\n"
	for reason, tt := range map[string]struct{ dhcp, rules, want string }{
		"another resolver":                     {told, "", "address skipped address-unknown, names-server failed resolver-told"},
		"a redirect brings the questions back": {told, "udp dport 53 counter redirect to :53", "address failed address-no-redirect"},
		"dnsmasq itself":                       {strings.ReplaceAll(told, "127.0.0.77", "0.0.0.0"), "", "address skipped address-unknown"},
	} {
		r := newRig(t)
		r.router(tt.dhcp, "")
		if tt.rules != "" {
			r.rules = says("nft", tt.rules)
		}
		if got := strings.Join(states(r.examine().Checks), ", "); got != tt.want {
			t.Errorf("%s: found %q, want %q", reason, got, tt.want)
		}
	}
}
