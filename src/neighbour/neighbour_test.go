package neighbour

import (
	"strings"
	"testing"
)

const table = `IP address       HW type     Flags       HW address            Mask     Device
192.168.8.117    0x1         0x2         00:16:6c:12:34:56     *        br-lan
192.168.8.118    0x1         0x0         00:16:6c:12:34:57     *        br-lan
192.168.8.119    0x1         0x2         00:00:00:00:00:00     *        br-lan
192.168.8.120    0x1         0x0         00:00:00:00:00:00     *        eth1
192.168.8.120    0x1         0x6         00:16:6C:12:34:58     *        br-lan
192.168.8.1
`

func TestFind(t *testing.T) {
	for client, c := range map[string]struct{ want, reason string }{
		"192.168.8.117":        {"00:16:6c:12:34:56", "a neighbour"},
		"::ffff:192.168.8.117": {"00:16:6c:12:34:56", "the same as a socket of both families tells it"},
		"192.168.8.11":         {"", "the beginning of another's address"},
		"192.168.8.118":        {"", "has not answered: what stands there is of long ago"},
		"192.168.8.119":        {"", "a device without a hardware address, such as a tunnel"},
		"192.168.8.120":        {"00:16:6c:12:34:58", "was asked for on another network, too; permanent"},
		"192.168.8.1":          {"", "a line that is cut"},
		"IP":                   {"", "the head is no line"},
		"fe80::1%br-lan":       {"", "IPv6"},
		"":                     {"", "nothing"},
	} {
		if got := find(strings.NewReader(table), client); got != c.want {
			t.Errorf("%s: %q is %q, want %q", c.reason, client, got, c.want)
		}
	}
}

// TestHere reads this machine's own table.
func TestHere(t *testing.T) {
	if got := MAC("127.0.0.1"); got != "" {
		t.Errorf("loopback has the hardware address %q", got)
	}
}
