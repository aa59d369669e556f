package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"snsbridge/src/action"
	"snsbridge/src/capture"
	"snsbridge/src/config"
	"snsbridge/src/control"
	"snsbridge/src/email"
	"snsbridge/src/gallery"
	"snsbridge/src/neighbour"
	"snsbridge/src/realtime"
	"snsbridge/src/sns"
	"snsbridge/src/spool"
	"snsbridge/src/wire"
)

const (
	recoverFirst = time.Minute // before Recover is tried again
	recoverMost  = time.Hour

	quietPost  = 90 * time.Second // after which a post has no more photos
	settlePost = 20 * time.Second // the same once all its descriptions are used
	stopTime   = 2 * time.Second  // for uploads that are under way when we are to stop; procd waits 5 s, and a command may need 2 s to end
	stopMost   = 10 * time.Second // for all that is to end with the bridge
)

func serveVerb(ctx context.Context, env environ, args []string) error {
	fl := newFlags("serve", "take photos from cameras until interrupted")
	file := fl.String("config", "", "settings `FILE`")
	listen := fl.String("listen", "", "`ADDRESS` of the camera port, instead of the one in the settings")
	if err := fl.parse(env, args, 0); err != nil {
		return err
	}
	conf, err := loadConfig(*file)
	if err != nil {
		return err
	}
	if *listen != "" {
		conf.Listen = *listen
		if err := conf.CheckPublic(); err != nil {
			return err
		}
	}
	surviveLog()
	for {
		d, err := start(conf, newLog(env.stdout, env.stderr))
		if err != nil {
			return err
		}
		d.log.Info("ready", "version", version, "address", d.Addr(), "photos", conf.UploadFolder, "spool", conf.SpoolFolder)
		select {
		case <-ctx.Done():
			if errors.Is(context.Cause(ctx), errHangup) {
				err = withHint(errHangup, "start it again to have the settings read again, or with nohup to keep it running when the terminal is closed")
			}
		case err = <-d.failed:
		}
		if late := inTime(d.Stop, stopMost); late != nil {
			return errors.Join(err, late)
		}
		if !errors.Is(err, errBack) {
			return err
		}
	}
}

func loadConfig(file string) (*config.Config, error) {
	if file == "" {
		return config.Default("photos")
	}
	c, err := config.Load(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, withHint(err, "name a settings file that is there, or leave --config away")
	}
	return c, err
}

// daemon is the running bridge.
type daemon struct {
	log       *slog.Logger
	listener  net.Listener
	server    *http.Server
	answering *answering
	disk      *spool.DirDisk
	spool     *spool.Spool
	cameras   *sns.Server
	left      atomic.Pointer[string] // what is still at the former place; nil: nothing
	came      *redirected
	timely    *timely
	cancel    context.CancelFunc
	failed    chan error // why cameras cannot be served any more
	running   sync.WaitGroup
}

// start builds the bridge from its settings and lets it run.
func start(conf *config.Config, log *slog.Logger) (*daemon, error) {
	thrift()
	if !conf.FromUCI { // the router's init script has logged them, as warnings
		for _, w := range conf.Warnings {
			log.Warn(w)
		}
	}
	sp, disk, err := openSpool(conf, log)
	if err != nil {
		return nil, err
	}
	targets, rules := conf.Targets(), conf.Rules()
	if e, ok := targets["email"].(*email.Smarthost); ok {
		e.Log = log
	}
	cameras := &sns.Server{
		Spool:   sp,
		Accept:  rules.Accept,
		Finish:  rules.Finish,
		MaxFile: conf.MaxFile,
		Quiet:   quietPost,
		Settle:  settlePost,
		Capture: &capture.Log{Path: filepath.Join(conf.SpoolFolder, "capture.txt")},
		Log:     log,
		Now:     time.Now,
		MAC:     neighbour.MAC,
	}
	if len(conf.Recipients) > 0 {
		cameras.Recipient = conf.MayMail
	}
	if len(conf.Senders) > 0 {
		cameras.Sender = conf.MaySend
	}
	if len(conf.CameraMACs) > 0 {
		// This machine has no address in its own table. Who is on it may send
		// anyway: that is how people try the bridge.
		cameras.Known = func(client, mac string) bool { return isLoopback(client) || conf.MayCome(mac) }
	}
	l, err := net.Listen("tcp", conf.Listen)
	if err != nil {
		disk.Close()
		return nil, withHint(err, conf.Words("is another program, or another snsbridge, using this port? Set LISTEN to one that is free"))
	}
	socket, err := listenControl(conf.ControlSocket, log)
	if err != nil {
		l.Close()
		disk.Close()
		return nil, err
	}
	came, answering := &redirected{}, newAnswering()
	d := &daemon{
		came: came, answering: answering,
		timely: &timely{synchronised: realtime.Synchronised, dial: new(net.Dialer).DialContext},
		failed: make(chan error, 1),
		log:    log, disk: disk, spool: sp, cameras: cameras,
		listener: &wire.Listener{
			Listener: insiders{l, conf.Interfaces, conf.Shared, log, came, conf.Address}, Refuse: cameras.Refused, Device: neighbour.Device,
		},
		server: &http.Server{
			Handler:     cameras,
			ConnContext: wire.ConnContext,
			ConnState:   answering.note,
			// The page for people says what may be asked.
			DisableGeneralOptionsHandler: true,
			ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		},
	}
	d.server.SetKeepAlivesEnabled(false)
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel = cancel
	answers := d.answers(ctx, conf, targets)
	page := d.page(conf, answers)
	cameras.Page, cameras.Asked = page, page.IsAsked
	sp.Changed(page.Changed)
	d.running.Go(func() {
		if err := d.server.Serve(d.listener); !errors.Is(err, net.ErrClosed) {
			d.failed <- fmt.Errorf("the camera port failed: %w", err)
		}
	})
	d.running.Go(func() { d.deliver(ctx, conf, targets) })
	d.running.Go(func() { d.watch(ctx, conf) })
	d.running.Go(func() { d.control(ctx, socket, answers) })
	return d, nil
}

// thrift sets Go's memory use to what a router with 64 MB can spare, if the
// environment does not say otherwise.
func thrift() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(16 << 20)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(35)
	}
}

func openSpool(conf *config.Config, log *slog.Logger) (*spool.Spool, *spool.DirDisk, error) {
	const hint = "photos cannot be kept safe there: check that the storage is plugged in and not write-protected"
	if conf.File == "" { // a folder that nobody named is made
		if err := os.MkdirAll(conf.UploadFolder, 0o755); err != nil {
			return nil, nil, withHint(err, hint)
		}
	}
	if err := os.MkdirAll(conf.SpoolFolder, 0o700); err != nil {
		return nil, nil, withHint(err, hint)
	}
	if err := spool.SyncParents(conf.SpoolFolder, 2); err != nil {
		return nil, nil, withHint(err, hint)
	}
	disk, err := spool.OpenDir(conf.SpoolFolder)
	if err != nil {
		return nil, nil, err
	}
	if err := disk.Lock(); err != nil {
		disk.Close()
		return nil, nil, withHint(err, "another snsbridge keeps its photos in "+conf.SpoolFolder+": stop it, or set SPOOL_FOLDER to another folder")
	}
	sp := &spool.Spool{Disk: disk, Log: log, Reserve: conf.Reserve, KeepDone: conf.KeepDone, Settings: conf.Fingerprint, Present: disk.Present}
	if err := sp.Open(); err != nil {
		disk.Close()
		return nil, nil, withHint(err, hint)
	}
	return sp, disk, nil
}

// page is what phones see. It answers as the control socket does, but for the
// PIN, which the socket's answers then have.
func (d *daemon) page(conf *config.Config, answers *control.Server) *gallery.Page {
	own := *answers
	if err := os.MkdirAll(conf.StateFolder, 0o700); err != nil {
		d.log.Warn("the folder of STATE_FOLDER cannot be made", "error", err)
	}
	const state = "phone.json"
	p := &gallery.Page{
		Name: conf.PageName, Address: conf.Address, Stored: conf.UploadFolder, Open: conf.InsecureDownload,
		Private: []string{conf.SpoolFolder, conf.StateFolder},
		Door:    gallery.OpenDoor(filepath.Join(conf.StateFolder, state), filepath.Join(conf.SpoolFolder, state), conf.PagePIN, d.log),
		Control: &own,
		Idle:    debug.FreeOSMemory,
	}
	p.Door.Device = neighbour.Device
	answers.Phone = &control.Phone{URL: p.URL(), PIN: p.Door.PIN()}
	return p
}

// deliver finds what earlier runs left, and works on it and on what comes.
// Cameras are served meanwhile.
func (d *daemon) deliver(ctx context.Context, conf *config.Config, targets action.Set) {
	if err := d.spool.Recover(d.cameras.Finish); err != nil {
		d.log.Error("not all photos of earlier runs can be read: this is tried again", "error", err)
		d.running.Go(func() { d.recoverLater(ctx) })
	}
	d.running.Go(func() { d.takeOver(ctx, conf) })
	do := func(ctx context.Context, dl *spool.Delivery) error { return inWords(conf, targets.Do(ctx, dl)) }
	r := spool.Runner{Spool: d.spool, Do: d.present(d.timely.hold(conf, do)), Lane: targets.Lane, Idle: debug.FreeOSMemory}
	r.Run(ctx)
}

// recoverLater finds what the disk did not give at first: it may have been
// full, or its plug loose.
func (d *daemon) recoverLater(ctx context.Context) {
	for wait := recoverFirst; ; wait = min(2*wait, recoverMost) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		if err := d.spool.Recover(d.cameras.Finish); err == nil {
			d.log.Info("all photos of earlier runs are found")
			return
		}
	}
}

// Addr is where cameras are served.
func (d *daemon) Addr() string { return d.listener.Addr().String() }

// Stop lets uploads that are under way finish for a moment, then ends.
func (d *daemon) Stop() {
	d.listener.Close()
	d.answering.wait(stopTime)
	d.server.Close()
	d.cancel()
	d.running.Wait()
	d.disk.Close()
}

// insiders lets only those connections in that came by an interface of the
// settings: a second lock behind the firewall. A redirect of the firewall ends
// at the address of the interface by which it came.
type insiders struct {
	net.Listener
	networks []netip.Prefix
	shared   bool // as config.IsShared tells
	log      *slog.Logger
	came     *redirected
	address  netip.Addr // of the names
}

func (l insiders) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return c, err
		}
		if l.inside(c.LocalAddr()) {
			l.came.note(c, l.address)
			return c, nil
		}
		l.log.Warn("refused a connection that came by none of the cameras' networks", "client", c.RemoteAddr(), "to", c.LocalAddr())
		c.Close()
	}
}

func (l insiders) inside(local net.Addr) bool {
	tcp, ok := local.(*net.TCPAddr)
	if all := len(l.networks) == 0 && !l.shared; all || !ok {
		return all
	}
	addr := tcp.AddrPort().Addr().Unmap()
	for _, n := range l.networks {
		if n.Contains(addr) {
			return true
		}
	}
	return addr.IsLoopback() || l.shared && config.IsShared(addr)
}
