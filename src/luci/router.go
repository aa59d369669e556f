package luci

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"snsbridge/src/camera"
	"snsbridge/src/config"
	"snsbridge/src/control"
	"snsbridge/src/doctor"
)

// Models is the table of cameras, and which devices may be some.
type Models struct {
	Models  []camera.Model `json:"models"`
	Devices []Device       `json:"devices"`
}

func (s *Server) models(context.Context, arguments) (any, error) {
	return Models{camera.Models(), devices(s.Leases, s.Neighbours)}, nil
}

// hotspots judges the router's Wi-Fi, where the networks of the cameras are.
func (s *Server) hotspots(context.Context, arguments) (any, error) {
	u, err := config.LoadUCI(s.Settings)
	if err != nil {
		return nil, err
	}
	list, err := config.Hotspots(s.Wireless, u.Networks)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a router without Wi-Fi has none
		return nil, err
	}
	return doctor.Hotspots(list), nil
}

func (s *Server) restart(ctx context.Context, _ arguments) (any, error) {
	if err := s.Restart(ctx); err != nil {
		return nil, &control.Error{Code: "restart", Message: "the bridge could not be restarted: " + err.Error(), Hint: "Look at the log."}
	}
	return struct{}{}, nil
}

// Log is the end of the bridge's part of the router's log.
type Log struct {
	Lines []Line `json:"lines"` // the newest last
}

// Line is one of them.
type Line struct {
	Time  string `json:"time"`  // as the log has it; "": it is not there
	Level string `json:"level"` // error, warning or info
	Text  string `json:"text"`
}

const (
	logLines = 400
	lineMax  = 1000 // bytes
)

func (s *Server) log(ctx context.Context, _ arguments) (any, error) {
	b, err := s.Log(ctx)
	if err != nil {
		return nil, &control.Error{Code: "log", Message: "the router's log cannot be read: " + err.Error()}
	}
	log := Log{Lines: []Line{}}
	for line := range strings.SplitSeq(strings.ToValidUTF8(string(b), "?"), "\n") {
		if l, ok := parseLine(line); ok {
			log.Lines = append(log.Lines, l)
		}
	}
	log.Lines = log.Lines[max(0, len(log.Lines)-logLines):]
	return log, nil
}

// levels are those of syslog and of our own lines.
var levels = map[string]string{
	"emerg": "error", "alert": "error", "crit": "error", "err": "error", "warn": "warning",
	"ERROR": "error", "WARN": "warning", "INFO": "info",
}

// parseLine reads a line of logread, if it is the bridge's or about it:
//
//	Sat Nov 21 09:48:00 2026 daemon.err snsbridge[4711]: level=WARN msg="..."
func parseLine(line string) (l Line, ok bool) {
	words := strings.Fields(line)
	at := 5 // the words of the time
	if len(words) < at+3 {
		return l, false
	}
	facility, tag := words[at], words[at+1]
	name, _, _ := strings.Cut(strings.TrimSuffix(tag, ":"), "[")
	_, text, _ := strings.Cut(line, " "+tag+" ")
	switch {
	case name == "snsbridge":
	case name == "procd" && strings.Contains(text, "snsbridge"): // it crashes too often
	default:
		return l, false
	}
	_, level, _ := strings.Cut(facility, ".")
	l = Line{Time: strings.Join(words[:at], " "), Level: levels[level], Text: text}
	// What comes by a program's output has the level of its pipe, and its own.
	if rest, ours := strings.CutPrefix(text, "level="); ours {
		level, text, _ := strings.Cut(rest, " ")
		l.Level, l.Text = levels[level], strings.TrimPrefix(text, "msg=")
	}
	if l.Level == "" {
		l.Level = "info"
	}
	if len(l.Text) > lineMax {
		l.Text = strings.ToValidUTF8(l.Text[:lineMax], "") + "…"
	}
	return l, true
}
