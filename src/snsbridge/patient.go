package main

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	logEvery = time.Minute
	logMost  = 60  // lines with the same message in that time
	logKinds = 256 // messages that are counted apart
)

// patient is a log handler that leaves out lines of which there are too many,
// and says so with the first. A router keeps 64 KiB of log, and whoever shouts
// at the camera port must not push out of it what the owner needs.
type patient struct {
	slog.Handler
	lately *lately
}

func (p patient) Handle(ctx context.Context, r slog.Record) error {
	switch n := p.lately.count(r); {
	case n > logMost+1:
		return nil
	case n > logMost:
		r = slog.NewRecord(r.Time, slog.LevelWarn, "more such lines are left out for up to a minute", 0)
	}
	return p.Handler.Handle(ctx, r)
}

func (p patient) WithAttrs(attrs []slog.Attr) slog.Handler {
	return patient{p.Handler.WithAttrs(attrs), p.lately}
}

// lately has the number of lines of each message.
type lately struct {
	mu    sync.Mutex
	since time.Time
	lines map[string]int
}

// count returns how many lines like this there were in this minute.
func (l *lately) count(r slog.Record) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lines == nil || r.Time.Sub(l.since).Abs() >= logEvery {
		l.since, l.lines = r.Time, map[string]int{}
	}
	kind := r.Message
	if _, known := l.lines[kind]; !known && len(l.lines) >= logKinds {
		kind = ""
	}
	l.lines[kind]++
	return l.lines[kind]
}
