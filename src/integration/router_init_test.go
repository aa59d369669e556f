//go:build integration

package integration

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// redirectsOf writes what the firewall is asked for in one line each.
func redirectsOf(s *service) string {
	var list []string
	for _, r := range s.redirects {
		list = append(list, fmt.Sprintf("%s %s:%s->%s", r["src"], r["src_dip"], r["src_dport"], r["dest_port"]))
	}
	return strings.Join(list, "\n")
}

const usualRedirects = `lan 10.23.42.99:80->18732
lan 10.23.42.99:443->18732
guest 10.23.42.99:80->18732
guest 10.23.42.99:443->18732`

// TestInitStart looks at everything that a start asks for, and at what a stop
// leaves.
func TestInitStart(t *testing.T) {
	r := newRouter(t)
	r.uci("config smarthost 'smarthost'\n\toption server 'smtp.example.org'\n\toption username 'me'\n\toption password 'it'\\''s \"secret\" $HOME `id` \\'")
	before := r.files()
	s := r.init("start")
	if s.service == nil || s.service.instance == nil {
		t.Fatalf("nothing is to run: %+v", s)
	}
	for name, want := range map[string]string{
		"command":      "/usr/bin/snsbridge serve --config " + routerConf,
		"file":         routerConf + " /usr/bin/snsbridge /etc/TZ",
		"user":         "snsbridge",
		"no_new_privs": "1",
		"respawn":      "3600 5 0",
		"env":          "GOMEMLIMIT=16MiB GOGC=35",
		"stdout":       "1",
		"stderr":       "1",
	} {
		if got := strings.Join(s.service.instance[name], " "); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if len(s.service.instance) != 8 {
		t.Errorf("more is asked for than is known here: %q", s.service.instance)
	}
	if got := redirectsOf(s.service); got != usualRedirects {
		t.Errorf("redirects\n%s\nwant\n%s", got, usualRedirects)
	}
	want := map[string]string{
		"type": "redirect", "src": "lan", "family": "ipv4", "proto": "tcp", "src_dip": "10.23.42.99", "src_dport": "80",
		"dest_port": "18732", "target": "DNAT", "reflection": "0",
	}
	if got := s.service.redirects[0]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the firewall is told %v, want %v", got, want)
	}
	if !s.announced(t) {
		t.Error("nobody was told of it")
	}
	for _, trigger := range []string{
		"snsbridge firewall system", "interface.* 3000 /etc/init.d/snsbridge reload", "interface.* 3000 /usr/bin/snsbridge retry --waiting",
		"mount.* 3000 /etc/init.d/snsbridge reload", "snsbridge.* 10000 /etc/init.d/snsbridge reload",
	} {
		if !slices.ContainsFunc(s.service.triggers, func(args []string) bool { return strings.Join(args, " ") == trigger }) {
			t.Errorf("there is no trigger %q", trigger)
		}
	}

	conf := r.read(routerConf)
	for _, line := range []string{
		"# 10.23.42.99 18732 lan guest", `LISTEN = ":18732"`, `INTERFACES = ["127.0.0.0/8", "192.168.8.1/32", "192.168.9.1/32"]`,
		`MAIL_PASSWORD = "it's \"secret\" $HOME ` + "`id`" + ` \\"`, `UPLOAD_FOLDER = "/tmp/snsbridge"`,
		`STATE_FOLDER = "/etc/snsbridge/state"`,
	} {
		if !strings.Contains(conf, line+"\n") {
			t.Errorf("the settings have no line %s:\n%s", line, conf)
		}
	}
	hosts := r.read(routerHosts)
	for _, name := range []string{"www.ospserver.net", "gld.samsungosp.com", "snsgw.samsungmobile.com"} {
		if !strings.Contains(hosts, "10.23.42.99\t"+name+"\n") {
			t.Errorf("%s is not among the names:\n%s", name, hosts)
		}
	}
	r.mode(routerConf, 0o600, routerUser)
	r.mode(routerHosts, 0o644, 0)
	r.mode("/var/run/snsbridge", os.ModeDir|0o755, routerUser)
	r.mode("/tmp/snsbridge", os.ModeDir|0o755, routerUser)
	r.mode("/etc/snsbridge", os.ModeDir|0o755, 0)
	r.mode("/etc/snsbridge/state", os.ModeDir|0o700, routerUser)
	if strings.Contains(s.output, "secret") || !strings.Contains(s.output, "log daemon.warn snsbridge: warning: no memory stick is there") {
		t.Errorf("the log says %q", s.output)
	}
	made := []string{"/etc/snsbridge", "/etc/snsbridge/state", "/tmp/etc", "/tmp/etc/snsbridge.toml", "/tmp/etc/snsbridge.toml.log", "/tmp/hosts", "/tmp/hosts/snsbridge", "/tmp/run", "/tmp/run/snsbridge", "/tmp/snsbridge"}
	if got := without(r.files(), before); !slices.Equal(got, made) {
		t.Errorf("made %q, want %q", got, made)
	}

	s = r.init("stop")
	if !s.announced(t) || !s.has("procd_kill", "snsbridge") {
		t.Errorf("of the stop were told %q", s.told)
	}
	left := []string{"/etc/snsbridge", "/etc/snsbridge/state", "/tmp/etc", "/tmp/hosts", "/tmp/run", "/tmp/snsbridge"} // the system's, and photos
	if got := without(r.files(), before); !slices.Equal(got, left) {
		t.Errorf("left are %q, want %q", got, left)
	}
	if s = r.init("reload"); s.service != nil || len(s.told) > 0 {
		t.Errorf("a trigger that had waited started it again: %+v", s)
	}
}

func (r *router) mode(name string, mode os.FileMode, owner uint32) {
	r.tb.Helper()
	fi, err := os.Lstat(r.at(name))
	if err != nil {
		r.tb.Error(err)
	} else if uid := fi.Sys().(*syscall.Stat_t).Uid; fi.Mode() != mode || uid != owner {
		r.tb.Errorf("%s has mode %v and owner %d, want %v and %d", name, fi.Mode(), uid, mode, owner)
	}
}

func without(list, known []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(known, s) })
}

// TestInitChanges shows that others are told of what changed for them, and of
// nothing else: each SIGHUP costs dnsmasq its cache, or its life.
func TestInitChanges(t *testing.T) {
	r := newRouter(t)
	replace := func(name, old, new string) { r.write(name, strings.ReplaceAll(r.read(name), old, new)) }
	steps := []struct {
		change    func()
		runs      bool
		announced bool
		redirects string
		reason    string
	}{
		{func() {}, true, true, usualRedirects, "the first start"},
		{func() {}, true, false, usualRedirects, "a reload without a change"},
		{func() { r.uci("config storage 'storage'\n\toption keep_done '1 day'") }, true, false, usualRedirects, "a setting of the program alone"},
		{func() { r.uci("config cameras 'cameras'\n\tlist model 'NX500'") }, true, true, usualRedirects, "other cameras have other names"},
		{func() { r.uci("config snsbridge 'main'\n\toption port '18733'") }, true, true, strings.ReplaceAll(usualRedirects, "18732", "18733"), "another port"},
		{func() { r.uci("config snsbridge 'main'\n\toption address '172.29.42.99'") }, true, true,
			strings.NewReplacer("18732", "18733", "10.23.42.99", "172.29.42.99").Replace(usualRedirects), "another address"},
		{func() { r.uci("config snsbridge 'main'\n\toption network 'guest'") }, true, true,
			"guest 172.29.42.99:80->18733\nguest 172.29.42.99:443->18733", "another network"},
		{func() { replace("/etc/config/firewall", "'guest'", "'visitors'") }, false, true, "", "its zone has gone"},
		{func() { r.uci("config snsbridge 'main'\n\toption network 'visitors'") }, false, false, "", "still nothing runs: there is no such network"},
		{func() { replace("/network.json", `"guest"`, `"visitors"`) }, true, true,
			"visitors 172.29.42.99:80->18733\nvisitors 172.29.42.99:443->18733", "now there is"},
		{func() { r.uci("config snsbridge 'main'\n\toption enabled '0'") }, false, true, "", "disabled"},
		{func() {}, false, false, "", "disabled as before"},
	}
	action := "start"
	for _, step := range steps {
		step.change()
		s := r.init(action)
		action = "reload"
		if runs := s.service.instance != nil; runs != step.runs {
			t.Errorf("%s: it runs: %v, want %v; %s", step.reason, runs, step.runs, s.output)
		}
		if got := s.announced(t); got != step.announced {
			t.Errorf("%s: others were told: %v, want %v", step.reason, got, step.announced)
		}
		if got := redirectsOf(s.service); got != step.redirects {
			t.Errorf("%s: redirects\n%s\nwant\n%s", step.reason, got, step.redirects)
		}
		if there := r.read(routerHosts) != "" && r.read(routerConf) != ""; there != step.runs {
			t.Errorf("%s: names and settings are there: %v, want %v", step.reason, there, step.runs)
		}
		if repeated := strings.Contains(s.output, "no memory stick"); repeated != (step.reason == "the first start" || step.reason == "now there is") {
			t.Errorf("%s: the log says %q; want what is new, once", step.reason, s.output)
		}
		if len(s.service.triggers) == 0 {
			t.Errorf("%s: nothing would ever start it", step.reason)
		}
	}
}

// TestInitRefuses shows that with wrong settings nothing runs, nothing is
// left, and the log says why.
func TestInitRefuses(t *testing.T) {
	tests := []struct {
		change func(*router)
		says   string
		reason string
	}{
		{func(r *router) { r.uci("config smarthost 'smarthost'\n\toption sever 'x'") },
			"option sever: there is no such option in config smarthost; did you mean option server?", "a letter is missing"},
		{func(r *router) { r.uci("config snsbridge 'main'\n\toption port 'a; reboot'") }, `"a; reboot" is not a whole number`, "a value for the shell"},
		{func(r *router) {
			r.uci(fmt.Sprintf("config snsbridge 'main'\n\toption port '%d'", otherProgram(r.tb)))
		}, "option port: another program uses ", "the port of another program, which everybody could reach"},
		{func(r *router) { r.uci("config storage 'storage'\n\toption path '/mnt/sda1/photos'") }, "nothing is mounted at /mnt/sda1/photos", "the stick is not plugged in"},
		{func(r *router) { r.write("/network.json", `{"interface":[{"interface":"home"}]}`) }, "but home; name those with cameras", "no network"},
		{func(r *router) {
			r.write("/network.json", strings.Replace(r.read("/network.json"), `"192.168.8.1"`, `"10.23.42.1"`, 1))
		}, "set option address '10.137.42.99'", "the cameras' address is in their own network"},
		{func(r *router) { os.Remove(r.at("/network.json")) }, "ubus does not tell the networks", "no netifd"},
		{func(r *router) { os.Remove(r.at("/etc/config/firewall")) }, "firewall: no such file", "no firewall"},
		{func(r *router) { r.write("/etc/passwd", "root:x:0:0:::\n") }, "unknown user snsbridge", "the user is missing"},
		{func(r *router) { os.Remove(r.at("/usr/bin/snsbridge")) }, "not found", "the program is missing"},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			r := newRouter(t)
			if s := r.init("start"); s.service.instance == nil {
				t.Fatalf("it does not run with good settings: %s", s.output)
			}
			tt.change(r)
			s := r.init("reload")
			if s.service.instance != nil || !s.announced(t) || r.read(routerHosts)+r.read(routerConf) != "" {
				t.Errorf("it runs on: %+v", s)
			}
			if !strings.Contains(s.output, tt.says) || !strings.Contains(s.output, "log daemon.err ") {
				t.Errorf("the log says %q, want %q, as an error", s.output, tt.says)
			}
			if s := r.init("reload"); strings.Contains(s.output, "log ") {
				t.Errorf("nothing has changed, and the log says again %q", s.output)
			}
			for _, action := range []string{"start", "reload", "restart"} {
				out := r.init(action).output
				said, log, _ := strings.Cut(out, "log daemon.err ")
				if !strings.Contains(said, tt.says) || !strings.HasSuffix(out, "exit status 1") {
					t.Errorf("a %s says %q, want %q and status 1", action, said, tt.says)
				}
				if strings.Count(said, tt.says) > 1 || strings.Count(log, tt.says) > 1 {
					t.Errorf("a %s says it more than once: %q", action, out)
				}
			}
			if s := r.init("doctor"); !strings.Contains(flat(s.output), tt.says) {
				t.Errorf("doctor says %q, want %q", s.output, tt.says)
			}
		})
	}
}

// otherProgram listens, until the test ends, at a port that the settings could
// name, and returns it.
func otherProgram(tb testing.TB) int {
	tb.Helper()
	for port := 20000; port < 32768; port++ {
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			tb.Cleanup(func() { l.Close() })
			return port
		}
	}
	tb.Fatal("there is no port that is free")
	return 0
}

// TestInitOwnPort: the port is taken while the bridge runs, and for a moment
// after it was told to end: by itself.
func TestInitOwnPort(t *testing.T) {
	r := newRouter(t)
	// Not the usual one: others may test on this machine, too.
	r.uci(fmt.Sprintf("config snsbridge 'main'\n\toption port '%d'", 20000+os.Getpid()%12000))
	s := r.init("start")
	id := fmt.Sprint(routerUser)
	d := follow(t, exec.Command(tool(t, "chroot"), append([]string{"--userspec=" + id + ":" + id, r.root}, s.service.instance["command"]...)...))
	d.line("msg=ready")
	for _, action := range []string{"reload", "restart"} { // a restart has ended it before, and does not wait
		if s := r.init(action); s.service.instance == nil {
			t.Errorf("a %s while it runs: %s", action, s.output)
		}
	}
}

// TestInitNetworks is about routers that are not as most.
func TestInitNetworks(t *testing.T) {
	t.Run("no guests", func(t *testing.T) {
		r := newRouter(t)
		r.write("/network.json", `{"interface":[{"interface":"lan","ipv4-address":[{"address":"192.168.1.1","mask":24}]}]}`)
		s := r.init("start")
		if got := redirectsOf(s.service); got != "lan 10.23.42.99:80->18732\nlan 10.23.42.99:443->18732" || strings.Contains(s.output, "guest") {
			t.Errorf("redirects\n%s\nand the log says %q; want those of lan, and no word of guests", got, s.output)
		}
	})
	t.Run("lan has another name", func(t *testing.T) {
		r := newRouter(t)
		r.write("/network.json", `{"interface":[{"interface":"home","ipv4-address":[{"address":"192.168.1.1","mask":24}]}]}`)
		r.write("/etc/config/firewall", "config zone\n\toption name 'inside'\n\tlist network 'home'\n")
		r.uci("config snsbridge 'main'\n\toption network 'home'")
		if got := redirectsOf(r.init("start").service); got != "inside 10.23.42.99:80->18732\ninside 10.23.42.99:443->18732" {
			t.Errorf("redirects\n%s\nwant those of the zone", got)
		}
	})
	t.Run("not up yet", func(t *testing.T) {
		r := newRouter(t)
		network := r.read("/network.json")
		r.write("/network.json", `{"interface":[{"interface":"lan","up":false},{"interface":"guest","up":false}]}`)
		s := r.init("boot")
		if got := redirectsOf(s.service); got != usualRedirects || !strings.Contains(r.read(routerConf), `INTERFACES = ["127.0.0.0/8"]`) {
			t.Errorf("redirects\n%s\nwant the usual ones, and nobody let in:\n%s", got, r.read(routerConf))
		}
		r.write("/network.json", network)
		if s := r.init("reload"); s.announced(t) || !strings.Contains(r.read(routerConf), "192.168.8.1/32") {
			t.Errorf("when it is up: told %q, settings\n%s", s.told, r.read(routerConf))
		}
	})
	t.Run("in a hotel", func(t *testing.T) {
		r := newRouter(t)
		r.write("/network.json", strings.ReplaceAll(r.read("/network.json"), `"100.64.0.1", "mask": 24`, `"10.23.40.7", "mask": 21`))
		if s := r.init("start"); s.service.instance == nil || !strings.Contains(s.output, "set option address '10.137.42.99'") {
			t.Errorf("the log says %q, want another address", s.output)
		}
	})
}

// TestInitNames: the bridge runs, and the log says why no camera finds it.
func TestInitNames(t *testing.T) {
	for says, change := range map[string]func(*router){
		"has no dnsmasq":          func(r *router) { os.Remove(r.at("/etc/init.d/dnsmasq")) },
		"answers at port 0":       func(r *router) { r.write("/etc/config/dhcp", "config dnsmasq\n\toption port '0'\n") },
		"option ignore_hosts_dir": func(r *router) { r.write("/etc/config/dhcp", "config dnsmasq\n\toption ignore_hosts_dir '1'\n") },
		"Handle Client Requests": func(r *router) {
			r.write("/etc/config/adguardhome", "config adguardhome 'config'\n\toption enabled '1'\n\toption dns_enabled '1'\n")
		},
	} {
		r := newRouter(t)
		change(r)
		if s := r.init("start"); s.service.instance == nil || !strings.Contains(s.output, says) {
			t.Errorf("it says %q, want %q", s.output, says)
		}
	}
}

// TestInitIPv6: dnsmasq is told in its own folder of working memory, which it
// reads when it starts, that nobody else is to be asked for the names. A folder
// that the owner has chosen is left alone.
func TestInitIPv6(t *testing.T) {
	r := newRouter(t)
	const ours, theirs = "/tmp/dnsmasq.cfg01411c.d", "/etc/dnsmasq.d"
	for _, dir := range []string{"/tmp/etc", ours, theirs} {
		os.Mkdir(r.at(dir), 0o755)
	}
	r.write("/tmp/etc/dnsmasq.conf.cfg01411c", "# auto-generated\nconf-dir="+ours+",*.conf\n")
	r.write("/tmp/etc/dnsmasq.conf.former", "conf-dir=/tmp/dnsmasq.former.d\n") // of one that is no more, as is its folder
	r.write("/tmp/etc/dnsmasq.conf.other", "conf-dir="+theirs+"\n")
	s := r.init("start")
	told := r.read(ours + "/snsbridge.conf")
	if !strings.Contains(told, "server=/www.ospserver.net/\n") || !strings.Contains(told, "server=/camera.lan/\n") || !s.has("dnsmasq", "restart") || !s.announced(t) {
		t.Errorf("dnsmasq is told\n%s\nand %q", told, s.told)
	}
	if s := r.init("reload"); s.announced(t) {
		t.Errorf("nothing has changed, and others were told %q", s.told)
	}
	r.uci("config snsbridge 'main'\n\toption network 'guest'")
	if s := r.init("reload"); !s.announced(t) || s.has("dnsmasq", "restart") {
		t.Errorf("of another network were told %q; want no restart of dnsmasq", s.told)
	}
	if s := r.init("stop"); !s.has("dnsmasq", "restart") || !s.announced(t) || r.read(ours+"/snsbridge.conf") != "" {
		t.Errorf("of the stop were told %q; left is\n%s", s.told, r.read(ours+"/snsbridge.conf"))
	}
	r.write("/stopped", "")
	if s := r.init("start"); s.has("dnsmasq", "restart") {
		t.Error("dnsmasq, which the owner has stopped, is started")
	}
	r.init("stop")
	if found, _ := os.ReadDir(r.at(theirs)); len(found) > 0 {
		t.Errorf("%s is in %s", found[0].Name(), theirs)
	}
}

// TestInitStick: photos go to the stick while it is there, and procd sees that
// by the settings, which are others.
func TestInitStick(t *testing.T) {
	r := newRouter(t)
	point := "/tmp/mountd/disk1_part1"
	if err := os.MkdirAll(r.at(point), 0o755); err != nil {
		t.Fatal(err)
	}
	r.init("start")
	before := r.read(routerConf)
	r.mount("/dev/sda1", point, "tmpfs", 0)
	s := r.init("reload")
	if conf := r.read(routerConf); conf == before || !strings.Contains(conf, `UPLOAD_FOLDER = "`+point+`/snsbridge"`) || s.output != "" {
		t.Errorf("with a stick: %s\n%s", s.output, conf)
	}
	r.mode(point+"/snsbridge", os.ModeDir|0o755, routerUser)
	if err := syscall.Unmount(r.at(point), 0); err != nil {
		t.Fatal(err)
	}
	s = r.init("reload")
	if conf := r.read(routerConf); conf != before || !strings.Contains(s.output, "no memory stick is there") {
		t.Errorf("without it: %s\n%s", s.output, conf)
	}
	if entries, _ := os.ReadDir(r.at(point)); len(entries) > 0 {
		t.Errorf("%s was made where no stick is", entries[0].Name())
	}
}

// TestInitVerbs: what a person, or an event, can ask for.
func TestInitVerbs(t *testing.T) {
	r := newRouter(t)
	r.init("start")
	if s := r.init("status"); !strings.Contains(s.output, "/var/run/snsbridge/control.sock") {
		t.Errorf("status says %q, want that none runs", s.output)
	}
	if s := r.init("doctor"); !strings.Contains(s.output, "Settings") || !strings.Contains(s.output, "FAIL    Bridge") {
		t.Errorf("doctor says\n%s", s.output)
	}
	if s := r.shell("-c", "snsbridge config"); !strings.Contains(s.output, `LISTEN = ":18732"`) {
		t.Errorf("config says\n%s", s.output)
	}
	if s := r.shell("-c", "snsbridge config --options"); !strings.Contains(s.output, "#option keep_done '7 days'") {
		t.Errorf("the options are listed as\n%s", s.output)
	}
	r.write("/etc/TZ", "CET-1CEST,M3.5.0,M10.5.0/3\n")
	if s := r.shell("-c", "snsbridge doctor"); !strings.Contains(s.output, " CET") && !strings.Contains(s.output, " CEST") {
		t.Errorf("the clock is not in the router's time zone:\n%s", s.output)
	}
	r.uci("config bananas")
	if s := r.init("doctor"); !strings.Contains(s.output, "config bananas: there is no such") {
		t.Errorf("of wrong settings doctor says\n%s", s.output)
	}
	if s := r.shell("-c", "snsbridge doctor"); !strings.Contains(flat(s.output), "FAIL Settings: /etc/config/snsbridge:") || !strings.Contains(s.output, "config bananas: there is no such") {
		t.Errorf("doctor alone, which the pages name first, says\n%s", s.output)
	}
	r.copy("../../files/etc/config/snsbridge", "/etc/config/snsbridge", 0o600)
	if s := r.shell("-c", "snsbridge doctor"); strings.Contains(s.output, "FAIL  Settings") || !strings.Contains(s.output, "FAIL    Bridge") {
		t.Errorf("doctor alone says\n%s", s.output)
	}
	among := strings.Replace(r.read("/network.json"), `"192.168.8.1"`, `"10.23.42.1"`, 1)
	r.write("/network.json", among)
	if s := r.init("doctor"); !strings.Contains(s.output, "in the network 10.23.42.0/24") {
		t.Errorf("of an address among the cameras doctor says\n%s", s.output)
	}
	r.copy("testdata/router/network.json", "/network.json", 0o644)
	r.uci("config snsbridge 'main'\n\toption enabled '0'")
	if s := r.init("doctor"); !strings.Contains(s.output, "the bridge is switched off") {
		t.Errorf("when it is switched off doctor says\n%s", s.output)
	}
	r.copy("../../files/etc/hotplug.d/block/90-snsbridge", "/hotplug", 0o644)
	if s := r.shell("/etc/rc.common", "/hotplug", "nothing"); !s.has("ubus", "call", "service", "event", `{"type":"snsbridge.block","data":{}}`) {
		t.Errorf("a stick that is plugged in tells %q", s.told)
	}
}

// TestConfigOfRouter: what a person, or a web page, asks of the settings.
func TestConfigOfRouter(t *testing.T) {
	const file = "../../files/etc/config/snsbridge"
	tests := []struct {
		args   []string
		status int
		says   string
		reason string
	}{
		{[]string{"--uci", file}, 0, `LISTEN = ":18732"`, "what will be in force"},
		{[]string{"--check", "--uci", file}, 0, "The configuration is valid.", "nothing is made or changed"},
		{[]string{"--check", "--uci", "testdata/router/firewall"}, 1, "testdata/router/firewall:1: config defaults: there is no such section", "with file and line"},
		{[]string{"--uci", "nowhere"}, 1, "nowhere: no such file", "a wrong name"},
		{[]string{"--uci", file, "--config", file}, 2, "--uci FILE is instead of other settings", "which of both?"},
		{[]string{"--start", "root", "--config", file}, 2, "is for it alone", "not for TOML"},
	}
	for _, tt := range tests {
		cmd := exec.Command(program, append([]string{"config"}, tt.args...)...)
		out, err := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != tt.status || !strings.Contains(string(out), tt.says) {
			t.Errorf("%s: config %q ends with %d, %v, and says\n%s\nwant %d and %q", tt.reason, tt.args, got, err, out, tt.status, tt.says)
		}
	}
}
