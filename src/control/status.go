package control

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"snsbridge/src/realtime"
	"snsbridge/src/spool"
)

// Status is how the bridge is.
type Status struct {
	Version       string      `json:"version"`
	Now           time.Time   `json:"now"`                  // the router's clock
	ClockOK       bool        `json:"clock_ok"`             // false: the clock was not set since the router started
	Unsynced      bool        `json:"clock_unsynchronised"` // no time server has set the clock: mail and posts wait for that, some minutes at most
	Started       *time.Time  `json:"started"`
	UptimeSeconds int64       `json:"uptime_seconds"`
	Settings      string      `json:"settings"` // file; "": none
	Listen        string      `json:"listen"`
	Ready         bool        `json:"ready"`      // false: the items of earlier runs are still being read
	Redirected    *Redirected `json:"redirected"` // who came last by the address that the names lead to; null: nobody
	Cameras       []Camera    `json:"cameras"`    // the latest first
	Refused       []Camera    `json:"refused"`    // the settings do not allow these devices, or their sender or recipient; the latest first
	Uploads       []Upload    `json:"uploads"`    // under way, the oldest first
	Queue         Counts      `json:"queue"`
	Targets       []Target    `json:"targets"` // by name
	Storage       Storage     `json:"storage"`
	Mail          *Mail       `json:"mail"` // null: nothing is mailed
	Captured      Captured    `json:"captured"`
	Warnings      []string    `json:"warnings"` // of the settings
	Phone         *Phone      `json:"phone"`    // null: it is not told
}

// Upload is a transfer that a camera has begun.
type Upload struct {
	Client string `json:"client"`
	Model  string `json:"model"`
	Site   string `json:"site"`   // "": an e-mail
	File   string `json:"file"`   // that is being received; "": none yet
	Number int    `json:"number"` // of that file in its e-mail or post, from 1
	Bytes  int64  `json:"bytes"`  // received so far
	Total  int64  `json:"total"`  // as announced; 0: unknown
}

// Phone is the page for phones. Its PIN is told at the socket alone.
type Phone struct {
	URL string `json:"url"`
	PIN string `json:"pin"`
}

// Redirected is a device that the firewall's redirect has brought here.
type Redirected struct {
	Client     string     `json:"client"`
	Time       *time.Time `json:"time"`
	SecondsAgo int64      `json:"seconds_ago"`
}

// Camera is a device that behaved like a camera.
type Camera struct {
	Client     string     `json:"client"` // address
	MAC        string     `json:"mac"`    // hardware address, "00:16:6c:12:34:56"; "": unknown
	Model      string     `json:"model"`
	Time       *time.Time `json:"time"`
	SecondsAgo int64      `json:"seconds_ago"` // right even when the clock was set meanwhile
	What       string     `json:"what"`
	Code       string     `json:"code"`  // for programs that translate
	About      string     `json:"about"` // the site, file, host or path in it; "": none
	Allow      *Allow     `json:"allow"` // what would allow it what it was refused; null: it was not refused
}

// Allow is what a list of the settings lacks.
type Allow struct {
	List  string `json:"list"`  // "mac", "sender" or "recipient", as in UCI
	Value string `json:"value"` // to be added to it; "": there is nothing that could be
}

// Counts are numbers of items and of jobs by state.
type Counts struct {
	Items   int   `json:"items"`
	Bytes   int64 `json:"bytes"`   // of all items
	Open    int   `json:"open"`    // items that the camera is still sending
	Damaged int   `json:"damaged"` // items whose record or file is broken
	Jobs
}

// Jobs are numbers of jobs by state.
type Jobs struct {
	Waiting int `json:"waiting"`
	Draft   int `json:"draft"`
	Failed  int `json:"failed"`
	Done    int `json:"done"`
}

// States of a target.
const (
	OK      = "ok"      // the last attempt ended as it should
	Waiting = "waiting" // there is something for it, and no attempt has ended yet
	Paused  = "paused"  // by a person, or because it refuses us
	Failing = "failing" // the last attempt failed
	Unused  = "unused"  // nothing is known of an attempt
)

// Target is one target.
type Target struct {
	Name        string     `json:"name"`
	Kind        string     `json:"kind"`
	Configured  bool       `json:"configured"` // false: only items of former settings name it
	State       string     `json:"state"`
	Jobs        Jobs       `json:"jobs"`
	NextSeconds *int64     `json:"next_seconds"` // until its next attempt; null: none is planned
	LastSuccess *time.Time `json:"last_success"`
	LastError   *LastError `json:"last_error"` // null: none is known
	Pause       *Pause     `json:"pause"`      // null: not paused
}

// LastError is the last attempt that failed.
type LastError struct {
	Item  string     `json:"item"`
	Time  *time.Time `json:"time"`
	Error string     `json:"error"`
	Hint  string     `json:"hint"`
	Code  string     `json:"code"`
}

// Pause says why a target's jobs wait.
type Pause struct {
	By           string `json:"by"` // "person", or "target", which refused us
	Reason       string `json:"reason"`
	Hint         string `json:"hint"`
	AgainSeconds *int64 `json:"again_seconds"` // until the target is looked at again; null: a person ends it
}

// Storage is the room for photos.
type Storage struct {
	Upload  Folder `json:"upload"`
	Spool   Folder `json:"spool"`
	Reserve int64  `json:"reserve"` // bytes of the spool's file system that stay free
	Usable  int64  `json:"usable"`  // bytes that cameras may still fill, beside the reserve
	Photos  int64  `json:"photos"`  // about how many photos that is
	Trouble *Error `json:"trouble"` // "gone" or "full": cameras are refused; "left-behind": photos are still at the former place; null: none
}

// Folder is a folder with the bytes on its file system.
type Folder struct {
	Path  string `json:"path"`
	Free  int64  `json:"free"`
	Total int64  `json:"total"`
	Error string `json:"error"` // why the numbers are not known
}

// Mail is how much was mailed today.
type Mail struct {
	Today  int    `json:"today"`
	Limit  int    `json:"limit"`
	Sender string `json:"sender"` // in place of the cameras', which the server refuses; "": it is theirs, or set
}

// Captured is how much was not understood.
type Captured struct {
	Count int    `json:"count"`
	File  string `json:"file"`
}

func (s *Server) status(*http.Request) (any, error) {
	now := s.now()
	up := now.Sub(s.Started)
	st := &Status{
		Version: s.Version,
		Now:     *second(now), ClockOK: realtime.Believable(now),
		// Counted back from now: the clock may have been set since.
		Started: stamp(now.Add(-up)), UptimeSeconds: int64(up.Seconds()),
		Settings: s.Settings,
		Listen:   s.Listen,
		Ready:    s.Spool.Ready(),
		Cameras:  sightings(s.Cameras, now),
		Refused:  sightings(s.Refused, now),
		Uploads:  []Upload{},
		Queue:    s.counts(),
		Targets:  s.targets(),
		Storage:  s.storage(),
		Captured: Captured{File: s.CaptureFile},
		Warnings: append([]string{}, s.Warnings...),
		Phone:    s.Phone,
	}
	if s.Unsynced != nil {
		st.Unsynced = s.Unsynced()
	}
	if s.Uploads != nil {
		st.Uploads = append(st.Uploads, s.Uploads()...)
	}
	if s.Redirected != nil {
		if client, at := s.Redirected(); client != "" {
			ago := max(0, now.Sub(at))
			st.Redirected = &Redirected{client, stamp(now.Add(-ago)), int64(ago.Seconds())}
		}
	}
	if s.Captured != nil {
		st.Captured.Count = s.Captured()
	}
	if s.Mail != nil {
		mail := s.Mail()
		st.Mail = &mail
	}
	return st, nil
}

func sightings(seen func() []Sighting, now time.Time) []Camera {
	list := []Camera{}
	if seen == nil {
		return list
	}
	for _, c := range seen() {
		ago := max(0, now.Sub(c.Time))
		cam := Camera{c.Client, c.MAC, c.Model, stamp(now.Add(-ago)), int64(ago.Seconds()), c.What, c.Code, c.About, nil}
		if c.Lacks != "" {
			cam.Allow = &Allow{c.Lacks, c.Value}
		}
		list = append(list, cam)
	}
	return list
}

// ClockWait tells whether a target waits for a time server to set the clock.
func (s *Server) ClockWait() bool {
	if s.Unsynced == nil || !s.Unsynced() {
		return false
	}
	for _, t := range s.Spool.Targets() {
		if t.Failing && t.Failure.Code == "clock-wait" && t.Jobs[spool.Waiting] > 0 {
			return true
		}
	}
	return false
}

// Sums are the numbers of items, of those that are damaged, and of jobs by
// state: what a page asks for every few seconds.
func (s *Server) Sums() (items, damaged int, jobs Jobs) {
	c := s.counts()
	return c.Items, c.Damaged, c.Jobs
}

func (s *Server) counts() Counts {
	var c Counts
	c.Items, c.Open, c.Bytes = s.Spool.Totals()
	var jobs map[spool.State]int
	jobs, c.Damaged = s.Spool.Counts()
	c.Jobs = jobsOf(jobs)
	return c
}

func jobsOf(n map[spool.State]int) Jobs {
	return Jobs{n[spool.Waiting], n[spool.Draft], n[spool.Failed], n[spool.Done]}
}

func (s *Server) targets() []Target {
	known := s.Spool.Targets()
	for _, name := range s.Targets {
		if _, ok := known[name]; !ok {
			known[name] = spool.Target{}
		}
	}
	list := []Target{}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		k := known[name]
		t := Target{
			Name: name, Kind: kind(name), Configured: s.knows(name),
			Jobs: jobsOf(k.Jobs), LastSuccess: stamp(k.Success),
		}
		if !t.Configured && t.Jobs.Waiting+t.Jobs.Draft+t.Jobs.Failed == 0 {
			continue
		}
		if k.Due {
			t.NextSeconds = seconds(k.Next)
		}
		if f := k.Failure; f != nil {
			t.LastError = &LastError{f.Item, stamp(f.Time), f.Error, f.Hint, f.Code}
		}
		if p := k.Pause; p != nil {
			t.Pause = &Pause{By: "target", Reason: p.Reason, Hint: p.Hint}
			if p.Person {
				t.Pause.By = "person"
			} else {
				t.Pause.AgainSeconds = seconds(p.Until)
			}
		}
		t.State = stateOf(k)
		list = append(list, t)
	}
	return list
}

func stateOf(t spool.Target) string {
	switch {
	case t.Pause != nil:
		return Paused
	case t.Failing:
		return Failing
	case !t.Success.IsZero(), t.Failure != nil:
		return OK
	case t.Jobs[spool.Waiting] > 0:
		return Waiting
	}
	return Unused
}

func seconds(d time.Duration) *int64 {
	n := int64(d.Round(time.Second).Seconds())
	return &n
}

const photoSize = 5e6 // bytes, about, of a photo of these cameras

// Full tells whether a photo would be refused, as there is no room for it.
func (s *Server) Full() bool { return s.Spool.Full(photoSize) }

func (s *Server) storage() Storage {
	st := Storage{Upload: Folder{Path: s.UploadFolder}, Spool: Folder{Path: s.SpoolFolder}, Reserve: s.Spool.Reserve}
	if s.Trouble != nil {
		st.Trouble = s.Trouble()
	}
	if space, err := s.Spool.Space(); err == nil {
		st.Usable, st.Photos = space.Free, space.Free/photoSize
	}
	if st.Trouble == nil && s.Full() {
		st.Trouble = &Error{"full", "the storage is full: cameras are refused", "Delete photos, or use a larger memory stick."}
	}
	st.Upload.set(spool.SpaceAt(s.UploadFolder))
	st.Spool.set(s.Spool.Disk.Space())
	return st
}

func (f *Folder) set(space spool.Space, err error) {
	f.Free, f.Total = space.Free, space.Total
	switch {
	case err != nil:
		f.Error = strings.TrimPrefix(err.Error(), "statfs ")
	case !space.Known():
		f.Error = f.Path + ": the file system does not report its free space"
	}
}
