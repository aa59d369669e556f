// Package email mails photos, by a smarthost, to those whom a person named on
// the camera.
package email

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"snsbridge/src/smtp"
	"snsbridge/src/spool"
)

// Smarthost is the server by which an item's files are mailed to the job's
// recipients.
//
// All recipients of a message get it in one transaction, and each has a result
// of its own: what one of them accepted is marked at once and never sent to it
// again, whatever becomes of the others. What is larger than the server takes
// is divided by files into several mails with "(1/3)" in the subject.
//
// The fields are set before the first use.
type Smarthost struct {
	Server smtp.Server
	// From is the sender, "a@b.example" or "Name <a@b.example>"; the camera's
	// then becomes Reply-To. "": the camera's sender is the sender, which few
	// smarthosts accept.
	From       string
	Recipients []string // who may be mailed, as Allowed has it
	MaxSize    int64    // bytes of one mail; 0: what the server says it takes, or no limit
	Public     bool     // blank position, serial numbers and names in what is sent
	Quota      *Quota   // nil: no limit
}

// Do mails the item, or what earlier attempts left of it.
func (e *Smarthost) Do(ctx context.Context, d *spool.Delivery) error {
	a := &attempt{smarthost: e, delivery: d, away: map[string]bool{}}
	defer a.close()
	if err := a.address(); err != nil {
		return err
	}
	if a.owesAny() {
		if err := a.send(ctx); err != nil {
			return e.failure(ctx, err)
		}
	}
	return a.trouble.err()
}

// Check connects and logs in without sending anything.
func (e *Smarthost) Check(ctx context.Context) error {
	if _, err := e.from(); err != nil {
		return err
	}
	return e.failure(ctx, e.Server.Check(ctx))
}

// attempt is one attempt at one job.
type attempt struct {
	smarthost *Smarthost
	delivery  *spool.Delivery
	letter    letter
	files     []file
	session   *smtp.Session
	away      map[string]bool // recipients that the server has turned away
	trouble   trouble
}

// send sends every part to those who have not got it yet.
func (a *attempt) send(ctx context.Context) error {
	if err := a.connect(ctx); err != nil {
		return err
	}
	if err := a.open(); err != nil {
		return err
	}
	counts, err := a.plan()
	if err != nil {
		return err
	}
	first := 0
	for i, count := range counts {
		p := part{i + 1, len(counts), a.files[first : first+count]}
		first += count
		to := a.owed(p)
		if len(to) == 0 {
			continue
		}
		if err := a.connect(ctx); err != nil {
			return err
		}
		if err := a.sendPart(p, to); err != nil {
			return err
		}
	}
	return nil
}

// sendPart sends one part. The error is one that ends the attempt; what
// concerns only a file or a recipient is noted as trouble.
func (a *attempt) sendPart(p part, to []string) error {
	if !a.sendable(p.files) {
		return nil
	}
	m, err := a.letter.compose(p)
	if err != nil {
		return err
	}
	if limit := a.limit(); limit > 0 && m.size > limit {
		a.trouble.never("too-large", tooLargeHint, fmt.Sprintf("%s: a mail of %s, and the limit of %s is %s",
			p, megabytes(m.size), a.smarthost.Server.Host, megabytes(limit)))
		return nil
	}
	if err := a.smarthost.Quota.Take(len(to)); err != nil {
		return err
	}
	res, err := a.session.Send(a.letter.from.Address, to, m.size, m.write)
	got := a.took(to, res.Recipients)
	var se *smtp.Error
	errors.As(err, &se)
	mailed := len(got)
	if lost := se != nil && se.Step == "answer" && se.Code == 0; err != nil && !lost {
		mailed = 0
	}
	a.smarthost.Quota.giveBack(len(to) - mailed)
	if refused(se) {
		a.trouble.refused(p, se)
		if se.Step == "message" {
			a.session = nil // and whoever is next needs another one
		}
		return nil
	}
	if err != nil || len(got) == 0 {
		return err
	}
	a.delivery.Job.Result = res.Final.String()
	return a.delivery.Mark(p.step()+" "+strings.Join(got, " "), res.Final.String())
}

// took returns the recipients that the server took, and notes the others.
func (a *attempt) took(to []string, replies []smtp.Reply) (got []string) {
	for i, r := range replies {
		switch {
		case r.OK():
			got = append(got, to[i])
			continue
		case r.Code/100 == 5:
			a.trouble.never("recipient", "Check the address, then retry, or delete the item.", to[i]+": "+r.String())
		case r.Code != 0:
			a.trouble.later(to[i] + ": " + r.String())
		}
		a.away[to[i]] = r.Code != 0
	}
	return got
}

func (a *attempt) connect(ctx context.Context) error {
	if a.session != nil {
		return nil
	}
	s, err := a.smarthost.Server.Open(ctx)
	a.session = s
	return err
}

// limit is the largest mail that can be sent, in bytes; 0: any.
func (a *attempt) limit() int64 {
	limit := a.session.Size
	// Servers also count the lines that they and those after them put on top.
	limit -= min(limit/16, 4<<10)
	if most := a.smarthost.MaxSize; most > 0 && (limit == 0 || most < limit) {
		limit = most
	}
	return limit
}

func (a *attempt) close() {
	for _, f := range a.files {
		f.Close()
	}
	if a.session != nil {
		a.session.Quit()
	}
}

func megabytes(n int64) string { return strconv.FormatFloat(float64(n)/1e6, 'f', 1, 64) + " MB" }
