package doctor

import (
	"context"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"snsbridge/src/config"
	"snsbridge/src/realtime"
)

// Doctor knows what to check. The fields are set before Checks.
type Doctor struct {
	Config      *config.Config // nil: it could not be read
	ConfigError error          // why
	Version     string         // of this program
	Socket      string         // of the running bridge
	Targets     map[string]func(context.Context) error
	Hosts       []string   // names that must lead to the bridge
	DNS         string     // HOST:PORT of the router's own resolver
	Address     netip.Addr // where the names lead; the zero Addr: not known here
	Router      string     // folder of the router's settings; "": this is no router
	Off         bool       // the router's settings say that the bridge is not to run

	dial   func(ctx context.Context, network, address string) (net.Conn, error) // nil: a net.Dialer's
	now    func() time.Time                                                     // nil: time.Now
	synced func() bool                                                          // nil: realtime.Synchronised
	mounts string                                                               // "": /proc/self/mountinfo
	near   []near                                                               // nil: this machine's
	rules  func(ctx context.Context, argv ...string) ([]byte, error)            // output of a program; nil: runs it
	web    uint16                                                               // port of the address; 0: 80
}

// Checks returns the tree.
func (d *Doctor) Checks() []Check {
	then := d.behindSettings()
	if d.Off {
		then = nil
	}
	return []Check{
		{ID: "settings", Title: "Settings", Run: d.settings, Then: then},
		{ID: "clock", Title: "Clock", Run: d.clock},
	}
}

// behindSettings are the checks that need to know the settings. Without these
// it is their names, so that a reader sees what was not checked.
func (d *Doctor) behindSettings() []Check {
	c := d.Config
	if c == nil {
		return []Check{
			{ID: "photos", Title: "Photo folder"}, {ID: "spool", Title: "Spool folder"},
			{ID: "daemon", Title: "Bridge"}, {ID: "uplink", Title: "Uplink"},
		}
	}
	checks := []Check{
		d.folder("photos", "Photo folder", c.UploadFolder, reserveAt(c.UploadFolder, c.SpoolFolder, c.Reserve)),
		d.folder("spool", "Spool folder", c.SpoolFolder, c.Reserve),
		d.bridge(),
	}
	uplink := Check{ID: "uplink", Title: "Uplink", Run: d.uplink}
	for _, name := range slices.Sorted(maps.Keys(d.Targets)) {
		check := Check{
			ID: "target:" + name, Title: "Target " + name, Limit: targetLimit,
			Run: func(ctx context.Context) Finding { return d.target(ctx, name) },
		}
		if d.Config.ServerOf(name) != "" {
			uplink.Then = append(uplink.Then, check)
		} else {
			checks = append(checks, check)
		}
	}
	return append(checks, uplink)
}

func (d *Doctor) settings(context.Context) Finding {
	if d.Config == nil {
		wrong := strings.ReplaceAll(d.ConfigError.Error(), "\n", "; ")
		return failed("settings-wrong", wrong, "Correct the settings, then start the bridge again.", "error", wrong)
	}
	if d.Off {
		return failed("settings-off", "the bridge is switched off", "Switch it on: option enabled '1' in /etc/config/snsbridge.")
	}
	file := d.Config.File
	if file == "" {
		file = "none: photos go into the folder photos"
	}
	if w := d.Config.Warnings; len(w) > 0 {
		return warning("settings-unwise", file+": "+strings.Join(w, "; "), "Change the settings if that is not what you want.",
			"warnings", strings.Join(w, "; "))
	}
	return ok("%s", file)
}

func (d *Doctor) synchronised() bool {
	if d.synced != nil {
		return d.synced()
	}
	return realtime.Synchronised()
}

func (d *Doctor) clock(context.Context) Finding {
	now := time.Now()
	if d.now != nil {
		now = d.now()
	}
	text := now.Format("2006-01-02 15:04 MST")
	if !realtime.Believable(now) {
		return warning("clock-unset", "it says "+text+", and was not set since the router started",
			"Photos are taken all the same. Mail servers cannot be trusted until it is set: connect the router to the Internet, or set the clock by hand.",
			"now", now.UTC().Format(time.RFC3339))
	}
	if !d.synchronised() {
		return ok("%s; no time server has answered yet: mail and posts wait for that, some minutes at most", text)
	}
	return ok("%s", text)
}
