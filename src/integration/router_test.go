//go:build integration

package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// router is a folder that is the root of a router's file system: busybox, the
// program, the package's own files, and a stand-in for rc.common.
type router struct {
	tb   testing.TB
	root string
}

const (
	routerUser  = 5187
	routerConf  = "/var/etc/snsbridge.toml"
	routerHosts = "/tmp/hosts/snsbridge"
)

// tool finds a program of the system, which may be where only root looks.
func tool(tb testing.TB, name string) string {
	tb.Helper()
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/bin", "/bin"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
			return filepath.Join(dir, name)
		}
	}
	tb.Fatalf("there is no %s: run install.sh", name)
	return ""
}

func newRouter(tb testing.TB) *router {
	tb.Helper()
	r := &router{tb, tb.TempDir()}
	// Only a mount point is seen as / by what is inside.
	r.mount(r.root, "/", "", syscall.MS_BIND)
	for _, dir := range []string{"bin", "dev", "etc/config", "etc/init.d", "mnt", "proc", "tmp", "usr/bin"} {
		if err := os.MkdirAll(r.at(dir), 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	r.mount("tmpfs", "/tmp", "tmpfs", 0)
	r.mount("proc", "/proc", "proc", 0)
	if err := syscall.Mknod(r.at("dev/null"), syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
		tb.Fatal(err)
	}
	os.Chmod(r.at("dev/null"), 0o666)
	os.Chmod(r.at("tmp"), 0o777|os.ModeSticky)
	for link, target := range map[string]string{"var": "tmp", "bin/sh": "busybox"} {
		if err := os.Symlink(target, r.at(link)); err != nil {
			tb.Fatal(err)
		}
	}
	r.copy(tool(tb, "busybox"), "/bin/busybox", 0o755)
	r.copy(program, "/usr/bin/snsbridge", 0o755)
	r.copy("testdata/router/rc.common", "/etc/rc.common", 0o755)
	r.copy("testdata/router/firewall", "/etc/config/firewall", 0o644)
	r.copy("testdata/router/network.json", "/network.json", 0o644)
	r.write("/etc/config/dhcp", "config dnsmasq\n\toption domainneeded '1'\n")
	r.write("/etc/init.d/dnsmasq", "#!/bin/sh\nprintf 'dnsmasq\\037%s\\037\\n' \"$1\" >>/calls\n") // is run by the test
	os.Chmod(r.at("/etc/init.d/dnsmasq"), 0o755)
	r.copy("../../files/etc/config/snsbridge", "/etc/config/snsbridge", 0o600)
	r.copy("../../files/etc/init.d/snsbridge", "/etc/init.d/snsbridge", 0o755)
	r.write("/service.json", "{}\n")
	r.write("/bin/ubus", "#!/bin/sh\ncat /network.json\n") // of those who are no shell script
	os.Chmod(r.at("/bin/ubus"), 0o755)
	r.write("/etc/passwd", fmt.Sprintf("root:x:0:0:root:/root:/bin/sh\nsnsbridge:x:%d:%[1]d::/var/run/snsbridge:/bin/false\n", routerUser))
	r.write("/etc/group", fmt.Sprintf("root:x:0:\nsnsbridge:x:%d:\n", routerUser))
	return r
}

// at returns where a file of the router is.
func (r *router) at(name string) string { return filepath.Join(r.root, name) }

// mount mounts something in the router until the test ends.
func (r *router) mount(source, name, fs string, flags uintptr) {
	r.tb.Helper()
	if err := syscall.Mount(source, r.at(name), fs, flags, ""); err != nil {
		r.tb.Fatalf("cannot mount %s, which needs root: %v", name, err)
	}
	r.tb.Cleanup(func() { syscall.Unmount(r.at(name), syscall.MNT_DETACH) })
}

func (r *router) copy(from, name string, mode os.FileMode) {
	r.tb.Helper()
	b, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(r.at(name), b, mode)
	}
	if err != nil {
		r.tb.Fatal(err)
	}
}

// install puts a program of this machine, with the libraries that it needs, into
// the router.
func (r *router) install(file string) {
	r.tb.Helper()
	libraries, err := exec.Command(tool(r.tb, "ldd"), file).Output()
	if err != nil {
		r.tb.Fatal(err)
	}
	for _, f := range append(strings.Fields(string(libraries)), file) {
		if !filepath.IsAbs(f) {
			continue
		}
		if err := os.MkdirAll(r.at(filepath.Dir(f)), 0o755); err != nil {
			r.tb.Fatal(err)
		}
		r.copy(f, f, 0o755)
	}
}

func (r *router) write(name, text string) {
	r.tb.Helper()
	if err := os.WriteFile(r.at(name), []byte(text), 0o644); err != nil {
		r.tb.Fatal(err)
	}
}

// uci appends to the settings, which an option or section that comes later
// overrides.
func (r *router) uci(text string) {
	r.tb.Helper()
	b := r.read("/etc/config/snsbridge")
	r.write("/etc/config/snsbridge", b+"\n"+text+"\n")
}

// read returns a file, "" if it is not there.
func (r *router) read(name string) string {
	r.tb.Helper()
	b, err := os.ReadFile(r.at(name))
	if err != nil && !os.IsNotExist(err) {
		r.tb.Fatal(err)
	}
	return string(b)
}

// files lists what is in the router, but for what the kernel shows.
func (r *router) files() []string {
	r.tb.Helper()
	var list []string
	err := filepath.WalkDir(r.root, func(path string, d os.DirEntry, err error) error {
		name := strings.TrimPrefix(path, r.root)
		if err != nil || name == "/proc" {
			return filepath.SkipDir
		}
		list = append(list, name)
		return nil
	})
	if err != nil {
		r.tb.Fatal(err)
	}
	return list
}

// said is what a run of the init script asked for.
type said struct {
	output  string     // of the script, and its log
	service *service   // nil: procd was told nothing of one
	told    [][]string // signals, events and the like, in their order
}

// service is what procd runs, and tells the firewall.
type service struct {
	instance  map[string][]string // nil: procd ends the one that runs
	redirects []map[string]string
	triggers  [][]string
}

// init runs the init script as root does, in the router's own shell.
func (r *router) init(action string) said {
	r.tb.Helper()
	return r.shell("/etc/rc.common", "/etc/init.d/snsbridge", action)
}

func (r *router) shell(args ...string) said {
	r.tb.Helper()
	os.Remove(r.at("/calls"))
	os.Remove(r.at("/log"))
	cmd := exec.Command("/bin/sh", args...)
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: r.root}
	out, err := cmd.CombinedOutput()
	s := said{output: string(out) + r.read("/log")}
	if err != nil {
		s.output += err.Error()
	}
	s.hear(r.tb, r.read("/calls"))
	os.Remove(r.at("/calls"))
	os.Remove(r.at("/log"))
	return s
}

// hear makes of the calls what the shell functions of OpenWrt make of them.
func (s *said) hear(tb testing.TB, calls string) {
	tb.Helper()
	var redirect map[string]string
	open := false // a service is being described
	for line := range strings.Lines(calls) {
		args := strings.Split(strings.TrimSuffix(line, "\x1f\n"), "\x1f")
		call, args := args[0], args[1:]
		switch call {
		case "procd_open_service":
			s.service, open = &service{}, true
		case "procd_close_service":
			open = false
		case "procd_open_instance":
			s.service.instance = map[string][]string{}
		case "procd_set_param", "procd_append_param":
			if call == "procd_set_param" {
				s.service.instance[args[0]] = nil
			}
			s.service.instance[args[0]] = append(s.service.instance[args[0]], args[1:]...)
		case "json_add_object":
			redirect = map[string]string{}
		case "json_add_string":
			redirect[args[0]] = args[1]
		case "json_close_object":
			s.service.redirects = append(s.service.redirects, redirect)
		case "procd_add_reload_trigger", "procd_add_raw_trigger":
			s.service.triggers = append(s.service.triggers, args)
		case "procd_send_signal", "procd_set_config_changed", "procd_kill", "ubus", "dnsmasq":
			if open {
				tb.Errorf("%s %q while the service is described: it would be forgotten, and the old one run on", call, args)
			}
			s.told = append(s.told, append([]string{call}, args...))
		}
	}
}

// has tells whether something was asked for.
func (s said) has(call ...string) bool {
	return slices.ContainsFunc(s.told, func(t []string) bool { return slices.Equal(t, call) })
}

// announced tells whether dnsmasq and the firewall were told of a change; not
// the one without the other. A dnsmasq that was started anew has read the names.
func (s said) announced(tb testing.TB) bool {
	tb.Helper()
	signal, restart := s.has("procd_send_signal", "dnsmasq"), s.has("dnsmasq", "restart")
	if signal && restart {
		tb.Error("dnsmasq gets a signal right after its start, which kills a jailed one")
	}
	dns, fw := signal || restart, s.has("procd_set_config_changed", "firewall")
	if dns != fw {
		tb.Errorf("dnsmasq was told: %v, the firewall: %v", dns, fw)
	}
	return dns
}
