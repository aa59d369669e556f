package config

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// shared is the word in INTERFACES for the networks of NetworkManager's shared
// connections, its hotspots above all.
const shared = "shared"

// sharedPIDs are where NetworkManager keeps the process of the name server that
// each shared connection has, by the name of its device, while it is up.
const sharedPIDs = "/run/nm-dnsmasq-*.pid"

// IsShared tells whether an address of this machine is that of a device which
// NetworkManager shares now. Connections come up and go down while the bridge
// runs, so it is asked for each request.
func IsShared(local netip.Addr) bool {
	for _, name := range sharedDevices(sharedPIDs) {
		device, err := net.InterfaceByName(name)
		if err != nil {
			continue
		}
		addrs, _ := device.Addrs()
		for _, a := range addrs {
			if n, ok := a.(*net.IPNet); ok && n.IP.Equal(local.AsSlice()) {
				return true
			}
		}
	}
	return false
}

// sharedDevices returns the devices whose files, by a pattern such as
// sharedPIDs, name a process that is there. It may be another user's.
func sharedDevices(pattern string) (names []string) {
	files, _ := filepath.Glob(pattern)
	before, after, _ := strings.Cut(pattern, "*")
	for _, file := range files {
		b, err := os.ReadFile(file)
		pid, perr := strconv.Atoi(strings.TrimSpace(string(b)))
		if err != nil || perr != nil || pid < 1 {
			continue
		}
		if err := syscall.Kill(pid, 0); err == nil || err == syscall.EPERM {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(file, before), after))
		}
	}
	return names
}
