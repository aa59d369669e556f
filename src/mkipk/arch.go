package main

import "slices"

// machine is what Go compiles for; several of OpenWrt's architectures share one.
type machine struct {
	goarch  string
	variant string // the setting beside GOARCH, with its value; "" if none
}

// Routers of these have no floating point unit that Go could use, or one that
// only some of them have. A processor without one stops at GOARM=6 or 7.
var (
	mips   = machine{"mips", "GOMIPS=softfloat"}
	mipsle = machine{"mipsle", "GOMIPS=softfloat"}
	armv5  = machine{"arm", "GOARM=5"}
	armv6  = machine{"arm", "GOARM=6"}
	armv7  = machine{"arm", "GOARM=7"}
	arm64  = machine{"arm64", ""}
	amd64  = machine{"amd64", "GOAMD64=v1"}
	riscv  = machine{"riscv64", ""}
)

func (m machine) env() []string {
	env := []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + m.goarch}
	if m.variant != "" {
		env = append(env, m.variant)
	}
	return env
}

// arch is one name of an architecture, and what runs there.
type arch struct {
	name string
	machine
}

// openwrt are the architectures of OpenWrt. GOARM follows the floating point
// unit in the name, as OpenWrt's own Go packages do: none is 5, vfp is 6, all
// else is 7. GL.iNet's names are in the firmware of their models.
var openwrt = []arch{
	{"aarch64_cortex-a53", arm64},            // MT3000, MT6000
	{"aarch64_cortex-a53_neon-vfpv4", arm64}, // GL.iNet: BE3600, AXT1800 with firmware 4.8
	{"aarch64_cortex-a72", arm64},
	{"aarch64_cortex-a76", arm64},
	{"aarch64_generic", arm64},
	{"arm_arm1176jzf-s_vfp", armv6},     // Raspberry Pi 1, Zero
	{"arm_cortex-a7", armv5},            // GL.iNet: AXT1800 with firmware 4.0 to 4.2
	{"arm_cortex-a7_neon-vfpv4", armv7}, // A1300, B1300
	{"arm_cortex-a7_vfpv4", armv7},
	{"arm_cortex-a9", armv5},
	{"arm_cortex-a9_neon", armv7},
	{"arm_cortex-a9_vfpv3-d16", armv7},
	{"arm_cortex-a15_neon-vfpv4", armv7},
	{"mips_24kc", mips},       // AR150, USB150, AR300M, AR750, AR750S, X750, X300B, XE300, E750
	{"mips_siflower", mipsle}, // GL.iNet: SFT1200, little-endian whatever the name says
	{"mipsel_24kc", mipsle},   // MT300N-V2, MT1300
	{"mipsel_74kc", mipsle},
	{"riscv64_generic", riscv}, // from 25.12
	{"riscv64_riscv64", riscv}, // to 24.10
	{"x86_64", amd64},
}

// debian are the architectures of Debian. Its armhf is ARMv7, but Raspberry Pi
// OS calls ARMv6 so too.
var debian = []arch{{"amd64", amd64}, {"arm64", arm64}, {"armhf", armv6}}

// pick returns those of the list that are named, or all without names, and
// the first name that is not in the list.
func pick(list []arch, names []string) (picked []arch, unknown string) {
	if len(names) == 0 {
		return list, ""
	}
	for _, name := range names {
		i := slices.IndexFunc(list, func(a arch) bool { return a.name == name })
		if i < 0 {
			return nil, name
		}
		picked = append(picked, list[i])
	}
	return picked, ""
}
