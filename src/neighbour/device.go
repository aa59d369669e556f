package neighbour

import "net/netip"

// Device names the device that a client is on, for those that count: one device can have many
// addresses. It is the hardware address if the kernel knows it, else the address of IPv4 or the
// network (/64) of IPv6, in which a device can have as many addresses as it likes.
func Device(client string) string {
	if mac := MAC(client); mac != "" {
		return mac
	}
	return withoutMAC(client)
}

func withoutMAC(client string) string {
	addr, err := netip.ParseAddr(client)
	if err != nil {
		return client
	}
	addr = addr.Unmap()
	if addr.Is4() {
		return addr.String()
	}
	network, _ := addr.WithZone("").Prefix(64) // cannot fail: there are 128 bits
	return network.String()
}
