package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"snsbridge/src/camera"
	"snsbridge/src/config"
	"snsbridge/src/sim"
	"snsbridge/src/spool"
)

// scene is what one camera does in the demonstration.
type scene struct {
	model  string
	year   int // in which the photos were taken
	photos int
	size   int64
	video  int64  // bytes; 0: none
	site   string // "": e-mail
	text   string
	odd    sim.Oddities
	remark string
}

// scenes have a camera of each generation.
var scenes = []scene{
	{model: "ST1000", year: 2009, photos: 1, size: 3 << 20, remark: "asks for the time first"},
	{model: "ST200F", year: 2012, photos: 2, size: 3 << 20, remark: "checks the hotspot at Yahoo"},
	{model: "WB37F", year: 2014, photos: 1, size: 4 << 20, remark: "checks the hotspot at MSN, refuses a redirect", odd: sim.Oddities{OnlyCookie: true}},
	{model: "NX300", year: 2013, photos: 3, size: 6 << 20, site: "facebook", text: "Three views ~ first ~ second ~ third", remark: "logs in with AES"},
	{model: "NXmini", year: 2014, photos: 2, size: 5 << 20, site: "picasa", text: "At the sea", remark: "searches the check's answer for literal bytes"},
	{model: "HMX-QF30", year: 2013, video: 20 << 20, site: "youtube", text: "Waves", remark: "logs in without encryption"},
	{model: "NX500", year: 2015, photos: 12, size: 1 << 20, remark: "announces a length that is too small", odd: sim.Oddities{Short: sim.ShortParts}},
}

func demoVerb(ctx context.Context, env environ, args []string) error {
	fl := newFlags("demo", "let pretend cameras send photos, and show what became of them")
	if err := fl.parse(env, args, 0); err != nil {
		return err
	}
	conf, err := config.Default("demo") // its photos are not to be among the user's
	if err != nil {
		return err
	}
	conf.Listen = "127.0.0.1:0"
	d, err := start(conf, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer d.Stop()
	seed := uint64(time.Now().UnixNano()) // photos that cannot be there already
	fmt.Fprintf(env.stdout, "The bridge runs at %s, without any settings. Pretend cameras send to it:\n\n", d.Addr())
	var sent []sim.File
	for i, sc := range scenes {
		files, err := sc.play(ctx, d.Addr(), i, seed)
		if err != nil {
			return err
		}
		how := "by e-mail"
		if sc.site != "" {
			how = "to " + sc.site
		}
		fmt.Fprintf(env.stdout, "  %-9s %d  %2d %-6s %-12s %6.1f MB  sent; %s\n",
			sc.model, sc.year, len(files), plural(len(files), sc.video > 0), how, megabytes(files), sc.remark)
		sent = append(sent, files...)
	}
	if err := delivered(ctx, d.spool); err != nil {
		return err
	}
	return report(env.stdout, conf.UploadFolder, sent)
}

func plural(n int, video bool) string {
	switch {
	case video:
		return "video"
	case n == 1:
		return "photo"
	}
	return "photos"
}

func megabytes(files []sim.File) float64 {
	var n int64
	for _, f := range files {
		n += f.Size
	}
	return float64(n) / 1e6
}

// play lets one camera send. Each has an address of its own.
func (sc scene) play(ctx context.Context, addr string, number int, seed uint64) ([]sim.File, error) {
	m, ok := camera.Find(sc.model)
	if !ok {
		return nil, fmt.Errorf("no camera %s", sc.model)
	}
	c := sim.Camera{Model: m, Addr: addr, LocalAddr: fmt.Sprintf("127.0.0.%d", number+2), Seed: uint64(number), Odd: sc.odd}
	files, err := sc.files(number, seed)
	if err != nil {
		return nil, err
	}
	if sc.site != "" {
		_, err = c.Post(ctx, sc.site, sc.text, files...)
		return files, err
	}
	if _, err := c.Check(ctx); err != nil {
		return nil, err
	}
	_, err = c.Email(ctx, sim.Mail{To: []string{"me@example.org"}, Text: sc.text, Files: files})
	return files, err
}

func (sc scene) files(number int, seed uint64) ([]sim.File, error) {
	var files []sim.File
	for i := range sc.photos {
		p := sim.Photo{
			Model: sc.model, Size: sc.size, Seed: seed + uint64(number*100+i),
			Taken: time.Date(sc.year, 7, 14, 10+i, 0, 0, 0, time.UTC),
		}
		f, err := p.File()
		if err != nil {
			return nil, err
		}
		f.Name = fmt.Sprintf("SAM_%04d.JPG", number*100+i+1)
		files = append(files, f)
	}
	if sc.video > 0 {
		f, err := sim.Video{Size: sc.video, Seed: seed + uint64(number), Taken: time.Date(sc.year, 8, 2, 16, 0, 0, 0, time.UTC)}.File()
		if err != nil {
			return nil, err
		}
		f.Name = fmt.Sprintf("SAM_%04d.MP4", number*100+1)
		files = append(files, f)
	}
	return files, nil
}

// delivered waits until nothing is left to deliver.
func delivered(ctx context.Context, sp *spool.Spool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		jobs, _ := sp.Counts()
		if jobs[spool.Waiting] == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d deliveries have not ended", jobs[spool.Waiting])
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// report shows what is in the photo folder, and fails unless every file that
// was sent is in it byte for byte.
func report(w io.Writer, folder string, sent []sim.File) error {
	fmt.Fprintf(w, "\nWhat arrived in %s, each compared byte by byte with what was sent:\n\n", folder)
	arrived := 0
	for _, f := range sent {
		where, err := find(folder, f)
		if err != nil {
			return err
		}
		if where == "" {
			fmt.Fprintf(w, "  MISSING %s\n", f.Name)
			continue
		}
		fmt.Fprintf(w, "  %-28s %9d bytes  same\n", where, f.Size)
		arrived++
	}
	fmt.Fprintf(w, "\n%d of %d files arrived whole.\n", arrived, len(sent))
	if arrived < len(sent) {
		return errors.New("not everything arrived")
	}
	return nil
}

// find returns the name, below folder, of a file with the bytes of one that
// was sent, "" if there is none.
func find(folder string, f sim.File) (where string, err error) {
	err = filepath.WalkDir(folder, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && strings.HasPrefix(e.Name(), "."):
			return fs.SkipDir
		case e.IsDir() || where != "":
			return nil
		}
		if fi, err := e.Info(); err != nil || fi.Size() != f.Size {
			return err
		}
		same, err := sameBytes(name, f)
		if same {
			where, _ = filepath.Rel(folder, name)
		}
		return err
	})
	return where, err
}

func sameBytes(name string, f sim.File) (bool, error) {
	stored, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer stored.Close()
	original, err := f.Open()
	if err != nil {
		return false, err
	}
	defer original.Close()
	p, q := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		n, err := io.ReadFull(stored, p)
		m, _ := io.ReadFull(original, q)
		if n != m || !bytes.Equal(p[:n], q[:m]) {
			return false, nil
		}
		if err != nil {
			return err == io.EOF || err == io.ErrUnexpectedEOF, nil
		}
	}
}
