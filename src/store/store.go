// Package store puts photos into a folder, under the names that a person will
// look for.
package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"snsbridge/src/spool"
)

// Folder is where photos are stored. Nothing in it is ever overwritten: a file
// of the same name with the same bytes is the same photo, one with other bytes
// makes the new one "-1".
type Folder struct {
	Dir      string // the photo folder; must exist, since it may be a stick that is not there
	Template string // below Dir: a template of the words in Words
	Secret   string // key of {sender_hash} and {recipient_hash}
	Spool    string // the spool's folder; photos are linked, not copied, if it is below Dir
}

// Words are what a Folder's Template may contain.
var Words = []string{"{date}", "{sender}", "{sender_hash}", "{recipient}", "{recipient_hash}", "{site}", "{model}"}

// Do stores the item's files.
func (s *Folder) Do(ctx context.Context, d *spool.Delivery) error {
	root, err := s.Open()
	if err != nil {
		return err
	}
	defer root.Close()
	recipients := []string{""}
	if strings.Contains(s.Template, "{recipient") && len(d.Job.To) > 0 {
		recipients = d.Job.To
	}
	// While others wait for the files, or several copies are made, each is one
	// of its own: whoever edits a photo in place edits that one alone.
	share := len(recipients) == 1 && alone(d)
	var stored []string
	var open []placed // until they are settled
	for i, to := range recipients {
		for j, f := range d.Item.Files {
			p, err := s.put(ctx, root, d, f, s.folder(d.Item, f, to), share)
			if err == nil {
				open = append(open, p)
				stored = append(stored, p.name)
			}
			last := i == len(recipients)-1 && j == len(d.Item.Files)-1
			if err != nil || last || len(open) == openMax {
				err = errors.Join(err, settle(root, open...))
				open = nil
			}
			if err != nil {
				return s.unusable(fmt.Errorf("%s: %w", f.Name, err))
			}
		}
	}
	d.Job.Result = strings.Join(stored, ", ")
	return nil
}

const openMax = 16 // files whose folders are synced together

// alone tells whether no other target waits for the item's files, nor a person
// for one that may.
func alone(d *spool.Delivery) bool {
	return !slices.ContainsFunc(d.Item.Jobs, func(j spool.Job) bool {
		return j.Target != d.Job.Target && j.State != spool.Done
	})
}

// Check tells whether the folder can be written to.
func (s *Folder) Check(context.Context) error {
	root, err := s.Open()
	if err != nil {
		return err
	}
	defer root.Close()
	const name = ".snsbridge-check"
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return s.unusable(err)
	}
	f.Close()
	// Another check, at the same time, may have been quicker.
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.unusable(err)
	}
	return nil
}

// Open opens the photo folder.
func (s *Folder) Open() (*os.Root, error) {
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		return nil, s.unusable(err)
	}
	return root, nil
}

func (s *Folder) unusable(err error) error {
	if spool.Scarce(err) || errors.Is(err, context.Canceled) { // nothing that a look at the stick would show
		return fmt.Errorf("cannot store in %s: %w", s.Dir, err)
	}
	return &spool.Error{
		Code: "storage",
		Hint: "Check that the memory stick is plugged in, has room and is not write-protected.",
		Err:  fmt.Errorf("cannot store in %s: %w", s.Dir, err),
	}
}

// folder fills in the template. What came from a camera is one path element,
// whatever is in it.
func (s *Folder) folder(it *spool.Item, f spool.File, recipient string) string {
	element := func(v, otherwise string) string {
		if v == "" {
			return otherwise
		}
		return spool.Name(strings.NewReplacer("/", "_", `\`, "_").Replace(v))
	}
	recipientHash := "unknown"
	if recipient != "" {
		recipientHash = s.hash(recipient)
	}
	r := strings.NewReplacer(
		"{date}", date(it, f),
		"{sender}", element(Sender(it), "unknown"),
		"{sender_hash}", s.hash(Sender(it)),
		"{recipient}", element(recipient, "unknown"),
		"{recipient_hash}", recipientHash,
		"{site}", element(it.Site, "email"),
		"{model}", element(it.Model, "unknown"),
	)
	return path.Clean(r.Replace(s.Template))
}

// date is the day a photo was taken. The router's clock is asked only if the
// camera wrote none, and believed only if it has been set.
func date(it *spool.Item, f spool.File) string {
	switch {
	case !f.Taken.IsZero():
		return f.Taken.Format(time.DateOnly)
	case it.Received.Year() >= 2026:
		return it.Received.Local().Format(time.DateOnly)
	}
	return "undated"
}

// Sender is the sender of an e-mail without the name that may stand before
// the address, or the user name of a login: the Flask implementation knows no
// other sender.
func Sender(it *spool.Item) string {
	if it.Kind != spool.Email {
		return it.Sender
	}
	if a, err := mail.ParseAddress(it.Sender); err == nil {
		return a.Address
	}
	if i := strings.LastIndexByte(it.Sender, '<'); i >= 0 {
		inside, _, _ := strings.Cut(it.Sender[i+1:], ">")
		return strings.TrimSpace(inside)
	}
	return it.Sender
}

// hash is the folder name that the Flask implementation gives a sender, and its
// README a recipient: who moves to this program finds the same folders.
func (s *Folder) hash(address string) string {
	mac := hmac.New(sha256.New, []byte(s.Secret))
	mac.Write([]byte(address))
	return base64.URLEncoding.EncodeToString(mac.Sum(nil)[:15])
}
