package config

import (
	"encoding/hex"
	"fmt"
	"net"
	"slices"
	"strings"
)

// macs reads CAMERA_MACS.
func (s *source) macs(c *Config, f file) {
	for _, text := range f.CameraMACs {
		mac, ok := parseMAC(text)
		if !ok {
			s.fail("CAMERA_MACS", fmt.Sprintf("%q is not a device's hardware address (MAC)", text),
				`write it as "00:16:6c:12:34:56"; snsbridge status tells those of the devices that came`)
			continue
		}
		if !slices.Contains(c.CameraMACs, mac) {
			c.CameraMACs = append(c.CameraMACs, mac)
		}
	}
}

// parseMAC reads a hardware address in any spelling, and returns it in the
// kernel's. Multicast addresses are rejected.
func parseMAC(text string) (string, bool) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(":-. ", r) })
	for i, p := range parts {
		if len(parts) == 6 && len(p) == 1 { // 0:16:6c:1:2:3
			parts[i] = "0" + p
		}
	}
	mac, err := hex.DecodeString(strings.Join(parts, ""))
	if err != nil || len(mac) != 6 || mac[0]&1 != 0 || string(mac) == "\x00\x00\x00\x00\x00\x00" {
		return "", false
	}
	return net.HardwareAddr(mac).String(), true
}

// MayCome tells whether a device with this hardware address, "" if it is not
// known, is served.
func (c *Config) MayCome(mac string) bool {
	return len(c.CameraMACs) == 0 || slices.Contains(c.CameraMACs, mac)
}
