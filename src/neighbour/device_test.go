package neighbour

import "testing"

func TestDevice(t *testing.T) {
	for client, c := range map[string]struct{ want, reason string }{
		"192.0.2.1":        {"192.0.2.1", "no neighbour of this machine"},
		"127.0.0.9":        {"127.0.0.9", "this machine"},
		"::ffff:192.0.2.1": {"192.0.2.1", "IPv4 as a socket of both families tells it"},
		"2001:db8::1":      {"2001:db8::/64", "one of many addresses"},
		"2001:db8::2:1":    {"2001:db8::/64", "another one of the same network"},
		"2001:db8:0:1::1":  {"2001:db8:0:1::/64", "another network"},
		"fe80::1%eth0":     {"fe80::/64", "an address of a link"},
		"camera.invalid":   {"camera.invalid", "not an address"},
	} {
		if got := withoutMAC(client); got != c.want {
			t.Errorf("%s: %q is on %q, want %q", c.reason, client, got, c.want)
		}
	}
}
