package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"snsbridge/src/control"
)

func queueVerb(ctx context.Context, env environ, args []string) error {
	t := newTalk(env, "queue", "what cameras sent, and what became of it: first what needs you, then the newest")
	limit := t.Int("limit", 20, "at most `NUMBER` items")
	before := t.String("before", "", "only items older than the one with this `ID`")
	state := t.String("state", "", "only items that are `STATE`: waiting, draft, failed, done, open, damaged, attention (needs you) or unfinished")
	if _, err := t.parse(args, 0, 0); err != nil {
		return err
	}
	return ask(ctx, t, func(ctx context.Context, c *control.Client) (control.Queue, error) {
		if *before == "" && *state == "" {
			return c.Top(ctx, *limit)
		}
		return c.Queue(ctx, *before, *limit, *state)
	}, func(q control.Queue) {
		p := paper{env.stdout}
		for _, it := range q.Items {
			showItem(p, it, time.Now())
		}
		switch {
		case q.More:
			again := ""
			if *state != "" {
				again = " --state " + *state
			}
			p.put("", "More: snsbridge queue --before %s%s", q.Items[len(q.Items)-1].ID, again)
		case len(q.Items) == 0 && *state == "" && *before == "":
			p.put("", "The queue is empty.")
		case len(q.Items) == 0:
			p.put("", "There is nothing like that in the queue.")
		}
	})
}

func showVerb(ctx context.Context, env environ, args []string) error {
	t := newTalk(env, "show", "all about one item: show ID")
	words, err := t.parse(args, 1, 1)
	if err != nil {
		return err
	}
	return ask(ctx, t, func(ctx context.Context, c *control.Client) (control.Item, error) {
		return c.Show(ctx, words[0])
	}, func(it control.Item) { showAll(paper{env.stdout}, it, time.Now()) })
}

// itemWords are the states of items and jobs as people call them.
var itemWords = map[string]string{
	"open": "arriving", "damaged": "damaged", "failed": "failed", "draft": "draft", "waiting": "waiting", "done": "delivered",
}

func itemWord(state string) string {
	if w, ok := itemWords[state]; ok {
		return w
	}
	return state
}

// showItem writes an item in a few lines.
func showItem(p paper, it control.Item, now time.Time) {
	p.hang("", 4, fmt.Sprintf("%s  %-9s  %s", it.ID, itemWord(it.State), list(
		ago(it.Received, now), it.Model, filesText(it), it.Site)))
	switch {
	case it.Damaged != "":
		p.put("    ", "%s", it.Damaged)
	case it.Text != "":
		p.put("    ", "%s", quote(it.Text))
	case it.Title != "":
		p.put("    ", "%s", quote(it.Title))
	}
	for _, j := range it.Jobs {
		showJob(p, j, now)
	}
	fmt.Fprintln(p.out)
}

// quote shortens a text to about two lines.
func quote(s string) string {
	const most = 140
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "..."
	}
	return `"` + s + `"`
}

func filesText(it control.Item) string {
	photos, videos, others := 0, 0, 0
	for _, f := range it.Files {
		switch {
		case strings.HasPrefix(f.Type, "image/"):
			photos++
		case strings.HasPrefix(f.Type, "video/"):
			videos++
		default:
			others++
		}
	}
	return list(some(photos, "%s", "photo"), some(videos, "%s", "video"), some(others, "%s", "file"), bytesText(it.Bytes))
}

func showJob(p paper, j control.Job, now time.Time) {
	to := ""
	if len(j.To) > 0 {
		to = " to " + strings.Join(j.To, ", ")
	}
	p.hang("    ", 6, fmt.Sprintf("%s%s: %s", j.Target, to, jobText(j, now)))
	p.hint("      ", j.Hint)
}

func jobText(j control.Job, now time.Time) string {
	tried := ""
	if j.Attempts > 0 {
		tried = ", tried " + count(j.Attempts, "time")
	}
	why := ""
	if j.Error != "" {
		why = ": " + j.Error
	}
	switch {
	case j.Running:
		return "on its way now" + why
	case j.State == "done":
		return "delivered " + ago(j.Finished, now)
	case j.State == "waiting":
		return "waiting" + tried + next(j.NextSeconds, true) + why
	}
	return itemWord(j.State) + ", needs you" + why
}

// showAll writes all about an item.
func showAll(p paper, it control.Item, now time.Time) {
	p.put("", "%s  %s", it.ID, itemWord(it.State))
	row := func(head, text string) {
		if text != "" {
			p.put(fmt.Sprintf("%-12s ", head), "%s", text)
		}
	}
	row("Received", ago(it.Received, now))
	row("Damaged", it.Damaged)
	row("Camera", list(it.Model, it.Client))
	row("Sender", it.Sender)
	row("Site", it.Site)
	row("Title", it.Title)
	row("Text", it.Text)
	row("Warning", it.Warning)
	row("Language", it.Language)
	row("Visibility", it.Visibility)
	fmt.Fprintln(p.out)
	for _, f := range it.Files {
		taken := ""
		if f.Taken != nil {
			taken = "taken " + f.Taken.Format("2006-01-02 15:04")
		}
		p.hang(fmt.Sprintf("%3d ", f.Number), 4, list(f.Name, bytesText(f.Bytes), taken))
		if f.Alt != "" {
			p.put("    ", "%s", f.Alt)
		}
	}
	for _, text := range it.Spare {
		p.put("  - ", "description without a picture: %s", text)
	}
	fmt.Fprintln(p.out)
	for _, j := range it.Jobs {
		showJob(p, j, now)
		if j.Result != "" {
			p.put("      ", "%s", j.Result)
		}
	}
}
