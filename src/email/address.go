package email

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"snsbridge/src/spool"
)

// Allowed tells whether addr is a plain e-mail address that the patterns let
// through: whole addresses, or "*@domain" for everybody there, without regard
// to case. No patterns let every address through, but never what is no plain
// address: no names, quotes, comments, lists, or [127.0.0.1] as a domain.
func Allowed(patterns []string, addr string) bool {
	address, ok := parseAddress(addr)
	if !ok || len(patterns) == 0 {
		return ok
	}
	_, domain, _ := strings.Cut(address, "@")
	for _, p := range patterns {
		if p = strings.TrimSpace(p); strings.EqualFold(p, address) || strings.EqualFold(p, "*@"+domain) {
			return true
		}
	}
	return false
}

const (
	addressMax = 254 // bytes, RFC 5321 4.5.3.1 with its erratum 1690
	nameMax    = 40  // characters of a display name
)

// parseAddress returns the bare address of a text that holds nothing else.
// It is of letters, digits and the marks that need no quotes, so that it means
// the same in a header, in a command and in a mark.
func parseAddress(s string) (address string, ok bool) {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || len(a.Address) > addressMax {
		return "", false
	}
	local, domain, _ := strings.Cut(a.Address, "@")
	if local == "" || len(local) > 64 || !only(local, "!#$%&'*+-/=?^_`{|}~.") {
		return "", false
	}
	for _, label := range strings.Split(domain, ".") {
		if label == "" || strings.Trim(label, "-") != label || !only(label, "-") {
			return "", false
		}
	}
	return a.Address, true
}

// only tells whether s is of ASCII letters, digits and these marks.
func only(s, marks string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune(marks, r)
	})
}

// parseSender reads "a@b.example" or "Name <a@b.example>", as cameras write it:
// the name as a person typed it there.
func parseSender(s string) (from mail.Address, ok bool) {
	if a, err := mail.ParseAddress(s); err == nil {
		from = *a
	} else if name, rest, ok := strings.Cut(s, "<"); ok {
		from.Name = strings.Trim(name, `" `)
		from.Address, _, _ = strings.Cut(rest, ">")
	}
	from.Address, ok = parseAddress(from.Address)
	if !ok {
		return mail.Address{}, false
	}
	// The library that writes the header cuts lists at commas, also in quotes;
	// net/mail cannot read the backslash that it writes into an encoded word;
	// and some mail programs decode encoded words in quotes.
	from.Name = oneLine(strings.NewReplacer(",", " ", `\`, " ", "=?", " ").Replace(from.Name), nameMax)
	return from, true
}

// oneLine makes one printable line of at most so many characters.
func oneLine(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, ""))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = strings.TrimSpace(string(r[:most]))
	}
	return s
}

// from is the sender that is set, without an Address if none is.
func (e *Smarthost) from() (mail.Address, error) {
	if e.From == "" {
		return mail.Address{}, nil
	}
	from, ok := parseSender(e.From)
	if !ok {
		return from, &spool.Error{
			Kind: spool.Account,
			Code: "sender",
			Hint: "Set MAIL_FROM to the address of your mail account.",
			Err:  fmt.Errorf("the sender in the settings is not an e-mail address: %q", e.From),
		}
	}
	return from, nil
}

// address finds out who writes to whom.
func (a *attempt) address() error {
	e, d := a.smarthost, a.delivery
	from, replyTo, err := e.senders(d.Item.Sender)
	if err != nil {
		return err
	}
	var to []string
	for _, raw := range d.Job.To {
		address, ok := parseAddress(raw)
		switch {
		case !ok:
			a.trouble.never("recipient", "Correct the address in the camera.",
				fmt.Sprintf("%q is not an e-mail address", raw))
		case !Allowed(e.Recipients, address):
			a.trouble.never("recipient-not-allowed", "Add the address to RECIPIENTS, then retry.",
				address+" is not among those who may be mailed")
		case !slices.ContainsFunc(to, func(s string) bool { return strings.EqualFold(s, address) }):
			to = append(to, address)
		}
	}
	if len(d.Job.To) == 0 {
		a.trouble.never("recipient", "Delete the item, or send it from the camera's e-mail screen.",
			"nobody is named as a recipient")
	}
	a.letter = newLetter(d.Item, from, replyTo, to)
	return nil
}

// renew takes the sender that is in use now.
func (a *attempt) renew() (err error) {
	a.letter.from, a.letter.replyTo, err = a.smarthost.senders(a.delivery.Item.Sender)
	return err
}

// factory is the sender that cameras are delivered with, an address in
// somebody else's domain: nobody there waits for answers.
const factory = "Camera@samsungcamera.com"

// senders returns whom a camera's mail is from, and who gets the answers to it
// if somebody else does.
func (e *Smarthost) senders(camera string) (from, replyTo mail.Address, err error) {
	from, err = e.from()
	if err != nil {
		return from, replyTo, err
	}
	sender, ok := parseSender(camera)
	if own, has := parseAddress(e.Server.User); has && from.Address == "" && (!ok || e.replaced.Load()) {
		from.Address = own
	}
	switch {
	case from.Address == "" && ok:
		return sender, replyTo, nil
	case from.Address == "":
		return from, replyTo, &spool.Error{
			Kind:  spool.Permanent,
			Code:  "sender",
			Hint:  "Correct the sender in the camera, or set MAIL_FROM, then retry.",
			Cured: true,
			Err:   fmt.Errorf("the camera's sender is not an e-mail address: %q", camera),
		}
	case ok && !strings.EqualFold(sender.Address, from.Address) && !strings.EqualFold(sender.Address, factory):
		replyTo = sender
	}
	return from, replyTo, nil
}
