//go:build integration

package integration

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// TestDebian installs the package on a bare Debian, does what systemd does for
// its service, photographs, and purges it. The oldest is that of the USB sticks
// with a SIM card, whose vendor's kernel cannot redirect by nftables, and whose
// hotspot has an address of its own.
func TestDebian(t *testing.T) {
	t.Parallel()
	t.Run("12", func(t *testing.T) { onDebian(t, "bookworm", "10.42.0", false) })
	t.Run("11, a stick", func(t *testing.T) { onDebian(t, "bullseye", "192.168.79", true) })
}

func onDebian(t *testing.T, release, network string, iptables bool) {
	out := t.TempDir()
	if b, err := exec.Command("go", "run", "../mkipk", "-out", out, "-only", runtime.GOARCH, "deb").CombinedOutput(); err != nil {
		t.Fatalf("mkipk: %v\n%s", err, b)
	}
	debs, _ := filepath.Glob(filepath.Join(out, "*.deb"))
	if len(debs) != 1 {
		t.Fatalf("mkipk made %q", debs)
	}
	d := newDebian(t, release, network)
	if iptables {
		d.write("/usr/sbin/nft", "#!/bin/sh\necho 'Error: Could not process rule: Operation not supported' >&2\nexit 1\n")
	}
	d.copy(debs[0], "/snsbridge.deb", 0o644)
	before := d.files()

	d.run("dpkg", "--install", "/snsbridge.deb")
	for _, f := range []struct {
		name, owner string
		mode        fs.FileMode
	}{
		{"/usr/bin/snsbridge", "root:root", 0o755},
		{"/etc/snsbridge/config.toml", "root:snsbridge", 0o640},
		{"/etc/systemd/system/multi-user.target.wants/snsbridge.service", "root:root", 0o777 | fs.ModeSymlink},
	} {
		info, err := os.Lstat(d.at(f.name))
		if err != nil {
			t.Fatal(err)
		}
		if owner := d.run("stat", "-c", "%U:%G", f.name); owner != f.owner || info.Mode() != f.mode {
			t.Errorf("%s is %s, %v, want %s, %v", f.name, owner, info.Mode(), f.owner, f.mode)
		}
	}
	d.verify()

	d.start()
	// A camera knows the hotspot as its gateway, and the address by its name.
	d.become("camera", "www.ospserver.net", vip)
	if err := d.photographs("camera", vip+":80", "of Debian"); err != nil {
		t.Error(err)
	}
	d.outsiders(t, network)
	photo, spool := "/var/lib/snsbridge/photos", "/var/lib/snsbridge/spool/items"
	eventually(t, func() error {
		found := visible(d.at(photo))
		if len(found) != 1 {
			return os.ErrNotExist
		}
		photo = strings.TrimPrefix(found[0], d.root)
		return nil
	})
	d.stop()

	d.run("dpkg", "--remove", "snsbridge")
	if d.read("/etc/snsbridge/config.toml") == "" {
		t.Error("removing lost the settings")
	}
	if said := d.run("dpkg", "--purge", "snsbridge"); !strings.Contains(said, "photos are still in") {
		t.Errorf("purging does not tell of the photos:\n%s", said)
	}
	for _, name := range without(d.files(), before) {
		// What cannot be a photo is gone, what can be one is root's.
		kept := strings.HasPrefix(photo, name) || strings.HasPrefix(name, spool) || strings.HasPrefix(spool, name)
		if !kept && !ofDebian.MatchString(name) {
			t.Errorf("%s is left", name)
		}
		if owner := d.run("stat", "-c", "%U:%G", name); kept && owner != "root:root" {
			t.Errorf("%s is %s's", name, owner)
		}
	}
	for _, file := range []string{"/etc/passwd", "/etc/group"} {
		if strings.Contains(d.read(file), "snsbridge") {
			t.Errorf("the user is left in %s", file)
		}
	}
}

// ofDebian is what dpkg, adduser and systemd-analyze keep to themselves.
var ofDebian = regexp.MustCompile(`^/(var/(lib/dpkg|log|cache)/|run/systemd/|etc/(sub)?(passwd|group|shadow|gshadow|uid|gid)-?$|etc/\.pwd\.lock$)`)

// outsiders shows that by another network, and past the hotspot's own address,
// nobody comes in; and that a hotspot which is off is another network.
func (d *debian) outsiders(t *testing.T, network string) {
	if !d.knock("camera", network+".1", 18732) {
		t.Error("the hotspot's own address does not answer")
	}
	for _, address := range []string{"172.30.0.1", vip} {
		if d.knock("stranger", address, 18732) || d.knock("stranger", address, 80) {
			t.Errorf("%s answers to another network", address)
		}
	}
	pid := d.read(hotspotPID)
	os.Remove(d.at(hotspotPID))
	d.run("/usr/lib/snsbridge/network", "up")
	if d.knock("camera", network+".1", 18732) {
		t.Error("cameras are let in by a connection that is not shared any more")
	}
	d.write(hotspotPID, pid)
	d.run("/usr/lib/snsbridge/network", "up")
	if !d.knock("camera", network+".1", 18732) {
		t.Error("the hotspot that is up again is not let in")
	}
}

// hotspotPID is where NetworkManager has the process of a hotspot's dnsmasq.
const hotspotPID = "/run/nm-dnsmasq-hotspot.pid"

// debian is a Debian whose hotspot has one camera.
type debian struct {
	site
}

func newDebian(t *testing.T, release, network string) *debian {
	t.Helper()
	d := &debian{site: site{router: &router{t, t.TempDir()}}}
	cmd := exec.Command(tool(t, "debootstrap"), "--variant=minbase", "--include=ca-certificates,init-system-helpers,nftables,iptables,systemd", release, d.root)
	t.Cleanup(func() { // what it mounts while it works
		for _, name := range []string{"proc", "sys"} {
			syscall.Unmount(d.at(name), syscall.MNT_DETACH)
		}
	})
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	d.mount("proc", "/proc", "proc", 0)
	for _, host := range []string{"debian", "camera", "stranger"} {
		d.space(host)
	}
	for device, l := range map[string]struct{ host, network string }{"hotspot": {"camera", network}, "uplink": {"stranger", "172.30.0"}} {
		d.ip("debian", "link add "+device+" type veth peer name eth0 netns "+space(l.host))
		d.ip("debian", "address add "+l.network+".1/24 dev "+device)
		d.ip("debian", "link set "+device+" up")
		d.ip(l.host, "address add "+l.network+".21/24 dev eth0")
		d.ip(l.host, "link set eth0 up")
		d.ip(l.host, "route add default via "+l.network+".1")
	}
	d.resolver("camera", network+".1")
	return d
}

// inside is a command of Debian's root.
func (d *debian) inside(args ...string) *exec.Cmd {
	cmd := d.in("debian", append([]string{tool(d.tb, "chroot"), d.root, "/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive"}, args...)...)
	cmd.SysProcAttr = withTests
	return cmd
}

func (d *debian) run(args ...string) string {
	d.tb.Helper()
	out, err := d.inside(args...).CombinedOutput()
	if err != nil {
		d.tb.Fatalf("%q: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// unit returns the values of a setting of the service.
func (d *debian) unit(setting string) (values []string) {
	for line := range strings.Lines(d.read("/usr/lib/systemd/system/snsbridge.service")) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), setting+"="); ok {
			values = append(values, v)
		}
	}
	return values
}

// verify has systemd look at the service. That of Debian 11 wants to see control
// groups.
func (d *debian) verify() {
	d.tb.Helper()
	for _, m := range [][2]string{{"sysfs", "/sys"}, {"cgroup2", "/sys/fs/cgroup"}} {
		if err := syscall.Mount(m[0], d.at(m[1]), m[0], 0, ""); err != nil {
			d.tb.Fatal(err)
		}
	}
	defer syscall.Unmount(d.at("/sys"), syscall.MNT_DETACH)
	d.run("systemd-analyze", "verify", "snsbridge.service")
}

// start is systemd, for which a plus makes a command root's, and
// NetworkManager's name server.
func (d *debian) start() {
	d.tb.Helper()
	for setting, below := range map[string]string{"StateDirectory": "/var/lib/", "RuntimeDirectory": "/run/"} {
		for name := range strings.FieldsSeq(d.unit(setting)[0]) {
			d.run("install", "-d", "-o", "snsbridge", "-g", "snsbridge", below+name)
		}
	}
	names := filepath.Join(d.tb.TempDir(), "names")
	settings := strings.ReplaceAll(d.read("/etc/NetworkManager/dnsmasq-shared.d/snsbridge.conf"), "=/", "="+d.root+"/")
	if err := os.WriteFile(names, []byte(settings), 0o644); err != nil {
		d.tb.Fatal(err)
	}
	d.names = d.background("debian", tool(d.tb, "dnsmasq"), "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file="+names, "--pid-file="+d.at(hotspotPID), "--user=root")
	eventually(d.tb, func() error {
		_, err := os.Stat(d.at(hotspotPID))
		return err
	})
	for _, command := range d.unit("ExecStartPre") {
		d.run(strings.Fields(strings.TrimPrefix(command, "+"))...)
	}
	as := []string{"setpriv", "--reuid=" + d.unit("User")[0], "--regid=" + d.unit("User")[0], "--clear-groups", "--no-new-privs", "--bounding-set=-all"}
	d.daemon = follow(d.tb, d.inside(append(as, strings.Fields(d.unit("ExecStart")[0])...)...))
	d.daemon.line("msg=ready")
}

func (d *debian) stop() {
	d.tb.Helper()
	if code := d.daemon.stop(); code != 0 {
		d.tb.Errorf("it ended with status %d", code)
	}
	for _, command := range d.unit("ExecStopPost") {
		d.run(strings.Fields(strings.TrimPrefix(command, "+"))...)
	}
	d.run("rm", "-r", "/run/snsbridge")
	end(d.names, syscall.SIGTERM)
	for _, table := range []string{"nat", "filter"} {
		if rules := d.run("iptables", "-w", "-t", table, "-S"); strings.Contains(rules, "snsbridge") {
			d.tb.Errorf("the firewall still has\n%s", rules)
		}
	}
	if rules := d.must("debian", tool(d.tb, "nft"), "list", "ruleset"); strings.Contains(rules, "snsbridge") {
		d.tb.Errorf("the firewall still has\n%s", rules)
	}
}
