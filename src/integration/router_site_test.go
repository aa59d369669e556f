//go:build integration

package integration

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// site is a router with real networks around it, each in a network namespace:
// cameras, a phone, guests, and the Internet. Names are answered by the real
// dnsmasq, packets are let through by the real nftables. The test is procd and
// firewall4, and does nothing that the init script has not asked for.
type site struct {
	*router
	service *service
	daemon  *daemon   // nil: none runs
	names   *exec.Cmd // dnsmasq
}

// links are the wires of the router: who is at the other end.
var links = []struct{ host, address, gateway, device string }{
	{"camera", "192.168.8.21/24", "192.168.8.1", "lan0"},
	{"phone", "192.168.8.22/24", "192.168.8.1", "lan1"},
	{"guest", "192.168.9.21/24", "192.168.9.1", "guest0"},
	{"internet", "100.64.0.2/24", "100.64.0.1", "wan0"},
}

// elsewhere is where all other names lead: to a web server of the Internet.
// Addresses for examples will not do, dnsmasq takes them for an attack.
const elsewhere = "93.184.215.14"

// space returns a namespace's name, of which there is no second on the machine.
func space(host string) string { return fmt.Sprintf("snsbridge-%d-%s", os.Getpid(), host) }

func newSite(tb testing.TB) *site {
	tb.Helper()
	s := &site{router: newRouter(tb)}
	os.Chmod(filepath.Dir(s.root), 0o755) // or dnsmasq's user could not even come near
	s.space("router")
	s.ip("router", "link add br-lan type bridge")
	for _, l := range links {
		s.space(l.host)
		s.ip("router", fmt.Sprintf("link add %s type veth peer name eth0 netns %s", l.device, space(l.host)))
		if strings.HasPrefix(l.device, "lan") {
			s.ip("router", "link set "+l.device+" master br-lan")
		}
		s.ip("router", "link set "+l.device+" up")
	}
	for device, address := range map[string]string{"br-lan": "192.168.8.1/24", "guest0": "192.168.9.1/24", "wan0": "100.64.0.1/24"} {
		s.ip("router", "address add "+address+" dev "+device)
		s.ip("router", "link set "+device+" up")
	}
	for _, l := range links {
		s.ip(l.host, "address add "+l.address+" dev eth0")
		s.ip(l.host, "link set eth0 up")
		s.ip(l.host, "route add default via "+l.gateway)
		s.resolver(l.host, l.gateway)
	}
	s.ip("router", "route add default via 100.64.0.2")
	s.ip("internet", "address add "+elsewhere+"/32 dev lo")
	s.must("router", "/bin/sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
	s.website("router", "0.0.0.0", "the router's own page")
	s.website("internet", elsewhere, "a page of the Internet")
	s.background("internet", tool(tb, "dnsmasq"), "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
		"--pid-file=", "--address=/#/"+elsewhere, "--address=/#/2606:2800:21f::1", "--listen-address=100.64.0.2", "--bind-interfaces")
	s.startNames()
	s.firewall()
	return s
}

// space makes a namespace that is gone after the test.
func (s *site) space(host string) {
	s.tb.Helper()
	ip := tool(s.tb, "ip")
	if out, err := exec.Command(ip, "netns", "add", space(host)).CombinedOutput(); err != nil {
		s.tb.Fatalf("cannot make a network namespace, which needs root: %v\n%s", err, out)
	}
	s.tb.Cleanup(func() { exec.Command(ip, "netns", "delete", space(host)).Run() })
	s.ip(host, "link set lo up")
}

// ip sets something up in a namespace.
func (s *site) ip(host, command string) {
	s.tb.Helper()
	args := append([]string{"-n", space(host)}, strings.Fields(command)...)
	if out, err := exec.Command(tool(s.tb, "ip"), args...).CombinedOutput(); err != nil {
		s.tb.Fatalf("%s: ip %s: %v\n%s", host, command, err, out)
	}
}

// resolver tells the programs of a namespace whom to ask for names; ip netns
// exec shows them that file.
func (s *site) resolver(host, address string) {
	s.tb.Helper()
	dir := filepath.Join("/etc/netns", space(host))
	_, err := os.Stat("/etc/netns")
	first := errors.Is(err, fs.ErrNotExist)
	s.tb.Cleanup(func() {
		os.RemoveAll(dir)
		if first {
			os.Remove("/etc/netns")
		}
	})
	err = os.MkdirAll(dir, 0o755)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "resolv.conf"), []byte("nameserver "+address+"\noptions timeout:3 attempts:2\n"), 0o644)
	}
	if err != nil {
		s.tb.Fatal(err)
	}
}

// in makes a command that runs in a namespace.
func (s *site) in(host string, args ...string) *exec.Cmd {
	return exec.Command(tool(s.tb, "ip"), append([]string{"netns", "exec", space(host)}, args...)...)
}

func (s *site) must(host string, args ...string) string {
	s.tb.Helper()
	out, err := s.in(host, args...).CombinedOutput()
	if err != nil {
		s.tb.Fatalf("%s: %q: %v\n%s", host, args, err, out)
	}
	return string(out)
}

// background runs a server until the test ends.
func (s *site) background(host string, args ...string) *exec.Cmd {
	s.tb.Helper()
	cmd := s.in(host, args...)
	if err := cmd.Start(); err != nil {
		s.tb.Fatal(err)
	}
	s.tb.Cleanup(func() { end(cmd, syscall.SIGKILL) })
	return cmd
}

// end ends what runs. ip netns exec becomes the program: the process is it.
func end(cmd *exec.Cmd, signal syscall.Signal) {
	if cmd != nil && cmd.ProcessState == nil {
		cmd.Process.Signal(signal)
		cmd.Wait()
	}
}

func (s *site) website(host, address, page string) {
	s.tb.Helper()
	dir := s.tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), []byte(page), 0o644); err != nil {
		s.tb.Fatal(err)
	}
	s.background(host, tool(s.tb, "busybox"), "httpd", "-f", "-p", address+":80", "-h", dir)
}

// startNames runs dnsmasq with what OpenWrt's init script always writes into
// its settings, as far as it matters here.
func (s *site) startNames() {
	s.tb.Helper()
	end(s.names, syscall.SIGTERM)
	const confDir = "/tmp/dnsmasq.cfg01411c.d"
	for _, dir := range []string{"/tmp/hosts", confDir, "/tmp/etc"} {
		os.Mkdir(s.at(dir), 0o755)
	}
	s.write("/tmp/etc/dnsmasq.conf.cfg01411c", "domain-needed\nconf-dir="+confDir+"\n")
	s.names = s.background("router", tool(s.tb, "dnsmasq"), "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
		"--pid-file=", "--user=nobody", "--addn-hosts="+s.at("/tmp/hosts"), "--conf-dir="+s.at(confDir), "--server=100.64.0.2",
		"--bogus-priv", "--stop-dns-rebind", "--domain-needed", "--localise-queries")
	eventually(s.tb, func() error {
		_, err := s.resolve("router", "example.org", "127.0.0.1")
		return err
	})
}

// init runs the init script and does what it asks for.
func (s *site) init(action string) {
	s.tb.Helper()
	said := s.router.init(action)
	if said.service != nil {
		s.run(said.service)
	}
	if said.has("procd_kill", "snsbridge") {
		s.run(&service{})
	}
	if said.has("dnsmasq", "restart") {
		s.startNames()
	}
	if said.has("procd_send_signal", "dnsmasq") {
		s.names.Process.Signal(syscall.SIGHUP)
	}
	if said.has("procd_set_config_changed", "firewall") {
		s.firewall()
	}
}

// run is procd.
func (s *site) run(svc *service) {
	s.tb.Helper()
	if s.daemon != nil {
		s.daemon.stop()
	}
	s.service, s.daemon = svc, nil
	if svc.instance == nil {
		return
	}
	if user := strings.Join(svc.instance["user"], ""); user != "snsbridge" || strings.Join(svc.instance["no_new_privs"], "") != "1" {
		s.tb.Errorf("it is to run as %q, no_new_privs %q", user, svc.instance["no_new_privs"])
	}
	id := fmt.Sprint(routerUser)
	args := append([]string{tool(s.tb, "env"), "-i"}, svc.instance["env"]...)
	args = append(args, tool(s.tb, "setpriv"), "--no-new-privs", tool(s.tb, "chroot"), "--userspec="+id+":"+id, s.root)
	d := follow(s.tb, s.in("router", append(args, svc.instance["command"]...)...))
	d.line("msg=ready")
	s.daemon = d
}

// resolve asks for a name as a host would, or asks a server.
func (s *site) resolve(host, name, server string) (string, error) {
	args := []string{tool(s.tb, "busybox"), "nslookup", "-type=a", name}
	if server != "" {
		args = append(args, server)
	}
	out, err := s.in(host, args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s asks for %s: %w\n%s", host, name, err, out)
	}
	var found []string
	for line := range strings.Lines(string(out)) {
		if a, ok := strings.CutPrefix(line, "Address: "); ok {
			found = append(found, strings.TrimSpace(a))
		}
	}
	return strings.Join(found, " "), nil
}

// get fetches a page as a browser would, and returns what is below the head.
func (s *site) get(host, name string, port int) (string, error) {
	address := name
	if name[0] > '9' {
		var err error
		if address, err = s.resolve(host, name, ""); err != nil {
			return "", err
		}
	}
	cmd := s.in(host, tool(s.tb, "busybox"), "nc", "-w", "5", address, fmt.Sprint(port))
	cmd.Stdin = strings.NewReader("GET / HTTP/1.0\r\nHost: " + name + "\r\n\r\n")
	out, err := cmd.CombinedOutput()
	_, page, ok := strings.Cut(string(out), "\r\n\r\n")
	if !ok && err == nil {
		err = errors.New("it hangs up")
	}
	if err != nil {
		return "", fmt.Errorf("%s asks %s, port %d: %w", host, name, port, err)
	}
	return page, nil
}

// knock tells whether a port takes a connection.
func (s *site) knock(host, address string, port int) bool {
	cmd := s.in(host, tool(s.tb, "busybox"), "nc", "-w", "2", address, fmt.Sprint(port))
	return cmd.Run() == nil
}

// photographs sends a photo with the pretend camera, from a network to a name.
func (s *site) photographs(host, to, title string) error {
	out, err := s.in(host, program, "simulate", "--model", "NX300", "--to", to, "--email", "me@example.org", "--title", title, "--size", "300000").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", host, err, out)
	}
	return nil
}

// photos returns how many photos are in the photo folder.
func (s *site) photos() int {
	n := 0
	filepath.WalkDir(s.at("/tmp/snsbridge"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == ".spool" {
			return filepath.SkipDir
		}
		if err == nil && strings.HasSuffix(path, ".JPG") {
			n++
		}
		return nil
	})
	return n
}

// become waits until a name leads to an address.
func (s *site) become(host, name, want string) {
	s.tb.Helper()
	limit := time.Now().Add(patience)
	got, err := "", error(nil)
	for time.Now().Before(limit) {
		if got, err = s.resolve(host, name, ""); got == want {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.tb.Fatalf("for %s %s is %q, want %s; %v", host, name, got, want, err)
}
