package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"snsbridge/src/config"
	"snsbridge/src/control"
	"snsbridge/src/spool"
)

func TestGolden(t *testing.T) {
	r := newRig(t)
	rep := r.examine()
	if rep.State != OK {
		t.Errorf("all is well, and the report says %s: %q", rep.State, states(rep.Checks))
	}
	r.golden(t, "well.json", rep)
}

func TestGoldenIll(t *testing.T) {
	r := newRig(t)
	r.Config.Warnings = []string{"INSECURE_DOWNLOAD is on"}
	r.DNS = fakeDNS(t, map[string]string{"gld.samsungosp.com": "203.0.113.7"})
	r.web = netip.MustParseAddrPort(closedPort(t)).Port()
	r.Targets["email"] = func(context.Context) error {
		return &spool.Error{Kind: spool.Account, Code: "login", Hint: "Check MAIL_PASSWORD.", Err: errors.New("smtp.example.org: 535 no")}
	}
	r.now = func() time.Time { return time.Unix(0, 0) }
	rep := r.examine()
	if rep.State != Failed {
		t.Errorf("the report says %s", rep.State)
	}
	r.golden(t, "ill.json", rep)
}

// Each row breaks one thing and tells what the report must then say beside
// what is well.
func TestEachFailure(t *testing.T) {
	for _, c := range []struct {
		reason string
		broken func(*rig)
		want   []string
		remedy string // in the first failed or warned check
	}{
		{"settings that cannot be read hide what depends on them", func(r *rig) {
			r.Config, r.ConfigError = nil, errors.New("snsbridge.toml:3: MAIL_PORT: must be a whole number\nsnsbridge.toml:4: SPAM: is not a known setting")
		}, []string{"daemon skipped depends", "photos skipped depends", "settings failed settings-wrong", "spool skipped depends", "uplink skipped depends"}, "Correct the settings"},
		{"a warning hides nothing", func(r *rig) { r.Config.Warnings = []string{"unwise"} },
			[]string{"settings warning settings-unwise"}, "Change the settings"},
		{"a stick that is not there", func(r *rig) { r.Config.UploadFolder = filepath.Join(r.dir, "gone", "photos") },
			[]string{"photos failed folder-missing", "photos-mount skipped depends", "photos-space skipped depends"}, "plugged in"},
		{"a spool that was not made yet is made at the start", func(r *rig) { r.Config.SpoolFolder = filepath.Join(r.dir, "later") }, nil, ""},
		{"a file where a folder should be", func(r *rig) { r.Config.UploadFolder = r.mounts },
			[]string{"photos failed folder-missing", "photos-mount skipped depends", "photos-space skipped depends"}, "make the folder"},
		{"a folder in which nobody can write", func(r *rig) { r.Config.UploadFolder = "/proc/self" },
			[]string{"photos failed folder-not-writable", "photos-mount skipped depends", "photos-space skipped depends"}, "must belong to the user"},
		{"working memory", func(r *rig) { r.mount("tmpfs", "rw") },
			[]string{"photos-mount warning storage-volatile", "spool-mount warning storage-volatile"}, "memory stick"},
		{"a stick that the system protects after errors", func(r *rig) { r.mount("ext4", "ro") },
			[]string{"photos-mount failed storage-readonly", "spool-mount failed storage-readonly"}, "file system"},
		{"a system without the list", func(r *rig) { r.mounts = filepath.Join(r.dir, "none") },
			[]string{"photos-mount skipped mount-unknown", "spool-mount skipped mount-unknown"}, ""},
		{"a reserve larger than the stick", func(r *rig) { r.Config.Reserve = 1 << 60 },
			[]string{"photos-space failed storage-full", "spool-space failed storage-full"}, "larger memory stick"},
		{"a clock that was not set", func(r *rig) { r.now = func() time.Time { return time.Date(2025, 12, 31, 23, 0, 0, 0, time.UTC) } },
			[]string{"clock warning clock-unset"}, "Photos are taken all the same"},
		{"no bridge", func(r *rig) { r.Socket += "x" },
			[]string{"address skipped depends", "address-free skipped depends", "camera-port skipped depends", "daemon failed daemon-down", "name:gld.samsungosp.com skipped depends",
				"name:www.msn.com skipped depends", "names skipped depends", "names-ipv6 skipped depends", "storage skipped depends"}, "/etc/init.d/snsbridge start"},
		{"an update without a restart", func(r *rig) { r.Version = "1.2.4" }, []string{"daemon warning daemon-old"}, "Restart"},
		{"no address given", func(r *rig) { r.Address = netip.Addr{} }, []string{"names skipped names-unknown"}, ""},
		{"its port has another", func(r *rig) {
			r.Socket += "x"
			r.Config.Listen = fmt.Sprintf("127.0.0.1:%d", r.web) // where the rig's pretend bridge is
		}, []string{"address skipped depends", "address-free skipped depends", "camera-port skipped depends", "daemon failed port-taken", "name:gld.samsungosp.com skipped depends",
			"name:www.msn.com skipped depends", "names skipped depends", "names-ipv6 skipped depends", "storage skipped depends"}, "choose another port"},
		{"switched off", func(r *rig) { r.Off = true }, []string{"settings failed settings-off"}, "Switch it on"},
		{"a stick that was pulled out", func(r *rig) {
			r.trouble = &control.Error{Code: "gone", Message: "the storage is gone", Hint: "Put it in."}
		},
			[]string{"storage failed storage-gone"}, "Put it in."},
		{"photos left in working memory", func(r *rig) { r.trouble = &control.Error{Code: "left-behind", Message: "1 photo", Hint: "Make room."} },
			[]string{"storage warning storage-left-behind"}, "Make room."},
		{"FAT", func(r *rig) { r.mount("vfat", "rw") }, []string{"spool-mount warning storage-fat"}, "power cut"},
		{"exFAT by way of FUSE", func(r *rig) { r.mount("fuseblk", "rw") }, []string{"spool-mount warning storage-fat"}, "ext4"},
		{"an address that only cameras reach", func(r *rig) { r.web = 1 }, []string{"address skipped address-unknown"}, ""},
		{"one that somebody came by", func(r *rig) { r.web, r.came = 1, "192.168.8.213" }, nil, ""},
		{"a firewall that has the rule", func(r *rig) {
			r.web, r.rules = 1, says("nft", "\t\tip daddr 127.0.0.1 tcp dport 80 counter packets 0 bytes 0 redirect to :18732 comment \"!fw4: x\"\n")
		}, nil, ""},
		{"an old firewall that has it", func(r *rig) {
			r.web, r.rules = 1, says("iptables-save", "-A zone_lan_prerouting -d 127.0.0.1/32 -p tcp -m tcp --dport 80 -m comment --comment x -j REDIRECT --to-ports 18732\n")
		}, nil, ""},
		{"a firewall that has another, whoever came before", func(r *rig) {
			r.web, r.came, r.rules = 1, "192.168.8.213", says("nft", "\t\tip daddr 127.0.0.1 tcp dport 443 redirect to :18732\n\t\tip daddr 127.0.0.12 tcp dport 80 redirect to :18732\n")
		}, []string{"address failed address-no-redirect"}, "firewall restart"},
		{"a hotel that has the address", func(r *rig) {
			r.near = append(r.near, near{"wan", netip.MustParsePrefix("127.0.0.0/16")})
			r.Config.Interfaces = []netip.Prefix{netip.MustParsePrefix("192.168.8.1/32")}
		}, []string{"address-free warning address-in-use"}, "10.23.42.99"},
		{"the cameras' own network has it", func(r *rig) {
			r.near = append(r.near, near{"br-guest", netip.MustParsePrefix("127.0.0.0/16")})
			r.Config.Interfaces = []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
		}, []string{"address-free failed address-among-cameras"}, "10.23.42.99"},
		{"a router with AdGuard Home in front", func(r *rig) {
			r.router("config dnsmasq\n", "config adguardhome config\n\toption enabled 1\n\toption dns_enabled 1\n")
		},
			[]string{"address skipped address-unknown", "names-server failed resolver-adguard"}, "Handle Client Requests"},
		{"a router without dnsmasq", func(r *rig) { r.router("", "") }, []string{"address skipped address-unknown", "names-server failed resolver-none"}, "Install dnsmasq"},
		{"dnsmasq for addresses alone", func(r *rig) {
			r.router("config dnsmasq\n\toption port 0\n", "")
			r.DNS = ""
		}, []string{"address skipped address-unknown", "name:gld.samsungosp.com failed name-unknown", "name:www.msn.com failed name-unknown",
			"names-server failed resolver-port"}, "port '53'"},
		{"dnsmasq behind a resolver that asks it", func(r *rig) { r.router("config dnsmasq\n\toption port 54\n", "") },
			[]string{"address skipped address-unknown"}, ""},
		{"dnsmasq that knows only its own names", func(r *rig) { r.router("config dnsmasq\n\toption ignore_hosts_dir 1\n", "") },
			[]string{"address skipped address-unknown", "names-server failed resolver-ignores"}, "ignore_hosts_dir"},
		{"a router as it is shipped, whose own connections meet no redirect", func(r *rig) { r.router("config dnsmasq\n", "") },
			[]string{"address skipped address-unknown"}, ""},
		{"no resolver", func(r *rig) { r.DNS = closedUDP() },
			[]string{"name:gld.samsungosp.com skipped depends", "name:www.msn.com skipped depends", "names failed resolver-silent", "names-ipv6 skipped depends"}, "dnsmasq"},
		{"a resolver that was not told", func(r *rig) { r.DNS = "" }, // set below
			[]string{"name:gld.samsungosp.com failed name-unknown", "name:www.msn.com failed name-unknown"}, "Restart the bridge"},
		{"no uplink", func(r *rig) { r.dial = refuse(syscall.EHOSTUNREACH) },
			[]string{"target:email skipped depends", "target:mastodon.pub skipped depends", "uplink failed uplink-none"}, "wait"},
		{"an uplink without names", func(r *rig) { r.dial = refuse(&net.DNSError{Err: "no answer"}) },
			[]string{"target:email skipped depends", "target:mastodon.pub skipped depends", "uplink failed uplink-no-names"}, "wait"},
		{"a server that refuses was reached", func(r *rig) { r.dial = refuse(syscall.ECONNREFUSED) }, nil, ""},
		{"nothing is sent anywhere", func(r *rig) { delete(r.Targets, "email"); delete(r.Targets, "mastodon.pub") },
			[]string{"uplink skipped uplink-unused"}, ""},
		{"a target with its own advice", func(r *rig) {
			r.Targets["mastodon.pub"] = func(context.Context) error {
				return &spool.Error{Code: "login", Hint: "Log in again.", Err: errors.New("401")}
			}
		}, []string{"target:mastodon.pub failed target-login"}, "Log in again."},
		{"the Internet's addresses of IPv6", func(r *rig) {
			r.DNS = fakeDNS(t, map[string]string{"gld.samsungosp.com": "127.0.0.1", "www.msn.com": "127.0.0.1", "ipv6": "2606:2800:21f::1"})
		}, []string{"names-ipv6 warning names-ipv6-elsewhere"}, "hosts --dnsmasq"},
		{"an uplink whose resolver is dead", func(r *rig) {
			r.DNS = fakeDNS(t, map[string]string{"gld.samsungosp.com": "127.0.0.1", "www.msn.com": "127.0.0.1", "ipv6": "silent"})
		}, []string{"names-ipv6 warning names-ipv6-slow"}, "hosts --dnsmasq"},
		{"a target without advice", func(r *rig) { r.Targets["store"] = func(context.Context) error { return errors.New("no") } },
			[]string{"target:store failed target-failed"}, "settings of store"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			r := newRig(t)
			c.broken(r)
			if r.DNS == "" {
				r.DNS = fakeDNS(t, map[string]string{"www.msn.com": "refused"})
			}
			rep := r.examine()
			if got := states(rep.Checks); !slices.Equal(got, c.want) {
				t.Errorf("got %q\nwant %q", got, c.want)
			}
			if got := firstRemedy(rep.Checks); !strings.Contains(got, c.remedy) {
				t.Errorf("the remedy is %q, want %q in it", got, c.remedy)
			}
		})
	}
}

func refuse(err error) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) { return nil, err }
}

// closedUDP is an address where no resolver is.
func closedUDP() string {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	return conn.LocalAddr().String()
}

// says is what a program prints; all others are not there.
func says(program, output string) func(context.Context, ...string) ([]byte, error) {
	return func(_ context.Context, argv ...string) ([]byte, error) {
		if argv[0] != program {
			return nil, os.ErrNotExist
		}
		return []byte(output), nil
	}
}

// router makes the rig one with OpenWrt's settings.
func (r *rig) router(dhcp, guard string) {
	r.Router = filepath.Join(r.run, "config")
	os.MkdirAll(r.Router, 0o700)
	os.MkdirAll(filepath.Join(r.run, "init.d"), 0o700)
	os.WriteFile(filepath.Join(r.Router, "dhcp"), []byte(dhcp), 0o600)
	os.WriteFile(filepath.Join(r.Router, "adguardhome"), []byte(guard), 0o600)
	os.WriteFile(filepath.Join(r.run, "init.d", "dnsmasq"), nil, 0o600)
}

func (r *rig) mount(fs, options string) {
	os.WriteFile(r.mounts, []byte("36 35 8:1 / / "+options+" shared:1 - "+fs+" none rw\n"), 0o600)
}

func firstRemedy(results []Result) string {
	for _, r := range results {
		if r.State == Failed || r.State == Warning {
			return r.Remedy
		}
		if s := firstRemedy(r.Then); s != "" {
			return s
		}
	}
	return ""
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		reason, value string
		state         State
		code          string
	}{
		{"right", "10.23.42.99", OK, ""},
		{"the dead service's real address", "203.0.113.7", Failed, "name-elsewhere"},
		{"a second address besides: cameras take the first that comes", "10.23.42.99 203.0.113.7", Failed, "name-elsewhere"},
		{"a block list has it, too: answers come in turn", "10.23.42.99 0.0.0.0", Failed, "name-blocked"},
		{"one that writes the machine's own address", "127.0.0.1 10.23.42.99", Failed, "name-blocked"},
		{"a block list of a resolver that does not know ours", "0.0.0.0", Failed, "name-blocked"},
		{"unknown", "", Failed, "name-unknown"},
		{"a resolver without an uplink", "refused", Failed, "name-unknown"},
	} {
		d := Doctor{
			DNS:     fakeDNS(t, map[string]string{"gld.samsungosp.com": c.value}),
			Address: netip.MustParseAddr("10.23.42.99"), Hosts: []string{"gld.samsungosp.com"},
		}
		if f := d.resolver(context.Background()); f.State != OK {
			t.Errorf("%s: the resolver answered, and is said not to: %+v", c.reason, f)
		}
		f := d.name(context.Background(), "gld.samsungosp.com")
		if f.State != c.state || f.Code != c.code {
			t.Errorf("%s: got %s %s (%s), want %s %s", c.reason, f.State, f.Code, f.Detail, c.state, c.code)
		}
	}
}

// A resolver that is there and says nothing.
func TestSilentResolver(t *testing.T) {
	d := Doctor{
		DNS:     fakeDNS(t, map[string]string{"gld.samsungosp.com": "silent"}),
		Address: netip.MustParseAddr("10.23.42.99"), Hosts: []string{"gld.samsungosp.com"},
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if f := d.resolver(ctx); f.Code != "resolver-silent" || strings.Contains(f.Detail, "lookup") {
		t.Errorf("got %+v", f)
	}
}

func TestCameraPort(t *testing.T) {
	for _, c := range []struct {
		reason, listen, code string
	}{
		{"right", fmt.Sprintf("0.0.0.0:%d", cameraServer(t, goodAnswer).Port()), ""},
		{"right, and for this machine alone", cameraServer(t, goodAnswer).String(), "port-loopback"},
		{"another program with an ETag of its own", cameraServer(t, "Etag: \"1\"\r\nServer: nginx/1\r\nContent-Length: 0\r\n").String(), "port-no-answer"},
		{"nothing", closedPort(t), "port-no-answer"},
		{"an answer of no address", "camera", "port-unknown"},
	} {
		if f := cameraPort(context.Background(), c.listen); f.Code != c.code {
			t.Errorf("%s: got %+v, want code %q", c.reason, f, c.code)
		}
	}
}

// The bridge itself says that it refuses cameras. The folder is for pages that
// say it in their own language.
func TestBridgeFull(t *testing.T) {
	r := newRig(t)
	r.spool.Reserve = 1 << 60
	want := Finding{Failed, "storage-full", map[string]string{"path": r.Config.SpoolFolder},
		"the storage is full: cameras are refused", "Delete photos, or use a larger memory stick."}
	if got := find(r.examine().Checks, "storage"); !reflect.DeepEqual(got.Finding, want) {
		t.Errorf("got %+v\nwant %+v", got.Finding, want)
	}
}

func TestSpace(t *testing.T) {
	for _, c := range []struct {
		reason  string
		free    int64
		reserve int64
		code    string
	}{
		{"plenty", 1e9, 16e6, ""},
		{"just above the limit", low + 16e6, 16e6, ""},
		{"some photos more", low + 16e6 - 1, 16e6, "storage-low"},
		{"only the reserve", 16e6, 16e6, "storage-full"},
		{"less than the reserve", 1e6, 16e6, "storage-full"},
	} {
		if f := enough(spool.Space{Free: c.free, Total: 32e9}, "/mnt/sda1", c.reserve); f.Code != c.code {
			t.Errorf("%s: got %q, want %q", c.reason, f.Code, c.code)
		}
	}
	if f := enough(spool.Space{Free: 67e6, Total: 67.1e6}, "/tmp/snsbridge", 50.3e6); f.State != OK || f.Detail != "16.7 of 67.1 MB are free" {
		t.Errorf("a fresh install on a router of 128 MB: %+v", f)
	}
	if f := enough(spool.Space{}, "/mnt/sda1", 16e6); f.State != OK || strings.Contains(f.Detail, "0.0") {
		t.Errorf("a file system that does not tell: %+v", f)
	}
	if f := enough(spool.Space{Free: 51.1e6, Total: 67.1e6}, "/tmp/snsbridge", 50.3e6); f.Detail != "0.8 of 67.1 MB are free" {
		t.Errorf("working memory: %q, want it in MB", f.Detail)
	}
}

// Mail may wait for the clock, which is no reason to worry.
func TestClockNotSynchronised(t *testing.T) {
	for synced, want := range map[bool]string{true: "UTC", false: "mail and posts wait"} {
		d := &Doctor{now: func() time.Time { return clock }, synced: func() bool { return synced }}
		if f := d.clock(t.Context()); f.State != OK || !strings.Contains(f.Detail, want) || synced && strings.Contains(f.Detail, "wait") {
			t.Errorf("synchronised %v: %+v", synced, f)
		}
	}
}

// A check that hangs, as a dying stick does, must not keep the rest.
func TestHangingCheck(t *testing.T) {
	hang := make(chan bool)
	defer close(hang)
	rep := Examine(context.Background(), []Check{
		{ID: "stick", Title: "Stick", Limit: 10 * time.Millisecond, Run: func(context.Context) Finding { <-hang; return ok("late") },
			Then: []Check{{ID: "space", Title: "Room", Run: func(context.Context) Finding { return ok("") }}}},
		{ID: "slow", Title: "Slow", Limit: 10 * time.Millisecond, Run: func(ctx context.Context) Finding {
			<-ctx.Done()
			return failed("silent", "said nothing", "")
		}},
	})
	want := []string{"slow failed silent", "space skipped depends", "stick failed timeout"}
	if got := states(rep.Checks); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// More checks than turns, in a tree: none may wait for another for ever.
func TestManyChecks(t *testing.T) {
	var tree func(depth int) []Check
	n := 0
	tree = func(depth int) []Check {
		var checks []Check
		for range 5 {
			n++
			c := Check{ID: "x", Title: "x", Run: func(context.Context) Finding { return ok("") }}
			if depth > 0 {
				c.Then = tree(depth - 1)
			}
			checks = append(checks, c)
		}
		return checks
	}
	rep := Examine(context.Background(), tree(2))
	if got := rep.Count(OK); got != n {
		t.Errorf("%d checks are ok, want %d", got, n)
	}
}

func TestServers(t *testing.T) {
	d := Doctor{Config: &config.Config{
		Mail: config.Mail{Server: "smtp.example.org", Port: 465},
		Mastodon: map[string]config.Mastodon{
			"mastodon": {BaseURL: "https://photog.example"}, "mastodon.b": {BaseURL: "http://127.0.0.1:3000"}, "mastodon.c": {},
		},
	}}
	for target, want := range map[string]string{
		"email": "smtp.example.org:465", "mastodon": "photog.example:443", "mastodon.b": "127.0.0.1:3000", "mastodon.c": "", "store": "", "shell.x": "",
	} {
		if got := d.Config.ServerOf(target); got != want {
			t.Errorf("server of %s: got %q, want %q", target, got, want)
		}
	}
}
