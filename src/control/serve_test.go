package control

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestListenMode(t *testing.T) {
	name := socketName(t)
	l, err := Listen(name)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	fi, err := os.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	if fi.Mode() != os.ModeSocket|0o600 {
		t.Errorf("the socket has mode %v, want 0600", fi.Mode())
	}
	if fi, err = os.Stat(filepath.Dir(name)); err != nil || fi.Mode().Perm() != 0o750 {
		t.Errorf("the folder has mode %v, %v; want 0750", fi.Mode(), err)
	}
	entries, err := os.ReadDir(filepath.Dir(name))
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder has %v, %v; want the socket alone", entries, err)
	}
}

func TestListenStale(t *testing.T) {
	name := socketName(t)
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	for _, left := range []string{name, name + "~"} {
		l, err := net.Listen("unix", left)
		if err != nil {
			t.Fatal(err)
		}
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		l.Close()
	}
	l, err := Listen(name)
	if err != nil {
		t.Fatalf("what a dead bridge left was not replaced: %v", err)
	}
	l.Close()
	if _, err := os.Lstat(name); err == nil {
		t.Error("the socket is still there after Close")
	}
}

func TestListenTwice(t *testing.T) {
	r := newRig(t)
	_, err := Listen(r.client.Socket)
	if !errors.Is(err, ErrRunning) || !strings.Contains(err.Error(), r.client.Socket) {
		t.Errorf("got %v, want ErrRunning with the socket's name", err)
	}
	if _, err := r.client.Status(context.Background()); err != nil {
		t.Errorf("the first bridge does not answer any more: %v", err)
	}
}

func TestListenRefuses(t *testing.T) {
	dir := filepath.Dir(socketName(t))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "photo.jpg")
	if err := os.WriteFile(file, []byte("photo"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ reason, path, says string }{
		{"a file in the way is somebody's", file, "not a socket"},
		{"the kernel cuts long names", filepath.Join(dir, strings.Repeat("x", 120)), "longer than"},
		{"a file where the folder should be", filepath.Join(file, "control.sock"), "not a directory"},
	} {
		l, err := Listen(c.path)
		if err == nil {
			l.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", c.reason, err, c.says)
		}
	}
	if b, _ := os.ReadFile(file); string(b) != "photo" {
		t.Error("the file in the way was removed")
	}
}

func TestClientErrors(t *testing.T) {
	garbage := socketName(t)
	l, err := Listen(garbage)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Write([]byte("SSH-2.0-OpenSSH\r\n"))
			c.Close()
		}
	}()
	for _, c := range []struct {
		reason, socket, code string
	}{
		{"no socket", socketName(t), "down"},
		{"something else at the socket", garbage, "answer"},
	} {
		client := Client{Socket: c.socket}
		_, err := client.Status(context.Background())
		var e *Error
		if !errors.As(err, &e) || e.Code != c.code || e.Hint == "" {
			t.Errorf("%s: got %#v, want code %s and a hint", c.reason, err, c.code)
		}
	}
}
