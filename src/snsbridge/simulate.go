package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"snsbridge/src/camera"
	"snsbridge/src/sim"
)

func simulateVerb(ctx context.Context, env environ, args []string) error {
	fl := newFlags("simulate", "a pretend camera: sends FILES, or made-up photos, to a bridge")
	model := fl.String("model", "NX300", "`MODEL` to pretend; see snsbridge models")
	to := fl.String("to", "127.0.0.1:8080", "`HOST:PORT` of the bridge")
	email := fl.String("email", "", "send by e-mail to `ADDRESS`[,ADDRESS...]")
	site := fl.String("site", "", "post to `SITE`, such as facebook")
	sender := fl.String("sender", "Camera@samsungcamera.com", "`ADDRESS` of the sender, and user name at a site")
	text := fl.String("text", "", "what the user typed; ~ begins the text of a picture")
	title := fl.String("title", "", "title of an e-mail")
	photos := fl.Int("photos", 1, "`NUMBER` of photos to make up if no FILE is given")
	size := fl.Int64("size", 4<<20, "`BYTES` of a made-up photo")
	slow := fl.Int64("slow", 0, "`BYTES` a second, as on a bad link")
	abort := fl.Int64("abort", 0, "hang up after so many `BYTES`")
	short := fl.Bool("short", false, "announce 4 bytes a part too few, as some firmware does")
	trace := fl.Bool("trace", false, "show what is said, but for the photos")
	if err := fl.parse(env, args, -1); err != nil {
		return err
	}
	m, ok := camera.Find(*model)
	if !ok {
		return usageError("there is no camera %q in the list of models", *model)
	}
	files, err := filesFor(m, fl.Args(), *photos, *size)
	if err != nil {
		return err
	}
	c := sim.Camera{Model: m, Addr: *to, Sender: *sender, Seed: uint64(time.Now().UnixNano())}
	c.Odd.BytesPerSecond, c.Odd.AbortAfter = *slow, *abort
	if *short {
		c.Odd.Short = sim.ShortParts
	}
	if *trace {
		c.Trace = env.stdout
	}
	progress := &progress{out: env.stderr}
	c.Progress = progress.show
	fmt.Fprintln(env.stdout, c)
	if _, err := c.Check(ctx); err != nil {
		return err
	}
	fmt.Fprintln(env.stdout, "hotspot check passed")
	if *email == "" && *site == "" {
		*email = "someone@example.org"
	}
	if *email != "" {
		_, err := c.Email(ctx, sim.Mail{To: strings.Split(*email, ","), Title: *title, Text: *text, Files: files})
		progress.end()
		if err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "e-mail to %s with %d files: sent\n", *email, len(files))
	}
	if *site != "" {
		_, err := c.Post(ctx, *site, *text, files...)
		progress.end()
		if err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "post to %s with %d files: sent\n", *site, len(files))
	}
	return nil
}

// filesFor returns the named files, or made-up photos of a camera.
func filesFor(m camera.Model, names []string, photos int, size int64) ([]sim.File, error) {
	var files []sim.File
	for _, name := range names {
		f, err := sim.FileFrom(name)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	for i := 0; len(names) == 0 && i < photos; i++ {
		f, err := sim.Photo{Model: m.ID, Taken: time.Now(), Size: size, Seed: uint64(time.Now().UnixNano()) + uint64(i)}.File()
		if err != nil {
			return nil, err
		}
		f.Name = fmt.Sprintf("SAM_%04d.JPG", i+1)
		files = append(files, f)
	}
	return files, nil
}

// progress shows how far a long upload has come, on a terminal.
type progress struct {
	out   io.Writer
	shown time.Time
}

func (p *progress) show(sent, total int64) {
	f, ok := p.out.(*os.File)
	if !ok || total < 1<<20 {
		return
	}
	if fi, err := f.Stat(); err != nil || fi.Mode()&os.ModeCharDevice == 0 {
		return
	}
	now := time.Now()
	if now.Sub(p.shown) < 200*time.Millisecond && sent < total {
		return
	}
	p.shown = now
	fmt.Fprintf(p.out, "\r%3d %% of %.1f MB ", 100*sent/total, float64(total)/1e6)
}

func (p *progress) end() {
	if !p.shown.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}
