package action

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"snsbridge/src/spool"
)

// mastodonRig is a spool with one item, and an account to which it goes.
type mastodonRig struct {
	t     testing.TB
	fake  *fakeMastodon
	m     *Mastodon
	spool *spool.Spool
	id    string
	err   error // of the last attempt
}

func newMastodonRig(t testing.TB, it spool.Item, files ...mastodonRigFile) *mastodonRig {
	t.Helper()
	fake := newFakeMastodon(t)
	rig := &mastodonRig{t: t, fake: fake, m: &Mastodon{BaseURL: fake.URL, Token: fakeToken, Public: true}}
	disk, err := spool.OpenDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	rig.spool = &spool.Spool{Disk: disk}
	if err := rig.spool.Open(); err != nil {
		t.Fatal(err)
	}
	if err := rig.spool.Recover(func(*spool.Item) {}); err != nil {
		t.Fatal(err)
	}
	u, err := rig.spool.Begin(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		w, err := u.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		w.Type, w.Alt = f.kind, f.alt
		if _, err := io.Copy(w, f.open()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if it.Kind == "" {
		it.Kind = spool.Post
	}
	if it.Jobs == nil {
		it.Jobs = []spool.Job{{Target: "mastodon", State: spool.Waiting}}
	}
	if err := u.Commit(&it); err != nil {
		t.Fatal(err)
	}
	rig.id = it.ID
	return rig
}

type mastodonRigFile struct {
	name, kind, alt string
	open            func() io.Reader
}

func mastodonPhoto(name, alt string) mastodonRigFile {
	return mastodonRigFile{name, "image/jpeg", alt, func() io.Reader { return strings.NewReader(sampleJPEG(name)) }}
}

func mastodonVideo(name, alt string, size int) mastodonRigFile {
	return mastodonRigFile{name, "video/mp4", alt, func() io.Reader { return mastodonSampleMP4(size) }}
}

// attempt makes one attempt and returns what the record says afterwards.
func (rig *mastodonRig) attempt() spool.Job {
	rig.t.Helper()
	return rig.attemptWith(map[string]*Mastodon{"mastodon": rig.m})
}

func (rig *mastodonRig) attemptWith(targets map[string]*Mastodon) spool.Job {
	rig.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tried := -1
	r := &spool.Runner{Spool: rig.spool, Idle: cancel, Do: func(ctx context.Context, d *spool.Delivery) error {
		for i := range d.Item.Jobs {
			if &d.Item.Jobs[i] == d.Job {
				tried = i
			}
		}
		rig.err = targets[d.Job.Target].Do(ctx, d)
		return rig.err
	}}
	rig.spool.Poke()
	rig.fake.settle()
	r.Run(ctx)
	rig.fake.settle()
	if tried < 0 {
		rig.t.Fatal("no attempt was made")
	}
	return rig.item().Jobs[tried]
}

func (rig *mastodonRig) item() *spool.Item {
	it, err := rig.spool.Get(rig.id)
	if err != nil {
		rig.t.Fatal(err)
	}
	return it
}

// must makes an attempt that has to succeed.
func (rig *mastodonRig) must() spool.Job {
	rig.t.Helper()
	j := rig.attempt()
	if j.State != spool.Done {
		rig.t.Fatalf("the job is %s: %s (%s)", j.State, j.Error, j.Code)
	}
	return j
}

// kind returns the last attempt's error as the spool understands it.
func (rig *mastodonRig) kind() (spool.Kind, string) {
	var e *spool.Error
	if !errors.As(rig.err, &e) {
		return spool.Temporary, ""
	}
	return e.Kind, e.Code
}

func (rig *mastodonRig) edit(fn func(*spool.Item)) {
	_, err := rig.spool.Edit(rig.id, func(it *spool.Item) error { fn(it); return nil })
	if err != nil {
		rig.t.Fatal(err)
	}
}

// The secrets in the samples: a latitude, and the position of a video.
const (
	sampleGPS          = "\x11\x22\x33\x44\x55\x66\x77\x00"
	mastodonSampleUdta = "+37.2411+127.1775/"
)

// sampleJPEG is a picture of no size with a position.
func sampleJPEG(seed string) string {
	le := binary.LittleEndian
	tiff := []byte("II*\x00\x08\x00\x00\x00")
	ifd := func(tag, kind uint16, count, value uint32) {
		tiff = le.AppendUint16(tiff, 1)
		tiff = le.AppendUint16(tiff, tag)
		tiff = le.AppendUint16(tiff, kind)
		tiff = le.AppendUint32(tiff, count)
		tiff = le.AppendUint32(tiff, value)
		tiff = le.AppendUint32(tiff, 0)
	}
	ifd(0x8825, 4, 1, 26) // the GPS directory lies at 26
	ifd(0x0002, 5, 1, 44) // latitude, its value at 44
	tiff = append(tiff, sampleGPS...)
	app1 := append([]byte("Exif\x00\x00"), tiff...)
	var b []byte
	segment := func(marker byte, data []byte) {
		b = append(b, 0xff, marker)
		b = binary.BigEndian.AppendUint16(b, uint16(len(data)+2))
		b = append(b, data...)
	}
	b = append(b, 0xff, 0xd8)
	segment(0xe1, app1)
	segment(0xc0, []byte{8, 0, 3, 0, 4, 1, 1, 0x11, 0}) // 4 x 3 pixels
	segment(0xda, []byte{1, 1, 0, 0, 63, 0})
	b = append(b, "coded "+seed...)
	b = append(b, 0xff, 0xd9)
	return string(b)
}

// mastodonSampleMP4 is a video with a position, size bytes of which do not matter.
func mastodonSampleMP4(size int) io.Reader {
	box := func(name string, n int) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(8+n))) + name
	}
	return io.MultiReader(
		strings.NewReader(box("ftyp", 8)+"isom\x00\x00\x00\x00"+box("udta", len(mastodonSampleUdta))+mastodonSampleUdta+box("mdat", size)),
		io.LimitReader(fakeZeros{}, int64(size)))
}

type fakeZeros struct{}

func (fakeZeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
