package control

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// ErrRunning tells that another bridge answers at a socket.
var ErrRunning = errors.New("another snsbridge is running")

// pathMax is the kernel's limit of a socket's name, less one byte for the name
// under which the socket is made.
const pathMax = 106

// Listen makes a socket that only the own user (and root) may connect to. What
// a bridge that died has left is replaced, a living one is not: then the error
// is ErrRunning. The folder is made if it is not there.
func Listen(path string) (net.Listener, error) {
	if len(path) > pathMax {
		return nil, fmt.Errorf("%s: the name of a socket must not be longer than %d bytes", path, pathMax)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	fi, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case fi.Mode().Type() != fs.ModeSocket:
		return nil, fmt.Errorf("%s is there already and is not a socket", path)
	default:
		// Asked before it is removed: a socket whose bridge lives would be
		// lost to everybody.
		c, err := net.DialTimeout("unix", path, 2*time.Second)
		if err == nil {
			c.Close()
			return nil, fmt.Errorf("%w: it answers at %s", ErrRunning, path)
		}
	}
	// It gets its name when it has its mode, so that nobody else can connect
	// in between. The umask belongs to the whole program.
	made := path + "~"
	if err := os.Remove(made); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", made)
	if err != nil {
		return nil, err
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false) // it will have another name
	err = os.Chmod(made, 0o600)
	if err == nil {
		err = os.Rename(made, path)
	}
	if err != nil {
		l.Close()
		os.Remove(made)
		return nil, err
	}
	return &listener{l, path}, nil
}

// listener removes its socket when it is closed.
type listener struct {
	net.Listener
	path string
}

func (l *listener) Close() error {
	os.Remove(l.path)
	return l.Listener.Close()
}

// Serve answers until the context ends, and closes l.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		MaxHeaderBytes:    8 << 10,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	err := srv.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

const requestMax = 256 << 10 // bytes: every text of a post at its longest

// do makes a handler of a function that returns what to answer.
func (s *Server) do(fn func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, requestMax)
		answer, err := fn(r)
		h := w.Header()
		h.Set("Content-Type", "application/json")
		if err != nil {
			e := asError(err)
			w.WriteHeader(cmp.Or(statuses[e.Code], http.StatusBadGateway))
			answer = errorAnswer{e}
		}
		// An error can only be that the client has gone.
		json.NewEncoder(w).Encode(answer)
	}
}

type errorAnswer struct {
	Error *Error `json:"error"`
}
