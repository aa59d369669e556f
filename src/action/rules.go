package action

import (
	"slices"
	"strings"

	"snsbridge/src/spool"
)

// Rules say which targets an item goes to.
type Rules struct {
	// Targets is keyed by recipient address or site name, in lower case.
	Targets map[string]string
	Mail    string // for recipients that no rule names
	Social  string // for sites that no rule names
	// AltText has the mode of each target that wants descriptions.
	AltText map[string]string
}

// Jobs returns what is to be done with an item: one job for each target. The
// recipients of one target share a job, so that they get one message.
func (r Rules) Jobs(it *spool.Item, recipients []string) []spool.Job {
	if it.Kind == spool.Post {
		return []spool.Job{{Target: r.target(it.Site, r.Social), State: spool.Waiting}}
	}
	var jobs []spool.Job
	for _, to := range recipients {
		target := r.Target(to)
		i := slices.IndexFunc(jobs, func(j spool.Job) bool { return j.Target == target })
		if i < 0 {
			i = len(jobs)
			jobs = append(jobs, spool.Job{Target: target, State: spool.Waiting})
		}
		same := func(a string) bool { return strings.EqualFold(a, to) }
		if !slices.ContainsFunc(jobs[i].To, same) {
			jobs[i].To = append(jobs[i].To, to)
		}
	}
	return jobs
}

// Target returns where mail for an address goes.
func (r Rules) Target(address string) string { return r.target(address, r.Mail) }

func (r Rules) target(key, otherwise string) string {
	if t, ok := r.Targets[strings.ToLower(key)]; ok {
		return t
	}
	return otherwise
}
