package main

import (
	"strings"
	"testing"
)

// GL.iNet's models by the architecture that their firmware, or OpenWrt's own
// for them, tells opkg.
func TestModelsOfGLiNet(t *testing.T) {
	models := []struct {
		names, arch, goarch, variant string
	}{
		{"AR150 USB150 AR300M16 AR300M AR750 AR750S X750 X300B XE300 E750", "mips_24kc", "mips", "GOMIPS=softfloat"},
		{"MT300N-V2 MT1300", "mipsel_24kc", "mipsle", "GOMIPS=softfloat"},
		{"SFT1200", "mips_siflower", "mipsle", "GOMIPS=softfloat"}, // little-endian
		{"A1300 B1300", "arm_cortex-a7_neon-vfpv4", "arm", "GOARM=7"},
		{"AXT1800 with firmware 4.0 to 4.2", "arm_cortex-a7", "arm", "GOARM=5"}, // the name promises no floating point unit
		{"AXT1800 with firmware 4.8, BE3600", "aarch64_cortex-a53_neon-vfpv4", "arm64", ""},
		{"MT3000 MT6000", "aarch64_cortex-a53", "arm64", ""},
	}
	for _, m := range models {
		list, unknown := pick(openwrt, []string{m.arch})
		if unknown != "" {
			t.Errorf("%s: there is no %s", m.names, m.arch)
			continue
		}
		if got := list[0]; got.goarch != m.goarch || got.variant != m.variant {
			t.Errorf("%s: %s is %s %s, want %s %s", m.names, m.arch, got.goarch, got.variant, m.goarch, m.variant)
		}
	}
}

// GOARM is what OpenWrt's Go packages derive from the name.
func TestFloatingPointOfARM(t *testing.T) {
	seen := map[string]bool{}
	for _, a := range openwrt {
		if seen[a.name] {
			t.Errorf("%s is there twice", a.name)
		}
		seen[a.name] = true
		if a.goarch != "arm" {
			continue
		}
		want := "GOARM=7"
		switch parts := strings.Split(a.name, "_"); {
		case len(parts) == 2:
			want = "GOARM=5"
		case parts[2] == "vfp":
			want = "GOARM=6"
		}
		if a.variant != want {
			t.Errorf("%s: %s, want %s", a.name, a.variant, want)
		}
	}
}

func TestPick(t *testing.T) {
	if _, unknown := pick(openwrt, []string{"x86_64", "mipsle"}); unknown != "mipsle" {
		t.Errorf("unknown is %q: mipsle is Go's name, not OpenWrt's", unknown)
	}
	if list, _ := pick(openwrt, nil); len(list) != len(openwrt) {
		t.Errorf("%d of %d", len(list), len(openwrt))
	}
}
