package control

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"snsbridge/src/spool"
)

// Retried is how many items or jobs were made due.
type Retried struct {
	Retried int `json:"retried"`
}

// Removed is what was deleted.
type Removed struct {
	Removed string `json:"removed"`
}

func (s *Server) retry(r *http.Request) (any, error) {
	it, err := s.whole(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	retried := func(j spool.Job) bool { return j.State == spool.Waiting || j.State == spool.Failed }
	switch {
	case slices.ContainsFunc(it.Jobs, retried):
	case it.Finished():
		return nil, wrong(it.ID+" is delivered", "")
	default:
		return nil, wrong(it.ID+" is a draft: it waits for its text", "Complete it: snsbridge edit "+it.ID)
	}
	if err := s.Spool.Retry(it.ID); err != nil {
		return nil, err
	}
	return s.show(r)
}

// retryMany makes everything due that waits (the uplink is there again), or
// what has failed.
func (s *Server) retryMany(r *http.Request) (any, error) {
	switch what := r.URL.Query().Get("what"); what {
	case "all":
		jobs, _ := s.Spool.Counts()
		s.Spool.Poke()
		return Retried{jobs[spool.Waiting]}, nil
	case "failed":
		n := 0
		ids, _ := s.Spool.List("", 1<<30, string(spool.Failed))
		for _, id := range ids {
			if err := s.Spool.Retry(id); err != nil {
				s.Log.Warn("cannot retry", "item", id, "error", err)
				continue
			}
			n++
		}
		return Retried{n}, nil
	default:
		return nil, wrong(fmt.Sprintf("cannot retry %q", what), "Choose all or failed.")
	}
}

func (s *Server) remove(r *http.Request) (any, error) {
	id := r.PathValue("id")
	if err := s.Spool.Remove(id); err != nil {
		return nil, err
	}
	s.Log.Info("deleted by a person", "item", id)
	return Removed{id}, nil
}

func (s *Server) pause(r *http.Request) (any, error) {
	var p struct {
		Reason string `json:"reason"`
	}
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil && err != io.EOF {
		return nil, wrong("the request cannot be read: "+err.Error(), "")
	}
	if len(p.Reason) > shortMax {
		return nil, wrong(fmt.Sprintf("the reason is longer than %d bytes", shortMax), "Shorten it.")
	}
	return s.withTarget(r, func(name string) { s.Spool.Pause(name, p.Reason) })
}

func (s *Server) resume(r *http.Request) (any, error) {
	return s.withTarget(r, s.Spool.Resume)
}

// withTarget does something with a target and returns how it is then.
func (s *Server) withTarget(r *http.Request, do func(name string)) (any, error) {
	name := r.PathValue("target")
	named := func(t Target) bool { return t.Name == name }
	list := s.targets()
	if !slices.ContainsFunc(list, named) {
		var names []string
		for _, t := range list {
			names = append(names, t.Name)
		}
		return nil, &Error{"not-found", fmt.Sprintf("there is no target %q", name), "Choose one of: " + strings.Join(names, ", ") + "."}
	}
	do(name)
	list = s.targets()
	return list[slices.IndexFunc(list, named)], nil
}
