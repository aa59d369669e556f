package main

import (
	"context"
	"fmt"
	"time"

	"snsbridge/src/control"
)

func statusVerb(ctx context.Context, env environ, args []string) error {
	t := newTalk(env, "status", "how the running bridge is: cameras, queue, targets, storage")
	if _, err := t.parse(args, 0, 0); err != nil {
		return err
	}
	return ask(ctx, t, func(ctx context.Context, c *control.Client) (control.Status, error) {
		return c.Status(ctx)
	}, func(st control.Status) { showStatus(paper{env.stdout}, st) })
}

func showStatus(p paper, st control.Status) {
	fmt.Fprintf(p.out, "snsbridge %s, running for %s\n\n", control.Printable(st.Version), span(st.UptimeSeconds))
	p.put("Camera port  ", "%s", st.Listen)
	clock := "not set yet: times are unknown until it is"
	if st.ClockOK {
		clock = st.Now.Local().Format("2006-01-02 15:04 MST")
	}
	if st.Unsynced {
		clock += "; no time server has answered yet: mail and posts wait for that, some minutes at most"
	}
	p.put("Clock        ", "%s", clock)
	p.seen("Cameras      ", st.Cameras)
	if len(st.Cameras) == 0 {
		p.put("Cameras      ", "none seen since the start")
	}
	p.seen("Refused      ", st.Refused)
	reading := ""
	if !st.Ready {
		reading = "; what was there before is still being read"
	}
	for _, u := range st.Uploads {
		p.put("Arriving     ", "%s", uploadText(u))
	}
	p.put("Queue        ", "%s%s", queueText(st.Queue), reading)
	p.put("Photos       ", "%s", folderText(st.Storage.Upload))
	p.put("Spool        ", "%s", folderText(st.Storage.Spool))
	if st.Storage.Spool.Total > 0 {
		p.put("Room         ", "for about %s: %s, beside %s reserved", count(int(st.Storage.Photos), "photo"), bytesText(st.Storage.Usable), bytesText(st.Storage.Reserve))
	}
	if e := st.Storage.Trouble; e != nil {
		p.put("Storage      ", "%s", e.Message)
		p.hint("             ", e.Hint)
	}
	if st.Mail != nil {
		p.put("Mails today  ", "%d of at most %d", st.Mail.Today, st.Mail.Limit)
		if st.Mail.Sender != "" {
			p.put("Sent from    ", "%s: the mail server refuses the cameras' senders", st.Mail.Sender)
		}
	}
	if st.Captured.Count > 0 {
		p.put("Not understood ", "%s; please send in %s", count(st.Captured.Count, "request"), st.Captured.File)
	}
	for _, w := range st.Warnings {
		p.put("Warning      ", "%s", w)
	}
	if st.Phone != nil {
		p.put("Phone page   ", "%s, PIN %s", st.Phone.URL, st.Phone.PIN)
	}
	fmt.Fprintln(p.out)
	for _, t := range st.Targets {
		showTarget(p, t, st.Now)
	}
}

// seen writes a line for each device.
func (p paper) seen(head string, devices []control.Camera) {
	for _, c := range devices {
		who := c.Client
		if c.Model != "" {
			who = c.Model + " at " + c.Client
		}
		if c.MAC != "" {
			who += " (" + c.MAC + ")"
		}
		when := span(c.SecondsAgo) + " ago"
		if c.SecondsAgo < 10 {
			when = "just now"
		}
		p.put(head, "%s, %s: %s", who, when, c.What)
		head = "             "
		p.hint(head, allowHint(c.Allow))
	}
}

// allowHint tells what to add to which setting, in TOML and on a router.
func allowHint(a *control.Allow) string {
	names := map[string]string{"mac": "CAMERA_MACS", "sender": "SENDERS", "recipient": "RECIPIENTS"}
	switch {
	case a == nil || names[a.List] == "":
		return ""
	case a.Value != "":
		return fmt.Sprintf("Is this your camera? Add %s to %s (on a router: list %s).", a.Value, names[a.List], a.List)
	case a.List == "mac":
		return "Its hardware address is unknown, so CAMERA_MACS cannot allow it: connect it to this network directly, by IPv4."
	}
	return fmt.Sprintf("Its user name cannot be read, so it is served only while %s is empty (on a router: no list %s).", names[a.List], a.List)
}

func uploadText(u control.Upload) string {
	who := u.Client
	if u.Model != "" {
		who = u.Model + " at " + u.Client
	}
	size := bytesText(u.Bytes)
	if u.Total > 0 {
		size += " of " + bytesText(u.Total)
	}
	if u.File != "" {
		return fmt.Sprintf("from %s: %s, %s", who, u.File, size)
	}
	return fmt.Sprintf("from %s: %s", who, size)
}

func queueText(c control.Counts) string {
	if c.Items == 0 {
		return "empty"
	}
	return list(
		some(c.Open, "%s arriving", "post"),
		some(c.Waiting, "%s waiting", ""),
		some(c.Draft, "%s for you to complete", "draft"),
		some(c.Failed, "%s failed", ""),
		some(c.Damaged, "%s damaged", ""),
		some(c.Done, "%s delivered", ""),
	)
}

// some puts a number that is not 0 into a phrase.
func some(n int, phrase, what string) string {
	switch {
	case n == 0:
		return ""
	case what == "":
		return fmt.Sprintf(phrase, fmt.Sprint(n))
	}
	return fmt.Sprintf(phrase, count(n, what))
}

func folderText(f control.Folder) string {
	if f.Error != "" {
		return f.Error
	}
	return fmt.Sprintf("%s, on %s", f.Path, bytesText(f.Total))
}

var targetWords = map[string]string{
	control.OK: "works", control.Waiting: "waiting", control.Paused: "paused",
	control.Failing: "failing", control.Unused: "not used yet",
}

func showTarget(p paper, t control.Target, now time.Time) {
	last := ""
	if t.LastSuccess != nil {
		last = "last delivery " + ago(t.LastSuccess, now)
	}
	former := ""
	if !t.Configured {
		former = "not in the settings any more"
	}
	word := t.State
	if w, ok := targetWords[t.State]; ok {
		word = w
	}
	p.hang("", 13, fmt.Sprintf("%-12s %s", t.Name, list(
		word, former,
		some(t.Jobs.Waiting, "%s waiting", "")+next(t.NextSeconds, t.Jobs.Waiting > 0),
		some(t.Jobs.Draft, "%s", "draft"),
		some(t.Jobs.Failed, "%s failed", ""), last,
	)))
	switch {
	case t.Pause != nil && t.Pause.By == "person":
		reason := ""
		if t.Pause.Reason != "" {
			reason = ": " + t.Pause.Reason
		}
		p.put("             ", "paused by you%s; go on with: snsbridge resume %s", reason, t.Name)
	case t.Pause != nil:
		p.put("             ", "%s", t.Pause.Reason)
		p.hint("             ", t.Pause.Hint)
	case t.State == control.Failing && t.LastError != nil:
		p.put("             ", "%s: %s", ago(t.LastError.Time, now), t.LastError.Error)
		p.hint("             ", t.LastError.Hint)
	}
}

func next(seconds *int64, waits bool) string {
	switch {
	case !waits || seconds == nil:
		return ""
	case *seconds == 0:
		return " (next try now)"
	}
	return " (next try in " + span(*seconds) + ")"
}

func (p paper) hint(head, hint string) {
	if hint != "" {
		p.put(head+"hint: ", "%s", hint)
	}
}
