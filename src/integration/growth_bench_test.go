//go:build integration

package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"snsbridge/src/control"
	"snsbridge/src/sim"
	"snsbridge/src/spool"
)

// benchGrowth prints what a full queue costs, and many cameras at once: the
// program must not do more for each when there are many.
func benchGrowth(b *testing.B) {
	benchQueue(b)
	benchCrowd(b)
}

// away is a mail server that is not there, as when there is no uplink.
var away = []string{`MAIL_SERVER = "127.0.0.1"`, `MAIL_PORT = 1`}

// fill puts items of one small photo into the spool, which wait for the mail
// server.
func (b *bridge) fill(tb testing.TB, items int) {
	tb.Helper()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(b.spool, name), data, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	picture := make([]byte, 2000)
	for n := 1; n <= items; n++ {
		it := spool.Item{
			ID: fmt.Sprintf("%06d-%04x", n, n%0x10000), Kind: spool.Email, Received: time.Now().UTC().Truncate(time.Second),
			Client: "192.168.8.117", Model: "NX300", Sender: "me@example.org", Title: "Photos of the day", Text: "Hello from the sea",
			Files: []spool.File{{Name: "SAM_0001.JPG", Path: "01-SAM_0001.JPG", Type: "image/jpeg", Size: int64(len(picture))}},
			Jobs:  []spool.Job{{Target: "email", To: []string{"you@example.org"}, State: spool.Waiting}},
		}
		record, err := json.MarshalIndent(it, "", " ")
		if err != nil {
			tb.Fatal(err)
		}
		dir := filepath.Join("items", it.ID)
		if err := os.MkdirAll(filepath.Join(b.spool, dir), 0o755); err != nil {
			tb.Fatal(err)
		}
		write(filepath.Join(dir, "item.json"), record)
		write(filepath.Join(dir, it.Files[0].Path), picture)
	}
	write("seq", fmt.Appendln(nil, items+1))
}

// readRecords returns what the least takes that is to be done to know so many
// of the items: their records are read and understood.
func (b *bridge) readRecords(tb testing.TB, most int) time.Duration {
	begin := time.Now()
	names, err := filepath.Glob(filepath.Join(b.spool, "items", "*", "item.json"))
	if err != nil {
		tb.Fatal(err)
	}
	for _, name := range names[max(0, len(names)-most):] {
		data, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(data, new(spool.Item))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	return time.Since(begin)
}

// benchQueue fills the queue of a bridge that starts without an uplink.
func benchQueue(b *testing.B) {
	for _, items := range []int{10, 100, 1000, 10000} {
		var first, known, page pairs
		var rest memory
		for range 3 {
			full, empty := newBridge(b, away...), newBridge(b, away...)
			full.fill(b, items)
			before := answered(b, empty)
			before.kill()
			begin := time.Now()
			after := answered(b, full)
			first.add(ms(after.took), ms(before.took))
			after.status(b, func(st control.Status) bool { return st.Ready })
			ours := time.Since(begin)
			known.add(ms(ours), ms(full.readRecords(b, items)))
			page.add(ms(after.list(b)), ms(full.readRecords(b, 50)))
			rest = after.quiet(b)
			after.kill()
			os.RemoveAll(full.photos)
		}
		r := first.row(fmt.Sprintf("%d items wait: start to first answer [empty]", items), "%.1f ms")
		r.budget, r.met = "50 ms", r.measured <= 50
		r.print()
		known.row("the same: start until all are known [read]", "%.0f ms").print()
		r = page.row("the same: the 50 latest listed [read]", "%.1f ms")
		r.budget, r.met = "50 ms", r.measured <= 50
		r.print()
		more := items * itemBudget >> 10
		rest.rows("the same", "once quiet", peakBudget+more, quietBudget+more, quietAnonymousBudget+more)
	}
}

// started is a bridge that has just answered its first camera.
type started struct {
	*daemon
	client control.Client
	took   time.Duration
}

func answered(b *testing.B, br *bridge) started {
	begin := time.Now()
	d := br.start(b)
	if _, err := cameraAt(b, d, "NX300", 2).Check(b.Context()); err != nil {
		b.Fatal(err)
	}
	return started{d, control.Client{Socket: filepath.Join(br.spool, "control.sock")}, time.Since(begin)}
}

// status waits until what the program says of itself is as wanted.
func (s started) status(b *testing.B, wanted func(control.Status) bool) {
	eventually(b, func() error {
		st, err := s.client.Status(b.Context())
		if err == nil && !wanted(st) {
			err = errors.New("it is not yet so")
		}
		return err
	})
}

// list returns what a page of the queue takes.
func (s started) list(b *testing.B) time.Duration {
	begin := time.Now()
	q, err := s.client.Queue(b.Context(), "", 50, "")
	if err != nil {
		b.Fatal(err)
	}
	if q.More && len(q.Items) != 50 {
		b.Errorf("a page has %d items", len(q.Items))
	}
	return time.Since(begin)
}

// benchCrowd lets more and more cameras send at once.
func benchCrowd(b *testing.B) {
	for _, cameras := range []int{1, 2, 5, 10, 20, 50} {
		files := make([][]sim.File, cameras)
		for n := range files {
			for i := range 2 {
				files[n] = append(files[n], photo(b, fmt.Sprintf("SAM_%02d%02d.JPG", n, i), 3e6, uint64(10*n+i)))
			}
		}
		var wait, all pairs
		peak := 0
		for range 3 {
			br := newBridge(b)
			d := br.start(b)
			ours := together(files, func(n int, sent func()) {
				c := cameraAt(b, d, "NX300", 2+n)
				c.Progress = whenSent(sent)
				if _, err := c.Email(b.Context(), mail(files[n]...)); err != nil {
					b.Error(err)
				}
			})
			peak = max(peak, d.memory(b).peak)
			d.kill()
			os.RemoveAll(br.photos)
			c := startCopier(b)
			bare := together(files, func(n int, sent func()) { c.send(b, sent, files[n]...) })
			c.kill()
			wait.add(ours.wait, bare.wait)
			all.add(ours.all, bare.all)
		}
		name := fmt.Sprintf("%d cameras at once, 2 x 3 MB", cameras)
		wait.row(name+": longest wait", "%.0f ms").print()
		all.row("the same, until all heard success", "%.0f ms").print()
		row{figure: "the same: peak RSS", format: "%.1f MiB", measured: float64(peak) / 1024,
			budget: fmt.Sprintf("%d MiB", peakBudget>>10), met: peak <= peakBudget}.print()
	}
}
