//go:build integration

package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const vip = "10.23.42.99"

// TestHotspot is a router's life: installed, started, photographed by, with
// dnsmasq and firewall restarted under it, and stopped.
func TestHotspot(t *testing.T) {
	s := newSite(t)
	s.install(tool(t, "nft")) // for the doctor

	// As it is without us.
	for _, host := range []string{"camera", "phone", "guest"} {
		s.become(host, "www.ospserver.net", elsewhere)
	}
	rules := s.must("router", tool(t, "nft"), "list", "ruleset")
	files := s.files()

	s.init("start")
	for _, host := range []string{"camera", "phone", "guest"} {
		s.become(host, "www.ospserver.net", vip)
		s.become(host, "WWW.OspServer.NET", vip)
	}
	t.Run("cameras", func(t *testing.T) {
		for i, host := range []string{"camera", "guest"} {
			// By the name, as a camera does, and by the address.
			for j, to := range []string{"www.ospserver.net:80", vip + ":80"} {
				if err := s.photographs(host, to, fmt.Sprint("from ", host, j)); err != nil {
					t.Errorf("%s cannot send to %s: %v", host, to, err)
				}
				s.stored(t, 2*i+j+1)
			}
		}
		// What asks for TLS is recorded: it may be a camera nobody has seen.
		hello, err := os.Open("../wire/testdata/hello/tls10-without-extensions.bin")
		if err != nil {
			t.Fatal(err)
		}
		defer hello.Close()
		cmd := s.in("camera", tool(t, "busybox"), "nc", "-w", "5", vip, "443")
		cmd.Stdin = hello
		cmd.Run()
		s.daemon.line("captured a connection", "192.168.8.21", "TLS")
	})
	t.Run("no IPv6", s.noIPv6)
	t.Run("doctor", s.doctor)
	t.Run("others", s.others)
	t.Run("the Internet", s.stranger)

	t.Run("dnsmasq restarts", func(t *testing.T) {
		s.startNames()
		s.become("camera", "gld.samsungosp.com", vip)
	})
	t.Run("the firewall restarts", func(t *testing.T) {
		s.firewall()
		if err := s.photographs("camera", "www.ospserver.net:80", "again"); err != nil {
			t.Error(err)
		}
	})
	t.Run("the bridge dies", func(t *testing.T) {
		s.daemon.kill()
		s.daemon = nil
		s.run(s.service) // procd starts it again
		if err := s.photographs("camera", "www.ospserver.net:80", "and again"); err != nil {
			t.Error(err)
		}
	})
	t.Run("a second lock", s.secondLock)
	t.Run("known cameras", s.known)
	t.Run("fewer networks", func(t *testing.T) {
		s.uci("config snsbridge 'main'\n\toption network 'lan'")
		s.init("reload")
		if s.knock("guest", vip, 80) {
			t.Error("guests still reach the bridge")
		}
		if err := s.photographs("camera", "www.ospserver.net:80", "of the lan"); err != nil {
			t.Error(err)
		}
	})

	s.init("stop")
	for _, host := range []string{"camera", "phone", "guest"} {
		s.become(host, "www.ospserver.net", elsewhere)
		if s.knock(host, vip, 80) {
			t.Errorf("%s still reaches %s", host, vip)
		}
	}
	if s.knock("camera", "192.168.8.1", 18732) {
		t.Error("the port is still open")
	}
	if got := s.must("router", tool(t, "nft"), "list", "ruleset"); got != rules {
		t.Errorf("the firewall is\n%s\nand was\n%s", got, rules)
	}
	for _, name := range without(s.files(), files) {
		ofOwner := strings.HasPrefix(name, "/etc/snsbridge") // tokens, and the PIN of the phone page
		if !ofOwner && !strings.HasPrefix(name, "/tmp/snsbridge") && name != "/tmp/etc" && name != "/tmp/run" {
			t.Errorf("%s is left", name)
		}
	}
}

// stored waits until so many photos are in the photo folder.
func (s *site) stored(t *testing.T, want int) {
	t.Helper()
	eventually(t, func() error {
		if n := s.photos(); n != want {
			return fmt.Errorf("%d photos are stored, want %d", n, want)
		}
		return nil
	})
}

// noIPv6 shows that a client that asks for IPv6 as well neither learns the
// address of who has the name now, nor waits for the Internet.
func (s *site) noIPv6(t *testing.T) {
	ask := func(name string) string {
		out, _ := s.in("phone", tool(t, "busybox"), "nslookup", "-type=aaaa", name, "192.168.8.1").CombinedOutput()
		return string(out)
	}
	if got := ask("example.org"); !strings.Contains(got, "2606:2800:21f::1") {
		t.Errorf("of another name it is told\n%s", got)
	}
	for _, uplink := range []string{"up", "down"} {
		s.ip("internet", "link set eth0 "+uplink)
		for _, name := range []string{"www.msn.com", "camera.lan"} {
			got := ask(name)
			_, answer, ok := strings.Cut(got, "answer:")
			if !ok || strings.TrimSpace(answer) != "" {
				t.Errorf("the uplink is %s: of %s it is told\n%s\nwant an empty answer", uplink, name, got)
			}
		}
	}
	if got := ask("another.example.org"); !strings.Contains(got, "timed out") {
		t.Errorf("the uplink is not down:\n%s", got)
	}
	s.ip("internet", "link set eth0 up")
	s.ip("internet", "route replace default via 100.64.0.1")
}

// doctor shows what can be seen of the redirect: its rule by root, and by
// others that somebody came by it.
func (s *site) doctor(t *testing.T) {
	inside := s.must("router", tool(t, "chroot"), s.root, "/usr/bin/snsbridge", "status", "--json")
	if !strings.Contains(strings.Join(strings.Fields(inside), ""), `"redirected":{"client":"192.168.9.21"`) {
		t.Errorf("who came by the address is not told:\n%s", inside)
	}
	ask := func() string {
		out, _ := s.in("router", tool(t, "chroot"), s.root, "/bin/sh", "-c", "PATH=/usr/sbin:/usr/bin:/bin snsbridge doctor").CombinedOutput()
		return flat(string(out))
	}
	for _, want := range []string{
		"Address that nobody has: " + vip + " is in no network", "Address for cameras: the firewall brings port 80 of " + vip + " to the bridge",
		"Names service: dnsmasq", "www.ospserver.net: is " + vip,
	} {
		if said := ask(); !strings.Contains(said, want) {
			t.Errorf("want %q in\n%s", want, said)
		}
	}
	defer s.firewall()
	s.must("router", tool(t, "nft"), "flush", "ruleset")
	s.must("router", tool(t, "nft"), "add", "table", "inet", "other")
	if said := ask(); !strings.Contains(said, "the firewall does not bring port 80") {
		t.Errorf("without the rule it says\n%s", said)
	}
}

// others shows that nobody else notices: other names, other pages, the
// router's own page on the port that cameras use.
func (s *site) others(t *testing.T) {
	for _, host := range []string{"camera", "phone", "guest"} {
		s.become(host, "example.org", elsewhere)
		s.become(host, "ospserver.net", elsewhere) // a name above ours is not ours
	}
	for name, want := range map[string]string{
		"192.168.8.1": "the router's own page",
		"example.org": "a page of the Internet",
		elsewhere:     "a page of the Internet",
	} {
		if got, err := s.get("phone", name, 80); got != want {
			t.Errorf("%s has %q, want %q; %v", name, got, want, err)
		}
	}
	if got, err := s.get("phone", vip, 80); err != nil || strings.Contains(got, "own page") {
		t.Errorf("%s has %q, want what the bridge has for people; %v", vip, got, err)
	}
	if s.knock("guest", "192.168.9.1", 18732) || s.knock("guest", "192.168.9.1", 80) {
		t.Error("guests reach the router itself")
	}
}

// stranger shows that from the Internet nothing is to be had.
func (s *site) stranger(t *testing.T) {
	for _, address := range []string{"100.64.0.1", "192.168.8.1", "192.168.9.1", vip} {
		for _, port := range []int{80, 443, 18732, 53} {
			if s.knock("internet", address, port) {
				t.Errorf("port %d of %s answers to the Internet", port, address)
			}
		}
	}
	if got, err := s.resolve("internet", "www.ospserver.net", "100.64.0.1"); err == nil {
		t.Errorf("the Internet is told that www.ospserver.net is %s", got)
	}
}

// known lets one camera in by its hardware address, written as no kernel does.
func (s *site) known(t *testing.T) {
	settings := s.read("/etc/config/snsbridge")
	defer func() {
		s.write("/etc/config/snsbridge", settings)
		s.init("reload")
	}()
	mac := func(host string) string { return strings.TrimSpace(s.must(host, "cat", "/sys/class/net/eth0/address")) }
	s.uci("config cameras 'cameras'\n\tlist mac '" + strings.ToUpper(strings.ReplaceAll(mac("camera"), ":", "-")) + "'")
	s.init("reload")
	before := s.photos()
	for _, host := range []string{"phone", "guest"} {
		if err := s.photographs(host, "www.ospserver.net:80", "of a stranger"); err == nil {
			t.Errorf("%s can send", host)
		}
		if page, err := s.get(host, vip, 80); err != nil {
			t.Errorf("%s does not see the page any more: %v", host, err)
		} else if !strings.Contains(page, "snsbridge") {
			t.Errorf("%s sees %q", host, page)
		}
	}
	for _, host := range []string{"camera", "router"} {
		to := map[string]string{"camera": "www.ospserver.net:80", "router": "127.0.0.1:18732"}[host]
		if err := s.photographs(host, to, "of one that is known"); err != nil {
			t.Error(err)
		}
	}
	s.stored(t, before+2)
	status := s.must("router", tool(t, "chroot"), s.root, "/usr/bin/snsbridge", "status")
	for _, want := range []string{"192.168.8.21 (" + mac("camera") + ")", "192.168.8.22 (" + mac("phone") + ")", "192.168.9.21 (" + mac("guest") + ")"} {
		if !strings.Contains(status, want) {
			t.Errorf("status lacks %s:\n%s", want, status)
		}
	}
}

// secondLock shows what happens without a firewall, which also shows that the
// stranger could have come in.
func (s *site) secondLock(t *testing.T) {
	s.must("router", tool(t, "nft"), "flush", "ruleset")
	defer s.firewall()
	if !s.knock("internet", "100.64.0.1", 18732) {
		t.Error("a port without firewall cannot be reached: then the test of the firewall shows nothing")
	}
	if got, err := s.get("internet", "100.64.0.1", 18732); err == nil {
		t.Errorf("the bridge tells the Internet %q", got)
	}
	s.daemon.line("refused a connection", "100.64.0.2")
	if _, err := s.get("phone", "192.168.8.1", 18732); err != nil {
		t.Errorf("and the phone cannot see it: %v", err)
	}
}

// TestHotspotStick: photos go to the stick; when it is pulled out they go into
// memory; when it is in again those in memory follow.
func TestHotspotStick(t *testing.T) {
	s := newSite(t)
	const point = "/mnt/sda1"
	if err := os.MkdirAll(s.at(point), 0o755); err != nil {
		t.Fatal(err)
	}
	plug := func() {
		s.mount("/dev/sda1", point, "tmpfs", 0) // by its name a stick
	}
	photos := func(folder string, want int) {
		t.Helper()
		eventually(t, func() error {
			found, err := filepath.Glob(s.at(folder) + "/*/*.JPG")
			if err == nil && len(found) != want {
				err = fmt.Errorf("%s has the photos %v, want %d", folder, found, want)
			}
			return err
		})
	}
	plug()
	s.init("start")
	s.become("camera", "www.ospserver.net", vip)
	if err := s.photographs("camera", "www.ospserver.net:80", "onto the stick"); err != nil {
		t.Fatal(err)
	}
	photos(point+"/snsbridge", 1)

	s.daemon.stop() // a stick that is in use cannot be pulled out, here
	s.daemon = nil
	if err := syscall.Unmount(s.at(point), 0); err != nil {
		t.Fatal(err)
	}
	s.init("reload")
	if err := s.photographs("camera", "www.ospserver.net:80", "into memory"); err != nil {
		t.Fatal(err)
	}
	photos("/tmp/snsbridge", 1)
	if entries, _ := os.ReadDir(s.at(point)); len(entries) > 0 {
		t.Errorf("%s was written where no stick is", entries[0].Name())
	}

	plug() // an empty one
	s.init("reload")
	photos(point+"/snsbridge", 1)
	photos("/tmp/snsbridge", 0)
	if items, err := os.ReadDir(s.at(point + "/snsbridge/.spool/items")); err != nil || len(items) != 1 {
		t.Errorf("the item did not follow: %v, %v", items, err)
	}
}
