package config

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// CheckPort refuses a port at which another user's program listens: the
// redirects would open to every camera, and to every guest, what that program
// shows to the owner alone, such as a router's own pages. The bridge itself
// runs as owner, and may be there still, or already.
func (u *UCI) CheckPort(owner string) error {
	uid, _, err := account(owner)
	if err != nil {
		return err
	}
	for _, name := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) { // a kernel without IPv6
			continue
		}
		if err != nil {
			return err
		}
		taken, err := othersListen(f, u.Port, uid)
		f.Close()
		if err != nil {
			return err
		}
		if taken {
			return fmt.Errorf("option port: another program uses %d; choose one from 1025 to 32767 that is free", u.Port)
		}
	}
	return nil
}

// othersListen tells whether a table such as /proc/net/tcp has a listener at a
// port that is not the user's. At which address does not matter: the bridge
// listens at all, and cannot share a port with one at a single address.
//
//	sl local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid timeout inode
//	0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   0   0       4711
func othersListen(table io.Reader, port, uid int) (bool, error) {
	sc := bufio.NewScanner(table)
	for sc.Scan() {
		f := strings.Fields(sc.Text())
		if len(f) < 8 || f[3] != "0A" {
			continue
		}
		_, at, _ := strings.Cut(f[1], ":")
		if n, err := strconv.ParseUint(at, 16, 16); err == nil && int(n) == port && f[7] != strconv.Itoa(uid) {
			return true, nil
		}
	}
	return false, sc.Err()
}
