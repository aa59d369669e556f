// Package shell lets a command of the router's owner do something with each
// photo.
package shell

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"snsbridge/src/spool"
	"snsbridge/src/store"
)

const (
	usualTimeout = 5 * time.Minute
	// With the spool's back-off these take three days. A script that fails
	// for lack of an uplink, and does not say so, gets through a weekend.
	failuresMax = 200
)

// Command stores an item's files as store.Folder does, and then runs Args,
// once for each file and recipient. Exit status 0 is success and never run again;
// 75 (EX_TEMPFAIL) asks for another attempt, without end; any other is tried
// again too, until 200 attempts have failed and a person has to look. What a
// command leaves running in its process group is ended with it. It may meet
// the same file twice, if the program was gone before success was noted.
//
// No shell is involved, and words in a script for one (sh -c) are refused. No
// text from a camera becomes an option: an argument that begins with "-"
// because of what was put into it gets a blank before it, unless "--" stands
// among the arguments before. A program may have other customs (curl reads a
// file where a form's value begins with "@", ssh gives everything to a shell):
// the environment and the standard input are safe with all of them.
//
// The fields are set before the first use.
type Command struct {
	Store   *store.Folder // Spool must be set: temporary files are made there
	Args    []string      // program and arguments, these with words as in Words
	Stdin   string        // what the command reads, with words; "": nothing
	Timeout time.Duration // for one run; 0: 5 minutes
	Public  bool          // the command gets a copy without position, serial numbers and names
	Dir     string        // where the command runs, and from where its path is seen
}

// run is one run of the command: one file for one recipient.
type run struct {
	file   spool.File
	number int    // of the file, from 1
	to     string // "" for a post
	stored string // below the photo folder
}

// step names a mark about the run: "ran" if it succeeded, "at" with the place
// of the stored file if it did not. Recipients can be long, and there can be
// many in a record.
func (r run) step(what string) string {
	sum := sha256.Sum256([]byte(r.to))
	return what + " " + strconv.Itoa(r.number) + " " + hex.EncodeToString(sum[:8])
}

// Do stores the files, and makes the runs that have not succeeded yet.
func (s *Command) Do(ctx context.Context, d *spool.Delivery) error {
	runs, err := s.prepare(ctx, d)
	if err != nil || len(runs) == 0 {
		return err
	}
	program, err := s.usable()
	if err != nil {
		return err
	}
	failures := counted(d)
	said := tail{[]byte(d.Job.Result)} // of earlier attempts
	var worst *spool.Error
	for i := range runs {
		// A run that takes too long ends its attempt; the next attempt begins
		// behind it.
		r := runs[(failures+i)%len(runs)]
		if err := ctx.Err(); err != nil {
			return err
		}
		var out tail
		e := s.run(ctx, d, r, program, &out)
		if err := s.note(d, r, e); err != nil {
			return err
		}
		if e == nil {
			said.add(out)
			d.Job.Result = said.String()
			continue
		}
		if worst == nil || ranks[e.Code] > ranks[worst.Code] {
			worst = e
		}
		if e.Code != "exit" && e.Code != "tempfail" && e.Code != "private" {
			break
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case worst != nil:
		return s.count(d, worst)
	case d.Job.Result == "":
		d.Job.Result = stored(runs)
	}
	return nil
}

// ranks orders the errors' codes: the one that says most about what is to
// be done next speaks for the attempt.
var ranks = map[string]int{"private": 0, "exit": 1, "timeout": 1, "tempfail": 2, "storage": 3, "command": 3}

// note writes down how a run has ended.
func (s *Command) note(d *spool.Delivery, r run, e *spool.Error) error {
	if e == nil {
		return d.Mark(r.step("ran"), "ok")
	}
	if _, ok := d.Marked(r.step("at")); ok || e.Kind != spool.Temporary {
		return nil
	}
	return d.Mark(r.step("at"), r.stored)
}

// failures is the mark that counts failed attempts; all others are of files.
const failures = "failures"

// Begun tells whether a command has had a file of a job already.
func Begun(j spool.Job) bool {
	for step := range j.Marks {
		if step != failures {
			return true
		}
	}
	return false
}

func counted(d *spool.Delivery) int {
	text, _ := d.Marked(failures)
	n, _ := strconv.Atoi(text)
	return n
}

// count adds a failed attempt, and sets the job aside when there were enough.
// After that they are counted anew, for when a person lets the job go on.
func (s *Command) count(d *spool.Delivery, e *spool.Error) error {
	if e.Code != "exit" && e.Code != "timeout" {
		return e
	}
	n := (counted(d) + 1) % failuresMax
	if n == 0 {
		e.Kind, e.Cured = spool.Permanent, true
	}
	if err := d.Mark(failures, strconv.Itoa(n)); err != nil {
		return err
	}
	return e
}

// prepare stores the files and returns the runs that are to be made.
func (s *Command) prepare(ctx context.Context, d *spool.Delivery) ([]run, error) {
	root, err := s.Store.Open()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	recipients := d.Job.To
	if len(recipients) == 0 {
		recipients = []string{""}
	}
	var runs []run
	for _, to := range recipients {
		for i, f := range d.Item.Files {
			r := run{file: f, number: i + 1, to: to}
			if _, ok := d.Marked(r.step("ran")); ok {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if r.stored, err = s.place(ctx, root, d, r); err != nil {
				return nil, err
			}
			runs = append(runs, r)
		}
	}
	return runs, nil
}

// place returns where the file of a run is stored. A command that failed may
// have changed its file before: that is still the one, not a reason for
// another.
func (s *Command) place(ctx context.Context, root *os.Root, d *spool.Delivery, r run) (string, error) {
	if at, ok := d.Marked(r.step("at")); ok {
		if fi, err := root.Lstat(at); err == nil && fi.Mode().IsRegular() {
			return at, nil
		}
	}
	return s.Store.Put(ctx, root, d, r.file, r.to, s.Public)
}

func stored(runs []run) string {
	var names []string
	for _, r := range runs {
		if !slices.Contains(names, r.stored) {
			names = append(names, r.stored)
		}
	}
	return strings.Join(names, ", ")
}

// Check tells whether the photos could be stored and the command be started.
func (s *Command) Check(ctx context.Context) error {
	if err := s.Store.Check(ctx); err != nil {
		return err
	}
	_, err := s.usable()
	return err
}
