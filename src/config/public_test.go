package config

import (
	"net/netip"
	"strings"
	"testing"
)

// TestPublic: who is reachable by the whole Internet must say who may send, and
// who may be mailed.
func TestPublic(t *testing.T) {
	const (
		senders    = "SENDERS = [\"me\"]\n"
		mail       = "MAIL_SERVER = \"localhost\"\n"
		recipients = "RECIPIENTS = [\"*@example.org\"]\n"
	)
	vps := []string{"127.0.0.1", "::1", "93.184.215.14", "2606:2800:21f::1"}
	home := []string{"127.0.0.1", "192.168.1.7", "100.64.1.2", "2606:2800:21f::1", "fd00::7"}
	both := append([]string{"10.42.0.1"}, vps...)
	for _, tt := range []struct {
		listen  string
		content string
		own     []string
		wrong   string // "": nothing
		reason  string
	}{
		{":8080", "", vps, `":8080" is reachable from the Internet at 93.184.215.14, and SENDERS is not set`, "everybody may store photos"},
		{":8080", mail, vps, "and SENDERS and RECIPIENTS are not set", "and mail"},
		{":8080", mail + senders, vps, "and RECIPIENTS is not set", "an address of a sender is no secret"},
		{":8080", mail + recipients, vps, "and SENDERS is not set", "strangers could fill the storage"},
		{":8080", mail + recipients + senders, vps, "", "all is said"},
		{":8080", senders, vps, "", "nothing is mailed"},
		{"127.0.0.1:8080", "", vps, "", "this machine alone"},
		{"93.184.215.14:80", "", vps, "93.184.215.14", "by its address"},
		{"[2606:2800:21f::1]:80", "", vps, "2606:2800:21f::1", "by its address of IPv6"},
		{":8080", "", home, "", "cameras have no IPv6, and the home's router guards it"},
		{":8080", "", both, "93.184.215.14", "a hotspot whose uplink is public"},
		{":8080", "INTERFACES = [\"10.42.0.0/16\"]", both, "", "only the hotspot is served"},
		{":8080", "INTERFACES = [\"10.42.0.0/16\", \"0.0.0.0/0\"]", both, "93.184.215.14", "and everything else"},
		{":8080", "", []string{"192.0.2.2", "198.51.100.7", "203.0.113.9", "198.18.0.1", "169.254.3.4"}, "", "no addresses of the Internet"},
	} {
		var own []netip.Addr
		for _, a := range tt.own {
			own = append(own, netip.MustParseAddr(a))
		}
		c := load(t, "UPLOAD_FOLDER = \"@\"\n"+tt.content+"\n")
		c.Listen = tt.listen
		wrong, remedy := c.unguarded(own)
		if tt.wrong == "" && wrong != "" || !strings.Contains(wrong, tt.wrong) || wrong != "" && !strings.Contains(remedy, "INTERFACES") {
			t.Errorf("%s: %q; %q, want %q", tt.reason, wrong, remedy, tt.wrong)
		}
	}
}
