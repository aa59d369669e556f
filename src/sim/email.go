package sim

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"snsbridge/src/camera"
)

// boundary is the same in all captures; delimiter lines have two dashes more.
const boundary = "---------------------------7d93b9550d4a"

// Mail is an e-mail as a camera's user writes it.
type Mail struct {
	To    []string
	Title string // empty is "[Samsung Smart Camera] sent you files."
	Text  string // empty is "Sent from Samsung Camera."
	Files []File
}

// Email sends files by e-mail, as captured from an NX300. An ST1000 asks for the time first, and signs with it.
// The camera says that all is well when the answer is succ with status 200.
func (c Camera) Email(ctx context.Context, mail Mail) (Answer, error) {
	if c.Model.Email == camera.No {
		return c.verdict("e-mail", "has no such menu entry", Answer{}, ErrModel)
	}
	stamp := "9717886885" // in the year 2277, as captured
	if asksTime(c.Model) {
		now, err := c.Time(ctx)
		if err != nil {
			return Answer{}, err
		}
		stamp = fmt.Sprint(now.Unix())
	}
	answer, err := c.send(ctx, c.emailRequest(mail, stamp))
	if err == nil {
		err = answer.succeeded()
	}
	return c.verdict("e-mail", "says that the e-mail could not be sent", answer, err)
}

func (c Camera) emailRequest(mail Mail, stamp string) request {
	r := c.plain("POST", camera.HostEmail, "/social/columbus/email?DUID="+c.duid(), c.emailBody(mail)...)
	r.version = "  HTTP/1.0" // two spaces, as captured
	if c.Odd.EmailHTTP11 {
		r.version = "  HTTP/1.1"
	}
	r.headers = []string{
		c.authorization(stamp),
		"x-osp-version:v1",
		"User-Agent: sdeClient",
		"Content-Type: multipart/form-data; boundary=" + boundary,
		"Accept: image/gif, image/x-xbitmap, image/jpeg, image/pjpeg, application/x-shockwave-flash, application/vnd.ms-excel, application/vnd.ms-powerpoint, application/msword, */*",
		"Pragma: no-cache",
		"Accept-Language: ko",
		"User-Agent: Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1; Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; SV1) ; .NET CLR 1.1.4322; InfoPath.2; .NET CLR 2.0.50727)",
		c.hostLine(camera.HostEmail),
	}
	r.short = c.Odd.Short.bytes(len(mail.Files))
	return r
}

// authorization has the shape of the captured header; its secrets were censored there, so these are made up.
func (c Camera) authorization(stamp string) string {
	return fmt.Sprintf(`Authorization:OAuth oauth_consumer_key="%s",oauth_nonce="%s",oauth_signature="%s",oauth_signature_method="HmacSHA1",oauth_timestamp="%s",oauth_version="1.0"`,
		hex.EncodeToString(noiseOf(c.Seed, "consumer", 5)),
		hex.EncodeToString(noiseOf(c.Seed, "nonce", 8)),
		base64.StdEncoding.EncodeToString(noiseOf(c.Seed, "signature", 20)),
		stamp)
}

func (c Camera) emailBody(mail Mail) []piece {
	const delimiter = "--" + boundary
	body := []piece{{text: delimiter + "\r\n" +
		"content-disposition: form-data; name=\"message\"; fileName=\"sample.txt\"\r\n" +
		"content-Type: multipart/form-data;\r\n\r\n" +
		c.emailXML(mail) + "\r\n"}}
	for _, f := range mail.Files {
		body = append(body, piece{
			text: "\r\n" + delimiter + "\r\n" +
				"content-disposition: form-data; name=\"binary\"; fileName=\"" + f.Name + "\"\r\n" +
				"content-Type: " + c.typeOf(f) + ";\r\n\r\n",
			file: &f,
		})
	}
	return append(body, piece{text: c.Odd.end(delimiter)})
}

// emailXML ends its text with a line that names language and encoding, for the web service.
func (c Camera) emailXML(mail Mail) string {
	charset := or(c.Odd.Charset, "UTF-8")
	tag := "language_sh100_" + strings.ToLower(strings.ReplaceAll(charset, "-", ""))

	sender := c.sender()
	if c.Odd.SenderName != "" {
		sender = c.Odd.SenderName + " <" + sender + ">"
	}
	var receivers strings.Builder
	for _, address := range mail.To {
		receivers.WriteString("<receiver>" + c.escape(address) + "</receiver>")
	}
	title := "<title>" + c.cdata(or(mail.Title, "[Samsung Smart Camera] sent you files.")) + "</title>"
	body := "<body>" + c.cdata(or(mail.Text, "Sent from Samsung Camera.")+"\r\n"+tag) + "</body>"
	if c.Odd.EmptyElements {
		title, body = "<title/>", "<body/>"
	}
	return "<?xml version=\"1.0\" encoding=\"" + charset + "\"?>\r\n" +
		"<email><sender>" + c.escape(sender) + "</sender>" +
		"<receiverList>" + receivers.String() + "</receiverList>" + title + body + "</email>"
}

func (c Camera) cdata(s string) string {
	if c.Odd.RawText {
		return s
	}
	return "<![CDATA[" + s + "]]>"
}

func (c Camera) escape(s string) string {
	if c.Odd.RawText {
		return s
	}
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

func (c Camera) typeOf(f File) string { return or(c.Odd.ContentType, or(f.Type, "image/jpeg")) }
