//go:build integration

package integration

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"snsbridge/src/sim"
)

// copierFolder is the environment variable that makes this test program the
// bare copier, and names its folder.
const copierFolder = "SNSBRIDGE_TEST_COPIER"

// copier is the least that a program can do with what a camera sends, and the
// yardstick of the benchmarks: it reads each connection to its end into a new
// file, 64 KiB at a time, syncs it, and says so.
func copier(folder string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr())
	for n := 0; ; n++ {
		conn, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			defer conn.Close()
			f, err := os.Create(filepath.Join(folder, fmt.Sprint(n)))
			if err != nil {
				panic(err)
			}
			defer f.Close()
			buf := make([]byte, 64<<10)
			for {
				n, err := conn.Read(buf)
				if _, err := f.Write(buf[:n]); err != nil {
					panic(err)
				}
				if err == io.EOF {
					break
				}
				if err != nil {
					panic(err)
				}
			}
			if err := f.Sync(); err != nil {
				panic(err)
			}
			io.WriteString(conn, "synced")
		}()
	}
}

// bare is a running copier.
type bare struct {
	cmd    *exec.Cmd
	addr   string
	folder string
}

func startCopier(tb testing.TB) *bare {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	c := &bare{cmd: exec.Command(self), folder: tb.TempDir()}
	c.cmd.Env = append(os.Environ(), copierFolder+"="+c.folder)
	c.cmd.Stderr = os.Stderr
	c.cmd.SysProcAttr = withTests
	out, err := c.cmd.StdoutPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(c.kill)
	line := make([]byte, 64)
	n, err := out.Read(line)
	if err != nil {
		tb.Fatal(err)
	}
	c.addr = strings.TrimSpace(string(line[:n]))
	return c
}

func (c *bare) pid() int { return c.cmd.Process.Pid }

func (c *bare) kill() {
	c.cmd.Process.Kill()
	c.cmd.Wait()
	os.RemoveAll(c.folder)
}

// send sends files in pieces as large as a pretend camera's. Sent is called
// behind the last byte.
func (c *bare) send(tb testing.TB, sent func(), files ...sim.File) {
	tb.Helper()
	conn, err := net.Dial("tcp", c.addr)
	if err != nil {
		tb.Error(err)
		return
	}
	defer conn.Close()
	for _, f := range files {
		r, err := f.Open()
		if err == nil {
			_, err = io.CopyBuffer(struct{ io.Writer }{conn}, r, make([]byte, 32<<10))
			r.Close()
		}
		if err != nil {
			tb.Error(err)
			return
		}
	}
	conn.(*net.TCPConn).CloseWrite()
	sent()
	if answer, err := io.ReadAll(conn); string(answer) != "synced" {
		tb.Errorf("the copier said %q, %v", answer, err)
	}
}
