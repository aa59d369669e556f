package email

import (
	"context"
	"errors"
	"fmt"
	"time"

	"snsbridge/src/smtp"
	"snsbridge/src/spool"
)

const trialTime = 15 * time.Second // a person waits, and LuCI for 20 s

const trialText = `This is the test mail of snsbridge on your router.

The mail server takes what the router sends. Photos that your cameras mail
come the same way.
`

// Trial mails a few words to an address, as photos would be, and counts it as
// one of the day's mails. It returns what the server said to it. Errors are as
// those of Do.
func (e *Smarthost) Trial(ctx context.Context, address string) (reply string, err error) {
	to, ok := parseAddress(address)
	switch {
	case !ok:
		return "", &spool.Error{Kind: spool.Permanent, Code: "recipient", Hint: "Write it as you@example.org.",
			Err: fmt.Errorf("%q is not an e-mail address", address)}
	case !Allowed(e.Recipients, to):
		return "", &spool.Error{Kind: spool.Permanent, Code: "recipient-not-allowed", Hint: "Add the address to RECIPIENTS, or choose one that is there.",
			Err: fmt.Errorf("%s is not among those who may be mailed", to)}
	}
	if err := e.Quota.Take(1); err != nil {
		return "", err
	}
	limited, cancel := context.WithTimeout(ctx, trialTime)
	defer cancel()
	reply, err = e.try(limited, to)
	if err != nil {
		e.Quota.giveBack(1)
	}
	if limited.Err() != nil && ctx.Err() == nil && err != nil {
		return "", &spool.Error{Code: "network", Hint: "Check server and port; the network in between may block it.",
			Err: fmt.Errorf("%s did not finish within %d seconds", e.Server.Host, int(trialTime.Seconds()))}
	}
	return reply, e.failure(ctx, err)
}

// try sends the test mail with the sender that a photo would have.
func (e *Smarthost) try(ctx context.Context, to string) (string, error) {
	s, err := e.Server.Open(ctx)
	if err != nil {
		return "", err
	}
	defer s.Quit()
	for {
		from, replyTo, err := e.senders(factory)
		if err != nil {
			return "", err
		}
		l := newLetter(&spool.Item{
			ID: "test", Received: time.Now(), Title: "snsbridge: test mail", Text: trialText,
		}, from, replyTo, []string{to})
		m, err := l.compose(part{n: 1, of: 1})
		if err != nil {
			return "", err
		}
		res, err := s.Send(from.Address, []string{to}, m.size, m.write)
		var se *smtp.Error
		errors.As(err, &se)
		if r := res.Recipients[0]; err == nil && r.Code != 0 && !r.OK() {
			if err = e.all(res.Recipients); err == nil {
				return "", &spool.Error{Kind: spool.Permanent, Code: "recipient", Hint: "Check the address.", Err: errors.New(to + ": " + r.String())}
			}
			errors.As(err, &se)
		}
		if se != nil && se.Code/100 == 5 && matterOf(se.Step, smtp.Reply{Code: se.Code, Text: se.Text}) == ofSender && e.another(from.Address) {
			continue
		}
		if refused(se) {
			return "", &spool.Error{Kind: spool.Permanent, Code: "refused", Hint: "The server does not take this mail: read its words.", Err: err}
		}
		return res.Final.String(), err
	}
}
