package doctor

import (
	"bufio"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
)

// mount is a line of /proc/self/mountinfo.
type mount struct {
	point    string
	fs       string
	source   string
	readOnly bool
}

// mountOf finds the file system that a path without symbolic links is on: the
// longest mount point above it, and of equal ones the last, which hides the
// others.
func mountOf(r io.Reader, file string) (mount, error) {
	var best mount
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		// 36 35 98:0 /root /point rw,noatime master:1 - ext4 /dev/sda1 rw,errors=continue
		left, right, ok := strings.Cut(sc.Text(), " - ")
		a, b := strings.Fields(left), strings.Fields(right)
		if !ok || len(a) < 6 || len(b) < 2 {
			continue
		}
		m := mount{point: unescape(a[4]), fs: b[0], source: unescape(b[1]), readOnly: hasOption(a[5], "ro")}
		if len(b) > 2 {
			m.readOnly = m.readOnly || hasOption(b[2], "ro")
		}
		if within(file, m.point) && len(m.point) >= len(best.point) {
			best = m
		}
	}
	if err := sc.Err(); err != nil {
		return best, err
	}
	if best.point == "" {
		return best, errors.New("nothing is mounted there")
	}
	return best, nil
}

func hasOption(options, name string) bool {
	return slices.Contains(strings.Split(options, ","), name)
}

// within tells whether a path is a folder or below it.
func within(file, folder string) bool {
	return file == folder || strings.HasPrefix(file, strings.TrimSuffix(folder, "/")+"/")
}

// unescape undoes what the kernel does to blanks: "\040".
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// volatile tells whether everything is lost at power off.
func (m mount) volatile() bool { return slices.Contains([]string{"tmpfs", "ramfs", "rootfs"}, m.fs) }

// fat returns the name of a file system that keeps no journal and no owners,
// "" if it is none.
func (m mount) fat() string {
	return map[string]string{"vfat": "FAT", "msdos": "FAT", "exfat": "exFAT", "texfat": "exFAT", "fuse.exfat": "exFAT", "fuseblk": "exFAT or NTFS"}[m.fs]
}

// sticks are where OpenWrt, GL.iNet and others mount memory sticks.
var sticks = []string{"/mnt", "/media", "/run/media", "/tmp/mountd", "/tmp/run/mountd", "/tmp/run/blockd", "/tmp/run/media"}

// missing tells whether a folder is where a stick would be, and what it is on
// is mounted above that: there is no stick.
func (m mount) missing(file string) bool {
	return slices.ContainsFunc(sticks, func(root string) bool {
		return within(file, root) && file != root && within(root, m.point) && path.Clean(m.point) != root
	})
}
