package control

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"

	"snsbridge/src/spool"
)

// Checkup is what the doctor found when he looked last.
type Checkup struct {
	Report     json.RawMessage `json:"report"`      // a doctor.Report; null: he has not looked yet
	SecondsAgo *int64          `json:"seconds_ago"` // null: the same
	Running    bool            `json:"running"`     // he is looking now
}

// Mailed is a test mail that the server took.
type Mailed struct {
	To    string `json:"to"`
	Reply string `json:"reply"` // the server's words
}

func (s *Server) doctor(r *http.Request) (any, error) {
	if s.Doctor == nil {
		return Checkup{}, nil
	}
	q := r.URL.Query()
	return s.Doctor(q.Get("address"), q.Get("fresh") != ""), nil
}

func (s *Server) mailTest(r *http.Request) (any, error) {
	var p struct {
		To string `json:"to"`
	}
	if err := json.NewDecoder(r.Body).Decode(&p); err != nil {
		return nil, wrong("the request cannot be read: "+err.Error(), "")
	}
	if s.Trial == nil {
		return nil, &Error{"mail-settings", "there is no mail server in the settings", "Set one, and save and apply the settings."}
	}
	reply, err := s.Trial(r.Context(), p.To)
	if err != nil {
		e := &spool.Error{}
		errors.As(err, &e)
		return nil, &Error{"mail-" + cmp.Or(e.Code, "failed"), err.Error(), e.Hint}
	}
	s.Log.Info("mailed a test", "to", p.To)
	return Mailed{p.To, reply}, nil
}
