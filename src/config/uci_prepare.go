package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Prepare makes the photo folder and gives it to a user, which takes root. What
// is on a memory stick is a stranger's: a link on it leads nowhere else. A
// stick that nobody named, and of which the user can make nothing, is left out
// with a warning: cameras are served from the next, or from working memory.
func (u *UCI) Prepare(owner string) error {
	uid, gid, err := account(owner)
	if err != nil {
		return err
	}
	var left []string
	for i, p := range u.places {
		err := p.prepare(owner, uid, gid)
		switch {
		case err == nil && i == 0:
			return nil
		case err == nil:
			if p.folder == ramFolder {
				p.lost("no memory stick can be used")
			}
			p.warnings = append(left, p.warnings...)
			u.keep(p)
			return nil
		case i == len(u.places)-1:
			return fmt.Errorf("the photo folder %s: %w", p.folder, err)
		}
		left = append(left, fmt.Sprintf("the memory stick at %s is left out: %v", p.on.point, err))
	}
	return nil
}

func (p place) prepare(owner string, uid, gid int) error {
	if dir := closed(p.folder, uid, gid); dir != "" {
		return fmt.Errorf("%s is closed to the user %s; name a folder elsewhere: option path", dir, owner)
	}
	stick, err := os.OpenRoot(p.on.point)
	if err != nil {
		return err
	}
	defer stick.Close()
	if err := p.stillThere(stick); err != nil {
		return err
	}
	err = p.give(stick, uid, gid)
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, errors.ErrUnsupported) {
		// FAT has no owners. GL.iNet's firmware and OpenWrt's block mount it so
		// that everybody may write; mount by hand does not.
		return fmt.Errorf("the user %s cannot write there; mount %s with umask=000, or use ext4", owner, p.on.point)
	}
	return err
}

// account returns the numbers of a user, and of its group.
func account(name string) (uid, gid int, err error) {
	a, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	uid, uerr := strconv.Atoi(a.Uid)
	gid, gerr := strconv.Atoi(a.Gid)
	return uid, gid, errors.Join(uerr, gerr)
}

// closed returns which of the folders above one does not let a user through, ""
// if they all do. Those that are not there will be made, and open.
func closed(folder string, uid, gid int) string {
	for dir := existing(filepath.Dir(folder)); ; dir = filepath.Dir(dir) {
		if fi, err := os.Stat(dir); err == nil && !allows(fi, 0o1, uid, gid) {
			return dir
		}
		if dir == "/" {
			return ""
		}
	}
}

// allows tells whether a user may read (4), write (2) or pass through (1).
func allows(fi fs.FileInfo, what fs.FileMode, uid, gid int) bool {
	owner := fi.Sys().(*syscall.Stat_t)
	switch {
	case int(owner.Uid) == uid:
		what <<= 6
	case int(owner.Gid) == gid:
		what <<= 3
	}
	return fi.Mode()&what != 0
}

// CheckTokens warns of files with tokens that a user cannot read: root, who
// starts the bridge, can.
func (u *UCI) CheckTokens(owner string) error {
	uid, gid, err := account(owner)
	if err != nil {
		return err
	}
	for _, name := range keys(u.Config.Mastodon) {
		file := u.Config.Mastodon[name].Token
		fi, err := os.Stat(file)
		if err != nil || !filepath.IsAbs(file) {
			continue // the token itself, or of a missing file the checks have told
		}
		if dir := closed(file, uid, gid); dir != "" {
			u.warn("%s: the user %s cannot read %s, since %s is closed to it: its posts will wait; move it to /etc/snsbridge", name, owner, file, dir)
		} else if !allows(fi, 0o4, uid, gid) {
			u.warn("%s: the user %s cannot read %s: its posts will wait; run chown %[2]s %[3]s", name, owner, file)
		}
	}
	return nil
}

// stillThere makes sure that the folder that was opened is the stick, and not
// the empty one that it was mounted at.
func (p place) stillThere(stick *os.Root) error {
	if p.on.point == "/" {
		return nil
	}
	in, err := stick.Stat(".")
	if err != nil {
		return err
	}
	above, err := os.Stat(filepath.Dir(p.on.point))
	if err != nil {
		return err
	}
	if in.Sys().(*syscall.Stat_t).Dev == above.Sys().(*syscall.Stat_t).Dev {
		return fmt.Errorf("nothing is mounted at %s any more", p.on.point)
	}
	return nil
}

// give makes the folder, on a stick that was opened, one in which a user can
// write.
func (p place) give(stick *os.Root, uid, gid int) error {
	name := filepath.Join(".", strings.TrimPrefix(p.folder, p.on.point))
	if err := stick.MkdirAll(name, 0o755); err != nil {
		return err
	}
	if fi, err := stick.Lstat(name); err != nil || !fi.IsDir() {
		return errors.New("it is a symbolic link: remove it, or set option path to its target")
	}
	folder, err := stick.OpenRoot(name)
	if err != nil {
		return err
	}
	defer folder.Close()
	fi, err := folder.Stat(".")
	if err != nil {
		return err
	}
	all := fi.Mode().Perm()&0o002 != 0 && fi.Mode()&fs.ModeSticky == 0
	if all || int(fi.Sys().(*syscall.Stat_t).Uid) == uid {
		return nil
	}
	// A stick is for photos. What is elsewhere, such as /etc, has a purpose.
	if found, err := fs.ReadDir(folder.FS(), "."); err != nil || len(found) > 0 && (p.on.isFlash() || p.on.inMemory()) {
		return errors.Join(err, errors.New("it has other things in it: name a folder for photos alone, option path"))
	}
	if err := folder.Chown(".", uid, gid); err != nil {
		return err
	}
	// FAT with the option quiet says that it has done so.
	if fi, err = folder.Stat("."); err == nil && int(fi.Sys().(*syscall.Stat_t).Uid) != uid {
		err = fs.ErrPermission
	}
	return err
}
