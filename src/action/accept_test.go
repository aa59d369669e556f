package action

import (
	"strings"
	"testing"

	"snsbridge/src/spool"
)

// TestAccept tells what becomes of an item by its text and the mode of its
// target.
func TestAccept(t *testing.T) {
	for _, c := range []struct {
		name, mode, text string
		photos           int
		refused          bool
		state            spool.State
		wantText, alts   string
	}{
		{"each picture is described", "draft", "post~one~two", 2, false, spool.Waiting, "post", "one|two"},
		{"no description: a person adds it", "draft", "post", 1, false, spool.Draft, "post", ""},
		{"one too few", "draft", "post~one", 2, false, spool.Draft, "post", "one|"},
		{"one too many", "draft", "post~one~two", 1, false, spool.Draft, "post", "one"},
		{"optional: goes out without", "optional", "post", 2, false, spool.Waiting, "post", "|"},
		{"required: the camera is told", "required", "post~one", 2, true, spool.Waiting, "post", "one|"},
		{"required and there", "required", "post~one", 1, false, spool.Waiting, "post", "one"},
		{"not published: the text stays as typed", "", "about ~5 km", 1, false, spool.Waiting, "about ~5 km", ""},
	} {
		r := Rules{Targets: map[string]string{"me@example.org": "mastodon"}, AltText: map[string]string{"mastodon": c.mode}}
		if c.mode == "" {
			r = Rules{Mail: "email"}
		}
		it := &spool.Item{Kind: spool.Email, Text: c.text, Files: make([]spool.File, c.photos)}
		err := r.Accept(it, []string{"me@example.org"})
		var alts []string
		for _, f := range it.Files {
			alts = append(alts, f.Alt)
		}
		if (err != nil) != c.refused || it.Jobs[0].State != c.state || it.Text != c.wantText || strings.Join(alts, "|") != c.alts {
			t.Errorf("%s: error %v, state %s, text %q, descriptions %q", c.name, err, it.Jobs[0].State, it.Text, alts)
		}
		if c.state == spool.Draft && it.Jobs[0].Hint == "" {
			t.Errorf("%s: nobody is told what to do", c.name)
		}
	}
}
