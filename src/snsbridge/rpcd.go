package main

import (
	"context"
	"os/exec"
	"time"

	"snsbridge/src/control"
	"snsbridge/src/doctor"
	"snsbridge/src/luci"
)

const examineTime = 8 * time.Second

// rpcdVerb is what luci-app-snsbridge calls, by /usr/libexec/rpcd.
func rpcdVerb(ctx context.Context, env environ, args []string) error {
	fl := newFlags("rpcd", "answers for the router's web pages: rpcd list, or rpcd call METHOD with JSON at the input")
	if err := fl.parse(env, args, 2); err != nil {
		return err
	}
	s := &luci.Server{
		Client:   &control.Client{Socket: sockets[len(sockets)-1]},
		Settings: routerFile, Wireless: routerFolder + "/wireless", Started: renderedFile + ".log",
		Tokens: tokenFolder, Owner: routerUser, Pending: "/var/etc/snsbridge.login",
		Leases: "/tmp/dhcp.leases", Neighbours: "/proc/net/arp",
		Log: func(ctx context.Context) ([]byte, error) {
			return exec.CommandContext(ctx, "logread", "-e", "snsbridge").Output()
		},
		Examine: func(ctx context.Context) doctor.Report {
			// Servers are left alone: this is asked every few seconds.
			ctx, cancel := context.WithTimeout(ctx, examineTime)
			defer cancel()
			d := routerExaminer(ctx)
			d.Targets = nil
			return doctor.Examine(ctx, d.Checks())
		},
		Restart: func(ctx context.Context) error {
			return exec.CommandContext(ctx, "/etc/init.d/snsbridge", "restart").Run()
		},
	}
	switch {
	case fl.Arg(0) == "list" && fl.NArg() == 1:
		return s.List(env.stdout)
	case fl.Arg(0) == "call" && fl.NArg() == 2:
		return s.Call(ctx, fl.Arg(1), env.stdin, env.stdout)
	}
	return usageError("write rpcd list, or rpcd call METHOD")
}
