package main

import (
	"context"
	"errors"
	"log/slog"
	"syscall"
	"testing"

	"snsbridge/src/config"
	"snsbridge/src/spool"
)

// TestScarceFiles shows that a bridge which can open no more files does not
// take its storage for gone, nor sends anybody to look for a memory stick.
func TestScarceFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	conf, err := config.Default("photos")
	if err != nil {
		t.Fatal(err)
	}
	conf.Listen = "127.0.0.1:0"
	d, err := start(conf, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Stop()
	folder := conf.Targets()["store"]
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 0, Max: was.Max}); err != nil {
		t.Fatal(err)
	}
	trouble := d.trouble()
	attempt := d.present(func(context.Context, *spool.Delivery) error { return nil })(t.Context(), nil)
	check := folder.Check(t.Context())
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	if trouble != nil {
		t.Errorf("trouble with the storage: %+v", trouble)
	}
	for what, err := range map[string]error{"an attempt": attempt, "a check of the photo folder": check} {
		var e *spool.Error
		if !spool.Scarce(err) || errors.As(err, &e) && e.Hint != "" {
			t.Errorf("%s: %v, hint %q", what, err, hintOf(err))
		}
	}
}
