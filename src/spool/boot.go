package spool

import (
	"os"
	"strings"
)

// bootID returns a text that the kernel makes up at each boot (random(4)), ""
// if /proc does not have it.
func bootID() string {
	b, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
