//go:build integration

package integration

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"snsbridge/src/sim"
)

// benchDeliveries prints what sending on costs, and that no camera waits for it.
func benchDeliveries(b *testing.B) {
	benchDeliveryMemory(b)
	benchDeliveryWait(b)
	benchDeliveryTogether(b)
	benchDeliveryWork(b)
}

func benchDeliveryMemory(b *testing.B) {
	for _, load := range deliveryLoads {
		d := load.send(b)
		d.quiet(b).rows(load.name, "once quiet", peakBudget, quietBudget, quietAnonymousBudget)
		d.kill()
	}
}

// benchDeliveryWait shows that a camera waits for the disk and for nothing else.
func benchDeliveryWait(b *testing.B) {
	a := newAuthority(b)
	host := startSmarthost(b, &smarthost{encryption: a.tls(b)})
	files := benchPhotos(b, 0)
	var wait pairs
	for range 11 {
		br := a.trusted(newBridge(b, host.settings()...))
		d := br.start(b)
		var last time.Time
		c := cameraAt(b, d, "NX300", 2)
		c.Progress = whenSent(func() { last = time.Now() })
		if _, err := c.Email(b.Context(), mail(files...)); err != nil {
			b.Fatal(err)
		}
		ours := time.Since(last)
		d.line("msg=delivered")
		d.kill()
		os.RemoveAll(br.photos)
		// All photos but the last are synced while the next one comes.
		wait.add(ms(ours), ms(copied(b, files[:1]).wait))
	}
	r := wait.row("e-mail 5 x 6 MB -> SMTP: the camera's wait", "%.1f ms")
	r.budget, r.met = "fsync+20 ms", r.measured <= r.yardstick+20
	r.print()
}

func whenSent(fn func()) func(sent, total int64) {
	return func(sent, total int64) {
		if sent == total {
			fn()
		}
	}
}

func benchPhotos(b *testing.B, n int) (files []sim.File) {
	for i := range 5 {
		files = append(files, photo(b, fmt.Sprintf("SAM_%02d%02d.JPG", n, i), 6e6, uint64(10*n+i)))
	}
	return files
}

// benchDeliveryTogether lets ten cameras send at once while what they send goes
// out.
func benchDeliveryTogether(b *testing.B) {
	a := newAuthority(b)
	host := startSmarthost(b, &smarthost{encryption: a.tls(b)})
	files := make([][]sim.File, 10)
	for n := range files {
		files[n] = benchPhotos(b, n)
	}
	bridged := func(settings ...string) float64 {
		br := a.trusted(newBridge(b, settings...))
		defer os.RemoveAll(br.photos)
		d := br.start(b)
		defer d.kill()
		return together(files, func(n int, sent func()) {
			c := cameraAt(b, d, "NX300", 2+n)
			c.Progress = whenSent(sent)
			if _, err := c.Email(b.Context(), mail(files[n]...)); err != nil {
				b.Error(err)
			}
		}).wait
	}
	var bare, store pairs
	for range 9 {
		ours := bridged(host.settings()...)
		store.add(ours, bridged())
		c := startCopier(b)
		bare.add(ours, together(files, func(n int, sent func()) { c.send(b, sent, files[n]...) }).wait)
		c.kill()
	}
	bare.row("the same, 10 cameras at once: longest wait", "%.0f ms").within(1)
	store.row("the same against the program as it only stores", "%.0f ms").print()
}

// benchDeliveryWork compares what the delivery of an e-mail costs with base64
// and TLS alone.
func benchDeliveryWork(b *testing.B) {
	a := newAuthority(b)
	host := startSmarthost(b, &smarthost{encryption: a.tls(b)})
	encoder := filepath.Join(b.TempDir(), "encoder")
	if out, err := exec.Command("go", "build", "-o", encoder, "testdata/encoder/main.go").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	files := benchPhotos(b, 0)
	var perMB, whole pairs
	for range 11 {
		br := a.trusted(newBridge(b, host.settings()...))
		d := br.start(b)
		c := cameraAt(b, d, "NX300", 2)
		// The first delivery also reads the certificates of all authorities.
		if _, err := c.Email(b.Context(), mail(photo(b, "FIRST.JPG", 20e3, 1))); err != nil {
			b.Fatal(err)
		}
		d.line("msg=delivered", "files=1")
		if out, err := br.verb("pause", "email"); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		begin := cpuTime(b, d.pid())
		if _, err := c.Email(b.Context(), mail(files...)); err != nil {
			b.Fatal(err)
		}
		d.quiet(b)
		received := cpuTime(b, d.pid())
		if out, err := br.verb("resume", "email"); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		d.line("msg=delivered", "files=5")
		delivered := cpuTime(b, d.pid())
		d.kill()
		paths, err := filepath.Glob(filepath.Join(br.spool, "items", "*", "*SAM*.JPG"))
		if err != nil || len(paths) != len(files) {
			b.Fatalf("got %q and %v in the spool, want %d photos", paths, err, len(files))
		}
		encoded := encode(b, encoder, a.tls(b), paths)
		os.RemoveAll(br.photos)
		perMB.add(ms(delivered-received)/30, ms(encoded)/30)
		whole.add(ms(delivered-begin)/30, ms(encoded+copied(b, files).cpu)/30)
	}
	perMB.row("e-mail -> SMTP with STARTTLS: CPU per MB [TLS]", "%.2f ms").within(1.3)
	whole.row("the same, received and delivered [TLS]", "%.2f ms").print()
}

// encode returns what the encoder takes for these files.
func encode(b *testing.B, encoder string, config *tls.Config, paths []string) time.Duration {
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go func() {
		if conn, err := l.Accept(); err == nil {
			io.Copy(io.Discard, conn)
			conn.Close()
		}
	}()
	cmd := exec.Command(encoder, append([]string{l.Addr().String()}, paths...)...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = withTests
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	defer cmd.Wait()
	defer in.Close()
	said := bufio.NewReader(out)
	expect := func(want string) {
		if got, err := said.ReadString('\n'); got != want+"\n" {
			b.Fatalf("the encoder said %q, %v; want %q", got, err, want)
		}
	}
	expect("ready")
	before := cpuTime(b, cmd.Process.Pid)
	io.WriteString(in, "go\n")
	expect("sent")
	return cpuTime(b, cmd.Process.Pid) - before
}
