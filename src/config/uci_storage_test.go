package config

import (
	"errors"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestStorage(t *testing.T) {
	const ram = "/tmp/snsbridge"
	tests := []struct {
		mounts, path, want string
		says               string // in a warning or the error; "": there is neither
		reason             string
	}{
		{"router", "auto", ram, "no memory stick is there: photos go into working memory", "a router alone"},
		{"router", "", ram, "no memory stick is there", "auto is the default"},
		{"glinet", "auto", "/tmp/mountd/disk1_part1/snsbridge", "", "GL.iNet's place, which is in working memory until something is mounted there"},
		{"two-sticks", "auto", "/mnt/MY PHOTOS/snsbridge", "", "the first by name; the kernel writes blanks in octal"},
		{"automounter", "auto", "/tmp/run/blockd/sda1/snsbridge", "", "block-mount's automounter; autofs itself is none"},
		{"locked", "auto", ram, "the one at /mnt/mmcblk0p1 is write-protected", "the switch of an SD card"},
		{"locked-by-error", "auto", ram, "the one at /mnt/sda1 is write-protected", "what ext4 does after an error"},
		{"hidden", "auto", ram, "no memory stick is there", "something else is mounted over it"},
		{"no-sticks", "auto", ram, "no memory stick is there", "network, memory and flash are none"},
		{"router", "ram", ram, "", "who asks for it knows"},
		{"two-sticks", "/mnt/sda1/photos", "/mnt/sda1/photos", "", "as the owner says"},
		{"two-sticks", "/mnt/sda1/", "/mnt/sda1", "", "the stick as a whole"},
		{"two-sticks", "/mnt/sdc1/photos", "", "nothing is mounted at /mnt/sdc1/photos", "it would fill the router's flash"},
		{"two-sticks", "/mnt/sda10/photos", "", "nothing is mounted at /mnt/sda10/photos", "sda10 is not below sda1"},
		{"router", "/tmp/mountd/disk1_part1", "", "nothing is mounted at", "it would fill working memory"},
		{"locked", "/mnt/mmcblk0p1/photos", "", "is write-protected", "nothing could be kept there"},
		{"router", "/srv/photos", "/srv/photos", "the router's own flash", "allowed, and unwise"},
		{"router", "/overlay/photos", "/overlay/photos", "the router's own flash", "the same"},
		{"router", "/tmp/photos", "/tmp/photos", "in working memory", "allowed, and lost at power off"},
		{"router", "photos", "", "is not a folder", "from where?"},
		{"router", "/", "", "is not a folder", "it would get another owner"},
	}
	for _, tt := range tests {
		file, _ := routerFile(t, "config storage\n\toption path "+uciText(tt.path)+"\n")
		u, err := loadUCI(file, filepath.Join("testdata/uci/mounts", tt.mounts))
		got, said := "", ""
		if err != nil {
			said = err.Error()
		} else {
			got, said = u.Config.UploadFolder, strings.Join(u.Config.Warnings, "; ")
			if want := filepath.Join(got, ".spool"); u.Config.SpoolFolder != want {
				t.Errorf("%s: the spool is %s, want %s", tt.reason, u.Config.SpoolFolder, want)
			}
			if former := u.Config.FormerFolder; (former == "") != (got == ram) || former != "" && former != ram {
				t.Errorf("%s: photos are taken over from %q", tt.reason, former)
			}
		}
		if got != tt.want || !strings.Contains(said, tt.says) || tt.says == "" && said != "" {
			t.Errorf("%s: %q on %s is %q and says %q; want %q and %q", tt.reason, tt.path, tt.mounts, got, said, tt.want, tt.says)
		}
	}
}

// TestStickUsedBefore: the order of names changes when a second stick is
// plugged in, and photos must not go here today and there tomorrow.
func TestStickUsedBefore(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	if err := os.MkdirAll(filepath.Join(second, photoFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	points := stickPoints
	t.Cleanup(func() { stickPoints = points })
	stickPoints = []string{dir + "/*"}
	mounts := []mounted{{first, "ext4", "/dev/sda1", false}, {second, "ext4", "/dev/sdb1", false}}
	if got := sticks(mounts)[0].on.point; got != second {
		t.Errorf("%s is chosen, want the one that has our folder", got)
	}
	if err := os.Remove(filepath.Join(second, photoFolder)); err != nil {
		t.Fatal(err)
	}
	if got := sticks(mounts)[0].on.point; got != first {
		t.Errorf("%s is chosen, want the first", got)
	}
}

// TestRoomInMemory: photos must not take what the router runs in.
func TestRoomInMemory(t *testing.T) {
	size := uint64(mostOf("/tmp")) / 3 * 4
	for option, want := range map[string]int64{"": int64(size / 4 * 3), "\toption reserve '1 MiB'\n": 1 << 20} {
		file, _ := routerFile(t, "config storage\n\toption path ram\n"+option)
		u, err := loadUCI(file, "testdata/uci/mounts/router")
		if err != nil {
			t.Fatal(err)
		}
		if got := u.Config.Reserve; got < want-4 || got > want+4 {
			t.Errorf("with %q %d bytes stay free of %d, want %d", option, got, size, want)
		}
	}
}

// TestGive makes photo folders on sticks of all kinds for somebody else, if the
// test may, else for itself.
func TestGive(t *testing.T) {
	uid, gid := os.Getuid(), os.Getgid()
	if uid == 0 {
		uid, gid = 65534, 65534
	}
	tests := []struct {
		before, folder string
		wrong          string
		reason         string
	}{
		{"", "snsbridge", "", "it is made"},
		{"snsbridge/", "snsbridge", "", "it is there"},
		{"", "my/photos", "", "with the folders above it"},
		{"", "", "", "the stick as a whole"},
		{"snsbridge -> /etc", "snsbridge", "escapes", "a stranger's stick must not make /etc the user's"},
		{"snsbridge -> other", "snsbridge", "is a symbolic link", "nor another folder of a file system, such as /tmp"},
		{"my -> /tmp", "my/photos", "escapes", "nor on the way"},
		{"snsbridge", "snsbridge", "snsbridge", "a file is in the way"},
		{"other file", "", "", "what is on a stick besides"},
		{"other file", "flash:", "it has other things in it", "nobody means /etc, or /tmp"},
		{"snsbridge/", "flash:snsbridge", "", "a new folder for photos there"},
	}
	for _, tt := range tests {
		dir := t.TempDir()
		var err error
		if name, target, link := strings.Cut(tt.before, " -> "); link {
			err = errors.Join(os.Mkdir(filepath.Join(dir, "other"), 0o700), os.Symlink(target, filepath.Join(dir, name)))
		} else if strings.HasSuffix(name, "/") {
			err = os.Mkdir(filepath.Join(dir, name), 0o700)
		} else if name != "" {
			err = os.WriteFile(filepath.Join(dir, name), nil, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		stick, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer stick.Close()
		folder, flash := strings.CutPrefix(tt.folder, "flash:")
		p := place{folder: filepath.Join(dir, folder), on: mounted{point: dir, fs: "ext4"}}
		if flash {
			p.on.fs = "overlay"
		}
		if tt.wrong != "" {
			err := p.give(stick, uid+1, gid) // to whom it certainly is not already
			if err == nil || !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("%s: %v; want %q", tt.reason, err, tt.wrong)
			}
			continue
		}
		err = p.give(stick, uid, gid)
		fi, serr := os.Stat(p.folder)
		if err != nil || serr != nil || !fi.IsDir() || int(fi.Sys().(*syscall.Stat_t).Uid) != uid {
			t.Errorf("%s: %v, %v; want a folder that user %d has", tt.reason, err, fi, uid)
		}
	}
}

// TestUnpluggedMeanwhile is about the moment between looking and making.
func TestUnpluggedMeanwhile(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir() // where a stick was mounted
	u := &UCI{places: []place{{folder: filepath.Join(dir, "snsbridge"), on: mounted{point: dir}}}}
	if err := u.Prepare(me.Username); err == nil || !strings.Contains(err.Error(), "nothing is mounted") {
		t.Errorf("%v; want that nothing is mounted there", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("%s was made on what the stick was mounted at", entries[0].Name())
	}
}

// TestNextPlace: a stick of no use must not keep cameras from being served.
func TestNextPlace(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	stick := func(name string) place {
		p := place{folder: filepath.Join(dir, name, photoFolder), on: mounted{point: filepath.Join(dir, name)}}
		p.warn("of %s", name)
		return p
	}
	// What is at "/" is on whatever that is on: it counts as mounted.
	good := place{folder: filepath.Join(dir, "good"), on: mounted{point: "/", fs: "ext4"}}
	ram := place{folder: filepath.Join(dir, "ram"), on: mounted{point: "/", fs: "tmpfs"}}
	for _, tt := range []struct {
		places []place
		want   string
		says   string
		room   bool // as in working memory
		reason string
	}{
		{[]place{good, stick("a"), ram}, "good", "other", false, "the first is good"},
		{[]place{stick("a"), good, ram}, "good", "the memory stick at " + dir + "/a is left out: open " + dir + "/a: no such file or directory; other", false, "the first is not"},
		{[]place{stick("a"), stick("b"), ram}, "ram", "a is left out", true, "none is"},
		{[]place{stick("a"), stick("b")}, "", dir + "/b/snsbridge: ", false, "not even working memory"},
	} {
		u := &UCI{Config: &Config{Warnings: []string{"other"}, Reserve: 1}, places: tt.places}
		u.keep(tt.places[0])
		err := u.Prepare(me.Username)
		c := u.Config
		got, said := filepath.Base(c.UploadFolder), strings.Join(c.Warnings, "; ")
		if err != nil {
			got, said = "", err.Error()
		}
		if got != tt.want || !strings.Contains(said, tt.says) || tt.want != "" && (strings.Contains(said, "of a") || !strings.HasSuffix(said, "other")) {
			t.Errorf("%s: %q, says %q; want %q, %q", tt.reason, got, said, tt.want, tt.says)
		}
		if tt.want != "" && (c.SpoolFolder != filepath.Join(c.UploadFolder, ".spool") || c.FormerFolder != ramFolder || (c.Reserve > 1) != tt.room) {
			t.Errorf("%s: spool %s, former %q, reserve %d", tt.reason, c.SpoolFolder, c.FormerFolder, c.Reserve)
		}
	}
}

// TestClosedToTheUser: the bridge would say at every start that there is no
// such folder, of one that is there.
func TestClosedToTheUser(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	uid, gid := os.Getuid(), os.Getgid()
	home := filepath.Dir(t.TempDir()) // whose own folder is private
	dir := filepath.Join(home, "a")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		mode     os.FileMode
		uid, gid int
		open     bool
		reason   string
	}{
		{0o701, uid + 1, gid + 1, true, "others may pass"},
		{0o776, uid + 1, gid + 1, false, "they may not, though they may read and write"},
		{0o710, uid + 1, gid, true, "its group may"},
		{0o767, uid + 1, gid, false, "all but its group may"},
		{0o100, uid, gid, true, "its owner may"},
		{0o677, uid, gid, false, "all but its owner may"},
	}
	for _, tt := range tests {
		want := home
		if tt.open {
			want = ""
		}
		if err := os.Chmod(home, tt.mode); err != nil {
			t.Fatal(err)
		}
		for _, folder := range []string{dir, filepath.Join(dir, "b/c")} {
			if got := closed(folder, tt.uid, tt.gid); got != want {
				t.Errorf("%s: above %s is closed %q, want %q", tt.reason, folder, got, want)
			}
		}
	}
	u := &UCI{places: []place{{folder: filepath.Join(dir, "b"), on: mounted{point: dir}}}}
	if err := u.Prepare(me.Username); err == nil || !strings.Contains(err.Error(), home+" is closed to the user "+me.Username) {
		t.Errorf("%v; want that %s is closed", err, home)
	}
	if err := errors.Join(os.Chmod(home, 0o711), os.Chmod(dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	if got := closed(dir, uid+1, gid+1); got != "" {
		t.Errorf("%q is closed above the folder itself, which will be the user's; want none", got)
	}
}
