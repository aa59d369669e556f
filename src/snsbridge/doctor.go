package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
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
	uci := t.String("uci", "", "settings `FILE` of a router, /etc/config/snsbridge, with what ubus call network.interface dump says as the input")
	if _, err := t.parse(args, 0, 0); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, doctorTime)
	defer cancel()
	d := doctor.Doctor{Version: version}
	if *uci != "" {
		d = routerExaminer(env.stdin, *uci)
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

// routerExaminer returns a doctor for a router's bridge, whether it could be
// started with these settings or not.
func routerExaminer(dump io.Reader, uci string) doctor.Doctor {
	u, err := config.LoadUCI(uci)
	if err == nil {
		err = u.Join(dump, filepath.Join(filepath.Dir(uci), "firewall"))
	}
	if err != nil {
		return doctor.Doctor{Version: version, ConfigError: err}
	}
	d := examiner(u.Config)
	d.Router, d.Address, d.Off = filepath.Dir(uci), u.Address, !u.Enabled
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
