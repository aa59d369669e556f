package email

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"snsbridge/src/smtp"
	"snsbridge/src/spool"
)

const tooLargeHint = "Set the camera to a smaller picture size, or store this file instead of mailing it."

const oauthHint = "This account takes OAuth logins only, which cannot be done here. Allow app passwords or SMTP AUTH at the provider, or use another one."

// trouble collects what went wrong with single files and recipients while
// the rest was sent.
type trouble struct {
	passing    []string // worth another try
	lasting    []string
	code, hint string // of the first that lasts
}

func (t *trouble) later(what string) { t.passing = append(t.passing, what) }

func (t *trouble) never(code, hint, what string) {
	if len(t.lasting) == 0 {
		t.code, t.hint = code, hint
	}
	t.lasting = append(t.lasting, what)
}

// refused notes that nobody gets a part.
func (t *trouble) refused(p part, se *smtp.Error) {
	if tooLarge(se) {
		t.never("too-large", tooLargeHint, fmt.Sprintf("%s: %v", p, se))
		return
	}
	t.never("refused", "The server does not take this mail: read its words, edit title or text and retry, or delete the item.",
		fmt.Sprintf("%s: %v", p, se))
}

// err is the attempt's error: temporary as long as somebody may still get
// something by itself, and permanent when all that is left needs a person.
func (t *trouble) err() error {
	switch {
	case len(t.passing) > 0:
		return &spool.Error{Code: "busy", Err: errors.New(strings.Join(append(t.passing, t.lasting...), "; "))}
	case len(t.lasting) > 0:
		return &spool.Error{Kind: spool.Permanent, Code: t.code, Hint: t.hint, Cured: t.code == "recipient-not-allowed", Err: errors.New(strings.Join(t.lasting, "; "))}
	}
	return nil
}

// refused tells whether the server refused a message for good, and may well
// take the next one. (What it has against the sender it has against all.)
func refused(se *smtp.Error) bool {
	if se == nil || se.Code/100 != 5 {
		return false
	}
	if se.Step == "DATA" || se.Step == "message" || se.Step == "answer" {
		switch matterOf(se.Step, smtp.Reply{Code: se.Code, Text: se.Text}) {
		case ofSender, ofLogin, ofOAuth, ofTLS, ofNetwork:
			return false // it would refuse the next one, too
		}
		return true
	}
	return tooLarge(se)
}

// tooLarge knows the replies about a message's size: 552 to MAIL or the
// message, or the enhanced code 5.3.4 (RFC 3463). To RCPT, 552 is a full mailbox.
func tooLarge(e *smtp.Error) bool {
	return e.Step != "RCPT" && e.Code/100 == 5 && matterOf(e.Step, smtp.Reply{Code: e.Code, Text: e.Text}) == ofSize
}

// failure turns what ended an attempt into what follows from it.
func (e *Smarthost) failure(ctx context.Context, err error) error {
	var done *spool.Error
	if err == nil || ctx.Err() != nil || errors.As(err, &done) {
		return err
	}
	f := &spool.Error{Code: "network", Err: err}
	var se *smtp.Error
	if !errors.As(err, &se) {
		f.Code, f.Hint = "storage", "Check that the memory stick is plugged in and can be read."
		return f
	}
	if se.Code != 0 {
		e.judge(se, f)
		return f
	}
	account := func(code, hint string) { f.Kind, f.Code, f.Hint = spool.Account, code, hint }
	var cert *tls.CertificateVerificationError
	switch {
	case errors.As(err, &cert) && e.clock(cert):
		f.Code, f.Hint = "clock", "The router's clock is not set yet: wait for it, or set it."
	case errors.As(err, &cert):
		account("tls", "The server cannot prove that it is "+se.Host+
			". A hotel's login page can be in between: open it in a browser. Otherwise check MAIL_SERVER.")
	case errors.As(err, new(tls.RecordHeaderError)):
		account("tls", "This port does not begin with TLS: set MAIL_USE_TLS instead of MAIL_USE_SSL, or MAIL_PORT to 465.")
	case se.Step == "TLS" && strings.Contains(se.Error(), "protocol version"):
		account("old-tls", "The server's TLS is too old to be safe (1.2 is needed). Ask the provider for a server that is up to date.")
	case errors.Is(err, smtp.ErrStartTLS):
		account("tls", "Without TLS nothing is sent. The network in between may be the cause: try another one. "+
			"Otherwise ask the mail provider for the right port, mostly 587, or 465 with MAIL_USE_SSL.")
	case errors.Is(err, smtp.ErrNoTLS):
		account("tls", "Set MAIL_USE_TLS (port 587) or MAIL_USE_SSL (port 465).")
	case errors.Is(err, smtp.ErrOAuth):
		account("oauth", oauthHint)
	case errors.Is(err, smtp.ErrAuth):
		account("login", "Check MAIL_SERVER and MAIL_PORT; a server without login needs an empty MAIL_USERNAME.")
	case !reached(se):
		f.Kind = spool.Unreachable
		if se.Step == "greeting" && errors.Is(err, os.ErrDeadlineExceeded) {
			f.Hint = "If this goes on with MAIL_PORT 465, set MAIL_USE_SSL."
		}
	}
	return f
}

// reached tells whether the server was at hand for a mail, which can be to
// blame for what happened then.
func reached(se *smtp.Error) bool {
	switch se.Step {
	case "connect", "TLS", "greeting", "EHLO", "STARTTLS", "AUTH":
		return false
	}
	return true
}

// clock tells whether a certificate was only refused because the router's
// clock, which starts in the past, has not been set.
func (e *Smarthost) clock(cert *tls.CertificateVerificationError) bool {
	now := time.Now
	if e.Server.Now != nil {
		now = e.Server.Now
	}
	var invalid x509.CertificateInvalidError
	if !errors.As(cert, &invalid) || invalid.Reason != x509.Expired {
		return false
	}
	return now().Year() < 2026 || now().Before(invalid.Cert.NotBefore)
}

// judge says what follows from a reply that ended an attempt.
func (e *Smarthost) judge(se *smtp.Error, f *spool.Error) {
	account := func(code, hint string) { f.Kind, f.Code, f.Hint = spool.Account, code, hint }
	m := matterOf(se.Step, smtp.Reply{Code: se.Code, Text: se.Text})
	if m == ofRelay && e.Server.User == "" {
		m = ofLogin
	}
	switch {
	case m == ofTLS:
		account("tls", "The server wants encryption: set MAIL_USE_TLS (port 587) or MAIL_USE_SSL (port 465).")
	case se.Code/100 != 5:
		f.Code = "busy"
		if se.Step == "answer" || se.Step == "message" {
			f.Kind = spool.Unavailable // or each mail would be sent for nothing
		}
	case m == ofOAuth:
		account("oauth", oauthHint)
	case m == ofLogin && e.Server.User == "":
		account("login", "The server wants a login: set MAIL_USERNAME and MAIL_PASSWORD.")
	case m == ofLogin:
		account("login", "Check MAIL_USERNAME and MAIL_PASSWORD. "+
			"Many providers want a password made for this program (an app password) here.")
	case m == ofSender:
		account("sender", "Set MAIL_FROM to an address that the mail account may send from.")
	case m == ofNetwork:
		f.Kind, f.Code = spool.Unreachable, "network-refused"
		f.Hint = "The server refuses mail from this network: hotels are often on block lists. It goes out from another network."
	default:
		account("server", "The server turns us away. Check MAIL_FROM and the login, try another network, or ask the mail provider.")
	}
}
