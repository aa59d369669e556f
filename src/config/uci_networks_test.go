package config

import (
	"os"
	"strings"
	"testing"
)

func TestJoin(t *testing.T) {
	dump, err := os.ReadFile("testdata/uci/networks/dump.json")
	if err != nil {
		t.Fatal(err)
	}
	const hotel = "the cameras' address 10.23.42.99 is in the network 10.0.0.0/8 of wan: a device there that has it cannot be reached from here, cameras can send all the same; set option address '172.29.42.99'"
	tests := []struct {
		networks, address string
		interfaces, zones string
		warnings          string
		reason            string
	}{
		{"", "172.29.42.99", "127.0.0.0/8 192.168.8.1/32 10.1.1.1/32", "lan guest", "", "the default; a network that is not up yet has its redirect all the same"},
		{"lan", "", "127.0.0.0/8 192.168.8.1/32 10.1.1.1/32", "lan", hotel, "a hotel that has all of 10.x"},
		{"iot", "172.29.42.99", "127.0.0.0/8 192.168.9.1/32", "guest", "", "a zone of two networks, written as one option"},
		{"iot guest", "172.29.42.99", "127.0.0.0/8 192.168.9.1/32", "guest", "", "one redirect for both"},
		{"guest", "172.29.42.99", "127.0.0.0/8", "guest", "", "nothing is let in until it is up; none would mean all"},
		{"lan wifi", "172.29.42.99", "127.0.0.0/8 192.168.8.1/32 10.1.1.1/32", "lan", "there is no network wifi: cameras there are not served; list network", "a wrong name"},
		{"lan tethering", "172.29.42.99", "127.0.0.0/8 192.168.8.1/32 10.1.1.1/32 172.20.10.2/32", "lan",
			"the network tethering is in no zone of the firewall: cameras there are not served; add it to one", "no redirect is possible"},
		{"lan other", "172.29.42.99", "127.0.0.0/8 192.168.8.1/32 10.1.1.1/32 172.16.0.1/32", "lan",
			"the network other is in no zone of the firewall: cameras there are not served; add it to one", "a zone's name with a blank is none for the firewall"},
		{"lan", "172.31.7.7", "127.0.0.0/8 192.168.8.1/32 10.1.1.1/32", "lan",
			"the cameras' address 172.31.7.7 is in the network 172.31.0.0/16 of vpn: a device there that has it cannot be reached from here, cameras can send all the same; set option address '172.29.42.99'",
			"a network that a VPN leads to; its ways to all the world are none"},
	}
	for _, tt := range tests {
		text := "config snsbridge main\n"
		for _, n := range strings.Fields(tt.networks) {
			text += "\tlist network " + n + "\n"
		}
		if tt.address != "" {
			text += "\toption address " + tt.address + "\n"
		}
		u := loadRouter(t, text)
		if err := u.Join(strings.NewReader(string(dump)), "testdata/uci/networks/firewall"); err != nil {
			t.Errorf("%s: %v", tt.reason, err)
			continue
		}
		interfaces, zones := strings.Join(texts(u.Config.Interfaces), " "), strings.Join(u.Zones, " ")
		if warnings := strings.Join(u.Config.Warnings, "; "); interfaces != tt.interfaces || zones != tt.zones || warnings != tt.warnings {
			t.Errorf("%s:\ngot  %q %q %q\nwant %q %q %q", tt.reason, interfaces, zones, warnings, tt.interfaces, tt.zones, tt.warnings)
		}
	}
}

// TestNoGuests: most routers have no guest network, and need not hear of it.
func TestNoGuests(t *testing.T) {
	u := loadRouter(t, "")
	err := u.Join(strings.NewReader(`{"interface":[{"interface":"lan"}]}`), "testdata/uci/networks/firewall")
	if err != nil || len(u.Zones) != 1 || len(u.Config.Warnings) > 0 {
		t.Errorf("zones %q, warnings %q, %v; want lan and no warning", u.Zones, u.Config.Warnings, err)
	}
}

func TestJoinFails(t *testing.T) {
	const lan = `{"interface":[{"interface":"home","ipv4-address":[{"address":"192.168.8.1","mask":24}]},{"interface":"wan"}]}`
	const usual = `{"interface":[{"interface":"lan"},{"interface":"wan"}]}`
	const own = `{"interface":[{"interface":"lan","ipv4-address":[{"address":"10.0.0.1","mask":8}]},{"interface":"wan"}]}`
	tests := []struct {
		option, dump, firewall, want, reason string
	}{
		{"list network wan", usual, "testdata/uci/networks/firewall",
			"list network: wan is in the zone wan of the firewall, where strangers are; name networks of your cameras, such as lan", "the Internet's side"},
		{"", "", "testdata/uci/networks/firewall", "ubus does not tell the networks of this router", "no netifd"},
		{"", "{}", "testdata/uci/networks/firewall", "this router has no network lan or guest in a zone of its firewall, but none at all; name those", "no networks"},
		{"", lan, "testdata/uci/networks/firewall", "no network lan or guest in a zone of its firewall, but home, wan; name those with cameras: list network", "a LAN of another name"},
		{"", lan, "testdata/uci/networks/nowhere", "no such file", "no firewall"},
		{"option address 10.1.1.99", own, "testdata/uci/networks/firewall",
			"the cameras' address 10.1.1.99 is in the network 10.0.0.0/8 of lan: cameras look for it among their neighbours, and never find the bridge; set option address '172.29.42.99'", "in the cameras' own network"},
	}
	for _, tt := range tests {
		settings := ""
		if tt.option != "" {
			settings = "config snsbridge main\n\t" + tt.option + "\n"
		}
		err := loadRouter(t, settings).Join(strings.NewReader(tt.dump), tt.firewall)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.reason, err, tt.want)
		}
	}
}
