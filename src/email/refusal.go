package email

import (
	"strings"

	"snsbridge/src/smtp"
)

// matter is what a server's refusal is about. The step at which it arrives
// says little: Postfix and Exim hold back what they have against a client or a
// sender until the first recipient is named.
type matter int

const (
	unclear matter = iota
	ofRecipient
	ofSender
	ofLogin
	ofOAuth   // it takes no passwords, only OAuth
	ofRelay   // it delivers for its own users only
	ofTLS     // it wants encryption
	ofNetwork // our address is on a block list, or has no name
	ofName    // what we call ourselves in EHLO
	ofSize
	ofServer // whatever else concerns every mail
)

// wordings are how servers say what they refuse, seen at Postfix, Exim, Sendmail, qmail, Exchange
// and the large providers. The first that matches counts: a text
// about a sender often speaks of mailboxes or logins, too.
var wordings = []struct {
	matter matter
	words  []string
}{
	{ofTLS, []string{"starttls", "tls required", "require tls", "requires tls", "tls is required", "ssl required",
		"encryption required", "encryption needed", "encryption is required", "requires encryption", "secure connection"}},
	{ofOAuth, []string{"oauth", "oauth2", "xoauth2", "basic authentication is disabled", "smtpclientauthentication is disabled"}},
	{ofName, []string{"helo command rejected", "ehlo command rejected", "invalid helo", "invalid ehlo", "bad helo", "helo name",
		"helo argument", "helo ehlo", "need fully qualified hostname"}},
	{ofLogin, []string{"not logged in", "auth first", "log in first", "application specific password"}},
	{unclear, []string{"url", "uri", "link", "surbl", "uribl"}}, // blocked for what the mail says
	{ofNetwork, []string{"blocked using", "spamhaus", "spamcop", "barracuda", "dnsbl", "rbl", "blacklist", "blacklisted",
		"black list", "black listed", "blocklist", "blocklisted", "block list", "denylist", "client host", "client address", "your host",
		"ip", "ips", "reputation", "reverse dns", "reverse hostname", "ptr", "rdns", "dynamic", "residential", "dial up", "dialup",
		"connections will not be accepted", "all messages from", "no smtp service", "not allowed to connect"}},
	{ofSender, []string{"sender address", "sender rejected", "sender is rejected", "sender denied", "sender is not", "sender not", "invalid sender", "submission exception sendasdeniedexception",
		"fake sender", "sender domain", "domain of sender", "sender verify", "sender verification", "sender identity", "envelope sender",
		"not owned by", "send as", "sendas", "sendasdenied", "to send from", "as this sender", "from address", "mail from", "from header",
		"return path", "authorized user", "authorization user", "auth user", "not verified", "relaying disallowed as",
		"spf", "dkim", "dmarc", "dns mx", "request failed mailbox unavailable"}},
	{ofLogin, []string{"authentication required", "authentication is required", "not authenticated", "was not authenticated", "must authenticate", "authenticate first",
		"authenticate before", "authentication unsuccessful", "authentication failed", "authentication credentials", "login required", "must login",
		"authorization required", "smtp auth", "username and password not accepted"}},
	{ofRelay, []string{"relay", "relaying", "rcpthosts"}},
	{ofRecipient, []string{"recipient", "user unknown", "unknown user", "no such", "user not found", "mailbox", "does not exist", "doesn t exist",
		"unrouteable", "unroutable", "over quota", "quota exceeded", "unknown address", "undeliverable address", "local user", "account is disabled",
		"account disabled", "inactive"}},
	{ofSize, []string{"message size", "message too large", "message is too large", "message too big", "size limit", "maximum size", "file size",
		"exceeds size", "mail size", "too large", "too big"}},
}

// codes are the enhanced codes (RFC 3463, RFC 5248 and Microsoft's) that tell
// enough by themselves, without the class in front. They count where the words
// do not say more.
var codes = map[string]matter{
	"1.7": ofSender, "1.8": ofSender, "1": ofRecipient, "2": ofRecipient, "2.3": ofSize, "3.4": ofSize, "3": ofServer,
	"4.1": ofRecipient, "4.4": ofRecipient,
	"7.8": ofLogin, "7.9": ofLogin, "7.10": ofTLS, "7.11": ofTLS, "7.139": ofOAuth,
	"7.23": ofSender, "7.26": ofSender, "7.27": ofSender, "7.60": ofSender, "7.25": ofNetwork,
}

// enhancedCode finds the first enhanced code of a refusal (RFC 3463): "5.7.1" gives "7" and "7.1".
// What has more or fewer numbers is a version or an address.
func enhancedCode(text string) (subject, detail string) {
	notCode := func(c rune) bool { return c != '.' && (c < '0' || c > '9') }
	for _, word := range strings.FieldsFunc(text, notCode) {
		n := strings.Split(strings.TrimSuffix(word, "."), ".")
		if len(n) != 3 || n[0] != "4" && n[0] != "5" || len(n[1])*len(n[2]) == 0 || len(n[1]) > 3 || len(n[2]) > 3 {
			continue
		}
		return n[1], n[1] + "." + n[2]
	}
	return "", ""
}

// plainWords returns the words of a text in lower case, with one blank around each. Addresses and
// links may consist of any words and explain nothing: they are left out.
func plainWords(text string) string {
	for {
		before, rest, open := strings.Cut(text, "<")
		_, after, closed := strings.Cut(rest, ">")
		if !open || !closed {
			break
		}
		text = before + " " + after
	}
	var kept []string
	for _, word := range strings.Fields(strings.ToLower(text)) {
		if strings.Contains(word, "@") {
			continue
		}
		for _, scheme := range []string{"http:", "https:"} {
			word, _, _ = strings.Cut(word, scheme)
		}
		kept = append(kept, word)
	}
	noWord := func(c rune) bool { return (c < 'a' || c > 'z') && (c < '0' || c > '9') }
	return " " + strings.Join(strings.FieldsFunc(strings.Join(kept, " "), noWord), " ") + " "
}

// about tells what a refusal is about, by its words and its codes.
func about(r smtp.Reply) matter {
	subject, detail := enhancedCode(r.Text)
	// Mailboxes that are full have sizes, too; and a size that is named by its
	// code needs no words.
	switch detail {
	case "2.2":
		return ofRecipient
	case "3.4":
		return ofSize
	case "7.57": // its words are about MAIL FROM
		return ofLogin
	}
	text := plainWords(r.Text)
	for _, w := range wordings {
		for _, words := range w.words {
			if strings.Contains(text, " "+words+" ") {
				return w.matter
			}
		}
	}
	if m, ok := codes[detail]; ok {
		return m
	}
	if m, ok := codes[subject]; ok {
		return m
	}
	switch r.Code {
	case 530, 534, 535:
		return ofLogin
	case 523, 538:
		return ofTLS
	}
	return unclear
}

// matterOf is about, with what the step adds where neither words nor codes say
// enough.
func matterOf(step string, r smtp.Reply) matter {
	m := about(r)
	_, code := enhancedCode(r.Text)
	switch {
	case m == ofSize && step == "RCPT" && r.Code != 552 && !strings.Contains(r.Text, ".3.4"):
		return ofRecipient
	case m != unclear:
		return m
	}
	switch {
	case step == "AUTH":
		return ofLogin
	case step == "greeting":
		return ofNetwork // of us it knows nothing but the address
	case step == "EHLO", step == "STARTTLS":
		return ofServer
	case step == "RCPT" && r.Code == 552:
		return ofRecipient // its mailbox is full
	case r.Code == 552 && code == "":
		return ofSize
	case step == "MAIL":
		return ofSender
	}
	return unclear
}
