package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"time"

	"snsbridge/src/config"
	"snsbridge/src/doctor"
)

// doctorTime is less than what LuCI waits for a command.
const doctorTime = 25 * time.Second

func doctorVerb(ctx context.Context, env environ, args []string) error {
	t := newTalk(env, "doctor", "which link between camera and inbox is broken, and what to do about it")
	address := t.String("address", "", "`ADDRESS` to which the cameras' names must lead, to check the names as well")
	dns := t.String("dns", "127.0.0.1:53", "`HOST:PORT` of the router's own resolver")
	if _, err := t.parse(args, 0, 0); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	d := doctor.Doctor{Version: version}
	if *t.file == "" && isRouter() {
		d = routerExaminer(ctx)
	} else if c, err := t.settings(ctx); err == nil {
		d = examiner(c)
	} else {
		d.ConfigError = err
	}
	d.DNS = *dns
	if *address != "" {
		a, err := netip.ParseAddr(*address)
		if err != nil {
			return usageError("--address: %v", err)
		}
		d.Address = a
	}
	if *t.socket != "" {
		d.Socket = *t.socket
	}
	report := doctor.Examine(ctx, d.Checks())
	if *t.json {
		if err := t.print(report); err != nil {
			return err
		}
	} else {
		showChecks(paper{env.stdout}, report.Checks, 0)
	}
	if n := report.Count(doctor.Failed); n > 0 {
		return fmt.Errorf("%s failed", count(n, "check"))
	}
	return nil
}

const (
	routerFolder = "/etc/config"
	routerFile   = routerFolder + "/snsbridge"
	tokenFolder  = "/etc/snsbridge"
	renderedFile = "/var/etc/snsbridge.toml" // that the init script makes of routerFile
	routerUser   = "snsbridge"               // that the package runs the bridge as
)

// isRouter tells whether this is a machine with the router's package.
func isRouter() bool {
	_, err := os.Stat(routerFile)
	return err == nil
}

// routerExaminer returns a doctor for the router's bridge, whether it could be
// started with these settings or not. It takes root, as the start does.
func routerExaminer(ctx context.Context) doctor.Doctor {
	u, err := config.LoadUCI(routerFile)
	if err == nil {
		// Without an answer this says that ubus has none.
		dump, _ := exec.CommandContext(ctx, "ubus", "call", "network.interface", "dump").Output()
		err = u.Join(bytes.NewReader(dump), routerFolder+"/firewall")
	}
	if err == nil {
		err = u.CheckTokens(routerUser)
	}
	if err == nil && u.Enabled {
		err = u.Prepare(routerUser) // or he would look at a stick that is left out
	}
	if err != nil {
		return doctor.Doctor{Version: version, ConfigError: err}
	}
	d := examiner(u.Config)
	d.Address, d.Off = u.Address, !u.Enabled
	return d
}

// settings loads the settings that were named, else those of the bridge that
// runs, else the ones of a bridge without any in this folder.
func (t *talk) settings(ctx context.Context) (*config.Config, error) {
	file := *t.file
	if file == "" {
		client, err := t.client()
		if err != nil {
			return nil, err
		}
		if st, err := client.Status(ctx); err == nil {
			file = st.Settings
		}
	}
	if file != "" {
		return config.Load(file)
	}
	if _, err := os.Stat("photos"); err != nil {
		return nil, errors.New("there are none: name them with --config FILE")
	}
	return config.Default("photos")
}

// marks are of one width, and in ASCII: a serial console shows nothing else.
var marks = map[doctor.State]string{
	doctor.OK: "ok  ", doctor.Warning: "WARN", doctor.Failed: "FAIL", doctor.Skipped: "skip",
}

func showChecks(p paper, results []doctor.Result, depth int) {
	for _, r := range results {
		indent := strings.Repeat("  ", depth)
		p.hang(marks[r.State]+"  "+indent, 8+2*depth, r.Title+": "+r.Detail)
		if r.Remedy != "" {
			p.put("      "+indent+"  -> ", "%s", r.Remedy)
		}
		showChecks(p, r.Then, depth+1)
	}
}
