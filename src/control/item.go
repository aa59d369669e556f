package control

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"snsbridge/src/spool"
)

// Item is what a camera sent in one go.
type Item struct {
	ID         string     `json:"id"`
	State      string     `json:"state"`    // open, damaged, failed, draft, waiting or done: the first that is true
	Kind       string     `json:"kind"`     // email or post
	Received   *time.Time `json:"received"` // null: the clock was not set then
	Client     string     `json:"client"`
	Model      string     `json:"model"`
	Sender     string     `json:"sender"`
	Site       string     `json:"site"`
	Title      string     `json:"title"`
	Text       string     `json:"text"`
	Language   string     `json:"language"`
	Warning    string     `json:"warning"`    // content warning
	Visibility string     `json:"visibility"` // "": the target's own
	Open       bool       `json:"open"`
	Damaged    string     `json:"damaged"` // what is broken; "": nothing
	Bytes      int64      `json:"bytes"`
	Spare      []string   `json:"spare"` // descriptions typed for pictures that did not come
	Files      []File     `json:"files"`
	Jobs       []Job      `json:"jobs"`
}

// File is a photo or a video.
type File struct {
	Number int        `json:"number"` // from 1
	Path   string     `json:"path"`   // its name in the item's folder, which stays when numbers change
	Name   string     `json:"name"`
	Type   string     `json:"type"` // media type
	Bytes  int64      `json:"bytes"`
	Taken  *time.Time `json:"taken"` // by the camera's clock, which has no time zone, as if it were UTC; null: not known
	Alt    string     `json:"alt"`
}

// Job is one target's share of an item.
type Job struct {
	Target      string     `json:"target"`
	To          []string   `json:"to"`
	State       string     `json:"state"` // waiting, draft, failed or done
	Running     bool       `json:"running"`
	Attempts    int        `json:"attempts"`
	Tried       *time.Time `json:"tried"` // when the last attempt ended
	NextSeconds *int64     `json:"next_seconds"`
	Error       string     `json:"error"`
	Hint        string     `json:"hint"`
	Code        string     `json:"code"`
	Result      string     `json:"result"`
	Finished    *time.Time `json:"finished"`
}

// Queue is a page of the items, newest first. It can be shorter than asked for
// even if there is more.
type Queue struct {
	Items []Item `json:"items"`
	More  bool   `json:"more"` // there are older ones: ask with before=the last id
}

const (
	pageUsual = 50
	pageMost  = 200
	pageText  = 1 << 20 // bytes of texts at which a page ends: a router has little memory
)

// states are what a queue can be asked for.
var states = []string{"", "waiting", "draft", "failed", "done", "open", "damaged", "attention", "unfinished"}

func (s *Server) queue(r *http.Request) (any, error) {
	state, limit := r.URL.Query().Get("state"), pageUsual
	if !slices.Contains(states, state) {
		return nil, wrong(fmt.Sprintf("there is no state %q", state), "Choose one of: waiting, draft, failed, done, open, damaged, attention, unfinished.")
	}
	if v := r.URL.Query().Get("limit"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > pageMost {
			return nil, wrong(fmt.Sprintf("%q is not a list length", v), fmt.Sprintf("It is from 1 to %d.", pageMost))
		}
		limit = n
	}
	ids, more := s.Spool.List(r.URL.Query().Get("before"), limit, state)
	q := Queue{Items: []Item{}, More: more}
	size := 0
	for i, id := range ids {
		it, err := s.Spool.Get(id)
		if errors.Is(err, spool.ErrNotFound) {
			continue // removed since
		}
		if err != nil {
			it = &spool.Item{ID: id, Damaged: err.Error()}
		}
		q.Items = append(q.Items, s.item(it))
		if size += textOf(it); size > pageText && i < len(ids)-1 {
			q.More = true
			break
		}
	}
	return q, nil
}

func textOf(it *spool.Item) int {
	n := len(it.Title) + len(it.Text)
	for _, f := range it.Files {
		n += len(f.Alt)
	}
	return n
}

func (s *Server) show(r *http.Request) (any, error) {
	it, err := s.Spool.Get(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return s.item(it), nil
}

func (s *Server) item(it *spool.Item) Item {
	v := Item{
		ID: it.ID, Kind: it.Kind, Received: stamp(it.Received),
		Client: it.Client, Model: it.Model, Sender: it.Sender, Site: it.Site, Title: it.Title, Text: it.Text,
		Language: it.Language, Warning: it.Warning, Visibility: it.Visibility,
		Open: it.Open, Damaged: it.Damaged, Bytes: it.Size(),
		Spare: append([]string{}, it.Spare...), Files: []File{}, Jobs: []Job{},
	}
	for i, f := range it.Files {
		file := File{Number: i + 1, Path: f.Path, Name: f.Name, Type: f.Type, Bytes: f.Size, Alt: f.Alt}
		if !f.Taken.IsZero() {
			file.Taken = second(f.Taken)
		}
		v.Files = append(v.Files, file)
	}
	next := s.Spool.Next(it.ID)
	for i, j := range it.Jobs {
		job := Job{
			Target: j.Target, To: append([]string{}, j.To...), State: string(j.State), Running: j.Running,
			Attempts: j.Attempts, Tried: stamp(j.Tried), Error: j.Error, Hint: j.Hint, Code: j.Code,
			Result: j.Result, Finished: stamp(j.Finished),
		}
		if i < len(next) && next[i] >= 0 && j.State == spool.Waiting {
			job.NextSeconds = seconds(next[i])
		}
		v.Jobs = append(v.Jobs, job)
	}
	v.State = itemState(it)
	return v
}

func itemState(it *spool.Item) string {
	has := func(st spool.State) bool {
		return slices.ContainsFunc(it.Jobs, func(j spool.Job) bool { return j.State == st })
	}
	switch {
	case it.Open:
		return "open"
	case it.Damaged != "":
		return "damaged"
	}
	for _, st := range []spool.State{spool.Failed, spool.Draft, spool.Waiting} {
		if has(st) {
			return string(st)
		}
	}
	return string(spool.Done)
}
