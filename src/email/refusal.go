package email

import (
	"regexp"
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

var (
	enhanced = regexp.MustCompile(`(?:^|[^\d.])[45]\.(\d{1,3})\.(\d{1,3})(?:[^\d.]|\.?$|\.\s)`)
	// Addresses and links are of any words, and answer nothing.
	distracting = regexp.MustCompile(`<[^>]*>|\S*@\S*|https?:\S*`)
	notWords    = regexp.MustCompile(`[^a-z0-9]+`)
)

// about tells what a refusal is about, by its words and its codes.
func about(r smtp.Reply) matter {
	class, detail := "", ""
	if m := enhanced.FindStringSubmatch(r.Text); m != nil {
		class, detail = m[1], m[1]+"."+m[2]
	}
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
	text := " " + strings.TrimSpace(notWords.ReplaceAllString(strings.ToLower(distracting.ReplaceAllString(r.Text, " ")), " ")) + " "
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
	if m, ok := codes[class]; ok {
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
	case r.Code == 552 && !enhanced.MatchString(r.Text):
		return ofSize
	case step == "MAIL":
		return ofSender
	}
	return unclear
}
