package config

import (
	"fmt"
	"net"
	"os"
	"os/user"
	"strings"
	"testing"
)

func TestOthersListen(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:22B8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: 00000000:492C 00000000:0000 0A 00000000:00000000 00:00000000 00000000 18732        0 4713 1 0 100 0 0 10 0
   3: 0108A8C0:4E20 0208A8C0:492C 01 00000000:00000000 00:00000000 00000000     0        0 4714 1 0 100 0 0 10 0
   4: 0108A8C0:492C 0208A8C0:C350 06 00000000:00000000 03:00001A2B 00000000     0        0 0 3 0
   5: 00000000000000000000000000000000:7530 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 4715 1
short
`
	for _, tt := range []struct {
		port   int
		want   bool
		reason string
	}{
		{8080, true, "the router's own pages"},
		{8888, true, "at one address is enough"},
		{18732, false, "the bridge itself; those who have been there are none who listen"},
		{20000, false, "who calls is none who listens"},
		{30000, true, "by IPv6"},
		{18733, false, "nobody"},
	} {
		if got, err := othersListen(strings.NewReader(table), tt.port, 18732); got != tt.want || err != nil {
			t.Errorf("%d, %s: %v, %v; want %v", tt.port, tt.reason, got, err, tt.want)
		}
	}
}

// TestCheckPort looks at a port that this test itself has.
func TestCheckPort(t *testing.T) {
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	other := "nobody"
	if me.Username == other {
		other = "root"
	}
	for _, address := range []string{"127.0.0.1:0", "[::]:0"} {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		u := &UCI{Port: l.Addr().(*net.TCPAddr).Port}
		want := fmt.Sprintf("option port: another program uses %d;", u.Port)
		if err := u.CheckPort(other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
		if err := u.CheckPort(me.Username); err != nil {
			t.Errorf("%s, the bridge's own: %v", address, err)
		}
		l.Close()
		if err := u.CheckPort(other); err != nil {
			t.Errorf("%s is free: %v", address, err)
		}
	}
	if err := (&UCI{}).CheckPort("no such user"); err == nil || os.IsNotExist(err) {
		t.Errorf("a user who is not there: %v", err)
	}
}
