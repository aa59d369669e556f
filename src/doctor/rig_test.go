package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"snsbridge/src/config"
	"snsbridge/src/control"
	"snsbridge/src/spool"
)

var update = flag.Bool("update", false, "write the golden files anew")

var clock = time.Date(2026, 11, 21, 9, 48, 0, 0, time.UTC)

// rig is a router on which all is well.
type rig struct {
	Doctor
	dir     string         // of photos and spool
	run     string         // of the socket
	came    string         // who came by the address
	spool   *spool.Spool   // of the bridge
	trouble *control.Error // with the storage
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{dir: t.TempDir()}
	run, err := os.MkdirTemp("", "sns") // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(run) })
	r.run = run
	mounts := filepath.Join(run, "mountinfo")
	if err := os.WriteFile(mounts, []byte("36 35 8:1 / / rw,noatime - ext4 /dev/sda1 rw\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	port := cameraServer(t, goodAnswer)
	r.Doctor = Doctor{
		Config: &config.Config{
			File: "/var/etc/snsbridge.toml", UploadFolder: r.dir, SpoolFolder: filepath.Join(r.dir, ".spool"),
			Mail:     config.Mail{Server: "smtp.example.org", Port: 587},
			Mastodon: map[string]config.Mastodon{"mastodon.pub": {BaseURL: "https://photog.example"}},
		},
		Version: "1.2.3", Socket: filepath.Join(run, "control.sock"),
		Targets: map[string]func(context.Context) error{"email": good, "mastodon.pub": good, "store": good},
		Hosts:   []string{"gld.samsungosp.com", "www.msn.com"},
		DNS:     fakeDNS(t, map[string]string{"gld.samsungosp.com": "127.0.0.1", "www.msn.com": "127.0.0.1"}),
		Address: netip.MustParseAddr("127.0.0.1"),
		dial:    func(context.Context, string, string) (net.Conn, error) { c, _ := net.Pipe(); return c, nil },
		now:     func() time.Time { return clock }, synced: func() bool { return true }, mounts: mounts, web: port.Port(),
	}
	r.near = []near{{"br-lan", netip.MustParsePrefix("192.168.8.0/24")}}
	r.rules = func(context.Context, ...string) ([]byte, error) { return nil, os.ErrPermission }
	r.bridgeRuns(t, fmt.Sprintf("[::]:%d", port.Port()))
	return r
}

func good(context.Context) error { return nil }

// bridgeRuns answers at the control socket until the test ends.
func (r *rig) bridgeRuns(t *testing.T, listen string) {
	t.Helper()
	if err := os.Mkdir(r.Config.SpoolFolder, 0o700); err != nil {
		t.Fatal(err)
	}
	disk, err := spool.OpenDir(r.Config.SpoolFolder)
	if err != nil {
		t.Fatal(err)
	}
	r.spool = &spool.Spool{Disk: disk}
	if err := r.spool.Open(); err != nil {
		t.Fatal(err)
	}
	l, err := control.Listen(r.Socket)
	if err != nil {
		t.Fatal(err)
	}
	s := control.Server{
		Spool: r.spool, SpoolFolder: r.Config.SpoolFolder, Log: slog.New(slog.DiscardHandler), Version: "1.2.3", Started: time.Now(), Listen: listen,
		Redirected: func() (string, time.Time) { return r.came, time.Now().Add(-150 * time.Second) },
		Trouble:    func() *control.Error { return r.trouble },
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Serve(ctx, l) }()
	t.Cleanup(func() { cancel(); <-ended })
}

const goodAnswer = "ETag: \"deadbeef\"\r\nServer: nginx/0.7.65\r\nContent-Length: 0\r\n"

// cameraServer answers a hotspot check with these header lines, if it is one.
func cameraServer(t *testing.T, head string) netip.AddrPort {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, buf, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		if r.Method == "GET" && r.URL.Path == "/" && r.Host == "gld.samsungosp.com" {
			buf.WriteString("HTTP/1.1 200 OK\r\n" + head + "\r\n")
			buf.Flush()
		}
	}))
	t.Cleanup(s.Close)
	return netip.MustParseAddrPort(s.Listener.Addr().String())
}

// closedPort is an address at which nothing answers.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (r *rig) examine() Report { return Examine(context.Background(), r.Checks()) }

// golden compares a report with a file; what differs from run to run is
// replaced.
func (r *rig) golden(t *testing.T, name string, rep Report) {
	t.Helper()
	for _, id := range []string{"photos-space", "spool-space"} {
		setSpace(rep.Checks, id)
	}
	b, err := json.MarshalIndent(rep, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	st, err := (&control.Client{Socket: r.Socket}).Status(context.Background())
	var down *control.Error
	if err != nil && !errors.As(err, &down) {
		t.Fatal(err)
	}
	pairs := []string{r.dir, "/mnt/sda1/photos", r.run, "/var/run/snsbridge", r.DNS, "127.0.0.1:53"}
	if st.Listen != "" {
		pairs = append(pairs, strings.Replace(st.Listen, "[::]", "127.0.0.1", 1), "127.0.0.1:18732")
	}
	got := strings.NewReplacer(pairs...).Replace(string(b)) + "\n"
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s\n got %s\nwant %s", file, got, want)
	}
}

func setSpace(results []Result, id string) {
	for i := range results {
		if results[i].ID == id {
			results[i].Detail = "12.0 of 32.0 GB are free"
		}
		setSpace(results[i].Then, id)
	}
}

// find returns the result of a check, or an empty result if the check did not run.
func find(results []Result, id string) Result {
	for _, r := range results {
		if r.ID == id {
			return r
		}
		if r = find(r.Then, id); r.ID != "" {
			return r
		}
	}
	return Result{}
}

// states returns "id state code" of all checks that are not ok.
func states(results []Result) []string {
	var list []string
	for _, r := range results {
		if r.State != OK {
			list = append(list, r.ID+" "+string(r.State)+" "+r.Code)
		}
		list = append(list, states(r.Then)...)
	}
	slices.Sort(list)
	return list
}
