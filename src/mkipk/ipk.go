package main

import (
	"archive/tar"
	"fmt"
	"strings"
	"time"
)

// flashPercent is what data.tar.gz takes in the compressed flash of a router
// with NOR: jffs2 packs pages of 4 KiB, so it packs worse. Measured with
// mkfs.jffs2: 140 on mipsle, 142 on mips.
const flashPercent = 142

// ipk returns the package as opkg reads it. It is what OpenWrt's own tools
// make of the same content, but for one field: Installed-Size is what the
// router's flash really loses. opkg refuses what does not fit by that field;
// OpenWrt wrote the size of data.tar.gz there until 23.05, which is too little,
// and the unpacked size since, which no router with 16 MB of flash has free.
func ipk(p *Package, when time.Time) ([]byte, error) {
	data, err := tarball(p.sorted(), when)
	if err != nil {
		return nil, err
	}
	control := []File{
		{Path: "control", Mode: 0o644, Data: []byte(ipkControl(p, len(data)*flashPercent/100, when))},
		{Path: "postinst", Mode: 0o755, Data: []byte(opkgScript("default_postinst"))},
		{Path: "prerm", Mode: 0o755, Data: []byte(opkgScript("default_prerm"))},
	}
	if list := p.conffiles(); list != "" {
		control = append(control, File{Path: "conffiles", Mode: 0o644, Data: []byte(list)})
	}
	for name, text := range p.Scripts {
		if name == "postinst" || name == "prerm" {
			name += "-pkg" // OpenWrt's default_postinst and default_prerm run it
		}
		control = append(control, File{Path: name, Mode: 0o755, Data: []byte(text)})
	}
	meta, err := tarball(control, when)
	if err != nil {
		return nil, err
	}
	names := []string{"./debian-binary", "./data.tar.gz", "./control.tar.gz"}
	parts := map[string][]byte{names[0]: []byte("2.0\n"), names[1]: data, names[2]: meta}
	var headers []*tar.Header
	for _, name := range names {
		headers = append(headers, &tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(parts[name]))})
	}
	return pack(headers, parts, when)
}

func ipkControl(p *Package, installed int, when time.Time) string {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	field("Package", p.Name)
	field("Version", p.Version+"-r"+p.Release)
	field("Depends", strings.Join(p.Depends, ", "))
	field("Source", p.Source)
	field("SourceName", p.Name)
	field("License", p.License)
	field("LicenseFiles", p.LicenseFile)
	field("Section", p.Section)
	field("Require-User", p.User)
	field("SourceDateEpoch", fmt.Sprint(when.Unix()))
	field("URL", p.URL)
	field("Maintainer", p.Maintainer)
	field("Architecture", p.Arch)
	field("Installed-Size", fmt.Sprint(installed))
	field("Description", strings.ReplaceAll(p.Description, "\n", "\n "))
	return b.String()
}

// opkgScript leaves all to OpenWrt, as its own packages do: users, defaults,
// and enabling, starting and stopping of whatever is in /etc/init.d.
func opkgScript(call string) string {
	return scriptHead + call + ` "$0" "$@"` + "\n"
}

// scriptHead gets OpenWrt's functions. Where they are not, as in an image
// under construction, there is nothing to do.
const scriptHead = `#!/bin/sh
[ "$IPKG_NO_SCRIPT" = 1 ] && exit 0
[ -s "$IPKG_INSTROOT/lib/functions.sh" ] || exit 0
. "$IPKG_INSTROOT/lib/functions.sh"
`
