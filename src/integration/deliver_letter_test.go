//go:build integration

package integration

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"slices"
	"testing"

	"snsbridge/src/sim"
)

// letter is a mail as its reader's program understands it.
type letter struct {
	header  netmail.Header
	subject string
	text    string
	files   []attachment
}

type attachment struct {
	name string
	sum  sum
}

type sum [sha256.Size]byte

// readLetter understands a mail without holding its files in memory.
func readLetter(r io.Reader) (l letter, err error) {
	m, err := netmail.ReadMessage(r)
	if err != nil {
		return l, err
	}
	l.header = m.Header
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, err
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		return l, fmt.Errorf("Content-Type %q: %w", m.Header.Get("Content-Type"), errors.Join(err, errors.ErrUnsupported))
	}
	parts := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			return l, nil
		}
		if err != nil {
			return l, err
		}
		if p.Header.Get("Content-Disposition") == "" {
			text, err := io.ReadAll(p)
			if err != nil {
				return l, err
			}
			l.text = string(text)
			continue
		}
		_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		if err != nil {
			return l, err
		}
		a := attachment{name: params["filename"]}
		if a.sum, err = sumOf(base64.NewDecoder(base64.StdEncoding, p)); err != nil {
			return l, fmt.Errorf("%s: %w", a.name, err)
		}
		l.files = append(l.files, a)
	}
}

func sumOf(r io.Reader) (s sum, err error) {
	h := sha256.New()
	_, err = io.Copy(h, r)
	h.Sum(s[:0])
	return s, err
}

// attachments are what a mail must hold after a camera sent these files.
func attachments(tb testing.TB, files []sim.File) (list []attachment) {
	tb.Helper()
	for _, f := range files {
		r, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		s, err := sumOf(r)
		r.Close()
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, attachment{f.Name, s})
	}
	return list
}

// sameFiles compares attachments by name and content, in order.
func sameFiles(got, want []attachment) error {
	if slices.Equal(got, want) {
		return nil
	}
	return fmt.Errorf("got the files %v, want %v", told(got), told(want))
}

func told(list []attachment) (words []string) {
	for _, a := range list {
		words = append(words, fmt.Sprintf("%s %x", a.name, a.sum[:4]))
	}
	return words
}
