package camera

import (
	"cmp"
	"encoding/json"
)

// MarshalJSON writes the shape that the router's web pages rely on: every key is always there, an unknown
// year is 0, other unknowns are "unknown", lists are never null. Keys may be added, not changed. "assumed"
// names the guesses among year, generation, check, login and the services.
func (m Model) MarshalJSON() ([]byte, error) {
	aliases := []string{}
	if m.Alias != "" {
		aliases = append(aliases, m.Alias)
	}
	return json.Marshal(struct {
		ID         string     `json:"id"`
		Aliases    []string   `json:"aliases"`
		Title      string     `json:"title"`
		Year       int        `json:"year"`
		Kind       string     `json:"kind"`
		Generation Generation `json:"generation"`
		Services   []string   `json:"services"`
		Check      Check      `json:"check"`
		Refuses192 Answer     `json:"refuses_192"`
		Login      Login      `json:"login"`
		Status     Status     `json:"status"`
		Assumed    []string   `json:"assumed"`
		Note       string     `json:"note"`
		Source     string     `json:"source"`
		Hosts      []string   `json:"hosts"`
	}{
		ID:         m.ID,
		Aliases:    aliases,
		Title:      m.Title(),
		Year:       m.Year,
		Kind:       m.Generation.Kind(),
		Generation: m.Generation,
		Services:   m.Services(),
		Check:      cmp.Or(m.Check, "unknown"),
		Refuses192: cmp.Or(m.Refuses192, "unknown"),
		Login:      cmp.Or(m.Login, "unknown"),
		Status:     m.Status,
		Assumed:    m.assumed(),
		Note:       m.Note,
		Source:     m.Source,
		Hosts:      m.Hosts(),
	})
}
