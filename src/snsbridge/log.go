package main

import (
	"bytes"
	"io"
	"log/slog"
)

// newLog writes lines without a time: what collects them adds it. OpenWrt's
// procd logs standard error as errors, so information and warnings go to
// standard output.
func newLog(stdout, stderr io.Writer) *slog.Logger {
	h := slog.NewTextHandler(byLevel{stdout, stderr}, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{}
			}
			return a
		},
	})
	return slog.New(patient{h, &lately{}})
}

// byLevel gets each line in one piece, beginning with its level.
type byLevel struct{ calm, errors io.Writer }

func (w byLevel) Write(line []byte) (int, error) {
	if bytes.HasPrefix(line, []byte("level=ERROR ")) {
		return w.errors.Write(line)
	}
	return w.calm.Write(line)
}
