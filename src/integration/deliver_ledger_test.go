//go:build integration

package integration

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"snsbridge/src/sim"
)

// sending is an e-mail or a post that a camera began to send.
type sending struct {
	title string
	to    []string // nil: a post
	files []sim.File
	safe  []bool // for each file, that its camera heard so
}

// deliveries are what cameras sent, by the names of the files.
type deliveries struct {
	mu   sync.Mutex
	sent map[string]*sending
}

func (l *deliveries) begin(s *sending) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.safe = make([]bool, len(s.files))
	for _, f := range s.files {
		l.sent[f.Name] = s
	}
}

func (l *deliveries) success(s *sending, files ...int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, i := range files {
		s.safe[i] = true
	}
}

// deliverySender is a camera.
type deliverySender struct {
	sim.Camera
	t      *testing.T
	l      *deliveries
	rng    *rand.Rand
	prefix string
}

func (s *deliverySender) photos(n int) (files []sim.File) {
	for i := range n {
		files = append(files, photo(s.t, fmt.Sprintf("%s-%02d.JPG", s.prefix, i), 20e3+s.rng.Int64N(150e3), s.rng.Uint64()))
	}
	return files
}

func (s *deliverySender) mail(ctx context.Context, mark string) {
	m := mail(s.photos(1 + s.rng.IntN(6))...)
	m.Title = mark + s.prefix
	if s.rng.IntN(2) == 0 && mark == "" {
		m.To = append(m.To, "moody@example.org")
	}
	item := &sending{title: m.Title, to: m.To, files: m.Files}
	s.l.begin(item)
	if a, _ := s.Email(ctx, m); heardSuccess(a) {
		for i := range m.Files {
			s.l.success(item, i)
		}
	}
}

func (s *deliverySender) post(ctx context.Context) {
	session, err := s.Login(ctx, "facebook")
	if err != nil {
		return
	}
	item := &sending{title: s.prefix, files: s.photos(1 + s.rng.IntN(6))}
	s.l.begin(item)
	for i, f := range item.files {
		a, err := session.Photo(ctx, f, item.title)
		if heardSuccess(a) {
			s.l.success(item, i)
		}
		if err != nil {
			return
		}
	}
	session.Logout(ctx)
}

// tally counts messages by recipient.
type tally struct {
	first, again int
	noted        int // of which the program knew that they were sent
}

// mailed compares what the smarthost accepted with what cameras sent.
func (l *deliveries) mailed(t *testing.T, mails []*handed) (n tally) {
	type share struct{ file, to string }
	last := map[share]*handed{}
	for _, m := range mails {
		if m.noted {
			n.noted++
		}
		id := m.header.Get("Message-Id")
		for _, a := range m.files {
			s := l.sent[a.name]
			if s == nil || s.to == nil {
				t.Fatalf("%s was mailed and by nobody sent as a mail", a.name)
			}
			i := slices.IndexFunc(s.files, func(f sim.File) bool { return f.Name == a.name })
			if err := sameFiles([]attachment{a}, attachments(t, s.files[i:i+1])); err != nil {
				t.Errorf("mail %s: %v", id, err)
			}
		}
		for _, to := range m.to {
			repeat := false
			for _, a := range m.files {
				before := last[share{a.name, to}]
				last[share{a.name, to}] = m
				if before == nil {
					continue
				}
				repeat = true
				if before.noted {
					t.Errorf("%s came to %s again, although the program knew that it was sent", a.name, to)
				}
				if was := before.header.Get("Message-Id"); was != id {
					t.Errorf("%s came to %s as %s and as %s", a.name, to, was, id)
				}
			}
			if repeat {
				n.again++
			} else {
				n.first++
			}
		}
	}
	for _, s := range l.sent {
		for i, f := range s.files {
			for _, to := range s.to {
				if s.safe[i] && last[share{f.Name, to}] == nil {
					t.Errorf("%s never came to %s, although its camera heard success", f.Name, to)
				}
			}
		}
	}
	return n
}

// posted compares what was posted with what cameras sent.
func (l *deliveries) posted(t *testing.T, posts []*post) {
	in := map[string]*post{}
	for _, p := range posts {
		for _, u := range p.files {
			name := strings.ToUpper(u.name)
			s := l.sent[name]
			if s == nil || s.to != nil {
				t.Fatalf("%s was posted and by nobody sent as a post", u.name)
			}
			i := slices.IndexFunc(s.files, func(f sim.File) bool { return f.Name == name })
			if err := sameFiles([]attachment{{name, u.sum}}, attachments(t, s.files[i:i+1])); err != nil {
				t.Errorf("post %s: %v", p.id, err)
			}
			if in[name] != nil {
				t.Errorf("%s is in the posts %s and %s, with the keys %s and %s", name, in[name].id, p.id, in[name].key, p.key)
			}
			in[name] = p
		}
	}
	for _, s := range l.sent {
		for i, f := range s.files {
			if s.to == nil && s.safe[i] && in[f.Name] == nil {
				t.Errorf("%s is in no post, although its camera heard success", f.Name)
			}
		}
	}
}
