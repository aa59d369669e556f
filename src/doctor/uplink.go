package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"time"

	"snsbridge/src/spool"
)

const targetLimit = 15 * time.Second // a mail server may let us wait before it greets

// servers returns those of all targets, each once.
func (d *Doctor) servers() []string {
	var list []string
	seen := map[string]bool{}
	for name := range d.Targets {
		if s := d.Config.ServerOf(name); s != "" && !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
	}
	return list
}

// uplink tries to reach any of the targets' servers.
func (d *Doctor) uplink(ctx context.Context) Finding {
	servers := d.servers()
	if len(servers) == 0 {
		return skipped("uplink-unused", "nothing is sent anywhere: all photos stay here", "")
	}
	dial := d.dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	tried := make(chan error, len(servers))
	for _, s := range servers {
		go func() {
			conn, err := dial(ctx, "tcp", s)
			if err == nil {
				conn.Close()
			}
			tried <- err
		}()
	}
	var errs []error
	for range servers {
		err := <-tried
		// Who refuses was reached.
		if err == nil || errors.Is(err, syscall.ECONNREFUSED) {
			return ok("there is one")
		}
		errs = append(errs, err)
	}
	text := strings.ReplaceAll(errors.Join(errs...).Error(), "\n", "; ")
	for _, err := range errs {
		var de *net.DNSError
		if !errors.As(err, &de) {
			return failed("uplink-none", "no server can be reached: "+text,
				"Photos are taken and wait. Connect the router to the Internet; a hotel may want you to log in with a browser first.", "error", text)
		}
	}
	return failed("uplink-no-names", "no server's name can be looked up: "+text,
		"Photos are taken and wait. Connect the router to the Internet; a hotel may want you to log in with a browser first.", "error", text)
}

// target asks a target whether it would take something.
func (d *Doctor) target(ctx context.Context, name string) Finding {
	err := d.Targets[name](ctx)
	if err == nil {
		return ok("would take photos now")
	}
	code, hint := "", ""
	var e *spool.Error
	if errors.As(err, &e) {
		code, hint = e.Code, e.Hint
	}
	return failed("target-"+cmp.Or(code, "failed"), err.Error(),
		cmp.Or(hint, fmt.Sprintf("Check the settings of %s. What is meant for it waits until it works.", name)),
		"target", name, "error", err.Error())
}
