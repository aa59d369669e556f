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

// retryMany makes due what waits (the uplink is there again), what has failed,
// or both. What has failed is tried again only for a person: nothing has
// changed about it because there is an uplink.
func (s *Server) retryMany(r *http.Request) (any, error) {
	switch what := r.URL.Query().Get("what"); what {
	case "waiting":
		return Retried{s.Spool.Poke()}, nil
	case "failed":
		return Retried{s.retryFailed()}, nil
	case "all":
		waiting := s.Spool.Poke()
		return Retried{waiting + s.retryFailed()}, nil
	default:
		return nil, wrong(fmt.Sprintf("cannot retry %q", what), "Choose all, waiting or failed.")
	}
}

// retryFailed returns how many items will be tried again.
func (s *Server) retryFailed() (n int) {
	ids, _ := s.Spool.List("", 1<<30, string(spool.Failed))
	for _, id := range ids {
		if err := s.Spool.Retry(id); err != nil {
			s.Log.Warn("cannot retry", "item", id, "error", err)
			continue
		}
		n++
	}
	return n
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
	return s.withTarget(r, func(name string) error { return s.Spool.Pause(name, p.Reason) })
}

func (s *Server) resume(r *http.Request) (any, error) {
	return s.withTarget(r, s.Spool.Resume)
}

// Limits is what a target takes. 0: it has no such limit, or none is known.
type Limits struct {
	Known      bool `json:"known"`      // by the target itself; false: what is usual
	Characters int  `json:"characters"` // of a text; what is longer is divided
	Alt        int  `json:"alt"`        // characters of a description
	Files      int  `json:"files"`      // of one post; more become several
}

func (s *Server) limits(r *http.Request) (any, error) {
	t, err := s.target(r)
	if err != nil || s.Limits == nil {
		return Limits{}, err
	}
	return s.Limits(r.Context(), t.Name), nil
}

// target finds the target that a request names.
func (s *Server) target(r *http.Request) (Target, error) {
	name := r.PathValue("target")
	list := s.targets()
	var names []string
	for _, t := range list {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return Target{}, &Error{"not-found", fmt.Sprintf("there is no target %q", name), "Choose one of: " + strings.Join(names, ", ") + "."}
}

// withTarget does something with a target and returns how it is then.
func (s *Server) withTarget(r *http.Request, do func(name string) error) (any, error) {
	t, err := s.target(r)
	if err != nil {
		return nil, err
	}
	if err := do(t.Name); err != nil {
		return nil, err
	}
	return s.target(r)
}
