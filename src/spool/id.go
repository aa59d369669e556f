package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"strconv"
	"strings"
)

// openSeq reads the first number that no earlier run has given out.
func (s *Spool) openSeq() error {
	b, err := s.readFile(seqFile, 64)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return err
	}
	s.next, err = strconv.ParseUint(strings.TrimSpace(string(b)), 10, 63)
	if err != nil { // go on above every number that is in use
		s.next = s.highest() + 1
		if !missing {
			s.Log.Warn("the spool's counter is damaged and is made anew", "error", err)
		}
	}
	s.limit = s.next
	return nil
}

// highest returns the largest number of an item on disk.
func (s *Spool) highest() uint64 {
	var top uint64
	for _, dir := range []string{tmpDir, itemsDir} {
		entries, _ := s.Disk.ReadDir(dir)
		for _, e := range entries {
			top = max(top, number(e.Name()))
		}
	}
	return top
}

// newID returns a name for an item: a number that grows over restarts, so that
// sorting is the order of arrival whatever the clock says, and something
// random, so that a lost counter cannot make two items one.
func (s *Spool) newID() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.next
	if err := s.reserve(n + 1); err != nil {
		return "", err
	}
	return fmt.Sprintf("%06d-%04x", n, rand.Uint32()&0xffff), nil
}

// takeID makes an id that came from elsewhere one of this spool, where numbers
// go on above it; "" gets a new one.
func (s *Spool) takeID(id string) (string, error) {
	if id == "" {
		return s.newID()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return id, s.reserve(number(id) + 1)
}

// reserve makes next the next number at least, and notes on disk that those
// below have been given out. s.mu is held.
func (s *Spool) reserve(next uint64) error {
	if next > s.limit {
		limit := next + seqStep
		if err := s.writeFile(".", seqFile, []byte(strconv.FormatUint(limit, 10)+"\n")); err != nil {
			return err
		}
		s.limit = limit
	}
	s.next = max(s.next, next)
	return nil
}

// number returns an id's number, 0 if it is none.
func number(id string) uint64 {
	head, _, _ := strings.Cut(id, "-")
	n, _ := strconv.ParseUint(head, 10, 63)
	return n
}

// isID tells whether a name is one that newID made. Ids come back from people
// and pages, and become paths.
func isID(name string) bool {
	head, tail, ok := strings.Cut(name, "-")
	if !ok || len(head) < 6 || len(tail) != 4 {
		return false
	}
	for _, c := range head {
		if c < '0' || c > '9' {
			return false
		}
	}
	_, err := strconv.ParseUint(tail, 16, 16)
	return err == nil
}
