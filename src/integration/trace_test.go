//go:build integration

package integration

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"snsbridge/src/sim"
)

// traced is what the program asked of the system, as strace saw it.
type traced struct {
	root  string // what all files and folders are below
	calls []call
}

// call is one that did not fail. Names are below the root.
type call struct {
	begun, ended int      // place among all beginnings and ends
	name         string   // as in the manual, without "at"
	file         string   // what it is about; for a rename or link: what it was called
	to           string   // for a rename or link: what it is called then
	data         []byte   // written
	fd           string   // number of the open file
	flags        []string // of open
}

// touching are the calls that change files and folders or make them safe, and
// those that could answer a camera. Who begins to use others adds them here.
const touching = "openat,close,mkdirat,renameat,renameat2,linkat,symlinkat,unlinkat,ftruncate,fallocate," +
	"write,writev,pwrite64,pwritev,sendfile,splice,copy_file_range,sendto,fsync,fdatasync,syncfs,sync,sync_file_range,fchmodat,fchownat"

// trace runs a bridge under strace, sends to it, and has it stopped when all
// is in the photo folder.
func trace(t *testing.T, b *bridge) (*traced, *ledger) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "trace")
	b.runner = []string{"strace", "-D", "-f", "-y", "-xx", "-s", "1000000", "--seccomp-bpf", "-o", out, "-e", "trace=" + touching}
	d := b.start(t)
	l := newLedger()
	sendBoth(t, d, l)
	eventually(t, func() error { return l.arrived(b.photos) })
	d.quiet(t)
	d.stop()
	b.runner = nil
	tr := &traced{root: filepath.Dir(b.file)}
	eventually(t, func() error { // strace may still be writing
		text, err := os.ReadFile(out)
		if err == nil && !bytes.Contains(text, []byte("+++ exited with 0 +++\n")) {
			err = os.ErrNotExist
		}
		return err
	})
	tr.read(t, out)
	return tr, l
}

var (
	beginning = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
	returned  = regexp.MustCompile(`^(.*)\) +=  *(.*)$`)
	resumed   = regexp.MustCompile(`^(\d+) +<\.\.\. \w+ resumed>(.*)$`)
)

func (tr *traced) read(t *testing.T, file string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	type half struct {
		begun      int
		name, text string
	}
	halves := map[string]half{} // by thread
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 16<<20)
	for n := 0; lines.Scan(); n++ {
		line := lines.Text()
		if m := resumed.FindStringSubmatch(line); m != nil {
			h := halves[m[1]]
			delete(halves, m[1])
			tr.add(t, h.begun, n, h.name, h.text+m[2])
		} else if m := beginning.FindStringSubmatch(line); m != nil {
			if text, cut := strings.CutSuffix(m[3], " <unfinished ...>"); cut {
				halves[m[1]] = half{n, m[2], text}
			} else {
				tr.add(t, n, n, m[2], m[3])
			}
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// add takes in a call: "ARGUMENT, ARGUMENT) = RESULT".
func (tr *traced) add(t *testing.T, begun, ended int, name, text string) {
	t.Helper()
	m := returned.FindStringSubmatch(text)
	if m == nil || strings.HasPrefix(m[2], "-1 ") || strings.HasPrefix(m[2], "?") {
		return
	}
	args, result := m[1], m[2]
	c := call{begun: begun, ended: ended, name: strings.TrimSuffix(strings.TrimSuffix(name, "2"), "at")}
	arg := strings.Split(args, ", ")
	fd, first := opened(arg[0])
	switch name {
	case "openat":
		c.fd, c.file = opened(result)
		c.flags = strings.Split(arg[2], "|")
	case "mkdirat", "unlinkat":
		c.file = at(first, arg[1])
	case "renameat", "renameat2", "linkat":
		_, second := opened(arg[2])
		c.file, c.to = at(first, arg[1]), tr.below(at(second, arg[3]))
	case "write", "sendto":
		c.fd, c.file, c.data = fd, first, []byte(quoted(arg[1]))
	case "fsync", "fdatasync", "close":
		c.fd, c.file = fd, first
	default:
		if tr.below(first) != "" {
			t.Fatalf("what does it do with %s? %s", first, name)
		}
		return
	}
	if c.file = tr.below(c.file); c.file != "" || c.answers() {
		tr.calls = append(tr.calls, c)
	}
}

// below returns a name without the root's, "." for the root itself, and "" for
// what is elsewhere.
func (tr *traced) below(name string) string {
	if name == tr.root {
		return "."
	}
	rel, ok := strings.CutPrefix(name, tr.root+"/")
	if !ok || strings.HasPrefix(filepath.Base(name), "control.sock") { // no file
		return ""
	}
	return rel
}

// answers tells whether it is an answer by which a camera hears success.
func (c call) answers() bool {
	return c.file == "" && heardSuccess(sim.Answer{Status: 200, Raw: c.data})
}

// opened takes "5</a/b>" to pieces.
func opened(arg string) (fd, name string) {
	fd, name, _ = strings.Cut(arg, "<")
	return fd, unhex(strings.TrimSuffix(name, ">"))
}

func quoted(arg string) string { return unhex(strings.Trim(arg, `"`)) }

// at is a name in an open folder, unless it begins with a slash.
func at(folder, arg string) string {
	if name := quoted(arg); !filepath.IsAbs(name) {
		return filepath.Join(folder, name)
	}
	return quoted(arg)
}

// unhex reads "\x61\x62".
func unhex(s string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(s, `\x`, ""))
	if err != nil {
		return s
	}
	return string(b)
}

// sentBoth are the photos that cameras hear success of by the first answer, by
// the second, and so on, when sendBoth sends them.
var sentBoth = [][]string{{"SAM_0001.JPG", "SAM_0002.JPG"}, {"SAM_0003.JPG"}, {"SAM_0004.JPG"}}

// sendBoth sends an e-mail of two photos, and a post of two.
func sendBoth(t *testing.T, d *daemon, l *ledger) {
	c := cameraAt(t, d, "NX300", 2)
	var files []sim.File
	for _, names := range sentBoth {
		for _, name := range names {
			files = append(files, photo(t, name, 0, uint64(5*len(files)))) // of one day
		}
	}
	l.begin(files...)
	if _, err := c.Email(t.Context(), mail(files[:2]...)); err != nil {
		t.Fatal(err)
	}
	session, err := c.Login(t.Context(), "facebook")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files[2:] {
		if _, err := session.Photo(t.Context(), f, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := session.Logout(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.success(files...)
}
