package doctor

import (
	"strings"
	"testing"
)

// As on a GL.iNet router with a stick, and odd lines of other systems.
const mountinfo = `15 1 0:2 / / rw,noatime - overlay overlayfs:/overlay rw,lowerdir=/
16 15 0:13 / /proc rw,nosuid - proc proc rw
17 15 0:15 / /tmp rw,nosuid,nodev,noatime - tmpfs tmpfs rw
18 17 8:1 / /tmp/mountd/disk1_part1 rw,relatime shared:1 master:2 - vfat /dev/sda1 rw,fmask=0000
19 15 8:17 / /mnt/My\040Stick ro,relatime - ext4 /dev/sdb1 rw
20 15 8:18 / /mnt/sda1 rw - ext4 /dev/sdc1 ro
21 15 8:19 / /mnt/sda10 rw - ext4 /dev/sdd1 rw
22 15 0:20 / /srv rw - ext4 /dev/old rw
23 15 0:21 / /srv rw - tmpfs new rw
a line that is none
24 15 0:22 / /short
`

func TestMountOf(t *testing.T) {
	for _, c := range []struct {
		reason, file, point, fs     string
		readOnly, missing, volatile bool
	}{
		{"the router's own flash", "/etc/photos", "/", "overlay", false, false, false},
		{"working memory", "/tmp/photos", "/tmp", "tmpfs", false, false, true},
		{"a stick", "/tmp/mountd/disk1_part1/photos", "/tmp/mountd/disk1_part1", "vfat", false, false, false},
		{"the same place without the stick", "/tmp/mountd/disk2_part1/photos", "/tmp", "tmpfs", false, true, true},
		{"a stick's folder on the flash", "/mnt/sdz1/photos", "/", "overlay", false, true, false},
		{"a blank in the name", "/mnt/My Stick/photos", "/mnt/My Stick", "ext4", true, false, false},
		{"the file system itself is protected", "/mnt/sda1/photos", "/mnt/sda1", "ext4", true, false, false},
		{"a longer name is another folder", "/mnt/sda10", "/mnt/sda10", "ext4", false, false, false},
		{"a longer name, of a stick that is not there", "/mnt/sda11/photos", "/", "overlay", false, true, false},
		{"what was mounted last hides the rest", "/srv/photos", "/srv", "tmpfs", false, false, true},
	} {
		m, err := mountOf(strings.NewReader(mountinfo), c.file)
		if err != nil || m.point != c.point || m.fs != c.fs || m.readOnly != c.readOnly {
			t.Errorf("%s: got %+v, %v", c.reason, m, err)
		}
		if m.missing(c.file) != c.missing || m.volatile() != c.volatile {
			t.Errorf("%s: missing %v, volatile %v; want %v, %v", c.reason, m.missing(c.file), m.volatile(), c.missing, c.volatile)
		}
	}
	if _, err := mountOf(strings.NewReader("nothing\n"), "/x"); err == nil {
		t.Error("a list without mounts has one")
	}
}
