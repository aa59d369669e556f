package luci

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"snsbridge/src/camera"
	"snsbridge/src/control"
	"snsbridge/src/doctor"
)

var update = flag.Bool("update", false, "write the golden files anew")

// bridge answers as the running one does, with the golden files of control.
type bridge struct {
	answers map[string]string // "GET /status" to a file, or to JSON
	asked   []string          // with bodies
}

// newServer returns a server for a router whose bridge answers so.
func newServer(t *testing.T, b *bridge) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "luci") // short, for the socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &Server{
		Client:   &control.Client{Socket: filepath.Join(dir, "control.sock")},
		Settings: filepath.Join(dir, "snsbridge"), Wireless: filepath.Join(dir, "wireless"), Started: filepath.Join(dir, "started"),
		Tokens: filepath.Join(dir, "tokens"), Pending: filepath.Join(dir, "login"),
	}
	write(t, s.Settings, "config snsbridge 'main'\nconfig storage\n\toption path 'ram'\n")
	if b == nil {
		return s
	}
	l, err := net.Listen("unix", s.Client.Socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		what := r.Method + " " + r.URL.Path
		b.asked = append(b.asked, what+"?"+r.URL.RawQuery+" "+string(body))
		answer, ok := b.answers[what+"?"+r.URL.RawQuery]
		if !ok {
			answer, ok = b.answers[what]
		}
		switch {
		case !ok:
			w.WriteHeader(http.StatusNotFound)
			answer = `{"error":{"code":"not-found","message":"no such item","hint":""}}`
		case strings.HasSuffix(answer, ".json"):
			file, err := os.ReadFile(answer)
			if err != nil {
				t.Error(err)
			}
			answer = string(file)
		}
		io.WriteString(w, answer)
	})}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return s
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// call asks as rpcd does.
func call(t *testing.T, s *Server, method, args string) string {
	t.Helper()
	var out bytes.Buffer
	if err := s.Call(context.Background(), method, strings.NewReader(args), &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// golden compares an answer with a file, which the pages are tested with, too.
func golden(t *testing.T, name, got string) {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(got), "", "  "); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	file := filepath.Join("testdata", name)
	if *update {
		write(t, file, b.String())
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s is not as it was; if that is meant, go test -update\n%s", name, b.Bytes())
	}
}

func someBridge(t *testing.T) *bridge {
	ill, err := os.ReadFile("../doctor/testdata/ill.json")
	if err != nil {
		t.Fatal(err)
	}
	return &bridge{answers: map[string]string{
		"GET /status":                         "../control/testdata/status.json",
		"GET /queue":                          "../control/testdata/queue.json",
		"GET /queue?limit=20&state=attention": "../control/testdata/attention.json",
		"GET /doctor":                         `{"report":` + string(ill) + `,"seconds_ago":12,"running":false}`,
	}}
}

func TestOverview(t *testing.T) {
	b := someBridge(t)
	s := newServer(t, b)
	golden(t, "overview.json", call(t, s, "overview", `{"fresh":true,"ubus_rpc_session":"x"}`))
	want := []string{"GET /status? null", "GET /queue?limit=20&state=attention null", "GET /queue?limit=20 null", "GET /doctor?address=10.23.42.99&fresh=1 null"}
	if !slices.Equal(b.asked, want) {
		t.Errorf("asked for\n%q, want\n%q", b.asked, want)
	}
}

// What a start has found out, and neither the settings nor the doctor tell.
func TestOverviewStarted(t *testing.T) {
	s := newServer(t, someBridge(t))
	write(t, s.Settings, "config smarthost\n\toption server 'smtp.example.org'\n")
	all := "every device on this network may mail to every address; name your cameras in list mac or list sender, or your addressees in list recipient"
	left := "the memory stick at /mnt/sda1 is left out: the user snsbridge cannot write there; mount /mnt/sda1 with umask=000, or use ext4"
	write(t, s.Started, "snsbridge: warning: "+left+"\nsnsbridge: warning: "+all+"\nsnsbridge: error: of another start\n"+
		"snsbridge: warning: no memory stick can be used: photos go into working memory, and more\nsnsbridge: warning: this router has no dnsmasq: and more\n")
	var o Overview
	if out := call(t, s, "overview", ""); json.Unmarshal([]byte(out), &o) != nil || !slices.Equal(o.Warnings, []string{all, left}) {
		t.Errorf("warnings %q; want %q and %q", o.Warnings, all, left)
	}
}

// Without a bridge the page tells why: that is when it is needed most.
func TestOverviewDown(t *testing.T) {
	s := newServer(t, nil)
	write(t, s.Settings, "config storage\n\toption path '/mnt'\n\toption max_file 'much'\n\toption colour 'red'\n")
	got := strings.NewReplacer(filepath.Dir(s.Settings), "/etc/config").Replace(call(t, s, "overview", ""))
	golden(t, "overview-down.json", got)
}

// With right settings the doctor says why nothing answers.
func TestOverviewSilent(t *testing.T) {
	s := newServer(t, nil)
	s.Examine = func(context.Context) doctor.Report {
		return doctor.Report{State: doctor.Failed, Checks: []doctor.Result{}}
	}
	if out := call(t, s, "overview", ""); !strings.Contains(out, `"checkup":{"report":{"state":"failed","checks":[]}`) || !strings.Contains(out, `"status":null`) {
		t.Errorf("got %s", out)
	}
	write(t, s.Settings, "config snsbridge main\n\toption enabled 0\n")
	if out := call(t, s, "overview", ""); !strings.Contains(out, `"checkup":null`) || !strings.Contains(out, `"enabled":false`) {
		t.Errorf("switched off: %s", out)
	}
}

func TestHotspotsAndModels(t *testing.T) {
	s := newServer(t, nil)
	if got := call(t, s, "hotspots", "{}"); got != `{"state":"failed","checks":[]}`+"\n" {
		t.Errorf("a router without Wi-Fi: %s", got)
	}
	write(t, s.Wireless, `
config wifi-device 'radio0'
	option band '2g'
	option channel '6'
config wifi-device 'radio1'
	option band '5g'
config wifi-iface
	option device 'radio0'
	option network 'lan'
	option ssid 'Travel <b>'
	option encryption 'sae-mixed'
	option key 'the pass phrase'
config wifi-iface
	option device 'radio0'
	option network 'guest'
	option ssid 'Guests'
	option encryption 'sae'
	option key 'abcdefgh'
config wifi-iface
	option device 'radio1'
	option network 'lan'
	option ssid 'Travel 5G'
	option encryption 'psk2'
`)
	got := call(t, s, "hotspots", "{}")
	if strings.Contains(got, "phrase\":\"") || strings.Contains(got, "the pass") || strings.Contains(got, "abcdefgh") {
		t.Errorf("the pass phrase is told: %s", got)
	}
	golden(t, "hotspots.json", got)
	var m struct{ Models []struct{ ID string } }
	if err := json.Unmarshal([]byte(call(t, s, "models", "")), &m); err != nil || len(m.Models) != len(camera.Models()) {
		t.Errorf("%d models, %v", len(m.Models), err)
	}
}

// Whatever a browser sends: an answer in JSON, and nothing but a request to
// the bridge.
func TestHostileRequests(t *testing.T) {
	for _, c := range []struct{ reason, method, args, code string }{
		{"no such method", "shell", `{}`, "request"},
		{"no method", "", `{}`, "request"},
		{"no JSON", "item", `id=1`, "request"},
		{"a wrong type", "item", `{"id":1}`, "request"},
		{"a long request", "item", `{"id":"` + strings.Repeat("x", requestMax) + `"}`, "request"},
		{"a path for an id", "item", `{"id":"../../status"}`, "not-found"},
		{"a query for an id", "delete", `{"id":"1?x=/../..#"}`, "not-found"},
		{"a target that is none", "pause", `{"target":"../retry?what=all"}`, "not-found"},
		{"a name that leaves its folder", "mastodon_finish", `{"handle":"","code":"x","name":"../x"}`, "name"},
		{"a name without end", "mastodon_finish", `{"name":"` + strings.Repeat("x", 33) + `"}`, "name"},
		{"a login that nobody began", "mastodon_finish", `{"handle":"","code":"x","name":"pub"}`, "login-gone"},
		{"a server in clear text", "mastodon_begin", `{"server":"http://photog.social"}`, "server"},
		{"a file for a server", "mastodon_begin", `{"server":"file:///etc/shadow"}`, "server"},
	} {
		b := someBridge(t)
		var got struct{ Error control.Error }
		out := call(t, newServer(t, b), c.method, c.args)
		if err := json.Unmarshal([]byte(out), &got); err != nil || got.Error.Code != c.code {
			t.Errorf("%s: %v, %s", c.reason, err, out)
		}
		for _, path := range b.asked {
			if !strings.Contains(path, " /items/") && !strings.Contains(path, " /targets/") {
				t.Errorf("%s: the bridge was asked for %s", c.reason, path)
			}
		}
	}
}

// Long texts are cut on pages, in whole characters, and ubus never has more
// to carry than it can.
func TestLongTexts(t *testing.T) {
	long := strings.Repeat("ü", 16<<10)
	it := control.Item{ID: "1", Text: "x" + long, Spare: []string{long}, Files: make([]control.File, 64), Jobs: []control.Job{{To: make([]string, 5000), Error: long}}}
	for i := range it.Files {
		it.Files[i].Alt, it.Files[i].Name = long[:8<<10], strings.Repeat("\x01", 250)
	}
	q := control.Queue{}
	for range 20 {
		q.Items = append(q.Items, it)
	}
	asJSON := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	longer := it
	longer.Text = strings.Repeat("\x01", 64<<10)
	s := newServer(t, &bridge{answers: map[string]string{"GET /queue": asJSON(q), "GET /items/1": asJSON(longer)}})
	var got control.Queue
	page := call(t, s, "queue", "{}")
	if err := json.Unmarshal([]byte(page), &got); err != nil || len(page) > pageMax || !got.More || len(got.Items) < 2 {
		t.Fatalf("%v, %d bytes, %d items, more %v", err, len(page), len(got.Items), got.More)
	}
	first := got.Items[0]
	if first.Text != "x"+strings.Repeat("ü", 149)+"…" || len(first.Files) != briefList || len(first.Jobs[0].To) != briefList {
		t.Errorf("got %.400v", first)
	}
	if out := call(t, s, "item", `{"id":"1"}`); !strings.Contains(out, `"too-long"`) {
		t.Errorf("an item of %d bytes: %.200s", len(asJSON(longer)), out)
	}
}

// Thumbnails come by items, and no more than an answer can carry; the PIN comes
// alone.
func TestThumbnailsAndPIN(t *testing.T) {
	large := `{"thumbnails":{"1":"` + strings.Repeat("QUJD", 40_000) + `","2":null}}`
	b := someBridge(t)
	for _, id := range []string{"1", "2", "3", "4", "5"} {
		b.answers["GET /items/"+id+"/thumbnails"] = large
	}
	s := newServer(t, b)
	out := call(t, s, "thumbnails", `{"ids":["9","1","2","3","4","5"]}`)
	var got Thumbnails
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Thumbnails) != 6 || len(got.Thumbnails["1/1"]) != 120_000 || got.Thumbnails["1/2"] != nil {
		t.Errorf("%v, %.200s", err, out)
	}
	const pin = "904217"
	if out := call(t, s, "overview", "{}"); strings.Contains(out, pin) {
		t.Error("the PIN is told to those who may only look")
	}
	if out := call(t, s, "phone", "{}"); !strings.Contains(out, pin) {
		t.Errorf("got %s", out)
	}
}

// The edit reaches the bridge as it was made.
func TestEdit(t *testing.T) {
	b := &bridge{answers: map[string]string{"POST /items/1/edit": "../control/testdata/item.json"}}
	s := newServer(t, b)
	out := call(t, s, "edit", `{"id":"1","changes":{"text":"\"'$(reboot)<b>","alts":{"2":"a hill"},"hold":true}}`)
	var it control.Item
	if err := json.Unmarshal([]byte(out), &it); err != nil || it.ID != "000003-0003" {
		t.Errorf("%v, %s", err, out)
	}
	var sent control.Edit
	_, body, _ := strings.Cut(b.asked[0], " {")
	if err := json.Unmarshal([]byte("{"+body), &sent); err != nil || *sent.Text != `"'$(reboot)<b>` || sent.Alts[2] != "a hill" || !sent.Hold || sent.Title != nil {
		t.Errorf("%v, %+v", err, sent)
	}
}

func TestLog(t *testing.T) {
	s := newServer(t, nil)
	s.Log = func(context.Context) ([]byte, error) {
		return []byte(`Sat Nov 21 09:48:00 2026 daemon.err snsbridge[4711]: level=WARN msg="refused a connection" client=1.2.3.4
Sat Nov  1 09:48:01 2026 daemon.info snsbridge[4711]: level=INFO msg=ready
Sat Nov 21 09:48:02 2026 daemon.warn snsbridge: the settings: <b> snsbridge[1]: x
Sat Nov 21 09:48:03 2026 daemon.info procd: Instance snsbridge::main s in a crash loop
Sat Nov 21 09:48:04 2026 daemon.info dnsmasq[1]: read /tmp/hosts/snsbridge - 9 names
Sat Nov 21 09:48:05 2026 authpriv.info evil[1]: snsbridge[4711]: level=ERROR msg=forged
short line snsbridge
Sat Nov 21 09:48:06 2026 daemon.err snsbridge[4711]: panic: ` + strings.Repeat("x", 2000) + "\n"), nil
	}
	got := call(t, s, "log", "")
	var log Log
	if err := json.Unmarshal([]byte(got), &log); err != nil {
		t.Fatal(err)
	}
	want := []Line{
		{"Sat Nov 21 09:48:00 2026", "warning", `"refused a connection" client=1.2.3.4`},
		{"Sat Nov 1 09:48:01 2026", "info", "ready"},
		{"Sat Nov 21 09:48:02 2026", "warning", "the settings: <b> snsbridge[1]: x"},
		{"Sat Nov 21 09:48:03 2026", "info", "Instance snsbridge::main s in a crash loop"},
		{"Sat Nov 21 09:48:06 2026", "error", "panic: " + strings.Repeat("x", lineMax-7) + "…"},
	}
	if !slices.Equal(log.Lines, want) {
		t.Errorf("got  %q\nwant %q", log.Lines, want)
	}
	s.Log = func(context.Context) ([]byte, error) { return nil, errors.New("no logread") }
	if got := call(t, s, "log", ""); !strings.Contains(got, `"code":"log"`) {
		t.Errorf("without a log: %s", got)
	}
}

func TestList(t *testing.T) {
	var out bytes.Buffer
	if err := newServer(t, nil).List(&out); err != nil {
		t.Fatal(err)
	}
	golden(t, "list.json", out.String())
}
