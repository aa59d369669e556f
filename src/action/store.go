package action

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"snsbridge/src/spool"
)

// Store puts the photos into a folder. It never overwrites: a file of the same
// name with the same bytes is the same photo, one with other bytes makes the
// new one "-1". The spool runs the deliveries to storage one at a time, which
// is why nobody else takes a name between the look and the use.
type Store struct {
	Dir    string // the photo folder; must exist, since it may be a stick that is not there
	Folder string // below Dir: a template of the words in Words
	Secret string // key of {sender_hash}
	Spool  string // the spool's folder; photos are linked, not copied, if it is below Dir
}

// Words are what a Store's Folder may contain.
var Words = []string{"{date}", "{sender}", "{sender_hash}", "{recipient}", "{site}", "{model}"}

// Do stores the item's files.
func (s *Store) Do(ctx context.Context, d *spool.Delivery) error {
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		return s.unusable(err)
	}
	defer root.Close()
	recipients := []string{""}
	if strings.Contains(s.Folder, "{recipient}") && len(d.Job.To) > 0 {
		recipients = d.Job.To
	}
	var stored []string
	for _, to := range recipients {
		for _, f := range d.Item.Files {
			if err := ctx.Err(); err != nil {
				return err
			}
			name, err := s.put(root, d, f, s.folder(d.Item, f, to))
			if err != nil {
				return s.unusable(fmt.Errorf("%s: %w", f.Name, err))
			}
			stored = append(stored, name)
		}
	}
	d.Job.Result = strings.Join(stored, ", ")
	return nil
}

// Check tells whether the folder can be written to.
func (s *Store) Check(context.Context) error {
	root, err := os.OpenRoot(s.Dir)
	if err != nil {
		return s.unusable(err)
	}
	defer root.Close()
	name := fmt.Sprintf(".snsbridge-check-%d", os.Getpid())
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return s.unusable(err)
	}
	f.Close()
	return root.Remove(name)
}

func (s *Store) unusable(err error) error {
	return &spool.Error{
		Code: "storage",
		Hint: "Check that the memory stick is plugged in, has room and is not write-protected.",
		Err:  fmt.Errorf("cannot store in %s: %w", s.Dir, err),
	}
}

// folder fills in the template. What came from a camera is one path element,
// whatever is in it.
func (s *Store) folder(it *spool.Item, f spool.File, recipient string) string {
	element := func(v, otherwise string) string {
		if v == "" {
			return otherwise
		}
		return spool.Name(strings.NewReplacer("/", "_", `\`, "_").Replace(v))
	}
	r := strings.NewReplacer(
		"{date}", date(it, f),
		"{sender}", element(it.Sender, "unknown"),
		"{sender_hash}", s.hash(it.Sender),
		"{recipient}", element(recipient, "unknown"),
		"{site}", element(it.Site, "email"),
		"{model}", element(it.Model, "unknown"),
	)
	return path.Clean(r.Replace(s.Folder))
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

// hash is the folder name that the Flask implementation gives a sender: who
// moves to this program finds the same folders.
func (s *Store) hash(sender string) string {
	mac := hmac.New(sha256.New, []byte(s.Secret))
	mac.Write([]byte(sender))
	return base64.URLEncoding.EncodeToString(mac.Sum(nil)[:15])
}

// put stores one file below folder and returns its name below the root.
func (s *Store) put(root *os.Root, d *spool.Delivery, f spool.File, folder string) (string, error) {
	if err := root.MkdirAll(folder, 0o755); err != nil {
		return "", err
	}
	for n := 0; n < 10_000; n++ {
		name := path.Join(folder, spool.Numbered(f.Name, n))
		same, err := s.same(root, d, f, name)
		if same {
			return name, err
		}
		if !errors.Is(err, fs.ErrNotExist) {
			if err != nil {
				return "", err
			}
			continue // another photo has this name
		}
		if err := s.link(root, d, f, name); err != nil {
			if err := s.copy(root, d, f, name); err != nil {
				return "", err
			}
		}
		return name, syncFolders(root, folder)
	}
	return "", fmt.Errorf("ten thousand photos are called %s", f.Name)
}

// same tells whether a stored file has the same bytes as one of the item. The
// error is fs.ErrNotExist if there is no such file.
func (s *Store) same(root *os.Root, d *spool.Delivery, f spool.File, name string) (bool, error) {
	old, err := root.Open(name)
	if err != nil {
		return false, err
	}
	defer old.Close()
	if fi, err := old.Stat(); err != nil || !fi.Mode().IsRegular() || fi.Size() != f.Size {
		return false, err
	}
	mine, err := d.Open(f)
	if err != nil {
		return false, err
	}
	defer mine.Close()
	return equal(old, mine)
}

func equal(a, b io.Reader) (bool, error) {
	p, q := make([]byte, 32<<10), make([]byte, 32<<10)
	for {
		n, err := io.ReadFull(a, p)
		m, err2 := io.ReadFull(b, q)
		if n != m || !bytes.Equal(p[:n], q[:m]) {
			return false, nil
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if err2 != nil {
			return false, err2
		}
	}
}

// link gives the spool's file a second name: no byte is written twice to a
// slow stick. It fails on FAT, and where the spool is elsewhere.
func (s *Store) link(root *os.Root, d *spool.Delivery, f spool.File, name string) error {
	rel, err := filepath.Rel(s.Dir, s.Spool)
	if err != nil || !filepath.IsLocal(rel) {
		return errors.New("the spool is elsewhere")
	}
	return root.Link(filepath.Join(rel, d.Path(f)), name)
}

// copy writes the file under a hidden name and renames it when it is whole.
func (s *Store) copy(root *os.Root, d *spool.Delivery, f spool.File, name string) error {
	from, err := d.Open(f)
	if err != nil {
		return err
	}
	defer from.Close()
	tmp := path.Join(path.Dir(name), ".snsbridge-"+d.Item.ID+".part")
	to, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{to}, from, make([]byte, 64<<10))
	if err == nil {
		err = to.Sync()
	}
	if cerr := to.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = root.Rename(tmp, name)
	}
	if err != nil {
		root.Remove(tmp)
	}
	return err
}

// syncFolders makes the names in a folder and in those above it durable.
func syncFolders(root *os.Root, folder string) error {
	for {
		f, err := root.Open(folder)
		if err != nil {
			return err
		}
		f.Sync() // FAT cannot; the file itself was synced
		f.Close()
		if folder == "." {
			return nil
		}
		folder = path.Dir(folder)
	}
}
