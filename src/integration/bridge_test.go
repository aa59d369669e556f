//go:build integration

package integration

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is the real one, built by TestMain as for a package.
var program string

// withTests ends a process with the tests, also when these panic.
var withTests = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}

const patience = time.Minute // for what takes milliseconds on an idle machine

func TestMain(m *testing.M) {
	if os.Getenv(copierFolder) != "" {
		copier(os.Getenv(copierFolder))
		return
	}
	flag.Parse()
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "snsbridge-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "snsbridge")
	if err := build(program); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// build makes the program as the Makefile does. Env is for cross-compiling,
// such as GOARCH=mips.
func build(path string, env ...string) error {
	cmd := exec.Command("make", "-s", "-C", "../..", "build", "OUT="+path)
	cmd.Env = append(append(os.Environ(), "MAKEFLAGS="), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", cmd, err, out)
	}
	return nil
}

// bridge is an installation of the program: folders and settings, which last
// over several runs.
type bridge struct {
	photos  string   // UPLOAD_FOLDER
	spool   string   // SPOOL_FOLDER
	file    string   // settings
	program string   // built for this machine, unless a test replaces it
	runner  []string // what runs it, such as an emulator; nil: the machine
}

// newBridge makes folders and settings. Each line is one more setting;
// UPLOAD_FOLDER and SPOOL_FOLDER are relative to the folder of the test.
func newBridge(tb testing.TB, settings ...string) *bridge {
	tb.Helper()
	dir := tb.TempDir()
	b := &bridge{
		photos:  filepath.Join(dir, "photos"),
		spool:   filepath.Join(dir, "photos", ".spool"),
		file:    filepath.Join(dir, "settings.toml"),
		program: program,
	}
	if err := os.Mkdir(b.photos, 0o755); err != nil {
		tb.Fatal(err)
	}
	b.set(tb, settings...)
	return b
}

// elsewhere puts the spool out of the photo folder, so that photos have to be
// copied instead of linked. It is called before the first run.
func (b *bridge) elsewhere(tb testing.TB, settings ...string) *bridge {
	b.spool = filepath.Join(filepath.Dir(b.file), "spool")
	b.set(tb, append(settings, `SPOOL_FOLDER = "spool"`)...)
	return b
}

func (b *bridge) set(tb testing.TB, settings ...string) {
	tb.Helper()
	lines := append([]string{`LISTEN = "127.0.0.1:0"`, `UPLOAD_FOLDER = "photos"`}, settings...)
	if err := os.WriteFile(b.file, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		tb.Fatal(err)
	}
}

// command is the program with arguments.
func (b *bridge) command(args ...string) *exec.Cmd {
	argv := append(append(slices.Clone(b.runner), b.program), args...)
	return exec.Command(argv[0], argv[1:]...)
}

// daemon is one run of the program.
type daemon struct {
	tb    testing.TB
	cmd   *exec.Cmd
	addr  string // HOST:PORT for cameras
	log   output
	ended chan struct{} // closed when the process is gone
}

// launch begins a run without waiting for anything.
func (b *bridge) launch(tb testing.TB) *daemon {
	tb.Helper()
	return follow(tb, b.command("serve", "--config", b.file))
}

// follow begins a command that runs the program, and reads its log.
func follow(tb testing.TB, cmd *exec.Cmd) *daemon {
	tb.Helper()
	d := &daemon{tb: tb, cmd: cmd, ended: make(chan struct{})}
	d.log.changed = make(chan struct{})
	d.cmd.Stdout, d.cmd.Stderr = &d.log, &d.log
	d.cmd.SysProcAttr = withTests
	if err := d.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		d.cmd.Wait()
		close(d.ended)
	}()
	tb.Cleanup(func() {
		d.kill()
		if tb.Failed() {
			tb.Logf("the last lines of %v:\n%s", d.cmd, d.log.tail(20))
		}
	})
	return d
}

// start begins a run that serves cameras when start returns.
func (b *bridge) start(tb testing.TB) *daemon {
	tb.Helper()
	d := b.launch(tb)
	_, d.addr, _ = strings.Cut(d.line("msg=ready"), "address=")
	d.addr, _, _ = strings.Cut(d.addr, " ")
	return d
}

func (d *daemon) pid() int { return d.cmd.Process.Pid }

// kill ends the program as a power cut would, but for the disk's cache.
func (d *daemon) kill() {
	d.cmd.Process.Kill()
	<-d.ended
}

// stop asks the program to end and returns its exit status.
func (d *daemon) stop() int {
	d.tb.Helper()
	d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.ended:
	case <-time.After(patience):
		d.tb.Fatalf("the program still runs %v after SIGTERM", patience)
	}
	return d.cmd.ProcessState.ExitCode()
}

// line waits for the first line of the log that has all the words.
func (d *daemon) line(words ...string) string {
	d.tb.Helper()
	limit := time.After(patience)
	for {
		line, changed := d.log.find(words)
		if line != "" {
			return line
		}
		select {
		case <-changed:
		case <-d.ended:
			if line, _ := d.log.find(words); line != "" {
				return line
			}
			d.tb.Fatalf("the program ended without a log line with %q:\n%s", words, d.log.tail(20))
		case <-limit:
			d.tb.Fatalf("no log line with %q in %v:\n%s", words, patience, d.log.tail(20))
		}
	}
}

// output gathers lines as they come.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{} // closed and made anew with each write
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.changed)
	o.changed = make(chan struct{})
	return o.text.Write(p)
}

func (o *output) find(words []string) (line string, changed <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
next:
	for line := range strings.Lines(o.text.String()) {
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue next
			}
		}
		if strings.HasSuffix(line, "\n") {
			return strings.TrimSpace(line), o.changed
		}
	}
	return "", o.changed
}

func (o *output) tail(n int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	lines := strings.SplitAfter(o.text.String(), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "")
}

// eventually waits until a check passes. It is for what the program does on
// its own and tells nobody.
func eventually(tb testing.TB, check func() error) {
	tb.Helper()
	limit := time.Now().Add(patience)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(limit) {
			tb.Fatalf("still after %v: %v", patience, err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// tidy tells whether nothing is being received, and nothing was left over by
// what was interrupted.
func (b *bridge) tidy() error {
	left, err := os.ReadDir(filepath.Join(b.spool, "tmp"))
	if err != nil {
		return err
	}
	hidden, err := filepath.Glob(filepath.Join(b.photos, "*", ".*"))
	if err != nil {
		return err
	}
	for _, e := range left {
		hidden = append(hidden, filepath.Join(b.spool, "tmp", e.Name()))
	}
	for _, path := range hidden {
		if filepath.Dir(path) != b.spool {
			return fmt.Errorf("%s is left over", path)
		}
	}
	return nil
}
