package email

import (
	"testing"

	"snsbridge/src/smtp"
)

// What servers say, in their own words, and what it means. The sentences are
// from servers' sources and from public reports of people who were refused.
func TestMatters(t *testing.T) {
	for _, c := range []struct {
		step string
		code int
		text string
		want matter
	}{
		// Postfix, which holds all of it back until RCPT.
		{"RCPT", 553, "5.7.1 <camera@samsungcamera.com>: Sender address rejected: not owned by user me@mail.example", ofSender},
		{"RCPT", 553, "5.7.1 <a@b.example>: Sender address rejected: not logged in", ofLogin},
		{"RCPT", 550, "5.1.0 <a@b.example>: Sender address rejected: User unknown in virtual mailbox table", ofSender},
		{"RCPT", 450, "4.1.8 <a@nowhere.example>: Sender address rejected: Domain not found", ofSender},
		{"RCPT", 504, "5.5.2 <camera>: Sender address rejected: need fully-qualified address", ofSender},
		{"RCPT", 504, "5.5.2 <styx>: Helo command rejected: need fully-qualified hostname", ofName},
		{"RCPT", 550, "5.7.1 <[192.0.2.7]>: Helo command rejected: no thanks", ofName},
		{"RCPT", 554, "5.7.1 <you@gmail.com>: Relay access denied", ofRelay},
		{"RCPT", 454, "4.7.1 <you@gmail.com>: Relay access denied", ofRelay},
		{"RCPT", 554, "5.7.1 Service unavailable; Client host [192.0.2.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.7", ofNetwork},
		{"RCPT", 554, "5.7.1 <unknown[192.0.2.7]>: Client host rejected: Access denied", ofNetwork},
		{"RCPT", 450, "4.7.1 Client host rejected: cannot find your hostname, [192.0.2.7]", ofNetwork},
		{"RCPT", 550, "5.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]", ofNetwork},
		{"RCPT", 550, "5.1.1 <nobody@b.example>: Recipient address rejected: User unknown in local recipient table", ofRecipient},
		{"RCPT", 554, "5.7.1 <a@b.example>: Recipient address rejected: Access denied", ofRecipient},
		{"RCPT", 504, "5.5.2 <grandma>: Recipient address rejected: need fully-qualified address", ofRecipient},
		{"RCPT", 552, "5.2.2 <a@b.example>: Mailbox size limit exceeded", ofRecipient},
		{"MAIL", 530, "5.7.0 Must issue a STARTTLS command first", ofTLS},
		{"MAIL", 552, "5.3.4 Message size exceeds fixed limit", ofSize},
		{"answer", 552, "5.3.4 Error: message file too big", ofSize},
		{"RCPT", 554, "5.7.1 Access denied", unclear},
		// Exim.
		{"RCPT", 550, "relay not permitted", ofRelay},
		{"RCPT", 550, "Verification failed for <camera@samsungcamera.com> The mail server could not deliver mail to camera@samsungcamera.com. The account or domain may not exist Sender verify failed", ofSender},
		{"RCPT", 550, "Unrouteable address", ofRecipient},
		{"RCPT", 550, "authentication required", ofLogin},
		{"RCPT", 550, "Administrative prohibition", unclear},
		{"MAIL", 552, "Message size exceeds maximum permitted", ofSize},
		{"answer", 552, "Message size exceeds maximum permitted", ofSize},
		{"EHLO", 501, "Syntactically invalid EHLO argument(s)", ofName},
		{"greeting", 550, "Connection rejected", ofNetwork},
		// Sendmail, qmail, OpenSMTPD.
		{"RCPT", 550, "5.7.1 <you@gmail.com>... Relaying denied. Proper authentication required.", ofLogin},
		{"RCPT", 553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", ofRelay},
		{"RCPT", 550, "Invalid recipient: <a@b.example>", ofRecipient},
		{"RCPT", 552, "sorry, that message size exceeds my databytes limit (#5.3.4)", ofSize},
		// Gmail.
		{"AUTH", 535, "5.7.8 Username and Password not accepted. For more information, go to 5.7.8 https://support.google.com/mail/?p=BadCredentials", ofLogin},
		{"AUTH", 534, "5.7.9 Application-specific password required. For more information, go to 5.7.9 https://support.google.com/mail/?p=InvalidSecondFactor", ofLogin},
		{"MAIL", 530, "5.7.0 Authentication Required. For more information, go to 5.7.0 https://support.google.com/mail/?p=WantAuthError", ofLogin},
		{"RCPT", 550, "5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address", ofRecipient},
		{"answer", 552, "5.3.4 Your message exceeded Google's message size limits.", ofSize},
		{"answer", 550, "5.7.1 [192.0.2.7] The IP you're using to send mail is not authorized to send email directly to our servers.", ofNetwork},
		{"answer", 550, "5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires all senders to authenticate with either SPF or DKIM.", ofSender},
		{"answer", 552, "5.7.0 This message was blocked because its content presents a potential security issue.", unclear},
		// Outlook and Exchange.
		{"AUTH", 535, "5.7.139 Authentication unsuccessful, basic authentication is disabled. [BM1P287CA0015.INDP287.PROD.OUTLOOK.COM]", ofOAuth},
		{"AUTH", 535, "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.", ofOAuth},
		{"AUTH", 535, "5.7.3 Authentication unsuccessful", ofLogin},
		{"MAIL", 530, "5.7.57 SMTP; Client was not authenticated to send anonymous mail during MAIL FROM", ofLogin},
		{"MAIL", 451, "5.7.3 STARTTLS is required to send mail [SG2PR04CA0205.apcprd04.prod.outlook.com]", ofTLS},
		{"answer", 550, "5.7.60 SMTP; Client does not have permissions to send as this sender", ofSender},
		{"answer", 554, "5.2.252 SendAsDenied; me@outlook.com not allowed to send as camera@samsungcamera.com", ofSender},
		{"answer", 554, "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed to process message", ofSender},
		{"RCPT", 550, "5.4.1 Recipient address rejected: Access denied.", ofRecipient},
		{"RCPT", 550, "5.7.1 Unable to relay", ofRelay},
		{"RCPT", 550, "5.7.606 Access denied, banned sending IP [192.0.2.7]. To request removal from this list please visit https://sender.office.com/", ofNetwork},
		// GMX, web.de, IONOS, T-Online.
		{"MAIL", 550, "Requested action not taken: mailbox unavailable Sender address is not allowed.", ofSender},
		{"RCPT", 550, "Requested action not taken: mailbox unavailable", ofRecipient},
		{"MAIL", 550, "Requested action not taken: mailbox unavailable invalid DNS MX or A/AAAA resource record", ofSender},
		{"greeting", 554, "gmx.net (mxgmx017) Nemesis ESMTP Service not available No SMTP service Bad DNS PTR resource record. For explanation visit http://postmaster.gmx.com/en/error-messages?ip=192.0.2.7&c=rdns", ofNetwork},
		{"answer", 554, "Transaction failed Reject due to policy restrictions. For explanation visit https://postmaster.gmx.net/de/case?c=r0735&i=ip&v=192.0.2.7", unclear},
		{"AUTH", 535, "Authentication credentials invalid", ofLogin},
		// Yahoo, iCloud, Yandex, QQ, 163, Zoho, Fastmail, Amazon, SendGrid.
		{"answer", 550, "Request failed; Mailbox unavailable", ofSender},
		{"greeting", 553, "5.7.1 [BL21] Connections will not be accepted from 192.0.2.1, because the ip is in Spamhaus's list; see http://postmaster.yahoo.com/550-bl23.html", ofNetwork},
		{"MAIL", 553, "Mail from 192.0.2.2 not allowed - 5.7.1 [BL23] Connections not accepted from IP addresses on Spamhaus XBL", ofNetwork},
		{"MAIL", 553, "5.7.2 [TSS06] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed.", ofNetwork},
		{"RCPT", 550, "5.7.1 Mail from IP 192.0.2.7 was rejected due to listing in Spamhaus SBL. For details please see http://www.spamhaus.org/query/bl?ip=192.0.2.7", ofNetwork},
		{"MAIL", 550, "5.7.0 From address is not one of your addresses", ofSender},
		{"MAIL", 553, "5.7.1 Sender address rejected: not owned by auth user.", ofSender},
		{"MAIL", 501, "mail from address must be same as authorization user", ofSender},
		{"MAIL", 553, "Mail from must equal authorized user", ofSender},
		{"RCPT", 553, "Relaying disallowed as camera@samsungcamera.com", ofSender},
		{"answer", 551, "5.7.1 Not authorised to send from this header address", ofSender},
		{"answer", 554, "Message rejected: Email address is not verified. The following identities failed the check in region EU-WEST-1: camera@samsungcamera.com", ofSender},
		{"answer", 550, "The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved. Visit https://sendgrid.com/docs/", ofSender},
		// Nothing but a code, by RFC 3463 and RFC 5248.
		{"RCPT", 550, "5.1.1", ofRecipient},
		{"RCPT", 550, "5.1.7", ofSender},
		{"RCPT", 550, "5.1.8", ofSender},
		{"RCPT", 550, "5.2.1", ofRecipient},
		{"RCPT", 550, "5.7.1", unclear},
		{"RCPT", 530, "", ofLogin},
		{"RCPT", 550, "", unclear},
		{"RCPT", 552, "", ofRecipient},
		{"answer", 552, "", ofSize},
		{"answer", 552, "5.2.3 too large for this mailbox", ofRecipient},
		{"MAIL", 550, "", ofSender},
		{"AUTH", 535, "", ofLogin},
		{"AUTH", 538, "5.7.11", ofTLS},
		{"answer", 554, "5.7.1", unclear},
		// Addresses, numbers and links are not the server's words.
		{"RCPT", 550, "<relay.starttls@spf.example> is not here", unclear},
		{"RCPT", 550, "5.7.1.2 is your number", unclear},
		{"RCPT", 550, "see https://example.org/?ip=192.0.2.7&helo=x", unclear},
		{"answer", 554, "5.7.1 Blacklisted URL in message", unclear},
	} {
		if got := matterOf(c.step, smtp.Reply{Code: c.code, Text: c.text}); got != c.want {
			t.Errorf("%s: %d %s: got %v, want %v", c.step, c.code, c.text, got, c.want)
		}
	}
}

func TestEnhancedCode(t *testing.T) {
	for text, want := range map[string]string{
		"5.7.1 Relay access denied": "7.1", "[5.7.139] no": "7.139", "denied (5.2.3).": "2.3", "ends with 5.1.1.": "1.1", "#4.7.0": "7.0",
		"1.2.3.4 is listed": "", "2.7.1 ok": "", "5.7 no": "", "55.7.1 no": "", "5.7.1234 no": "", "5..1 no": "", "": "", "10.5.7.1 no, 5.4.4 yes": "4.4",
	} {
		if _, got := enhancedCode(text); got != want {
			t.Errorf("%q has the code %q, want %q", text, got, want)
		}
	}
}

func TestPlainWords(t *testing.T) {
	for text, want := range map[string]string{
		"<relay@x.example>: Sender Rejected": " sender rejected ", "see https://x.example/relay (spf=fail)": " see spf fail ",
		"a <b> c < d": " a c d ", "me@relay.example rejected": " rejected ", "": "  ", "Ümlaut-spf": " mlaut spf ",
	} {
		if got := plainWords(text); got != want {
			t.Errorf("%q has the words %q, want %q", text, got, want)
		}
	}
}
