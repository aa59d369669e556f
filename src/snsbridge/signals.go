package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// errHangup ends the bridge at a SIGHUP. To supervisors death by that signal
// is a clean end, and this is none: they start the bridge again, and it reads
// its settings again. Whoever closes the terminal ends it for good.
var errHangup = errors.New("ended by SIGHUP")

// untilSignal returns a context that ends with the first signal that asks the
// program to end; later ones change nothing. Its cause is errHangup after a
// SIGHUP. One that is ignored, as nohup does it, stays so.
func untilSignal(parent context.Context) context.Context {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, signals...)
	ctx, cancel := context.WithCancelCause(parent)
	go func() {
		if <-asked == syscall.SIGHUP {
			cancel(errHangup)
		}
		cancel(nil)
	}()
	return ctx
}

// surviveLog lets the program go on when nobody reads its log any more; a write
// to a closed pipe would end it. The signal is not ignored, since commands that
// the program runs would inherit that.
func surviveLog() {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}

// inTime lets stop end what runs. What does not end in time, since the storage
// hangs, is left to the end of the process.
func inTime(stop func(), most time.Duration) error {
	ended := make(chan struct{})
	go func() {
		stop()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-time.After(most):
		return fmt.Errorf("not everything came to an end in %v: the storage may hang", most)
	}
}
