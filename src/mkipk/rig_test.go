package main

import (
	"strings"
	"time"
)

// when is the time of all packages in tests.
var when = time.Unix(1700000000, 0).UTC()

// tiny is a package with each thing that formats treat apart: a configuration
// file, a program, an empty file, a file that is longer than a short text may
// be, equal contents, and a script of its own.
func tiny() *Package {
	return &Package{
		Name: "tiny", Version: "1.2.3", Release: "4", Arch: "mips_24kc",
		Title: "A package", Description: "A package that does\nnothing.", Section: "net",
		License: "Apache-2.0", LicenseFile: "LICENSE", Maintainer: "The snsbridge authors <authors@snsbridge.invalid>",
		Source: "feeds/packages/net/tiny", User: "tiny=18732:tiny=18732",
		Depends: []string{"libc", "ca-bundle"},
		Files: []File{
			{Path: "/usr/bin/tiny", Mode: 0o755, Data: []byte(strings.Repeat("program\n", 100))},
			{Path: "/etc/config/tiny", Mode: 0o600, Conf: true, Data: []byte("config tiny\n")},
			{Path: "/etc/init.d/tiny", Mode: 0o755, Data: []byte("#!/bin/sh /etc/rc.common\n")},
			{Path: "/usr/share/tiny/empty", Mode: 0o644},
			{Path: "/usr/share/tiny/same", Mode: 0o644, Data: []byte("config tiny\n")},
		},
		Scripts: map[string]string{"postinst": "#!/bin/sh\n# A script of more than 255 bytes is kept in another way.\necho installed\n"},
	}
}
