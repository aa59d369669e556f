package luci

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// TestDevices reads the leases of dnsmasq, which may have any name in them, and the kernel's table.
func TestDevices(t *testing.T) {
	dir := t.TempDir()
	leases, neighbours := filepath.Join(dir, "leases"), filepath.Join(dir, "arp")
	if got := devices(leases, neighbours); got == nil || len(got) > 0 {
		t.Errorf("without files: %#v", got)
	}
	for file, text := range map[string]string{
		leases: "1764633600 00:16:6C:12:34:56 192.168.8.117 NX300 01:00:16:6c:12:34:56\n" +
			"1764633600 00:16:6c:12:34:57 192.168.8.118 * *\n" +
			"1764633600 123456 fd00::117 laptop 00:01\nduid 00:01\n1764633600 00:16:6c\n" +
			"0 00:16:6c:12:34:59 192.168.8.119 <b>\xff *\n",
		neighbours: "IP address       HW type     Flags       HW address            Mask     Device\n" +
			"192.168.8.117    0x1         0x2         00:16:6c:12:34:56     *        br-lan\n" +
			"192.168.8.120    0x1         0x2         00:16:6c:12:34:60     *        br-guest\n" +
			"192.168.8.121    0x1         0x0         00:16:6c:12:34:61     *        br-lan\n",
	} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := []Device{
		{"00:16:6c:12:34:56", "192.168.8.117", "NX300"},
		{"00:16:6c:12:34:57", "192.168.8.118", ""},
		{"00:16:6c:12:34:59", "192.168.8.119", "<b>?"},
		{"00:16:6c:12:34:60", "192.168.8.120", ""},
	}
	if got := devices(leases, neighbours); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
