package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"snsbridge/src/control"
)

// bridge checks the running bridge and what leads to it.
func (d *Doctor) bridge() Check {
	var st control.Status // what the bridge says, for the checks that depend on it
	run := func(ctx context.Context) Finding {
		client := control.Client{Socket: d.Socket}
		var err error
		if st, err = client.Status(ctx); err != nil {
			e := &control.Error{Code: "answer"}
			errors.As(err, &e)
			remedy := e.Hint
			if port, taken := portTaken(d.Config.Listen); e.Code == "down" && taken {
				return failed("port-taken", "the bridge does not run: another program uses port "+port,
					"End that program, or choose another port in the settings.", "port", port)
			}
			if e.Code == "down" {
				remedy += " Why it ended stands in its log (on a router: logread -e snsbridge)."
			}
			return failed("daemon-"+e.Code, err.Error(), remedy, "socket", d.Socket)
		}
		if st.Version != d.Version {
			return warning("daemon-old", fmt.Sprintf("version %s runs, and %s is installed", st.Version, d.Version),
				"Restart it.", "running", st.Version, "installed", d.Version)
		}
		return ok("version %s", st.Version)
	}
	port := Check{ID: "camera-port", Title: "Camera port", Run: func(ctx context.Context) Finding { return cameraPort(ctx, st.Listen) }}
	storage := Check{ID: "storage", Title: "Storage in use", Run: func(context.Context) Finding { return inUse(st.Storage.Trouble, st.Storage.Spool.Path) }}
	checks := []Check{port, storage}
	if d.Router != "" {
		checks = append(checks, Check{ID: "names-server", Title: "Names service", Run: d.server53})
	}
	names := Check{ID: "names", Title: "Names", Run: d.resolver}
	if d.Address.IsValid() {
		checks[0].Then = []Check{
			{ID: "address-free", Title: "Address that nobody has", Run: func(context.Context) Finding { return d.unused() }},
			{ID: "address", Title: "Address for cameras", Run: func(ctx context.Context) Finding { return d.virtual(ctx, st.Redirected) }},
		}
		for _, host := range d.Hosts {
			names.Then = append(names.Then, Check{
				ID: "name:" + host, Title: host,
				Run: func(ctx context.Context) Finding { return d.name(ctx, host) },
			})
		}
		if len(d.Hosts) > 0 {
			names.Then = append(names.Then, Check{ID: "names-ipv6", Title: "No IPv6", Run: d.ipv6})
		}
	}
	return Check{ID: "daemon", Title: "Bridge", Run: run, Then: append(checks, names)}
}

// cameraPort asks the bridge what a camera asks first.
func cameraPort(ctx context.Context, listen string) Finding {
	addr, err := netip.ParseAddrPort(listen)
	if err != nil {
		return failed("port-unknown", fmt.Sprintf("the bridge does not tell its address: %q", listen), "Restart it.")
	}
	ip := addr.Addr()
	if ip.IsUnspecified() {
		ip = netip.MustParseAddr("127.0.0.1")
	}
	at := netip.AddrPortFrom(ip, addr.Port()).String()
	if err := hotspotCheck(ctx, at); err != nil {
		return failed("port-no-answer", fmt.Sprintf("%s does not answer a camera: %v", at, err),
			"Restart the bridge; if that does not help, please report this.", "address", at)
	}
	if ip.IsLoopback() && !addr.Addr().IsUnspecified() {
		return warning("port-loopback", fmt.Sprintf("%s answers as cameras want it, but to this machine alone", at),
			"Let it listen on all addresses, LISTEN = \":"+fmt.Sprint(addr.Port())+"\", unless another program here hands requests on.", "address", at)
	}
	return ok("%s answers as cameras want it", at)
}

// inUse tells what the running bridge says of its storage.
func inUse(trouble *control.Error, folder string) Finding {
	switch {
	case trouble == nil:
		return ok("is there")
	case trouble.Code == "gone":
		return failed("storage-gone", trouble.Message, trouble.Hint)
	case trouble.Code == "full":
		return failed("storage-full", trouble.Message, trouble.Hint, "path", folder)
	}
	return warning("storage-left-behind", trouble.Message, trouble.Hint, "message", trouble.Message)
}

func isTaken(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }

// hotspotCheck asks as the NX mini does and judges the answer as it does: by
// these three texts (firmware 1.10).
func hotspotCheck(ctx context.Context, address string) error {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: gld.samsungosp.com\r\nConnection: close\r\n\r\n"); err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(conn, 4096))
	if len(b) == 0 && err != nil {
		return err
	}
	answer := string(b)
	for _, want := range []string{"HTTP/1.1 200 ", `ETag: "`, "Server: nginx/", "Content-Length: 0"} {
		if !strings.Contains(answer, want) {
			return fmt.Errorf("the answer to a hotspot check has no %q", want)
		}
	}
	return nil
}
