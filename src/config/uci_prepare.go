package config

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// Prepare makes the photo folder and gives it to a user. Only root can. What
// is on a memory stick is a stranger's: a link on it leads nowhere else.
func (u *UCI) Prepare(owner string) error {
	uid, gid, err := lookUp(owner)
	if err != nil {
		return err
	}
	p := u.place
	stick, err := os.OpenRoot(p.on.point)
	if err != nil {
		return fmt.Errorf("the photo folder: %w", err)
	}
	defer stick.Close()
	if err := p.stillThere(stick); err != nil {
		return err
	}
	name := strings.TrimPrefix(strings.TrimPrefix(p.folder, p.on.point), "/")
	if name == "" {
		name = "."
	}
	if err := stick.MkdirAll(name, 0o755); err != nil {
		return fmt.Errorf("the photo folder %s cannot be made: %w", p.folder, err)
	}
	if fi, err := stick.Lstat(name); err != nil || !fi.IsDir() {
		return fmt.Errorf("the photo folder %s is a link: remove it, or name the folder that it leads to: option path", p.folder)
	}
	folder, err := stick.OpenRoot(name)
	if err != nil {
		return fmt.Errorf("the photo folder: %w", err)
	}
	defer folder.Close()
	fi, err := folder.Stat(".")
	if err != nil {
		return err
	}
	st := fi.Sys().(*syscall.Stat_t)
	if int(st.Uid) == uid || fi.Mode().Perm()&0o002 != 0 && fi.Mode()&os.ModeSticky == 0 {
		return nil
	}
	// FAT has no owners. GL.iNet mounts it so that everybody may write.
	if err := folder.Chown(".", uid, gid); err != nil {
		return fmt.Errorf("the photo folder %s cannot be given to the user %s: %w; mount %s so that all users may write (umask=000), or use a stick with ext4", p.folder, owner, err, p.on.point)
	}
	return nil
}

// stillThere makes sure that the folder that was opened is the stick, and not
// the empty folder that it was mounted at.
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

func lookUp(name string) (uid, gid int, err error) {
	account, err := user.Lookup(name)
	if err != nil {
		return 0, 0, err
	}
	uid, uerr := strconv.Atoi(account.Uid)
	gid, gerr := strconv.Atoi(account.Gid)
	return uid, gid, errors.Join(uerr, gerr)
}
