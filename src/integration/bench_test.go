//go:build integration

package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"snsbridge/src/sim"
)

// BenchmarkBudgets prints what the program costs, each figure beside what it
// is measured against and what it may be. It is run once, by make bench.
//
// What depends on the machine has a yardstick: the bare copier, which gets the
// same bytes from the same sender, in turn with the program. Figures are
// medians, ratios medians of the ratios of neighbours: a machine that is busy
// with something else slows both.
func BenchmarkBudgets(b *testing.B) {
	fmt.Printf("\n%-58s %10s %10s %6s %12s\n", "figure", "measured", "yardstick", "ratio", "budget")
	benchStart(b)
	benchMemory(b)
	benchMail(b)
	benchTogether(b)
	benchVideo(b)
	benchDeliveries(b)
	benchGrowth(b)
	benchSize(b)
	benchInstructions(b)
	fmt.Print(`yardsticks, each measured in turn with its figure:
        a bare copy from socket to file with fsync, of the same bytes
[TLS]   base64 and TLS alone; where received as well, with the bare copy
[empty] the same with an empty queue
[read]  a bare program that reads and understands as many records
[floor] a program with the same libraries that does nothing
`)
}

// row is a line of the table. Yardstick and ratio are 0 where there are none,
// budget and met where nothing was promised.
type row struct {
	figure    string
	format    string // of measured and yardstick, with the unit
	measured  float64
	yardstick float64
	ratio     float64
	budget    string
	met       bool
}

func (r row) print() {
	yardstick, ratio, verdict := "-", "-", "NOT MET"
	if r.yardstick > 0 {
		yardstick, ratio = fmt.Sprintf(r.format, r.yardstick), fmt.Sprintf("%.2f", r.ratio)
	}
	switch {
	case r.budget == "":
		r.budget, verdict = "-", ""
	case r.met:
		verdict = "met"
	}
	fmt.Printf("%-58s %10s %10s %6s %12s  %s\n", r.figure, fmt.Sprintf(r.format, r.measured), yardstick, ratio, r.budget, verdict)
}

// pairs are measurements of the program, each with one of the copier.
type pairs struct{ ours, bares []float64 }

func (p *pairs) add(ours, bare float64) {
	p.ours, p.bares = append(p.ours, ours), append(p.bares, bare)
}

func (p *pairs) row(figure, format string) row {
	var ratios []float64
	for i := range p.ours {
		ratios = append(ratios, p.ours[i]/p.bares[i])
	}
	return row{figure: figure, format: format, measured: median(p.ours), yardstick: median(p.bares), ratio: median(ratios)}
}

// within prints the row with a budget that is a multiple of the yardstick.
func (r row) within(factor float64) {
	r.budget, r.met = fmt.Sprintf("%.1f x", factor), r.ratio <= factor
	r.print()
}

func median(of []float64) float64 {
	of = slices.Sorted(slices.Values(of))
	return of[len(of)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func benchStart(b *testing.B) {
	var p pairs
	for range 15 {
		br := newBridge(b)
		begin := time.Now()
		d := br.start(b)
		if _, err := cameraAt(b, d, "NX300", 2).Check(b.Context()); err != nil {
			b.Error(err)
		}
		ours := ms(time.Since(begin))
		d.kill()

		begin = time.Now()
		c := startCopier(b)
		c.send(b, func() {})
		p.add(ours, ms(time.Since(begin)))
		c.kill()
	}
	r := p.row("start to first answer", "%.1f ms")
	r.budget, r.met = "50 ms", r.measured <= 50
	r.print()
}

func benchMemory(b *testing.B) {
	for _, load := range loads {
		br := newBridge(b)
		d := br.start(b)
		l := newLedger()
		load.send(b, d, l)
		eventually(b, func() error { return l.arrived(br.photos) })
		m := d.quiet(b)
		when, resident, anonymous := "idle", idleBudget, idleAnonymousBudget
		if len(l.begun) > 0 {
			when, resident, anonymous = "once quiet", quietBudget, quietAnonymousBudget
		}
		m.rows(load.name, when, peakBudget, resident, anonymous)
		d.kill()
		os.RemoveAll(br.photos)
	}
}

// rows prints the memory at the worst moment and now. Budgets are in KiB.
func (m memory) rows(name, now string, peak, resident, anonymous int) {
	for _, r := range []struct {
		figure      string
		kib, budget int
	}{{"peak RSS", m.peak, peak}, {"RSS " + now, m.resident, resident}, {"anonymous " + now, m.anonymous, anonymous}} {
		row{figure: name + ": " + r.figure, format: "%.1f MiB", measured: float64(r.kib) / 1024,
			budget: fmt.Sprintf("%d MiB", r.budget>>10), met: r.kib <= r.budget}.print()
	}
}

// cost is what one sending took.
type cost struct {
	cpu  time.Duration // of the receiving process
	wait time.Duration // the sender's, behind its last byte
}

// mailed is the cost of an e-mail, its delivery into the folder included.
func mailed(b *testing.B, files []sim.File) cost {
	br := newBridge(b)
	defer os.RemoveAll(br.photos)
	d := br.start(b)
	defer d.kill()
	c := cameraAt(b, d, "NX300", 2)
	if _, err := c.Check(b.Context()); err != nil {
		b.Fatal(err)
	}
	var last time.Time
	c.Progress = func(sent, total int64) {
		if sent == total {
			last = time.Now()
		}
	}
	before := cpuTime(b, d.pid())
	if _, err := c.Email(b.Context(), mail(files...)); err != nil {
		b.Fatal(err)
	}
	wait := time.Since(last)
	d.line("msg=delivered")
	return cost{cpuTime(b, d.pid()) - before, wait}
}

// copied is the cost of the same bytes at the bare copier.
func copied(b *testing.B, files []sim.File) cost {
	c := startCopier(b)
	defer c.kill()
	before := cpuTime(b, c.pid())
	var last time.Time
	c.send(b, func() { last = time.Now() }, files...)
	return cost{cpuTime(b, c.pid()) - before, time.Since(last)}
}

func benchMail(b *testing.B) {
	const photos, size = 5, 6e6
	var files []sim.File
	for i := range photos {
		files = append(files, photo(b, fmt.Sprintf("SAM_%04d.JPG", i), size, uint64(i)))
	}
	var perMB, wait pairs
	for range 11 {
		ours, bare := mailed(b, files), copied(b, files)
		perMB.add(ms(ours.cpu)/(photos*size/1e6), ms(bare.cpu)/(photos*size/1e6))
		// All photos but the last are synced while the next one comes.
		wait.add(ms(ours.wait), ms(copied(b, files[:1]).wait))
	}
	perMB.row("e-mail 5 x 6 MB -> store: CPU per MB", "%.2f ms").within(1.5)
	r := wait.row("the same: the camera's wait after its last byte", "%.1f ms")
	r.budget, r.met = "fsync+20 ms", r.measured <= r.yardstick+20
	r.print()
}

// times are those of several senders, in milliseconds.
type times struct {
	wait float64 // the longest behind a last byte
	all  float64 // until the last of them is told that all is safe
}

// together lets all send at once. They tell when their last byte is out.
func together(files [][]sim.File, send func(n int, sent func())) times {
	waits := make([]time.Duration, len(files))
	var senders sync.WaitGroup
	begin := time.Now()
	for n := range files {
		senders.Go(func() {
			var last time.Time
			send(n, func() { last = time.Now() })
			waits[n] = time.Since(last)
		})
	}
	senders.Wait()
	return times{ms(slices.Max(waits)), ms(time.Since(begin))}
}

// benchTogether lets ten cameras send at once.
func benchTogether(b *testing.B) {
	files := make([][]sim.File, 10)
	for n := range files {
		for i := range 5 {
			files[n] = append(files[n], photo(b, fmt.Sprintf("SAM_%02d%02d.JPG", n, i), 6e6, uint64(10*n+i)))
		}
	}
	var wait, all pairs
	for range 7 {
		br := newBridge(b)
		d := br.start(b)
		ours := together(files, func(n int, sent func()) {
			c := cameraAt(b, d, "NX300", 2+n)
			c.Progress = whenSent(sent)
			if _, err := c.Email(b.Context(), mail(files[n]...)); err != nil {
				b.Error(err)
			}
		})
		d.kill()
		os.RemoveAll(br.photos)
		c := startCopier(b)
		bare := together(files, func(n int, sent func()) { c.send(b, sent, files[n]...) })
		c.kill()
		wait.add(ours.wait, bare.wait)
		all.add(ours.all, bare.all)
	}
	wait.row("the same, 10 cameras at once: longest wait", "%.0f ms").within(1)
	all.row("the same, until all 10 heard success", "%.0f ms").print()
}

func benchVideo(b *testing.B) {
	const size = 95e6
	f := video(b, "SAM_0001.MP4", size, 1)
	var perMB pairs
	for range 7 {
		br := newBridge(b)
		d := br.start(b)
		session, err := cameraAt(b, d, "NX300", 2).Login(b.Context(), "youtube")
		if err != nil {
			b.Fatal(err)
		}
		before := cpuTime(b, d.pid())
		if _, err := session.Video(b.Context(), f, ""); err != nil {
			b.Fatal(err)
		}
		if _, err := session.Logout(b.Context()); err != nil {
			b.Fatal(err)
		}
		d.line("msg=delivered")
		ours := cpuTime(b, d.pid()) - before
		d.kill()
		os.RemoveAll(br.photos)
		perMB.add(ms(ours)/(size/1e6), ms(copied(b, []sim.File{f}).cpu)/(size/1e6))
	}
	perMB.row("PUT 95 MB -> store: CPU per MB", "%.2f ms").within(1.5)
}

// benchSize weighs program and package for the routers with the least flash.
func benchSize(b *testing.B) {
	size := func(path string) float64 {
		fi, err := os.Stat(path)
		if err != nil {
			b.Fatal(err)
		}
		return float64(fi.Size()) / 1e6
	}
	for _, router := range []struct{ arch, name string }{{"mipsle", "mipsel_24kc"}, {"mips", "mips_24kc"}} {
		arch, name, dir := router.arch, router.name, b.TempDir()
		program, floor := filepath.Join(dir, "program"), filepath.Join(dir, "floor")
		for path, source := range map[string]string{program: "./src/snsbridge", floor: "./src/integration/testdata/floor"} {
			if err := build(path, "PROGRAM="+source, "GOARCH="+arch, "GOMIPS=softfloat"); err != nil {
				b.Fatal(err)
			}
		}
		cmd := exec.Command("go", "run", "./src/mkipk", "-out", dir, "-only", name, "ipk")
		cmd.Dir = sources
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v: %v\n%s", cmd, err, out)
		}
		packages, err := filepath.Glob(filepath.Join(dir, "snsbridge_*"+name+".ipk"))
		if err != nil || len(packages) != 1 {
			b.Fatalf("%q, %v", packages, err)
		}
		r := row{figure: "program, " + arch + " softfloat [floor]", format: "%.2f MB", measured: size(program), yardstick: size(floor), budget: "7.4 MB"}
		r.ratio, r.met = r.measured/r.yardstick, r.measured <= 7.4
		r.print()
		packed := size(packages[0])
		row{figure: "the same: package for " + name, format: "%.2f MB", measured: packed, budget: "2.7 MB", met: packed <= 2.7}.print()
	}
}

func benchInstructions(b *testing.B) {
	br := newBridge(b)
	option, count := counter(b)
	br.on(b, mipsel, option...)
	d := br.start(b)
	c := cameraAt(b, d, "NX300", 2)
	var files []sim.File
	for i := range 5 {
		files = append(files, photo(b, fmt.Sprintf("SAM_%04d.JPG", i), 6e6, uint64(i)))
	}
	before := count()
	if _, err := c.Email(b.Context(), mail(files...)); err != nil {
		b.Fatal(err)
	}
	d.line("msg=delivered")
	perByte("e-mail 5 x 6 MB -> store", count()-before, 30e6)

	session, err := c.Login(b.Context(), "youtube")
	if err != nil {
		b.Fatal(err)
	}
	before = count()
	if _, err := session.Video(b.Context(), video(b, "SAM_0001.MP4", 95e6, 1), ""); err != nil {
		b.Fatal(err)
	}
	perByte("PUT 95 MB", count()-before, 95e6)
}

func perByte(what string, instructions uint64, bytes float64) {
	n := float64(instructions) / bytes
	row{figure: "instructions per byte on MIPS: " + what, format: "%.1f", measured: n, budget: "12", met: n <= 12}.print()
}
