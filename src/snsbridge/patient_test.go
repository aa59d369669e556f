package main

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestLogIsPatient(t *testing.T) {
	var b bytes.Buffer
	log := newLog(&b, &b)
	for i := range 10_000 {
		log.With("client", i).Warn("refused")
	}
	log.Info("photo accepted", "item", 1)
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != logMost+2 || lines[logMost-1] != fmt.Sprint("level=WARN msg=refused client=", logMost-1) ||
		!strings.Contains(lines[logMost], "left out") || lines[logMost+1] != `level=INFO msg="photo accepted" item=1` {
		t.Errorf("%d lines:\n%s", len(lines), &b)
	}
}

func TestLogIsPatientWithAnything(t *testing.T) {
	var b bytes.Buffer
	log := newLog(&b, &b)
	for i := range 10_000 {
		log.Error(fmt.Sprint("panic of 127.0.0.1:", i))
	}
	if n := strings.Count(b.String(), "\n"); n != logKinds+logMost+1 {
		t.Errorf("%d lines", n)
	}
}

func TestLogGoesOn(t *testing.T) {
	var b bytes.Buffer
	h := newLog(&b, &b).Handler()
	now := time.Now()
	for _, later := range []time.Duration{0, logEvery, -logEvery} { // routers set their clocks back, too
		b.Reset()
		for range 2 * logMost {
			h.Handle(t.Context(), slog.NewRecord(now.Add(later), slog.LevelInfo, "login", 0))
		}
		if n := strings.Count(b.String(), "msg=login"); n != logMost {
			t.Errorf("after %v: %d lines, want %d", later, n, logMost)
		}
	}
}
