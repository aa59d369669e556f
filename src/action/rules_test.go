package action

import (
	"fmt"
	"strings"
	"testing"

	"snsbridge/src/spool"
)

func TestRules(t *testing.T) {
	r := Rules{
		Targets: map[string]string{"nx@masto.example": "mastodon", "pub@masto.example": "mastodon.pub", "also@masto.example": "mastodon", "facebook": "shell.fb"},
		Mail:    "email",
		Social:  "store",
	}
	for _, c := range []struct {
		kind, site, to, want, why string
	}{
		{spool.Email, "", "me@example.org", "email[me@example.org]", "no rule: mailed"},
		{spool.Email, "", "a@x.example b@x.example", "email[a@x.example b@x.example]", "one message for both"},
		{spool.Email, "", "NX@Masto.Example", "mastodon[NX@Masto.Example]", "case does not matter"},
		{spool.Email, "", "a@x.example nx@masto.example b@x.example", "email[a@x.example b@x.example] mastodon[nx@masto.example]", "a job for each target"},
		{spool.Email, "", "nx@masto.example also@masto.example", "mastodon[nx@masto.example also@masto.example]", "posted once"},
		{spool.Email, "", "nx@masto.example pub@masto.example", "mastodon[nx@masto.example] mastodon.pub[pub@masto.example]", "instances are targets of their own"},
		{spool.Email, "", "a@x.example A@X.example", "email[a@x.example]", "nobody gets it twice"},
		{spool.Email, "facebook", "a@x.example", "email[a@x.example]", "the rules for sites are for posts"},
		{spool.Post, "facebook", "", "shell.fb[]", "a site with a rule"},
		{spool.Post, "FaceBook", "", "shell.fb[]", "case does not matter"},
		{spool.Post, "picasa", "", "store[]", "a site without one"},
	} {
		var got []string
		for _, j := range r.Jobs(&spool.Item{Kind: c.kind, Site: c.site}, strings.Fields(c.to)) {
			if j.State != spool.Waiting {
				t.Errorf("%s: the job begins as %q", c.why, j.State)
			}
			got = append(got, fmt.Sprint(j.Target, j.To))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.why, strings.Join(got, " "), c.want)
		}
	}
}
