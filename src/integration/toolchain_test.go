//go:build integration

package integration

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// Debian, and Docker's images of Go, pin Go to its own version. The Makefile
// asks for the one in go.mod all the same.
func TestToolchain(t *testing.T) {
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^toolchain (\S+)$`).FindSubmatch(mod)
	if line == nil {
		t.Fatal("go.mod names no toolchain")
	}
	cmd := exec.Command("make", "-s", "-C", "../..", "--eval", "version: ; @$(GO) env GOVERSION", "version")
	cmd.Env = append(os.Environ(), "GOTOOLCHAIN=local", "MAKEFLAGS=", "MAKELEVEL=")
	out, err := cmd.CombinedOutput()
	if got := strings.TrimSpace(string(out)); err != nil || got != string(line[1]) {
		t.Errorf("make uses %q (%v), go.mod names %s", got, err, line[1])
	}
}
