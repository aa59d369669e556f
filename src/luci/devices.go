package luci

import (
	"bufio"
	"io"
	"os"
	"slices"
	"strings"

	"snsbridge/src/neighbour"
)

// Device is one that the router knows by itself. The bridge forgets whom it has seen when it is
// restarted, as it is whenever settings are applied.
type Device struct {
	MAC    string `json:"mac"`    // "00:16:6c:12:34:56"
	Client string `json:"client"` // address
	Name   string `json:"name"`   // that it gave itself; "": none
}

const devicesMax = 200

// devices returns those with a lease of dnsmasq, and further neighbours. Either file may be missing.
func devices(leases, neighbours string) []Device {
	list := []Device{}
	add := func(d Device) {
		d.MAC = strings.ToLower(d.MAC)
		if len(list) < devicesMax && !slices.ContainsFunc(list, func(o Device) bool { return o.MAC == d.MAC }) {
			list = append(list, d)
		}
	}
	// "1764633600 00:16:6c:12:34:56 192.168.8.117 NX300 01:00:16:6c:12:34:56", "*" without a name
	// (dnsmasq, lease.c). Those of IPv6 have another kind of third word, and no hardware address.
	read(leases, func(r io.Reader) {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			if f := strings.Fields(lines.Text()); len(f) >= 4 && neighbour.IsMAC(f[1]) && strings.Count(f[2], ".") == 3 {
				name := strings.ToValidUTF8(f[3], "?")
				if name == "*" {
					name = ""
				}
				add(Device{f[1], f[2], name[:min(len(name), 63)]})
			}
		}
	})
	read(neighbours, func(r io.Reader) {
		for client, mac := range neighbour.All(r) {
			add(Device{mac, client, ""})
		}
	})
	return list
}

func read(file string, use func(io.Reader)) {
	f, err := os.Open(file)
	if err != nil {
		return
	}
	defer f.Close()
	use(io.LimitReader(f, 256<<10))
}
