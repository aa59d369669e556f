package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"

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
	names := Check{ID: "names", Title: "Names", Run: d.resolver}
	if d.Address.IsValid() {
		port.Then = []Check{{ID: "address", Title: "Address for cameras", Run: d.virtual}}
		for _, host := range d.Hosts {
			names.Then = append(names.Then, Check{
				ID: "name:" + host, Title: host,
				Run: func(ctx context.Context) Finding { return d.name(ctx, host) },
			})
		}
	}
	return Check{ID: "daemon", Title: "Bridge", Run: run, Then: []Check{port, names}}
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
	return ok("%s answers as cameras want it", at)
}

// virtual tries the address to which the names lead.
func (d *Doctor) virtual(ctx context.Context) Finding {
	port := d.web
	if port == 0 {
		port = 80
	}
	if err := hotspotCheck(ctx, netip.AddrPortFrom(d.Address, port).String()); err != nil {
		// A redirect of OpenWrt's firewall is for what comes in by an
		// interface: the router's own connections never meet it.
		return skipped("address-unknown", fmt.Sprintf("whether %s leads to the bridge cannot be seen from the router itself", d.Address),
			fmt.Sprintf("Open http://%s/ with a phone on the cameras' Wi-Fi: it must say that snsbridge is ready.", d.Address),
			"address", d.Address.String())
	}
	return ok("%s leads to the bridge", d.Address)
}

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
