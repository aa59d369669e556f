//go:build integration

package integration

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestElsewhere is a bridge on a rented server, with a public address, and a
// camera at home, behind a router that hides it.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	s := &site{router: &router{t, t.TempDir()}}
	for _, host := range []string{"server", "home", "camera"} {
		s.space(host)
	}
	s.ip("home", "link add lan type veth peer name eth0 netns "+space("camera"))
	s.ip("home", "link add wan type veth peer name eth0 netns "+space("server"))
	for _, l := range []struct{ host, device, address string }{
		{"home", "lan", "192.168.1.1/24"}, {"camera", "eth0", "192.168.1.21/24"},
		{"home", "wan", "93.184.215.1/24"}, {"server", "eth0", elsewhere + "/24"},
	} {
		s.ip(l.host, "address add "+l.address+" dev "+l.device)
		s.ip(l.host, "link set "+l.device+" up")
	}
	s.ip("camera", "route add default via 192.168.1.1")
	s.must("home", "/bin/sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
	s.must("home", tool(t, "nft"), `table ip nat { chain out { type nat hook postrouting priority srcnat; oifname "wan" masquerade; }; }`)

	file := s.at("config.toml")
	photos := s.at("photos")
	if err := os.Mkdir(photos, 0o755); err != nil {
		t.Fatal(err)
	}
	s.write("config.toml", "UPLOAD_FOLDER = \"photos\"\nLISTEN = \":80\"\n")
	for _, args := range [][]string{
		{"config", "--check", file}, {"serve", "--config", file}, {"serve", "--listen", ":80"},
	} {
		// One that is not refused would run for ever.
		cmd := s.in("server", append([]string{tool(t, "timeout"), "60", program}, args...)...)
		cmd.Dir = t.TempDir()
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "reachable from the Internet at "+elsewhere+", and SENDERS is not set") {
			t.Errorf("%q: %v\n%s; want it refused", args, err, out)
		}
	}

	s.write("config.toml", "UPLOAD_FOLDER = \"photos\"\nLISTEN = \":80\"\nSENDERS = [\"me@example.org\"]\n")
	if out := s.must("server", program, "config", "--check", file); strings.Contains(out, "warning") {
		t.Errorf("with SENDERS it says\n%s", out)
	}
	d := follow(t, s.in("server", program, "serve", "--config", file))
	d.line("msg=ready")
	for _, args := range []string{"--email me@example.org", "--site facebook"} {
		for sender, welcome := range map[string]bool{"me@example.org": true, "stranger@example.org": false} {
			send := append([]string{program, "simulate", "--to", elsewhere + ":80", "--sender", sender, "--size", "300000"}, strings.Fields(args)...)
			if out, err := s.in("camera", send...).CombinedOutput(); (err == nil) != welcome {
				t.Errorf("%s: %s: %v, want it taken: %v\n%s", sender, args, err, welcome, out)
			}
		}
	}
	eventually(t, func() error {
		if n := len(visible(photos)); n != 2 {
			return fmt.Errorf("%d photos are stored, want 2", n)
		}
		return nil
	})
	d.stop()

	// What is lost: cameras are not told apart by their hardware addresses.
	s.write("config.toml", s.read("config.toml")+"CAMERA_MACS = [\"00:16:6c:12:34:56\"]\n")
	if out := s.must("server", program, "config", "--check", file); !strings.Contains(out, "CAMERA_MACS") {
		t.Errorf("of CAMERA_MACS it says\n%s", out)
	}
}
