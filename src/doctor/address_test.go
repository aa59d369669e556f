package doctor

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

// inMemory writes an address as /proc/net/route does on this machine.
func inMemory(address string) string {
	a := netip.MustParseAddr(address).As4()
	return fmt.Sprintf("%08X", binary.NativeEndian.Uint32(a[:]))
}

func TestRoutes(t *testing.T) {
	table := "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	for _, r := range [][3]string{
		{"wan", "0.0.0.0", "0.0.0.0"},      // the way to all the rest
		{"tun0", "128.0.0.0", "128.0.0.0"}, // half of it, as a VPN has it
		{"br-lan", "192.168.8.0", "255.255.255.0"},
		{"tun0", "10.23.0.0", "255.255.0.0"},
		{"wan", "10.0.0.1", "255.255.255.255"},
	} {
		table += r[0] + "\t" + inMemory(r[1]) + "\t00000000\t0001\t0\t0\t0\t" + inMemory(r[2]) + "\t0\t0\t0\n"
	}
	table += "broken\tXYZ\t0\t0\t0\t0\t0\tXYZ\t0\t0\t0\nshort\n"
	var got []string
	for _, n := range routes(strings.NewReader(table)) {
		got = append(got, n.device+" "+n.network.String())
	}
	if want := "br-lan 192.168.8.0/24, tun0 10.23.0.0/16, wan 10.0.0.1/32"; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %s", got, want)
	}
}

// TestNearby reads this machine's own networks.
func TestNearby(t *testing.T) {
	list, err := (&Doctor{}).nearby()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range list {
		if !n.network.IsValid() || n.device == "" || n.network.Bits() < 8 || n.network.Addr().IsLoopback() {
			t.Errorf("%+v", n)
		}
	}
}
