package shell

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"snsbridge/src/photo"
	"snsbridge/src/spool"
	"snsbridge/src/store"
)

const (
	grace    = 2 * time.Second // between SIGTERM and SIGKILL
	tailMax  = 4 << 10         // bytes of a command's output that are kept
	tempFail = 75              // EX_TEMPFAIL of sysexits.h
)

// run makes one run; what the command prints goes to out.
func (s *Command) run(ctx context.Context, d *spool.Delivery, r run, program string, out *tail) *spool.Error {
	temp, err := s.temp(d)
	if err != nil {
		return storageError(err)
	}
	defer os.RemoveAll(temp)
	name, err := filepath.Abs(filepath.Join(s.Store.Dir, r.stored))
	if err != nil {
		return storageError(err)
	}
	if s.Public {
		name = filepath.Join(temp, path.Base(r.stored))
		if e := publicFile(ctx, d, r.file, name); e != nil {
			return e
		}
	}
	words := wordsFor(d.Item, r, name)
	limit := cmp.Or(s.Timeout, usualTimeout)
	timed, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(timed, program, arguments(s.Args, words)...)
	cmd.Dir = s.dir()
	cmd.Env = environment(words, cmp.Or(os.Getenv("HOME"), s.dir()), temp)
	if s.Stdin != "" {
		cmd.Stdin = strings.NewReader(newReplacer(words, plainText).Replace(s.Stdin))
	}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM); err != nil {
			return os.ErrProcessDone
		}
		return nil
	}
	cmd.WaitDelay = grace // also for a child that keeps the output open
	if err := cmd.Start(); err != nil {
		return notStarted(program, err)
	}
	err = cmd.Wait()
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	e := &spool.Error{Code: "exit", Hint: "Look at what the command printed. A script that lacks nothing but the network should exit with status 75."}
	switch {
	case timed.Err() != nil:
		e.Code, err = "timeout", fmt.Errorf("took longer than %v and was ended", limit)
		e.Hint = "If the command needs more time, raise TIMEOUT."
	case cmd.ProcessState.ExitCode() == tempFail:
		e.Code, e.Hint = "tempfail", ""
	}
	e.Err = fmt.Errorf("%s for %s: %w", filepath.Base(program), r.file.Name, err)
	if text := out.String(); text != "" {
		e.Err = fmt.Errorf("%w: %s", e.Err, text)
	}
	return e
}

// temp makes a folder for one run. It is in a place that the spool empties
// when it starts, for the case that the program ends before the command.
func (s *Command) temp(d *spool.Delivery) (string, error) {
	dir, err := filepath.Abs(filepath.Join(s.Store.Spool, "tmp", d.Item.ID+"."+spool.Name(d.Job.Target)))
	if err != nil {
		return "", err
	}
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	return dir, os.Mkdir(dir, 0o700)
}

// publicFile writes the copy of a file that may be shown to everyone.
func publicFile(ctx context.Context, d *spool.Delivery, f spool.File, name string) *spool.Error {
	from, err := d.Open(f)
	if err != nil {
		return storageError(err)
	}
	defer from.Close()
	public, err := photo.NewPublic(from, f.Size)
	if errors.Is(err, photo.ErrPrivate) {
		return &spool.Error{
			Kind:  spool.Permanent,
			Code:  "private",
			Hint:  "Send files of this kind to another target, or switch REMOVE_LOCATION off for this one.",
			Cured: true,
			Err:   fmt.Errorf("%s: %w", f.Name, err),
		}
	}
	if err != nil {
		return storageError(err)
	}
	to, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return storageError(err)
	}
	err = store.Copy(ctx, to, public)
	if cerr := to.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return storageError(err)
	}
	return nil
}

func storageError(err error) *spool.Error {
	return &spool.Error{
		Code: "storage",
		Hint: "Check that the storage of the spool has room and is not write-protected.",
		Err:  fmt.Errorf("cannot prepare the command's files: %w", err),
	}
}

// tail keeps the end of what is written to it.
type tail struct{ b []byte }

func (t *tail) Write(p []byte) (int, error) {
	n := len(p)
	t.b = append(t.b, p[max(0, n-tailMax):]...)
	if over := len(t.b) - tailMax; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return n, nil
}

// add appends what another command printed.
func (t *tail) add(other tail) {
	if len(t.b) > 0 && len(other.b) > 0 {
		t.Write([]byte("\n"))
	}
	t.Write(bytes.TrimSpace(other.b))
}

func (t *tail) String() string { return strings.ToValidUTF8(string(bytes.TrimSpace(t.b)), "?") }
