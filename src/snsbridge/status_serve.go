package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"snsbridge/src/action"
	"snsbridge/src/config"
	"snsbridge/src/control"
	"snsbridge/src/email"
	"snsbridge/src/mastodon"
	"snsbridge/src/shell"
	"snsbridge/src/sns"
	"snsbridge/src/spool"
)

// listenControl makes the control socket. Two bridges must not work on one
// spool, so one that runs already is an error; anything else is none: a photo
// is not refused because of a status page.
func listenControl(path string, log *slog.Logger) (net.Listener, error) {
	l, err := control.Listen(path)
	switch {
	case errors.Is(err, control.ErrRunning):
		return nil, withHint(err, "stop it first, or give this one a SPOOL_FOLDER and a CONTROL_SOCKET of its own")
	case err != nil:
		log.Error("status, queue and retry will not work: set CONTROL_SOCKET to a path where a socket can be made", "error", err)
		return nil, nil
	}
	return l, nil
}

// control answers at the socket until the context ends.
func (d *daemon) control(ctx context.Context, l net.Listener, s *control.Server) {
	if l == nil {
		return
	}
	if err := s.Serve(ctx, l); err != nil {
		d.log.Error("status, queue and retry do not work any more", "error", err)
	}
}

// answers is what people and web pages can ask. The context is for what goes on
// behind an answer.
func (d *daemon) answers(ctx context.Context, conf *config.Config, targets action.Set) *control.Server {
	file := conf.File
	if abs, err := filepath.Abs(file); file != "" && err == nil {
		file = abs
	}
	return &control.Server{
		Spool: d.spool, Log: d.log, Version: version, Started: time.Now(),
		Settings: file, Listen: d.Addr(), UploadFolder: conf.UploadFolder, SpoolFolder: conf.SpoolFolder, Warnings: conf.Warnings,
		Targets:     offered(conf, targets),
		CaptureFile: d.cameras.Capture.Path,
		Captured:    d.cameras.Capture.Count,
		Cameras:     func() []control.Sighting { return sightings(d.cameras.Cameras()) },
		Unsynced:    d.timely.doubt,
		Trouble:     d.trouble,
		Redirected:  d.came.last,
		Refused:     func() []control.Sighting { return sightings(d.cameras.Strangers()) },
		Mail:        mailed(targets),
		Uploads:     d.uploads,
		Begun:       begun,
		Limits: func(ctx context.Context, target string) (l control.Limits) {
			if m, ok := targets[target].(*mastodon.Account); ok {
				l.Characters, l.Alt, l.Files, l.Known = m.Limits(ctx)
			}
			return l
		},
		Trial:  trial(conf, targets),
		Doctor: (&checkup{ctx: ctx, examine: examineAs(conf)}).ask,
		Ready: func(it *spool.Item, target string) error {
			if m, ok := conf.Mastodon[target]; ok {
				return action.Described(m.AltText, it)
			}
			return nil
		},
	}
}

// uploads are what cameras are sending.
func (d *daemon) uploads() []control.Upload {
	var list []control.Upload
	for _, t := range d.cameras.Transfers() {
		list = append(list, control.Upload(t))
	}
	return list
}

// begun tells whether a part of a job may have been done, so that the order of
// its files must stay.
func begun(j spool.Job) bool {
	switch action.Kind(j.Target) {
	case "mastodon":
		return mastodon.Begun(j)
	case "email":
		return email.Begun(j)
	case "shell":
		return shell.Begun(j)
	}
	return len(j.Marks) > 0
}

// mailed tells what was mailed today, where mail is sent.
func mailed(targets action.Set) func() control.Mail {
	e, ok := targets["email"].(*email.Smarthost)
	if !ok {
		return nil
	}
	return func() control.Mail {
		return control.Mail{Today: e.Quota.Used(), Limit: e.Quota.PerDay, Sender: e.Sender()}
	}
}

// trial sends test mails, where mail is sent.
func trial(conf *config.Config, targets action.Set) func(context.Context, string) (string, error) {
	e, ok := targets["email"].(*email.Smarthost)
	if !ok {
		return nil
	}
	return func(ctx context.Context, to string) (string, error) {
		reply, err := e.Trial(ctx, to)
		return reply, inWords(conf, err)
	}
}

// offered are the targets worth showing: to drop something is to delete it.
func offered(conf *config.Config, targets action.Set) []string {
	used := slices.Collect(maps.Values(conf.Actions))
	var names []string
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		if name != "drop" || slices.Contains(used, name) {
			names = append(names, name)
		}
	}
	return names
}

// sightings are the devices that were seen. The doctor's check of the camera
// port looks like a camera, and is left out.
func sightings(seen []sns.Sighting) []control.Sighting {
	var list []control.Sighting
	for _, c := range seen {
		if !selfTest(c) {
			list = append(list, control.Sighting(c))
		}
	}
	return list
}

func selfTest(c sns.Sighting) bool {
	return isLoopback(c.Client) && c.Code == "check"
}

func isLoopback(client string) bool {
	a, err := netip.ParseAddr(client)
	return err == nil && a.Unmap().IsLoopback()
}
