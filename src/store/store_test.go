package store

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

var july = spooltest.July

func TestFolder(t *testing.T) {
	camera := spool.Item{Kind: spool.Email, Sender: "Camera@samsungcamera.com"}
	for _, c := range []struct {
		folder string
		it     spool.Item
		taken  time.Time
		want   string
		why    string
	}{
		{"{date}", camera, july, "2026-07-14", "the day that the camera wrote down"},
		{"{date}", spool.Item{Received: july}, time.Time{}, "2026-07-14", "the camera wrote none: the router's clock"},
		{"{date}", spool.Item{Received: time.Unix(90000, 0)}, time.Time{}, "undated", "nor was the router's clock set"},
		{"{sender}", camera, july, "Camera@samsungcamera.com", "an address is a fine name"},
		{"{sender}", spool.Item{Kind: spool.Email, Sender: "My NX <nx@example.org>"}, july, "nx@example.org", "the address alone"},
		{"{sender}", spool.Item{Kind: spool.Email}, july, "unknown", "no sender"},
		{"{sender}", spool.Item{Kind: spool.Post, Sender: "../../etc"}, july, "_._.._etc", "a hostile user name stays one element"},
		{"{sender}", spool.Item{Kind: spool.Post, Sender: ".."}, july, "unnamed", "no way up"},
		{"{sender}", spool.Item{Kind: spool.Post, Sender: `\..\x`}, july, "_.._x", "nor on Windows"},
		{"{sender}", spool.Item{Kind: spool.Post, Sender: ".spool"}, july, "_spool", "not into the spool"},
		{"{sender}", spool.Item{Kind: spool.Post, Sender: "x <y@z>"}, july, "x _y@z_", "a user name is no address"},
		{"{sender}", spool.Item{Kind: spool.Post, Sender: "{date}"}, july, "{date}", "words in values are no words"},
		{"{sender_hash}", camera, july, "Wed5iHbWU858AXkKW2SY", "as openssl computes it"},
		{"{sender_hash}", spool.Item{Kind: spool.Email, Sender: "Me <me@example.org>"}, july, "5ebynl3llZG-S3xhLnyg", "of the address alone"},
		{"{sender_hash}", spool.Item{Kind: spool.Email, Sender: "Me, too <me@example.org>"}, july, "5ebynl3llZG-S3xhLnyg", "also if the name is not as it should be"},
		{"{sender_hash}", spool.Item{Kind: spool.Post, Sender: "x"}, july, "KqB2mGuzFLkvKSWiiLNn", "of the user name"},
		{"{recipient_hash}", camera, july, "5ebynl3llZG-S3xhLnyg", "of the recipient, by the same key"},
		{"{site}/{model}", spool.Item{Kind: spool.Post, Site: "facebook", Model: "NX300"}, july, "facebook/NX300", "two levels"},
		{"{site}/{model}", camera, july, "email/unknown", "e-mails have no site, and some cameras do not tell their model"},
		{"{recipient}", camera, july, "me@example.org", "the recipient"},
		{"pub", camera, july, "pub", "no words at all"},
		{"", camera, july, ".", "the photo folder itself"},
	} {
		s := &Folder{Template: c.folder, Secret: "key of the test"}
		if got := s.folder(&c.it, spool.File{Taken: c.taken}, "me@example.org"); got != c.want {
			t.Errorf("%s\nfolder(%q) = %q, want %q", c.why, c.folder, got, c.want)
		}
	}
}

func TestNeverOverwrites(t *testing.T) {
	for name, elsewhere := range map[string]bool{"linked": false, "copied": true} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, elsewhere)
			do := rig.store("{date}").Do
			for _, c := range []struct{ content, result, why string }{
				{"one", "2026-07-14/SAM_0042.JPG", "a free name"},
				{"two", "2026-07-14/SAM_0042-1.JPG", "the same length, other bytes"},
				{"one", "2026-07-14/SAM_0042.JPG", "the same bytes are the same photo"},
				{"longer", "2026-07-14/SAM_0042-2.JPG", "another length"},
				{"two", "2026-07-14/SAM_0042-1.JPG", "the same bytes under a later name"},
			} {
				rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_0042.JPG", c.content))
				if j := rig.Must(do); j.Result != c.result {
					t.Errorf("%s: result %q, want %q", c.why, j.Result, c.result)
				}
			}
			rig.wantStored("2026-07-14/SAM_0042.JPG=one", "2026-07-14/SAM_0042-1.JPG=two", "2026-07-14/SAM_0042-2.JPG=longer")
		})
	}
}

func TestLinksBesideTheSpool(t *testing.T) {
	for _, c := range []struct {
		elsewhere, linked bool
		why               string
	}{
		{false, true, "below the photo folder no byte is written twice"},
		{true, false, "elsewhere it has to be"},
	} {
		rig := newRig(t, c.elsewhere)
		s := rig.store("{date}")
		rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_0042.JPG", "photo"))
		rig.Must(func(ctx context.Context, d *spool.Delivery) error {
			if err := s.Do(ctx, d); err != nil {
				return err
			}
			fi, err := os.Stat(filepath.Join(rig.photos, "2026-07-14/SAM_0042.JPG"))
			if err != nil {
				return err
			}
			if got := s.linked(d, d.Item.Files[0], fi); got != c.linked {
				t.Errorf("%s: linked %v", c.why, got)
			}
			if fi.Mode().Perm() != 0o644 {
				t.Errorf("mode %v, want that of a file for everybody", fi.Mode())
			}
			return nil
		})
	}
}

func TestTwiceIsOnce(t *testing.T) {
	for name, elsewhere := range map[string]bool{"linked": false, "copied": true} {
		t.Run(name, func(t *testing.T) {
			rig := newRig(t, elsewhere)
			s := rig.store("{date}")
			rig.Add(spool.Item{}, nil, spooltest.Photo("A.JPG", "a"), spooltest.Photo("B.JPG", "bee"), spooltest.Photo("B.JPG", "c"))
			// The program was gone after the files had their names, and before
			// the job was noted as done.
			rig.Must(func(ctx context.Context, d *spool.Delivery) error {
				err := s.Do(ctx, d)
				rig.OnRead = func(name string) error {
					if !elsewhere && strings.HasSuffix(name, ".JPG") {
						t.Errorf("%s is read, though it is linked", name)
					}
					return nil
				}
				return errors.Join(err, s.Do(ctx, d))
			})
			rig.wantStored("2026-07-14/A.JPG=a", "2026-07-14/B.JPG=bee", "2026-07-14/B-1.JPG=c")
		})
	}
}

func TestShowsNothingHalf(t *testing.T) {
	rig := newRig(t, true)
	content := strings.Repeat("photo", 100_000)
	id := rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_0042.JPG", content))
	part := filepath.Join(rig.photos, "2026-07-14", ".snsbridge-"+id+".test.part")
	reads := 0
	broken := errors.New("the disk is gone")
	rig.OnRead = func(name string) error {
		if !strings.HasSuffix(name, ".JPG") {
			return nil
		}
		reads++
		for _, f := range rig.Files(rig.photos) {
			if !strings.HasPrefix(f, "2026-07-14/.") {
				t.Errorf("while it is copied one can see %.60q", f)
			}
		}
		if reads == 3 {
			return broken
		}
		return nil
	}
	s := rig.store("{date}")
	if j := rig.Attempt(s.Do); j.State != spool.Waiting || !errors.Is(rig.Err, broken) {
		t.Errorf("after a read error the job is %s: %v", j.State, rig.Err)
	}
	rig.wantStored()
	// What a power cut leaves of a copy.
	if err := os.WriteFile(part, []byte("half of"), 0o600); err != nil {
		t.Fatal(err)
	}
	rig.Must(s.Do)
	if reads < 6 {
		t.Errorf("looked %d times: that is not while it is copied", reads)
	}
	rig.wantStored("2026-07-14/SAM_0042.JPG=" + content)
}

func TestNameTakenMeanwhile(t *testing.T) {
	rig := newRig(t, false)
	rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_0042.JPG", "photo"))
	if err := os.WriteFile(filepath.Join(rig.photos, "SAM_0042.JPG"), []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	rig.Must(func(ctx context.Context, d *spool.Delivery) error {
		root, err := os.OpenRoot(rig.photos)
		if err != nil {
			return err
		}
		defer root.Close()
		for _, share := range []bool{true, false} {
			if _, err := rig.store("").add(ctx, root, d, d.Item.Files[0], "SAM_0042.JPG", share); !errors.Is(err, fs.ErrExist) {
				t.Errorf("a name that is taken was used: %v", err)
			}
		}
		return nil
	})
	rig.wantStored("SAM_0042.JPG=other")
}

func TestEqual(t *testing.T) {
	broken := errors.New("the disk is gone")
	long := strings.Repeat("x", 100_000)
	for _, c := range []struct {
		a, b io.Reader
		same bool
		err  error
		why  string
	}{
		{strings.NewReader(long), strings.NewReader(long), true, nil, "more than one buffer"},
		{strings.NewReader(long), strings.NewReader(long[:99_999] + "y"), false, nil, "the last byte differs"},
		{strings.NewReader(""), strings.NewReader(""), true, nil, "nothing"},
		{io.MultiReader(strings.NewReader(long), iotest.ErrReader(broken)), strings.NewReader(long), false, broken, "the first cannot be read"},
		{strings.NewReader(long), io.MultiReader(strings.NewReader(long[:50_000]), iotest.ErrReader(broken)), false, broken, "the second cannot be read"},
	} {
		if same, err := equal(t.Context(), c.a, c.b); same != c.same || !errors.Is(err, c.err) {
			t.Errorf("%s: %v, %v, want %v, %v", c.why, same, err, c.same, c.err)
		}
	}
}

func TestReadErrorIsNoOtherPhoto(t *testing.T) {
	rig := newRig(t, true)
	s := rig.store("{date}")
	rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_0042.JPG", "photo"))
	rig.Must(s.Do)
	rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_0042.JPG", "photo"))
	rig.OnRead = func(name string) error {
		if strings.HasSuffix(name, ".JPG") {
			return errors.New("the disk is gone")
		}
		return nil
	}
	if j := rig.Attempt(s.Do); j.State != spool.Waiting {
		t.Errorf("the job is %s", j.State)
	}
	rig.wantStored("2026-07-14/SAM_0042.JPG=photo")
}

func TestStops(t *testing.T) {
	rig := newRig(t, true)
	rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_0042.JPG", strings.Repeat("photo", 100_000)))
	rig.Attempt(func(ctx context.Context, d *spool.Delivery) error {
		ctx, cancel := context.WithCancel(ctx)
		rig.OnRead = func(string) error { cancel(); return nil }
		err := rig.store("{date}").Do(ctx, d)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want that of the context", err)
		}
		return err
	})
	rig.wantStored()
}

// Things that are no photos can have a photo's name, and none is touched.
func TestThingsInTheWay(t *testing.T) {
	for _, c := range []struct {
		why  string
		make func(name string) error
	}{
		{"a folder", func(name string) error { return os.Mkdir(name, 0o755) }},
		{"a link to nothing", func(name string) error { return os.Symlink("nothing", name) }},
		{"a link to the same bytes", func(name string) error {
			return errors.Join(os.WriteFile(filepath.Dir(name)+"/other", []byte("photo"), 0o644), os.Symlink("other", name)) // as long as the photo
		}},
		{"a link that leads out", func(name string) error { return os.Symlink("/etc/passwd", name) }},
		{"a pipe, which would block who opens it", func(name string) error { return syscall.Mkfifo(name, 0o600) }},
	} {
		for _, elsewhere := range []bool{false, true} {
			rig := newRig(t, elsewhere)
			name := filepath.Join(rig.photos, "SAM_0042.JPG")
			if err := c.make(name); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Lstat(name)
			rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_0042.JPG", "photo"))
			if j := rig.Must(rig.store("").Do); j.Result != "SAM_0042-1.JPG" {
				t.Errorf("%s: result %q", c.why, j.Result)
			}
			if after, err := os.Lstat(name); err != nil || !os.SameFile(before, after) {
				t.Errorf("%s: is not what it was: %v", c.why, err)
			}
		}
	}
}

func TestEverybodyAtOnce(t *testing.T) {
	const many = 8
	shared := newRig(t, true)
	var all sync.WaitGroup
	for i := range many {
		rig := newRig(t, true)
		rig.photos = shared.photos
		rig.Add(spool.Item{}, nil, spooltest.Photo("SAM_0042.JPG", strings.Repeat(string(rune('a'+i)), 300_000)))
		all.Go(func() { rig.Attempt(rig.store("{date}").Do) })
	}
	all.Wait()
	different := map[string]bool{}
	for _, f := range shared.Files(shared.photos) {
		_, content, _ := strings.Cut(f, "=")
		if len(content) != 300_000 || strings.Trim(content, content[:1]) != "" {
			t.Errorf("%.60q has %d bytes of several photos", f, len(content))
		}
		different[content] = true
	}
	if len(different) != many {
		t.Errorf("%d photos of %d are there", len(different), many)
	}
}

func TestRecipients(t *testing.T) {
	two := []string{"a@example.org", "b@example.org"}
	for _, c := range []struct {
		folder string
		to     []string
		want   []string
		why    string
	}{
		{"x", two, []string{"x/P.JPG=photo"}, "one folder, one file"},
		{"{recipient}", two, []string{"a@example.org/P.JPG=photo", "b@example.org/P.JPG=photo"}, "a folder each"},
		{"{recipient}", nil, []string{"unknown/P.JPG=photo"}, "posts have no recipient"},
		{"{recipient_hash}", nil, []string{"unknown/P.JPG=photo"}, "nor a hash of one"},
	} {
		rig := newRig(t, false)
		rig.Add(spool.Item{}, c.to, spooltest.Photo("P.JPG", "photo"))
		t.Log(c.why)
		rig.Must(rig.store(c.folder).Do)
		rig.wantStored(c.want...)
	}
}

func TestWithoutFolder(t *testing.T) {
	rig := newRig(t, true)
	s := rig.store("{date}")
	s.Dir = filepath.Join(rig.photos, "stick")
	rig.Add(spool.Item{}, nil, spooltest.Photo("P.JPG", "photo"))
	for _, err := range []error{s.Check(t.Context()), func() error { rig.Attempt(s.Do); return rig.Err }()} {
		var e *spool.Error
		if !errors.As(err, &e) || e.Kind != spool.Temporary || e.Code != "storage" || !strings.Contains(e.Hint, "memory stick") {
			t.Errorf("error %#v, want a temporary one with a hint", err)
		}
		if err != nil && !strings.Contains(err.Error(), s.Dir) {
			t.Errorf("error %q does not name the folder", err)
		}
	}
	if _, err := os.Stat(s.Dir); err == nil {
		t.Error("the folder was made: the photos would be below the place where the stick belongs")
	}
	if err := os.Mkdir(s.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("with a folder: %v", err)
	}
	rig.Must(s.Do)
	rig.wantStored("stick/2026-07-14/P.JPG=photo")
}

func TestCheck(t *testing.T) {
	rig := newRig(t, true)
	s := rig.store("{date}")
	left := filepath.Join(rig.photos, ".snsbridge-check")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("with what a crash left of an earlier check: %v", err)
	}
	rig.wantStored()
}
