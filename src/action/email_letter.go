package action

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"

	"github.com/jordan-wright/email"

	"snsbridge/src/smtp"
	"snsbridge/src/spool"
)

// mailLetter is what all parts of an item's mail have in common.
type mailLetter struct {
	item    *spool.Item
	from    mail.Address
	replyTo mail.Address // without an Address: none
	to      []string
	title   string
	text    string
}

const mailTitleMax = 200 // characters

func newMailLetter(it *spool.Item, from, replyTo mail.Address, to []string) mailLetter {
	return mailLetter{
		item: it, from: from, replyTo: replyTo, to: to,
		title: cmp.Or(mailLine(it.Title, mailTitleMax), "Photos"),
		text:  mailText(it.Text),
	}
}

// mailText keeps of the control characters only line ends and tabs.
func mailText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "?"))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// mailPart is one of the mails that an item makes.
type mailPart struct {
	n, of int // of: 1 for an item that is sent whole
	files []mailFile
}

// step names a part in marks: "mail 1/3".
func (p mailPart) step() string { return fmt.Sprintf("mail %d/%d", p.n, p.of) }

// String names a part's files for a person.
func (p mailPart) String() string {
	if len(p.files) == 0 {
		return "the text"
	}
	names := make([]string, len(p.files))
	for i, f := range p.files {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// id is the left side of the part's Message-ID. It is the same at every
// attempt, so that a mail whose acceptance got lost on the line is known again
// by the server that sees it twice; and another one when a part has other
// files or the job other recipients.
func (l *mailLetter) id(p mailPart) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d\n", l.item.ID, l.item.Received.Unix())
	to := strings.Split(strings.ToLower(strings.Join(l.to, "\n")), "\n")
	slices.Sort(to)
	fmt.Fprintf(h, "%q\n", to)
	for _, f := range p.files {
		fmt.Fprintf(h, "%d %q\n", f.size, f.path)
	}
	return fmt.Sprintf("%s.%d.%s", l.item.ID, p.n, hex.EncodeToString(h.Sum(nil)[:8]))
}

// mailMessage is a composed mail: pieces of text with the files between them,
// which stay on disk until they are sent.
type mailMessage struct {
	texts [][]byte // one more than files
	files []mailFile
	size  int64 // bytes as sent
}

// compose lets the library write the mail around placeholders, a line of
// base64 for each file, and cuts its work at these: given the files themselves
// it would hold each of them six times over.
func (l *mailLetter) compose(p mailPart) (*mailMessage, error) {
	_, domain, _ := strings.Cut(l.from.Address, "@")
	id := l.id(p)
	title := l.title
	if p.of > 1 {
		title = fmt.Sprintf("%s (%d/%d)", title, p.n, p.of)
	}
	m := &email.Email{
		From:    l.from.String(),
		Subject: mailSubject(title),
		Text:    []byte(l.text),
		Headers: textproto.MIMEHeader{"Message-Id": {"<" + id + "@" + domain + ">"}},
	}
	if l.replyTo.Address != "" {
		m.ReplyTo = []string{l.replyTo.String()}
	}
	for _, address := range l.to {
		m.To = append(m.To, (&mail.Address{Address: address}).String())
	}
	var marks [][]byte
	for i, f := range p.files {
		holder := make([]byte, 48) // makes one line of 64 characters
		rand.Read(holder)
		marks = append(marks, []byte(base64.StdEncoding.EncodeToString(holder)+"\r\n"))
		m.Attachments = append(m.Attachments, &email.Attachment{
			ContentType: mailType(f.typ),
			Content:     holder,
			Header: textproto.MIMEHeader{
				"Content-Disposition": {mailDisposition(f.name)},
				"Content-Id":          {fmt.Sprintf("<%d.%s@%s>", i+1, id, domain)},
			},
		})
	}
	whole, err := m.Bytes()
	if err != nil {
		return nil, fmt.Errorf("compose the mail: %w", err)
	}
	whole = mailFold(whole)
	message := &mailMessage{files: p.files, size: int64(len(whole))}
	for i, mark := range marks {
		before, after, found := bytes.Cut(whole, mark)
		if !found {
			return nil, fmt.Errorf("compose the mail: the place of %s is not in it", p.files[i].name)
		}
		message.texts = append(message.texts, before)
		message.size += smtp.Base64Size(p.files[i].size) - int64(len(mark))
		whole = after
	}
	message.texts = append(message.texts, whole)
	return message, nil
}

// write sends the message, the files straight from disk.
func (m *mailMessage) write(b *smtp.Body) error {
	for i, text := range m.texts {
		if _, err := b.Write(text); err != nil {
			return err
		}
		if i == len(m.files) {
			break
		}
		f := m.files[i]
		if err := b.Base64(io.NewSectionReader(f.content, 0, f.size), f.size); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}
