package email

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

	lib "github.com/jordan-wright/email"

	"snsbridge/src/smtp"
	"snsbridge/src/spool"
)

// letter is what all parts of an item's mail have in common.
type letter struct {
	item    *spool.Item
	from    mail.Address
	replyTo mail.Address // without an Address: none
	to      []string
	title   string
	text    string
}

const titleMax = 200 // characters

func newLetter(it *spool.Item, from, replyTo mail.Address, to []string) letter {
	return letter{
		item: it, from: from, replyTo: replyTo, to: to,
		title: cmp.Or(oneLine(it.Title, titleMax), "Photos"),
		text:  plainText(it.Text),
	}
}

// plainText keeps of the control characters only line ends and tabs.
func plainText(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, "?"))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}

// part is one of the mails that an item makes.
type part struct {
	n, of int // of: 1 for an item that is sent whole
	files []file

	first, count int    // of the item's files, from 0
	mail         string // of the plan that the part is of, in marks: "mail 1/3"
	divided      bool   // it is a piece of that mail
}

// step names a part in marks. Pieces are named by their files, "mail #2-3": they may be divided again.
func (p part) step() string {
	if p.divided {
		return fmt.Sprintf("mail #%d-%d", p.first+1, p.first+p.count)
	}
	return p.mail
}

// String names a part's files for a person.
func (p part) String() string {
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
// files or the job other recipients. Its number does not count: that changes when
// another part is divided.
func (l *letter) id(p part) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%d\n", l.item.ID, l.item.Received.Unix())
	to := strings.Split(strings.ToLower(strings.Join(l.to, "\n")), "\n")
	slices.Sort(to)
	fmt.Fprintf(h, "%q\n", to)
	for _, f := range p.files {
		fmt.Fprintf(h, "%d %q\n", f.size, f.path)
	}
	return l.item.ID + "." + hex.EncodeToString(h.Sum(nil)[:8])
}

// message is a composed mail: pieces of text with the files between them,
// which stay on disk until they are sent.
type message struct {
	texts [][]byte // one more than files
	files []file
	size  int64 // bytes as sent
}

// compose lets the library write the mail around placeholders, a line of
// base64 for each file, and cuts its work at these: given the files themselves
// it would hold each of them six times over.
func (l *letter) compose(p part) (*message, error) {
	_, domain, _ := strings.Cut(l.from.Address, "@")
	id := l.id(p)
	title := l.title
	if p.of > 1 {
		title = fmt.Sprintf("%s (%d/%d)", title, p.n, p.of)
	}
	m := &lib.Email{
		From:    l.from.String(),
		Subject: subject(title),
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
		m.Attachments = append(m.Attachments, &lib.Attachment{
			ContentType: contentType(f.typ),
			Content:     holder,
			Header: textproto.MIMEHeader{
				"Content-Disposition": {disposition(f.name)},
				"Content-Id":          {fmt.Sprintf("<%d.%s@%s>", i+1, id, domain)},
			},
		})
	}
	whole, err := m.Bytes()
	if err != nil {
		return nil, fmt.Errorf("compose the mail: %w", err)
	}
	whole = fold(whole)
	msg := &message{files: p.files, size: int64(len(whole))}
	for i, mark := range marks {
		before, after, found := bytes.Cut(whole, mark)
		if !found {
			return nil, fmt.Errorf("compose the mail: the place of %s is not in it", p.files[i].name)
		}
		msg.texts = append(msg.texts, before)
		msg.size += smtp.Base64Size(p.files[i].size) - int64(len(mark))
		whole = after
	}
	msg.texts = append(msg.texts, whole)
	return msg, nil
}

// write sends the message, the files straight from disk.
func (m *message) write(b *smtp.Body) error {
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
