package config

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"syscall"
)

const (
	photoFolder = "snsbridge"      // on a memory stick
	ramFolder   = "/tmp/snsbridge" // without one
)

// stickPoints are where memory sticks are mounted: by GL.iNet, by OpenWrt's
// block-mount, by its automounter.
var stickPoints = []string{"/tmp/mountd/disk*_part*", "/mnt", "/mnt/*", "/tmp/run/blockd/*"}

// stickRoots are folders below which a file on the router's own flash is one
// that was meant for a stick.
var stickRoots = []string{"/mnt", "/media", "/tmp/mountd", "/tmp/run/mountd", "/tmp/run/blockd"}

// mounted is a mounted file system.
type mounted struct {
	point, fs, source string
	readOnly          bool
}

// place is where photos are kept.
type place struct {
	folder   string
	on       mounted
	warnings []string
}

// storage decides where photos are kept.
func (s *uciSource) storage(u *UCI, t map[string]any, mounts []mounted) {
	sec := s.only("storage")
	path, _ := s.value(sec, "path", text).(string)
	ram := place{folder: ramFolder, on: mountOf(mounts, "/tmp")}
	switch {
	case path == "" || path == "auto":
		u.places = append(sticks(mounts), ram)
		if len(u.places) == 1 {
			u.places[0].lost("no memory stick is there" + locked(mounts))
		}
	case path == "ram":
		u.places = []place{ram}
	case !filepath.IsAbs(path) || filepath.Clean(path) == "/":
		s.fail(sec, "path", strconv.Quote(path)+" is not a folder", "choose auto, ram, or a folder such as /mnt/sda1/photos")
		u.places = []place{ram}
	default:
		p := place{folder: resolve(path)}
		p.on = mountOf(mounts, p.folder)
		s.suitable(sec, &p)
		u.places = []place{p}
	}
	// The checks of TOML want a folder that is there; this one may be made
	// only later.
	t["UPLOAD_FOLDER"] = existing(u.places[0].folder)
	u.reserve = sec.option("reserve") != nil
	s.copy(sec, t, "")
}

// keep has photos kept at a place, instead of the one before.
func (u *UCI) keep(p place) {
	c := u.Config
	c.UploadFolder, c.SpoolFolder, c.FormerFolder = p.folder, filepath.Join(p.folder, ".spool"), ""
	if !below(p.folder, ramFolder) && !below(ramFolder, p.folder) {
		c.FormerFolder = ramFolder // what came before the stick was there
	}
	if p.on.inMemory() && !u.reserve {
		c.Reserve = mostOf(p.on.point)
	}
	c.Warnings = append(slices.Clone(p.warnings), c.Warnings[len(u.place.warnings):]...)
	u.place = p
}

// suitable refuses a folder on a stick that is not there, and warns of others
// that are no good for photos.
func (s *uciSource) suitable(sec *uciSection, p *place) {
	root := slices.IndexFunc(stickRoots, func(root string) bool { return below(p.folder, root) })
	switch {
	case root >= 0 && !below(p.on.point, stickRoots[root]):
		s.fail(sec, "path", "nothing is mounted at "+p.folder, "plug the memory stick in, or let it be found: option path 'auto'")
	case p.on.readOnly:
		s.fail(sec, "path", p.on.point+" is write-protected", "check the switch of the memory card; after errors it is protected, too: check its file system on a computer")
	case p.on.inMemory():
		p.warn("%s is in working memory: photos that were not sent are lost at power off; name a folder on a memory stick: option path", p.folder)
	case p.on.isFlash():
		p.warn("%s is in the router's own flash, which is small and wears out; name a folder on a memory stick: option path", p.folder)
	}
}

func (p *place) warn(format string, args ...any) {
	p.warnings = append(p.warnings, fmt.Sprintf(format, args...))
}

// lost says what working memory means, and why it must do.
func (p *place) lost(why string) {
	p.warn("%s: photos go into working memory, and those that were not sent are lost at power off; plug one in, or name a folder: option path", why)
}

// sticks returns the memory sticks that photos could be written to, those with
// our folder on them first.
func sticks(mounts []mounted) (used []place) {
	var others []place
	for _, m := range mounts {
		p := place{folder: filepath.Join(m.point, photoFolder), on: m}
		if !m.isStick(mounts) || m.readOnly {
			continue
		}
		if fi, err := os.Stat(p.folder); err == nil && fi.IsDir() {
			used = append(used, p)
		} else {
			others = append(others, p)
		}
	}
	for _, list := range [][]place{used, others} {
		sort.SliceStable(list, func(i, j int) bool { return list[i].folder < list[j].folder })
	}
	return append(used, others...)
}

// locked names a memory stick that is of no use, "" if there is none.
func locked(mounts []mounted) (which string) {
	for _, m := range mounts {
		if m.isStick(mounts) && m.readOnly {
			which = "; the one at " + m.point + " is write-protected"
		}
	}
	return which
}

// isStick tells whether it is a memory stick, with nothing mounted over it.
func (m mounted) isStick(mounts []mounted) bool {
	return strings.HasPrefix(m.source, "/dev/") && !m.isFlash() && mountOf(mounts, m.point) == m &&
		slices.ContainsFunc(stickPoints, func(pattern string) bool {
			ok, _ := filepath.Match(pattern, m.point)
			return ok
		})
}

func (m mounted) inMemory() bool { return slices.Contains([]string{"tmpfs", "ramfs", "rootfs"}, m.fs) }

// isFlash tells whether it is what the router itself is on.
func (m mounted) isFlash() bool {
	return m.point == "/" || slices.Contains([]string{"overlay", "squashfs", "jffs2", "ubifs"}, m.fs)
}

// mostOf returns three quarters of a file system's size: working memory is for
// others, too.
func mostOf(point string) int64 {
	var st syscall.Statfs_t
	if syscall.Statfs(point, &st) != nil {
		return 0
	}
	return int64(st.Blocks) * int64(st.Bsize) / 4 * 3
}

// below tells whether a path is a folder or something in it.
func below(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/")
}

// existing returns the folder, or the one above it that is there.
func existing(folder string) string {
	for {
		if fi, err := os.Stat(folder); err == nil && fi.IsDir() {
			return folder
		}
		folder = filepath.Dir(folder)
	}
}

// resolve follows symbolic links for as far as the path is there.
func resolve(path string) string {
	path = filepath.Clean(path)
	there := existing(path)
	real, err := filepath.EvalSymlinks(there)
	if err != nil {
		return path
	}
	return filepath.Join(real, strings.TrimPrefix(path, there))
}

// mountOf returns what a path is on: the longest mount point above it, and of
// equal ones the last, which hides the others.
func mountOf(mounts []mounted, path string) mounted {
	var best mounted
	for _, m := range mounts {
		if below(path, m.point) && len(m.point) >= len(best.point) {
			best = m
		}
	}
	return best
}

// readMounts reads a list such as /proc/self/mountinfo.
func readMounts(name string) ([]mounted, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var list []mounted
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		// 36 35 98:0 /root /point rw,noatime master:1 - ext4 /dev/sda1 rw,errors=continue
		left, right, ok := strings.Cut(sc.Text(), " - ")
		a, b := strings.Fields(left), strings.Fields(right)
		if !ok || len(a) < 6 || len(b) < 3 {
			continue
		}
		options := strings.Split(a[5]+","+b[2], ",")
		list = append(list, mounted{unblank(a[4]), b[0], unblank(b[1]), slices.Contains(options, "ro")})
	}
	if len(list) == 0 {
		return nil, errors.Join(sc.Err(), fmt.Errorf("%s lists nothing that is mounted", name))
	}
	return list, sc.Err()
}

// unblank undoes what the kernel does to a blank in a name: "\040".
func unblank(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}
