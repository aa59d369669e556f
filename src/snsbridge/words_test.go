package main

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"snsbridge/src/camera"
	"snsbridge/src/sim"
	"snsbridge/src/spool"
)

// A person at a router reads the names of its settings file, wherever a hint is
// read: with an item, by the doctor, by a test mail.
func TestHintsNameSettings(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(c, "220 no TLS here\r\n")
			c.Close()
		}
	}()
	for _, c := range []struct {
		router     bool
		want, miss string
	}{{false, "MAIL_USE_SSL", "option"}, {true, "option encryption 'tls'", "MAIL_"}} {
		d, conf := running(t, filepath.Join(t.TempDir(), "config.toml"), fmt.Sprintf("FROM_UCI = %v\nUPLOAD_FOLDER = \".\"\nLISTEN = \"127.0.0.1:0\"\nMAIL_SERVER = \"127.0.0.1\"\nMAIL_PORT = %d\nMAIL_USE_SSL = true\n",
			c.router, l.Addr().(*net.TCPAddr).Port))
		f, err := sim.Photo{Model: "NX300", Taken: time.Date(2013, 7, 14, 0, 0, 0, 0, time.UTC), Size: 20_000}.File()
		if err != nil {
			t.Fatal(err)
		}
		nx300, _ := camera.Find("NX300")
		if _, err := (sim.Camera{Model: nx300, Addr: d.Addr()}).Email(t.Context(), sim.Mail{To: []string{"a@b.example"}, Files: []sim.File{f}}); err != nil {
			t.Fatal(err)
		}
		said := map[string]string{"a warning": strings.Join(conf.Warnings, " ")}
		for limit := time.Now().Add(time.Minute); said["an item"] == ""; {
			if time.Now().After(limit) {
				t.Fatal("the target was never paused")
			}
			if p := d.spool.Targets()["email"].Pause; p != nil {
				said["an item"] = p.Hint
			}
			time.Sleep(time.Millisecond)
		}
		_, err = trial(conf, conf.Targets())(t.Context(), "a@b.example")
		for who, err := range map[string]error{"the doctor": examiner(conf).Targets["email"](t.Context()), "a test mail": err} {
			var e *spool.Error
			if !errors.As(err, &e) {
				t.Fatalf("%s: %v", who, err)
			}
			said[who] = e.Hint
		}
		for who, hint := range said {
			if who == "a warning" && !c.router {
				continue
			}
			if who != "a warning" && !strings.Contains(hint, c.want) || strings.Contains(hint, c.miss) {
				t.Errorf("%s says %q, want it to name %s", who, hint, c.want)
			}
		}
	}
}
