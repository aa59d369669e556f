package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"
)

// TestLogByLevel: procd files what comes by standard error as errors.
func TestLogByLevel(t *testing.T) {
	var out, errs bytes.Buffer
	log := newLog(&out, &errs).With("item", "000001-3ef0")
	log.Info("delivered", "title", "level=WARN \n")
	log.Warn("not delivered")
	log.Error("cannot be read", "title", "\nlevel=INFO ")
	const wantOut = "level=INFO msg=delivered item=000001-3ef0 title=\"level=WARN \\n\"\n" +
		"level=WARN msg=\"not delivered\" item=000001-3ef0\n"
	const wantErrs = "level=ERROR msg=\"cannot be read\" item=000001-3ef0 title=\"\\nlevel=INFO \"\n"
	if out.String() != wantOut || errs.String() != wantErrs {
		t.Errorf("standard output\n%sstandard error\n%swant\n%sand\n%s", &out, &errs, wantOut, wantErrs)
	}
}

// TestWarningsOnce: on a router the init script has logged what is unwise in the
// settings, as warnings; elsewhere the bridge does.
func TestWarningsOnce(t *testing.T) {
	for settings, want := range map[string]int{"": 1, "FROM_UCI = true\n": 0} {
		t.Chdir(t.TempDir())
		settings += "UPLOAD_FOLDER = \".\"\nINSECURE_DOWNLOAD = true\n"
		if err := os.WriteFile("config.toml", []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		stop()
		var out, errs bytes.Buffer
		run(ctx, environ{strings.NewReader(""), &out, &errs}, []string{"serve", "--listen", "127.0.0.1:0", "--config", "config.toml"})
		if got := strings.Count(out.String(), "level=WARN"); got != want || errs.Len() > 0 {
			t.Errorf("%q: %d warnings, want %d; standard output\n%sstandard error\n%s", settings, got, want, &out, &errs)
		}
	}
}

func TestServeIsNoError(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, stop := context.WithCancel(context.Background())
	stop()
	var out, errs bytes.Buffer
	status := run(ctx, environ{strings.NewReader(""), &out, &errs}, []string{"serve", "--listen", "127.0.0.1:0"})
	if status != 0 || !strings.HasPrefix(out.String(), "level=INFO msg=ready ") || errs.Len() > 0 {
		t.Errorf("serve ends with %d, standard output\n%sstandard error\n%s", status, &out, &errs)
	}
}
