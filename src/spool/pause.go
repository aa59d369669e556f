package spool

import (
	"encoding/json"
	"errors"
	"io/fs"
	"time"
)

const (
	pauseFile = "paused.json" // targets that a person paused, with the reason
	pauseMax  = 64 << 10      // bytes of it
)

// pause keeps a target's jobs waiting.
type pause struct {
	until  time.Time // monotonic; zero: until a person ends it
	reason string
	hint   string
}

// Pause keeps all jobs of a target waiting until Resume, also over restarts.
// After an error it holds until the next one.
func (s *Spool) Pause(target, reason string) error {
	return s.steer(func() { s.paused[target] = pause{reason: reason} })
}

// Resume ends a pause. After an error the pause is back with the next restart.
func (s *Spool) Resume(target string) error {
	err := s.steer(func() { delete(s.paused, target) })
	s.wake()
	return err
}

// steer changes who is paused, and notes the pauses of people on disk.
func (s *Spool) steer(change func()) error {
	s.steering.Lock()
	defer s.steering.Unlock()
	s.mu.Lock()
	change()
	reasons := map[string]string{}
	for target, p := range s.paused {
		if p.until.IsZero() {
			reasons[target] = p.reason
		}
	}
	s.mu.Unlock()
	b, err := json.Marshal(reasons)
	if err != nil {
		return err
	}
	return s.writeFile(".", pauseFile, append(b, '\n'))
}

// openPauses finds what people paused in earlier runs. Its error is the
// disk's, and may have passed when Recover tries again.
func (s *Spool) openPauses() error {
	b, err := s.readFile(pauseFile, pauseMax)
	s.pausesUnread = mayPass(err)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var reasons map[string]string
	if err == nil {
		err = json.Unmarshal(b, &reasons)
	}
	if err != nil {
		s.Log.Error("which targets were paused cannot be read: they go on", "file", pauseFile, "error", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for target, reason := range reasons {
		s.paused[target] = pause{reason: reason}
	}
	if s.pausesUnread {
		return err
	}
	return nil
}

// Paused returns the targets whose jobs wait, with the reason and what a
// person can do.
func (s *Spool) Paused() map[string][2]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := map[string][2]string{}
	for target, p := range s.paused {
		m[target] = [2]string{p.reason, p.hint}
	}
	return m
}
