package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// inlined names the code that counts when a router encrypts, and little of the
// size: ciphers and digests at 100 instructions a byte and more, and the
// arithmetic of handshakes. And the runtime, with all that it is made of: it
// relies on what is inlined where it must not be interrupted. Without, its
// write barriers on big-endian MIPS with two threads broke the heap in seconds
// (bulkBarrierPreWrite calls readUintptr, which then asks for a larger stack).
//
//go:embed inlined.txt
var inlined string

// flags are those of go build. Nothing but the code above is inlined: that is
// 15 % of the package. It costs a TLS handshake a fifth of a second on a MIPS
// of 580 MHz, the start 20 ms, and each byte next to nothing (instructions
// counted in an emulator).
func flags(version string) []string {
	args := []string{
		"-trimpath", "-buildvcs=false", "-tags", "nethttpomithttp2",
		"-ldflags", "-s -w -X main.version=" + version, "-gcflags=all=-l",
	}
	for _, pkg := range strings.Fields(inlined) {
		args = append(args, "-gcflags="+pkg+"=")
	}
	return args
}

// compile builds the program for a machine. The same source gives the same
// bytes, whatever the environment says.
func compile(root string, m machine, version string) ([]byte, error) {
	// Programs of these crash on 32-bit kernels older than 5.1, which GL.iNet
	// still ships (golang/go#77730).
	if slices.Contains([]string{"go1.26", "go1.26.0", "go1.26.1", "go1.26.2"}, runtime.Version()) {
		return nil, fmt.Errorf("%s makes programs that crash on the kernels of many routers: use go1.25 or at least go1.26.3", runtime.Version())
	}
	dir, err := os.MkdirTemp("", "mkipk")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "snsbridge")
	cmd := exec.Command("go", append(append([]string{"build", "-o", out}, flags(version)...), "./src/snsbridge")...)
	cmd.Dir, cmd.Stderr = root, os.Stderr
	cmd.Env = append(append(os.Environ(), "GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "GOWORK=off"), m.env()...)
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go build for %s %s: %w", m.goarch, m.variant, err)
	}
	return os.ReadFile(out)
}
