package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"snsbridge/src/config"
	"snsbridge/src/control"
	"snsbridge/src/doctor"
	"snsbridge/src/spool"
)

// answer reads an answer of the bridge as its own tests keep it.
func answer[T any](t *testing.T, file string) (v T) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", file))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// fit fails if a text is too wide for a terminal, or does things to it.
func fit(t *testing.T, text string) {
	t.Helper()
	for line := range strings.SplitSeq(text, "\n") {
		if width(line) > columns {
			t.Errorf("%d columns: %s", width(line), line)
		}
		if control.Printable(line) != line {
			t.Errorf("not printable: %q", line)
		}
	}
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	fit(t, got)
}

func TestShowStatus(t *testing.T) {
	st := answer[control.Status](t, "control/testdata/status.json")
	st.ClockOK = false // its line depends on the place where the test runs
	var out bytes.Buffer
	showStatus(paper{&out}, st)
	same(t, out.String(), `snsbridge 1.2.3, running for 1 day

Camera port  [::]:18732
Clock        not set yet: times are unknown until it is; no time server has
             answered yet: mail and posts wait for that, some minutes at most
Cameras      NX300 at 192.168.8.213 (00:16:6c:12:34:56), 5 minutes ago: logged
             in to facebook
             192.168.8.214, 3 hours ago: hotspot check at www.msn.com
Refused      192.168.8.215 (00:16:6c:65:43:21), 1 minute ago: wanted to send an
             e-mail
             hint: Is this your camera? Add 00:16:6c:65:43:21 to CAMERA_MACS (on
                   a router: list mac).
             NX300 at 192.168.8.213 (00:16:6c:12:34:56), 1 hour ago: wanted to
             send an e-mail
             hint: Is this your camera? Add me@example.org to SENDERS (on a
                   router: list sender).
Arriving     from NX300 at 192.168.8.213: SAM_0042.JPG, 4.1 MB of 9.4 MB
Queue        1 post arriving, 3 waiting, 1 draft for you to complete, 1 failed,
             1 damaged, 2 delivered
Photos       /mnt/sda1/photos, on 32.0 GB
Spool        /mnt/sda1/photos/.spool, on 32.0 GB
Room         for about 12 photos: 61.0 MB, beside 16.8 MB reserved
Mails today  12 of at most 200
Sent from    me@example.org: the mail server refuses the cameras' senders
Not understood 3 requests; please send in /mnt/sda1/photos/.spool/capture.txt
Warning      INSECURE_DOWNLOAD is on: everybody on this network can see all
             photos
Phone page   http://camera.lan/, PIN 904217

email        failing, 1 waiting (next try now), last delivery 19 hours ago
             1 hour ago: dial tcp: connection timed out
gone         failing, not in the settings any more, 1 waiting (next try now)
             at an unknown time: \x1b]0;owned\x07 \u202egnp.exe\x0d\nBcc:
             x@example.org <b>&
             hint: \x1b]0;owned\x07 \u202egnp.exe\x0d\nBcc: x@example.org <b>&
mastodon.pub works, 1 draft
shell        works, 1 failed
store        paused, 1 waiting, last delivery 20 hours ago
             paused by you: the stick is full; go on with: snsbridge resume
             store
`)
}

func TestShowQueue(t *testing.T) {
	q := answer[control.Queue](t, "control/testdata/queue.json")
	now := time.Date(2026, 11, 21, 9, 48, 0, 0, time.UTC)
	var out bytes.Buffer
	for _, it := range q.Items {
		showItem(paper{&out}, it, now)
	}
	same(t, out.String(), `000007-0007  arriving   just now, NX300, 1 photo, 0.7 kB, facebook
    store: waiting

000006-0006  waiting    at an unknown time, 1 file, 0.0 kB, \x1b]0;owned\x07
    \u202egnp.exe\x0d\nBcc: x@example.org <b>&
    "\x1b]0;owned\x07 \u202egnp.exe\x0d\nBcc: x@example.org <b>&"
    gone: waiting, tried 1 time (next try now): \x1b]0;owned\x07
      \u202egnp.exe\x0d\nBcc: x@example.org <b>&
      hint: \x1b]0;owned\x07 \u202egnp.exe\x0d\nBcc: x@example.org <b>&

000005-0005  damaged    at an unknown time, 0.0 kB
    the file 01-SAM_0005.JPG is missing

000004-0004  failed     8 hours ago, 1 photo, 0.3 kB
    shell: failed, needs you: exit status 2
      hint: Run the command by hand.

000003-0003  draft      9 hours ago, NX300, 1 photo, 1 video, 1.3 kB, facebook
    "Three views"
    mastodon.pub: draft, needs you: 1 of 2 files have no description
      hint: Describe each picture.

000002-0002  waiting    10 hours ago, 1 photo, 0.5 kB
    email to me@example.org, you@example.org: waiting, tried 3 times (next try
      now): dial tcp: connection timed out

000001-0001  delivered  20 hours ago, NX300, 1 photo, 0.6 kB
    "Sent from Samsung Camera."
    email to me@example.org: delivered 19 hours ago
    store to store@example.org: delivered 20 hours ago

`)
	out.Reset()
	for _, it := range q.Items {
		showAll(paper{&out}, it, now)
	}
	fit(t, out.String())
}

func TestShowChecks(t *testing.T) {
	rep := answer[doctor.Report](t, "doctor/testdata/ill.json")
	var out bytes.Buffer
	showChecks(paper{&out}, rep.Checks, 0)
	fit(t, out.String())
	for _, want := range []string{
		"WARN  Settings: /var/etc/snsbridge.toml: INSECURE_DOWNLOAD is on\n        -> Change the settings if that is not what you want.\n",
		"FAIL        gld.samsungosp.com: is [203.0.113.7], and must be 127.0.0.1\n",
		"FAIL      Target email: smtp.example.org: 535 no\n            -> Check MAIL_PASSWORD.\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("there is no\n%sin\n%s", want, &out)
		}
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ reason, got, want string }{
		{"seconds", span(59), "59 seconds"},
		{"one of a unit", span(60), "1 minute"},
		{"only the largest unit", span(86399), "23 hours"},
		{"days without end", span(86400 * 400), "400 days"},
		{"a clock that was set back", span(-5), "0 seconds"},
		{"bytes", bytesText(1), "0.0 kB"},
		{"a small photo", bytesText(349_000), "0.3 MB"},
		{"a stick", bytesText(31_900_000_000), "31.9 GB"},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %q, want %q", c.reason, c.got, c.want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct{ reason, text, want string }{
		{"between words", "one two three four", "one two|three four"},
		{"a word that is too long", "a " + strings.Repeat("x", 25), "a|xxxxxxxxxx|xxxxxxxxxx|xxxxx"},
		{"Korean takes two columns a letter", "안녕하세요안녕하세요", "안녕하세요|안녕하세요"},
		{"what is filled up with blanks", "ab    cd", "ab    cd"},
		{"nothing", "", ""},
	} {
		if got := strings.Join(wrap(c.text, 10, 10), "|"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.reason, got, c.want)
		}
	}
}

func TestConfirm(t *testing.T) {
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "n\n": false, "\n": false, "": false, "yeah\n": false, "y": true} {
		if got := confirm(bufio.NewReader(strings.NewReader(answer)), io.Discard, "?"); got != want {
			t.Errorf("%q counts as %v", answer, got)
		}
	}
}

// bridge is a running bridge whose queue has a draft, a failure, and hostile
// texts.
type bridge struct {
	settings string
	dir      string
}

func newBridge(t *testing.T) bridge {
	t.Helper()
	run, err := os.MkdirTemp("", "sns") // the name of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(run) })
	b := bridge{settings: filepath.Join(run, "snsbridge.toml"), dir: t.TempDir()}
	text := fmt.Sprintf("LISTEN = '127.0.0.1:0'\nUPLOAD_FOLDER = '%s'\nCONTROL_SOCKET = '%s'\nRESERVE = 1\n", b.dir, filepath.Join(run, "c.sock"))
	if err := os.WriteFile(b.settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	const bad = "\x1b[2J\u202eevil\r\n"
	for id, state := range map[string]spool.State{"000001-0001": spool.Draft, "000002-0002": spool.Failed, "000003-0003": spool.Failed} {
		dir := filepath.Join(b.dir, ".spool", "items", id)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "01-A.JPG"), []byte("photo "+id), 0o600); err != nil {
			t.Fatal(err)
		}
		it := spool.Item{ID: id, Kind: spool.Post, Site: bad, Model: bad, Sender: bad, Title: bad, Text: bad, Client: bad,
			Files: []spool.File{{Name: bad, Path: "01-A.JPG", Type: "image/jpeg", Size: 17, Alt: bad}},
			Jobs:  []spool.Job{{Target: "store", To: []string{bad}, State: state, Attempts: 1, Error: bad, Hint: bad, Result: bad}}}
		it.Files[0].Size = int64(len("photo " + id))
		record, err := json.Marshal(it)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "item.json"), record, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b bridge) start(t *testing.T) *daemon {
	t.Helper()
	conf, err := config.Load(b.settings)
	if err != nil {
		t.Fatal(err)
	}
	d, err := start(conf, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	changed := make(chan bool, 16)
	d.spool.Changed(func(string) { changed <- true })
	for !recovered(d.spool) {
		<-changed
	}
	d.spool.Changed(nil)
	return d
}

func recovered(sp *spool.Spool) bool {
	items, _, _ := sp.Totals()
	return items == 3
}

// command runs a verb and checks that its output is fit for a terminal.
func (b bridge) command(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	args = append(args, "--config", b.settings)
	status = run(context.Background(), environ{strings.NewReader(stdin), &out, &errs}, args)
	for line := range strings.SplitSeq(out.String()+errs.String(), "\n") {
		if control.Printable(line) != line {
			t.Errorf("%q: not printable: %q", args, line)
		}
	}
	return status, out.String(), errs.String()
}

func TestVerbs(t *testing.T) {
	b := newBridge(t)
	d := b.start(t)
	defer d.Stop()
	for _, c := range []struct {
		reason string
		stdin  string
		args   []string
		status int
		says   string // on either output
	}{
		{"how it is", "", []string{"status"}, 0, "1 draft for you to complete, 2 failed"},
		{"for programs", "", []string{"status", "--json"}, 0, `"draft": 1`},
		{"the list", "", []string{"queue"}, 0, "000001-0001"},
		{"a part of the list", "", []string{"queue", "--limit", "1"}, 0, "More: snsbridge queue --before 000003-0003"},
		{"what needs a person", "", []string{"queue", "--state", "attention"}, 0, "000001-0001"},
		{"a list of nothing", "", []string{"queue", "--state", "damaged"}, 0, "nothing like that"},
		{"a wrong word", "", []string{"queue", "--state", "lost"}, 1, "hint: Choose one of"},
		{"one item", "", []string{"show", "000001-0001"}, 0, "needs you"},
		{"for programs, hostile texts and all", "", []string{"show", "000001-0001", "--json"}, 0, `\u202eevil`},
		{"an item that is not there", "", []string{"show", "000009-0009"}, 1, "hint: List what is there"},
		{"the same for programs", "", []string{"show", "000009-0009", "--json"}, 1, `"code": "not-found"`},
		{"an id that is a path", "", []string{"show", "../item.json"}, 1, "no such item"},
		{"an id that is a terminal's command", "", []string{"show", "\x1b[2J"}, 1, "no such item"},
		{"nothing named", "", []string{"show"}, 2, "missing argument"},
		{"too much named", "", []string{"show", "a", "b"}, 2, "too many"},
		{"options behind the id", "", []string{"edit", "000001-0001", "--text", "Hello", "--alt", "1=A cat", "--hold"}, 0, "kept until you send it"},
		{"a file that is not there", "", []string{"edit", "000001-0001", "--alt", "2=A dog"}, 1, "file number 2"},
		{"an alt text without its number", "", []string{"edit", "000001-0001", "--alt", "A dog"}, 2, "NUMBER=TEXT"},
		{"changes of a web page", `{"alts":{"1":"A mouse"},"hold":true}`, []string{"edit", "000001-0001", "--from", "-"}, 0, "A mouse"},
		{"changes that are none", `{"later":1}`, []string{"edit", "000001-0001", "--from", "-"}, 1, "cannot be read"},
		{"retry what is a draft", "", []string{"retry", "000001-0001"}, 1, "waits for its text"},
		{"retry what", "", []string{"retry"}, 2, "--all"},
		{"retry too much", "", []string{"retry", "--all", "000001-0001"}, 2, "either"},
		{"retry two things", "", []string{"retry", "--all", "--waiting"}, 2, "either"},
		{"the uplink is there", "", []string{"retry", "--waiting"}, 0, "nothing to retry"},
		{"a pause", "", []string{"pause", "store", "--reason", "\x1b[31mno"}, 0, `paused by you: \x1b[31mno`},
		{"a person wants all of it tried", "", []string{"retry", "--all"}, 0, "Tried again now: 2."},
		{"try one again", "", []string{"retry", "000002-0002"}, 0, "waiting"},
		{"the end of a pause", "", []string{"resume", "store"}, 0, "store"},
		{"a target that is none", "", []string{"pause", "fax"}, 1, "hint: Choose one of: store."},
		{"deleting asks, and cannot here", "", []string{"delete", "000003-0003"}, 1, "--yes"},
		{"deleting without a question", "", []string{"delete", "--yes", "000003-0003"}, 0, "Deleted 000003-0003."},
		{"deleted is deleted", "", []string{"delete", "--yes", "000003-0003"}, 1, "no such item"},
		{"all is well", "", []string{"doctor"}, 0, "WARN      Camera port"},
		{"a name server that is none", "", []string{"doctor", "--json", "--address", "10.23.42.99", "--dns", "127.0.0.1:9"}, 1, "resolver-silent"},
		{"an address that is none", "", []string{"doctor", "--address", "router"}, 2, "--address"},
	} {
		status, stdout, stderr := b.command(t, c.stdin, c.args...)
		if status != c.status || !strings.Contains(stdout+stderr, c.says) {
			t.Errorf("%s: status %d, want %d; want %q in\n%s%s", c.reason, status, c.status, c.says, stdout, stderr)
		}
	}
	if _, err := os.Stat(filepath.Join(b.dir, ".spool", "items", "000003-0003")); err == nil {
		t.Error("the deleted item is on disk")
	}
	// The doctor asks as a camera does, and is none.
	if list := sightings(d.cameras.Cameras()); len(list) != 0 {
		t.Errorf("cameras were seen: %+v", list)
	}
}

func TestVerbsWithoutBridge(t *testing.T) {
	b := newBridge(t)
	for _, args := range [][]string{{"status"}, {"queue"}, {"show", "000001-0001"}, {"retry", "--all"}, {"delete", "--yes", "x"}, {"pause", "store"}} {
		status, _, stderr := b.command(t, "", args...)
		if status != 1 || !strings.Contains(stderr, "error: the bridge does not run") || !strings.Contains(stderr, "hint: Start it: ") {
			t.Errorf("%q: status %d, %s", args, status, stderr)
		}
	}
	if status, stdout, _ := b.command(t, "", "status", "--json"); status != 1 || !strings.Contains(stdout, `"code": "down"`) {
		t.Errorf("status %d, %s", status, stdout)
	}
	if status, stdout, _ := b.command(t, "", "doctor"); status != 1 || !strings.Contains(stdout, "FAIL    Bridge") {
		t.Errorf("status %d, %s", status, stdout)
	}
}

func TestExplain(t *testing.T) {
	tk := newTalk(environ{stdout: io.Discard}, "show", "")
	err := tk.explain(&control.Error{Code: "storage", Message: "\x1b[2Jbroken", Hint: "\x1b[2Jhint"})
	var h *hinted
	if !errors.As(err, &h) || h.hint != `\x1b[2Jhint` || err.Error() != `\x1b[2Jbroken` {
		t.Errorf("got %#v", err)
	}
}

// Two bridges on one spool would deliver everything twice.
func TestTwoBridges(t *testing.T) {
	b := newBridge(t)
	d := b.start(t)
	conf, err := config.Load(b.settings)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := start(conf, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "another snsbridge is running") {
		t.Errorf("the second bridge got %v", err)
	}
	conf.SpoolFolder = t.TempDir()
	if _, err := start(conf, slog.New(slog.DiscardHandler)); !errors.Is(err, control.ErrRunning) {
		t.Errorf("a bridge with the same socket got %v", err)
	}
	if status, _, stderr := b.command(t, "", "status"); status != 0 {
		t.Errorf("the first one does not answer any more: %s", stderr)
	}
	d.Stop()
	b.start(t).Stop()
}

// TestBridgeOfThisFolder shows that people who stand where the settings are
// need not name them, which is what the README says.
func TestBridgeOfThisFolder(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("config.toml", []byte("UPLOAD_FOLDER = \".\"\nLISTEN = \"127.0.0.1:0\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	conf, err := config.Load("config.toml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := start(conf, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Stop()
	for _, verb := range []string{"status", "queue", "doctor"} {
		if status, out, errs := call(t, verb); status != 0 || out == "" {
			t.Errorf("%s: status %d\n%s%s", verb, status, out, errs)
		}
	}
}
