//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"snsbridge/src/camera"
	"snsbridge/src/sim"
)

const emailLine = "POST /social/columbus/email HTTP/1.0\r\nHost: " + camera.HostEmail + "\r\n"

func TestImpossibleLengths(t *testing.T) {
	tests := []struct {
		why    string
		head   string
		status string
		reason string
		log    []string
	}{
		{"1 TB by e-mail", emailLine + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 1000000000000\r\n\r\n",
			"413", "larger than 1024 MiB", []string{"refused", "answer=413", "127.0.0.77"}},
		{"more than any computer can count", emailLine + "Content-Length: 99999999999999999999\r\n\r\n",
			"400", "unusable Content-Length", []string{"captured", "unusable Content-Length"}},
		{"less than nothing", emailLine + "Content-Length: -1\r\n\r\n",
			"400", "unusable Content-Length", []string{"captured", "unusable Content-Length"}},
		{"two lengths", emailLine + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
			"400", "unusable Content-Length", []string{"captured", "unusable Content-Length"}},
		{"list length", emailLine + "Content-Type: multipart/form-data; boundary=x\r\n\r\n",
			"411", "the length is missing", []string{"refused", "answer=411"}},
	}
	b := newBridge(t)
	d := b.start(t)
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			answer := ask(t, dialFrom(t, d, "127.0.0.77"), test.head)
			_, status, _ := strings.Cut(answer, " ")
			if !strings.HasPrefix(status, test.status+" ") || !strings.Contains(answer, test.reason) ||
				!strings.Contains(answer, `<Response ErrCode="`) {
				t.Errorf("the answer is %q, want status %s, an ErrCode and %q", answer, test.status, test.reason)
			}
			d.line(test.log...)
		})
	}
	if err := b.tidy(); err != nil {
		t.Error(err)
	}
}

// dialFrom connects as a client of its own.
func dialFrom(t *testing.T, d *daemon, addr string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(addr)}}
	conn, err := dialer.Dial("tcp", d.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// ask sends raw bytes and returns the answer until the connection ends.
func ask(t *testing.T, conn net.Conn, raw string) string {
	t.Helper()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, raw); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("after the answer %q: %v", answer, err)
	}
	return string(answer)
}

// A hundred connections that never come to an end, and are made again when the
// program ends them, do not keep a camera out.
func TestSlowConnections(t *testing.T) {
	const (
		head = emailLine + "X-Never-Ends: "
		body = emailLine + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9000000\r\n\r\n--x"
	)
	tests := []struct {
		why   string
		hosts int
		begin string
		held  int // connections that the program leaves them
	}{
		{"of one host, in the head", 1, head, 16},
		{"of a hundred hosts, in the head", 100, head, 40},
		{"of one host, in the body", 1, body, 16},
		{"of seven hosts, in the body", 7, body, 28},
	}
	for _, test := range tests {
		t.Run(test.why, func(t *testing.T) {
			b := newBridge(t)
			d := b.start(t)
			ctx, cancel := context.WithCancel(t.Context())
			var slow sync.WaitGroup
			defer slow.Wait()
			defer cancel()
			for i := range 100 {
				slow.Go(func() { trickle(ctx, d.addr, fmt.Sprintf("127.0.1.%d", 1+i%test.hosts), test.begin) })
			}
			eventually(t, func() error {
				// In the body each has begun an upload.
				folder := fmt.Sprintf("/proc/%d/fd", d.pid())
				if test.begin == body {
					folder = filepath.Join(b.spool, "tmp")
				}
				held, err := os.ReadDir(folder)
				if err == nil && len(held) < test.held {
					err = fmt.Errorf("%d entries in %s, want %d", len(held), folder, test.held)
				}
				return err
			})
			l := newLedger()
			files := []sim.File{photo(t, "SAM_0001.JPG", 2<<20, 1), photo(t, "SAM_0002.JPG", 2<<20, 2)}
			l.begin(files...)
			c := cameraAt(t, d, "NX300", 2)
			if _, err := c.Email(t.Context(), mail(files[0])); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Post(t.Context(), "facebook", "", files[1]); err != nil {
				t.Fatal(err)
			}
			l.success(files...)
			eventually(t, func() error { return l.arrived(b.photos) })
			if peak := d.memory(t).peak; peak > peakBudget {
				t.Errorf("peak of memory: %d KiB, want at most %d", peak, peakBudget)
			}
		})
	}
}

// trickle connects again and again, each time to send a byte now and then.
func trickle(ctx context.Context, to, from, begin string) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	pause := time.NewTicker(50 * time.Millisecond)
	defer pause.Stop()
	for ctx.Err() == nil {
		conn, err := dialer.DialContext(ctx, "tcp", to)
		for say := begin; err == nil && ctx.Err() == nil; say = "x" {
			if _, err = io.WriteString(conn, say); err == nil {
				<-pause.C
			}
		}
		if conn != nil {
			conn.Close()
		}
		<-pause.C
	}
}

// names are what no camera calls a photo, or only one with Korean menus.
var names = map[string]string{
	"leaves the folder":                "../../../etc/passwd",
	"leaves it after decoding":         "..%2f..%2fetc%2frc.local",
	"absolute":                         "/etc/cron.d/photo",
	"of Windows":                       `C:\DCIM\100PHOTO\autorun.inf`,
	"leaves it by backslashes":         `..\..\..\autoexec.bat`,
	"NUL in the middle":                "SAM\x00.JPG",
	"in folders":                       "a/b/c.JPG",
	"only dots":                        "..",
	"hidden":                           ".profile",
	"the spool's":                      ".spool",
	"the record's":                     "item.json",
	"300 bytes":                        strings.Repeat("사", 99) + ".JPG",
	"invalid UTF-8":                    "SAM\xff\xfe.JPG",
	"Korean in UTF-8":                  "사진_0001.JPG",
	"Korean in EUC-KR":                 "\xbb\xe7\xc1\xf8_0001.JPG",
	"turns the direction of writing":   "SAM\u202eGPJ.exe",
	"an option":                        "-rf",
	"a command":                        "$(reboot).JPG",
	"a second command":                 ";reboot;.JPG",
	"markup":                           "<svg onload=alert(1)>.jpg",
	"for a terminal":                   "\x1b]0;owned\x07.JPG",
	"a pattern":                        "*?.JPG",
	"a device of Windows":              "CON.JPG",
	"blanks":                           "   ",
	"nothing":                          "",
	"a second header":                  "x.JPG\r\nX-Evil: 1",
	"ends the quotes":                  `x.JPG"; name="message`,
	"numbered as the program numbers ": "SAM_0001-1.JPG",
}

// Whatever a photo is called, it is stored whole, in the folder, and under a
// name that harms nobody.
func TestHostileNames(t *testing.T) {
	b := newBridge(t)
	around := filepath.Dir(b.photos)
	d := b.start(t)
	for i, why := range slices.Sorted(maps.Keys(names)) {
		ok := t.Run(why, func(t *testing.T) {
			c := cameraAt(t, d, "NX300", 2)
			// The sizes differ, by which they are found again.
			mailed := photo(t, names[why], 30<<10+int64(2*i), uint64(2*i))
			if _, err := c.Email(t.Context(), mail(mailed)); err != nil {
				t.Error(err)
			} else {
				eventually(t, func() error { return stored(b.photos, mailed) })
			}
			posted := photo(t, names[why], 30<<10+int64(2*i+1), uint64(2*i+1))
			if _, err := c.Post(t.Context(), "facebook", "", posted); err != nil {
				t.Error(err)
			} else {
				eventually(t, func() error { return stored(b.photos, posted) })
			}
		})
		if !ok {
			t.Fatal("the other names are not tried")
		}
	}
	for _, path := range visible(b.photos) {
		if err := harmless(filepath.Base(path)); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
	if n := len(visible(b.photos)); n != 2*len(names) {
		t.Errorf("%d files are in the folder, %d were sent", n, 2*len(names))
	}
	entries, err := os.ReadDir(around)
	if err != nil || len(entries) != 2 {
		t.Errorf("beside the photo folder and the settings there are %v, %v", entries, err)
	}
	for _, line := range strings.Split(strings.TrimSpace(d.log.tail(1000)), "\n") {
		if strings.ContainsFunc(line, unicode.IsControl) || !strings.HasPrefix(line, "level=") {
			t.Errorf("log line %q", line)
		}
	}
}

// A photo without a name is a photo, also beside one that has a name.
func TestNamelessPhotoBesideAnother(t *testing.T) {
	b := newBridge(t)
	d := b.start(t)
	files := []sim.File{photo(t, "", 30<<10, 1), photo(t, "SAM_0002.JPG", 40<<10, 2)}
	a, err := cameraAt(t, d, "NX300", 2).Email(t.Context(), mail(files...))
	if !heardSuccess(a) {
		t.Fatalf("the camera heard: %v", err)
	}
	for _, f := range files {
		eventually(t, func() error { return stored(b.photos, f) })
	}
}

// stored tells whether a file with the bytes of a photo is in a folder.
func stored(folder string, f sim.File) error {
	for _, path := range visible(folder) {
		if fi, err := os.Stat(path); err == nil && fi.Size() == f.Size {
			return compare(path, f)
		}
	}
	return fmt.Errorf("no file in %s has the %d bytes of %q", folder, f.Size, f.Name)
}

func harmless(name string) error {
	switch {
	case !utf8.ValidString(name):
		return errors.New("is not UTF-8")
	case len(name) > 255:
		return errors.New("is too long for most file systems")
	case strings.HasPrefix(name, "-"), strings.HasPrefix(name, "."):
		return errors.New("begins as an option or a hidden file does")
	case strings.ContainsAny(name, "<>:\"|?*\\$;`&'"):
		return errors.New("has characters that a shell, a page or Windows understands")
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("has characters that cannot be seen")
	}
	return nil
}

// Bad requests, again and again, cost no memory that lasts.
func TestBadRequestsCostNoMemory(t *testing.T) {
	b := newBridge(t)
	d := b.start(t)
	bad := []string{
		emailLine + "Content-Length: 1000000000000\r\n\r\n",
		emailLine + "\r\n",
		emailLine + "X: " + strings.Repeat("x", 20<<10) + "\r\n\r\n",
		emailLine + "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 300030\r\n\r\n--x\r\nA: " + strings.Repeat("x", 300_000),
		"POST /facebook/auth HTTP/1.1\r\nHost: " + camera.HostSNS + "\r\nContent-Length: 70000\r\n\r\n" + strings.Repeat("<", 70_000),
		"PUT /upload/unknown HTTP/1.1\r\nHost: " + camera.HostSNS + "\r\nContent-Length: 4\r\n\r\nabcd",
		"\x16\x03\x01\x00\x05hello",
		"GET / HTTP/9.9\r\n\r\n",
		"\x00\x01\x02\x03\r\n\r\n",
		"GET /" + strings.Repeat("../", 1000) + "etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
	}
	barrage := func() {
		for i := range 50 {
			for _, raw := range bad {
				conn := dialFrom(t, d, fmt.Sprintf("127.0.2.%d", i+1))
				conn.SetDeadline(time.Now().Add(patience))
				io.WriteString(conn, raw)
				conn.(*net.TCPConn).CloseWrite()
				io.Copy(io.Discard, conn)
				conn.Close()
			}
		}
	}
	barrage()
	before := d.memory(t)
	for range 4 {
		barrage()
	}
	after := d.memory(t)
	t.Logf("anonymous memory: %d KiB after 500 requests, %d KiB after 2500; peak RSS %d KiB", before.anonymous, after.anonymous, after.peak)
	if after.anonymous > before.anonymous+1024 {
		t.Errorf("anonymous memory grew from %d to %d KiB", before.anonymous, after.anonymous)
	}
	if after.peak > peakBudget {
		t.Errorf("peak of memory: %d KiB, want at most %d", after.peak, peakBudget)
	}
	if _, err := cameraAt(t, d, "NX300", 2).Email(context.Background(), mail(photo(t, "SAM_0001.JPG", 1<<20, 1))); err != nil {
		t.Errorf("a camera after all that: %v", err)
	}
	var size int64
	filepath.WalkDir(b.spool, func(path string, e fs.DirEntry, err error) error {
		if fi, err := os.Stat(path); err == nil && strings.HasPrefix(e.Name(), "capture") {
			size += fi.Size()
		}
		return nil
	})
	if size == 0 || size > 1<<20+1<<10 {
		t.Errorf("the capture file has %d bytes, want some and at most 1 MiB with a last line", size)
	}
}
