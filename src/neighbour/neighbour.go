// Package neighbour tells the hardware address (MAC) of a device on the same
// network.
//
// Only IPv4: the cameras know nothing else, and the kernel shows its IPv4
// neighbours in a file, those of IPv6 by netlink alone.
package neighbour

import (
	"bufio"
	"io"
	"iter"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// MAC returns the hardware address of a client, "" if the kernel knows none:
// the client is this machine itself, is behind another router, or speaks IPv6.
// The form is "00:16:6c:12:34:56". A device can say that it has another's
// address, so this keeps strangers out and not those who mean harm.
func MAC(client string) string {
	f, err := os.Open("/proc/net/arp")
	if err != nil {
		return ""
	}
	defer f.Close()
	return find(f, client)
}

const (
	complete = 2 // ATF_COM: the neighbour has answered
	unknown  = "00:00:00:00:00:00"
)

// IsMAC tells whether a text is a hardware address of six bytes.
func IsMAC(text string) bool {
	mac, err := net.ParseMAC(text)
	return err == nil && len(mac) == 6 && strings.Count(text, ":") == 5
}

func find(table io.Reader, client string) string {
	addr, err := netip.ParseAddr(client)
	if err != nil {
		return ""
	}
	want := addr.Unmap().String()
	for address, mac := range All(table) {
		if address == want {
			return mac
		}
	}
	return ""
}

// All returns the address and the hardware address of each neighbour in a table such as
// /proc/net/arp (linux/net/ipv4/arp.c):
//
//	IP address       HW type     Flags       HW address            Mask     Device
//	192.168.8.117    0x1         0x2         00:16:6c:12:34:56     *        br-lan
func All(table io.Reader) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		sc := bufio.NewScanner(table)
		for sc.Scan() {
			f := strings.Fields(sc.Text())
			if len(f) < 4 {
				continue
			}
			flags, err := strconv.ParseUint(f[2], 0, 32)
			if err == nil && flags&complete != 0 && f[3] != unknown && IsMAC(f[3]) && !yield(f[0], strings.ToLower(f[3])) {
				return
			}
		}
	}
}
