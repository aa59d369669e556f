// Package email mails photos, by a smarthost, to those whom a person named on
// the camera.
package email

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

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
	Recipients []string     // who may be mailed, as Allowed has it
	MaxSize    int64        // bytes of one mail; 0: what the server says it takes, or no limit
	Public     bool         // blank position, serial numbers and names in what is sent
	Quota      *Quota       // nil: no limit
	Log        *slog.Logger // nil: nothing is told

	refusedSize atomic.Int64 // bytes of the smallest mail of several files that the server found too large; 0: none
	replaced    atomic.Bool  // a server refused a camera's sender: the account's address is used
}

// Do mails the item, or what earlier attempts left of it.
func (e *Smarthost) Do(ctx context.Context, d *spool.Delivery) error {
	a := &attempt{ctx: ctx, smarthost: e, delivery: d, away: map[string]bool{}}
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

// another makes the account's own address the sender, where a server refuses
// the camera's and no other is set. It returns false if there is none left.
func (e *Smarthost) another(from string) bool {
	own, ok := parseAddress(e.Server.User)
	if e.From != "" || !ok || strings.EqualFold(own, from) {
		return false
	}
	if !e.replaced.Swap(true) && e.Log != nil {
		e.Log.Warn("the mail server refuses the camera's sender: mails are sent from the address of the account", "sender", from, "account", own)
	}
	return true
}

// Sender returns the address that is used in place of the cameras', "" if
// theirs are used or one is set.
func (e *Smarthost) Sender() string {
	if e.From != "" || !e.replaced.Load() {
		return ""
	}
	return e.Server.User
}

// Check asks the server whether it would take a photo, without sending one:
// with the sender that it would have, for the first address that is known to
// be ours.
func (e *Smarthost) Check(ctx context.Context) error {
	if _, err := e.from(); err != nil {
		return err
	}
	return e.failure(ctx, e.ask(ctx))
}

func (e *Smarthost) ask(ctx context.Context) error {
	s, err := e.Server.Open(ctx)
	if err != nil {
		return err
	}
	defer s.Quit()
	for {
		from, _, err := e.senders(factory)
		if err != nil {
			return err
		}
		r, err := s.Try(from.Address, e.own())
		if err == nil && r.Code != 0 && !r.OK() {
			err = e.all([]smtp.Reply{r}) // what is only about the recipient does not count
		}
		var se *smtp.Error
		if errors.As(err, &se) && se.Code/100 == 5 && matterOf(se.Step, smtp.Reply{Code: se.Code, Text: se.Text}) == ofSender && e.another(from.Address) {
			continue
		}
		return err
	}
}

// own is an address of the owner's, "" if none is known.
func (e *Smarthost) own() string {
	for _, s := range append(slices.Clone(e.Recipients), e.Server.User) {
		if address, ok := parseAddress(s); ok && !strings.HasPrefix(address, "*") {
			return address
		}
	}
	from, _ := e.from()
	return from.Address
}

// attempt is one attempt at one job.
type attempt struct {
	ctx       context.Context
	smarthost *Smarthost
	delivery  *spool.Delivery
	letter    letter
	files     []file
	session   *smtp.Session
	mails     int             // that the session has taken
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
	plan, err := a.plan()
	if err != nil {
		return err
	}
	for again := true; again; {
		if plan, again, err = a.sendParts(ctx, plan); err != nil {
			return err
		}
	}
	return nil
}

// sendParts sends what is owed of a plan. If a part turns out to be too large, it returns the plan in
// which that is divided.
func (a *attempt) sendParts(ctx context.Context, now plan) (next plan, again bool, err error) {
	for _, p := range now.parts() {
		p.files = a.files[p.first : p.first+p.count]
		to := a.owed(p)
		if len(to) == 0 {
			continue
		}
		if err := a.connect(ctx); err != nil {
			return now, false, err
		}
		for again := true; again; {
			again, err = a.sendPart(p, to)
			if a.spent(err) {
				a.session.Quit()
				a.session = nil
				again, err = true, a.connect(ctx)
			}
			if errors.Is(err, errTogether) {
				if err := a.connect(ctx); err != nil { // whose limits count
					return now, false, err
				}
				next, err = a.smaller(now, p)
				return next, err == nil, err
			} else if err != nil {
				return now, false, err
			}
		}
	}
	return now, false, nil
}

// spent tells whether an error means that the server takes no more mails in
// this session: some take one, and then say so or hang up.
func (a *attempt) spent(err error) bool {
	var se *smtp.Error
	return a.mails > 0 && errors.As(err, &se) && se.Step == "MAIL" && se.Code/100 != 5
}

// errTogether: the files of a part are too large for one mail.
var errTogether = errors.New("too large together")

// sendPart sends one part. The error is one that ends the attempt; what
// concerns only a file or a recipient is noted as trouble. again tells that
// the server refused something that is now done otherwise.
func (a *attempt) sendPart(p part, to []string) (again bool, err error) {
	if !a.sendable(p.files) {
		return false, nil
	}
	if err := a.renew(); err != nil { // the sender may be another one now
		return false, err
	}
	m, err := a.letter.compose(p)
	if err != nil {
		return false, err
	}
	if limit := a.together(); limit > 0 && m.size > limit && len(p.files) > 1 {
		return false, errTogether
	}
	if limit := a.limit(); limit > 0 && m.size > limit {
		a.trouble.never("too-large", tooLargeHint, fmt.Sprintf("%s: a mail of %s, and the limit of %s is %s",
			p, megabytes(m.size), a.smarthost.Server.Host, megabytes(limit)))
		return false, nil
	}
	if err := a.smarthost.Quota.Take(1); err != nil {
		return false, err
	}
	from := a.letter.from.Address
	res, err := a.session.Send(from, to, m.size, m.write)
	var se *smtp.Error
	errors.As(err, &se)
	if lost := se != nil && se.Step == "answer" && se.Code == 0; !res.Final.OK() && !lost {
		a.smarthost.Quota.giveBack(1)
	}
	if err == nil {
		if err = a.smarthost.all(res.Recipients); err != nil && a.alone(from, to, err) {
			err = nil
		}
		errors.As(err, &se)
	}
	if se != nil && se.Code != 0 {
		if se.Step == "message" {
			a.session = nil // and whoever is next needs another one
		}
		switch m := matterOf(se.Step, smtp.Reply{Code: se.Code, Text: se.Text}); {
		case m == ofSender && se.Code/100 == 5 && a.smarthost.another(from):
			return true, a.connect(a.ctx)
		case m == ofName && se.Step != "message":
			if ok, rerr := a.session.Rename(); ok || rerr != nil {
				return ok, rerr
			}
		}
	}
	if err != nil && len(res.Recipients) > 0 && se != nil && se.Step == "RCPT" && se.Code != 0 {
		return false, err
	}
	got := a.took(to, res.Recipients)
	if refused(se) {
		if tooLarge(se) && len(p.files) > 1 {
			a.smarthost.refuses(m.size)
			return false, errTogether
		}
		a.trouble.refused(p, se)
		return false, nil
	}
	if err != nil || len(got) == 0 {
		return false, err
	}
	a.mails++
	a.delivery.Job.Result = res.Final.String()
	if err := a.delivery.Mark(p.step()+" "+strings.Join(got, " "), res.Final.String()); err != nil {
		return false, err
	}
	a.delivery.Progress = true
	return false, nil
}

// all returns what the server said to the recipients as an error, if it took
// none, and what it said concerns all mail and not them.
func (e *Smarthost) all(replies []smtp.Reply) error {
	var said error
	for _, r := range replies {
		if r.OK() {
			return nil
		}
		m := matterOf("RCPT", r)
		permanent := r.Code/100 == 5 && m != ofRecipient && m != ofSize && (m != unclear || strings.HasPrefix(r.Text, "5.7.") || strings.HasPrefix(r.Text, "5.5."))
		if said == nil && r.Code != 0 && (permanent || m == ofTLS || m == ofLogin || m == ofNetwork) {
			said = &smtp.Error{Host: e.Server.Host, Step: "RCPT", Code: r.Code, Text: r.Text}
		}
	}
	return said
}

// alone tells whether a refusal that could be about every mail, and says
// nothing of what it is about, is about its only recipient: the server would
// take a mail to us.
func (a *attempt) alone(from string, to []string, refusal error) bool {
	var se *smtp.Error
	own := a.smarthost.own()
	if len(to) != 1 || strings.EqualFold(to[0], own) || !errors.As(refusal, &se) ||
		matterOf("RCPT", smtp.Reply{Code: se.Code, Text: se.Text}) != unclear {
		return false
	}
	r, err := a.session.Try(from, own)
	return err == nil && r.OK()
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
	a.session, a.mails = s, 0
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

// together is the limit for a mail of several files. A server may take less than it says: half of what it
// found too large is tried next.
func (a *attempt) together() int64 {
	limit := a.limit()
	if refused := a.smarthost.refusedSize.Load(); refused > 0 && (limit == 0 || refused/2 < limit) {
		limit = refused / 2
	}
	return limit
}

// refuses notes the size of a mail that the server found too large.
func (e *Smarthost) refuses(size int64) {
	if old := e.refusedSize.Load(); old == 0 || size < old {
		e.refusedSize.Store(size)
		if e.Log != nil {
			e.Log.Warn("the mail server takes less than it says: mails of several photos are divided", "server", e.Server.Host, "refused", megabytes(size))
		}
	}
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
