package mastodon

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

// testRig is a spool with one item, and an account to which it goes.
type testRig struct {
	*spooltest.Rig
	fake *fakeServer
	m    *Account
	id   string
}

func newRig(t testing.TB, it spool.Item, files ...spooltest.File) *testRig {
	t.Helper()
	fake := newFakeServer(t)
	rig := &testRig{Rig: spooltest.New(t, t.TempDir()), fake: fake, m: &Account{BaseURL: fake.URL, Token: fakeToken, Public: true}}
	if it.Kind == "" {
		it.Kind = spool.Post
	}
	if it.Jobs == nil {
		it.Jobs = []spool.Job{{Target: "mastodon", State: spool.Waiting}}
	}
	rig.id = rig.Add(it, nil, files...)
	return rig
}

func picture(name, alt string) spooltest.File {
	return spooltest.File{Name: name, Type: "image/jpeg", Alt: alt, Open: func() io.Reader { return strings.NewReader(sampleJPEG(name)) }}
}

func video(name, alt string, size int) spooltest.File {
	return spooltest.File{Name: name, Type: "video/mp4", Alt: alt, Open: func() io.Reader { return sampleMP4(size) }}
}

// attempt makes one attempt and returns what the record says afterwards.
func (rig *testRig) attempt() spool.Job {
	rig.T.Helper()
	return rig.attemptWith(map[string]*Account{"mastodon": rig.m})
}

func (rig *testRig) attemptWith(targets map[string]*Account) spool.Job {
	rig.T.Helper()
	rig.fake.settle()
	defer rig.fake.settle()
	return rig.Attempt(func(ctx context.Context, d *spool.Delivery) error { return targets[d.Job.Target].Do(ctx, d) })
}

func (rig *testRig) item() *spool.Item {
	it, err := rig.Get(rig.id)
	if err != nil {
		rig.T.Fatal(err)
	}
	return it
}

// must makes an attempt that has to succeed.
func (rig *testRig) must() spool.Job {
	rig.T.Helper()
	j := rig.attempt()
	if j.State != spool.Done {
		rig.T.Fatalf("the job is %s: %s (%s)", j.State, j.Error, j.Code)
	}
	return j
}

// kind returns the last attempt's error as the spool understands it.
func (rig *testRig) kind() (spool.Kind, string) {
	var e *spool.Error
	if !errors.As(rig.Err, &e) {
		return spool.Temporary, ""
	}
	return e.Kind, e.Code
}

func (rig *testRig) edit(fn func(*spool.Item)) {
	_, err := rig.Edit(rig.id, func(it *spool.Item) error { fn(it); return nil })
	if err != nil {
		rig.T.Fatal(err)
	}
}

// The secrets in the samples: a latitude, and the position of a video.
const (
	sampleGPS  = "\x11\x22\x33\x44\x55\x66\x77\x00"
	sampleUdta = "+37.2411+127.1775/"
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

// sampleMP4 is a video with a position, size bytes of which do not matter.
func sampleMP4(size int) io.Reader {
	box := func(name string, n int) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(8+n))) + name
	}
	return io.MultiReader(
		strings.NewReader(box("ftyp", 8)+"isom\x00\x00\x00\x00"+box("udta", len(sampleUdta))+sampleUdta+box("mdat", size)),
		io.LimitReader(fakeZeros{}, int64(size)))
}

type fakeZeros struct{}

func (fakeZeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
