package shell

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
	"snsbridge/src/store"
)

// testRig is a spool with a folder for photos and one for commands.
type testRig struct {
	*spooltest.Rig
	photos string
	dir    string
	*Command
}

// newRig makes a Command that runs script with these arguments.
func newRig(t testing.TB, script string, args ...string) *testRig {
	t.Helper()
	photos := t.TempDir()
	rig := &testRig{Rig: spooltest.New(t, filepath.Join(photos, ".spool")), photos: photos, dir: t.TempDir()}
	rig.script(script)
	rig.Command = &Command{
		Store: &store.Folder{Dir: photos, Template: "{date}", Spool: rig.Rig.Dir},
		Args:  append([]string{"./hook.sh"}, args...), Dir: rig.dir, Timeout: time.Minute,
	}
	return rig
}

func (rig *testRig) wantStored(want ...string) {
	rig.T.Helper()
	rig.WantFiles(rig.photos, want...)
}

func (rig *testRig) script(text string) {
	rig.T.Helper()
	if err := os.WriteFile(filepath.Join(rig.dir, "hook.sh"), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		rig.T.Fatal(err)
	}
}

// read returns what the script wrote.
func (rig *testRig) read(name string) string {
	rig.T.Helper()
	b, err := os.ReadFile(filepath.Join(rig.dir, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		rig.T.Fatal(err)
	}
	return string(b)
}

func (rig *testRig) wantRead(name, want string) {
	rig.T.Helper()
	if got := rig.read(name); got != want {
		rig.T.Errorf("%s:\n got %q\nwant %q", name, got, want)
	}
}

// wantClean tells whether the temporary folders are gone.
func (rig *testRig) wantClean() {
	rig.T.Helper()
	left, err := os.ReadDir(filepath.Join(rig.Rig.Dir, "tmp"))
	if err != nil || len(left) > 0 {
		rig.T.Errorf("left in the spool: %v %v", left, err)
	}
}

var (
	photoA = spooltest.Photo("A.JPG", "photo a")
	photoB = spooltest.Photo("B.JPG", "photo b")
	photoC = spooltest.Photo("C.JPG", "photo c")
)

func TestRuns(t *testing.T) {
	rig := newRig(t, `test -f "$3" || exit 1
[ "$(pwd -P)" = "$(cd "$(dirname "$0")" && pwd -P)" ] || exit 2
for a; do printf '[%s]' "$a"; done >> args
cat "$3" >> content
cat >> input
echo "took $3"`, "{sender}", "{recipient}", "{filename}", "{subject}")
	rig.Stdin = "To: {recipient}\n\n{body}\n."
	rig.Add(spool.Item{Sender: "x@example.org", Title: `$(id) "; '`, Text: "a\nb"},
		[]string{"me@example.org", "you@example.org"}, photoA, photoB)
	j := rig.Must(rig.Do)
	a, b := rig.photos+"/2026-07-14/A.JPG", rig.photos+"/2026-07-14/B.JPG"
	want, input := "", ""
	for _, to := range []string{"me@example.org", "you@example.org"} {
		for _, name := range []string{a, b} {
			want += fmt.Sprintf(`[x@example.org][%s][%s][$(id) "; ']`, to, name)
			input += "To: " + to + "\n\na\nb\n."
		}
	}
	rig.wantRead("args", want)
	rig.wantRead("content", "photo aphoto bphoto aphoto b")
	rig.wantRead("input", input)
	if want := fmt.Sprintf("took %s\ntook %s\ntook %s\ntook %s", a, b, a, b); j.Result != want {
		t.Errorf("result %q, want %q", j.Result, want)
	}
	rig.wantStored("2026-07-14/A.JPG=photo a", "2026-07-14/B.JPG=photo b")
	rig.wantClean()
}

func TestPost(t *testing.T) {
	rig := newRig(t, `printf '[%s]' "$@" >> args; cat >> input; readlink /proc/self/fd/0 >> input`, "{recipient}", "{number}", "{count}")
	rig.Add(spool.Item{Kind: spool.Post, Site: "facebook"}, nil, photoA, photoB)
	if j := rig.Must(rig.Do); j.Result != "2026-07-14/A.JPG, 2026-07-14/B.JPG" {
		t.Errorf("result of a silent command: %q", j.Result)
	}
	rig.wantRead("args", "[][1][2][][2][2]")
	rig.wantRead("input", "/dev/null\n/dev/null\n")
}

func TestInheritsNothing(t *testing.T) {
	t.Setenv("HOME", "/root-of-test")
	t.Setenv("SECRET_TOKEN", "hunter2")
	t.Setenv("PATH", "/evil:"+os.Getenv("PATH"))
	t.Setenv("LD_LIBRARY_PATH", "/evil")
	rig := newRig(t, "")
	rig.Args = []string{"env"}
	rig.Timeout = time.Minute
	rig.Add(spool.Item{Text: "a\nb"}, []string{"me@example.org"}, photoA)
	var names []string
	rig.Must(func(ctx context.Context, d *spool.Delivery) error {
		err := rig.Do(ctx, d)
		for line := range strings.Lines(d.Job.Result) {
			name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
			switch {
			case !ok: // the body's second line
			case name == "HOME" && value != "/root-of-test", name == "PATH" && value != "/usr/sbin:/usr/bin:/sbin:/bin",
				name == "TMPDIR" && filepath.Dir(value) != filepath.Join(rig.Rig.Dir, "tmp"):
				t.Errorf("%s=%s", name, value)
				fallthrough
			default:
				names = append(names, name)
			}
		}
		return err
	})
	want := []string{"PATH", "HOME", "TMPDIR", "LANG"}
	for _, w := range Words {
		want = append(want, "SNSBRIDGE_"+strings.ToUpper(strings.Trim(w, "{}")))
	}
	slices.Sort(names)
	slices.Sort(want)
	if !slices.Equal(names, want) {
		t.Errorf("environment\n got %q\nwant %q", names, want)
	}
}

func TestEnds(t *testing.T) {
	for _, c := range []struct {
		script string
		state  spool.State
		code   string
		text   string
		counts bool
		why    string
	}{
		{"echo fine", spool.Done, "", "", false, "success"},
		{"cat <&- >&- ; exit 0", spool.Done, "", "", false, "an input that is not read is no failure"},
		{"echo so bad >&2; exit 1", spool.Waiting, "exit", "hook.sh for A.JPG: exit status 1: so bad", true, "failed, with what it printed"},
		{"exit 75", spool.Waiting, "tempfail", "hook.sh for A.JPG: exit status 75", false, "asks for another attempt, without end"},
		{"no-such-program", spool.Waiting, "exit", "exit status 127", true, "127 is the script's own status"},
		{"kill -9 $$", spool.Waiting, "exit", "signal: killed", true, "as for lack of memory"},
		{`printf '\033[2J\377\n' >&2; exit 3`, spool.Waiting, "exit", "exit status 3:  [2J?", true, "no bytes that a terminal would obey"},
	} {
		rig := newRig(t, c.script)
		rig.Stdin = strings.Repeat("{body}", 10)
		rig.Add(spool.Item{Text: strings.Repeat("x", 30_000)}, nil, photoA)
		j := rig.Attempt(rig.Do)
		if j.State != c.state || j.Code != c.code || !strings.Contains(j.Error, c.text) {
			t.Errorf("%s\n got %s, %q, %q\nwant %s, %q, %q", c.why, j.State, j.Code, j.Error, c.state, c.code, c.text)
		}
		if got := j.Marks["failures"] == "1"; got != c.counts {
			t.Errorf("%s: failures %q", c.why, j.Marks["failures"])
		}
		if c.code == "exit" && j.Hint == "" {
			t.Errorf("%s: no hint", c.why)
		}
		rig.wantStored("2026-07-14/A.JPG=photo a")
		rig.wantClean()
	}
}

func TestGivesUpAndBeginsAnew(t *testing.T) {
	rig := newRig(t, "exit 1")
	id := rig.Add(spool.Item{}, nil, photoA)
	j := rig.Attempt(func(ctx context.Context, d *spool.Delivery) error {
		if err := d.Mark("failures", strconv.Itoa(failuresMax-2)); err != nil {
			return err
		}
		return rig.Do(ctx, d)
	})
	if j.State != spool.Waiting {
		t.Errorf("at failure %d the job is %s", failuresMax-1, j.State)
	}
	if j = rig.Attempt(rig.Do); j.State != spool.Failed {
		t.Errorf("at failure %d the job is %s", failuresMax, j.State)
	}
	if err := rig.Retry(id); err != nil {
		t.Fatal(err)
	}
	if j = rig.Attempt(rig.Do); j.State != spool.Waiting || j.Marks["failures"] != "1" {
		t.Errorf("after a person's retry the job is %s, failures %s", j.State, j.Marks["failures"])
	}
}

func TestRepeatsOnlyWhatFailed(t *testing.T) {
	rig := newRig(t, `echo "$1 $2" >> runs; echo "$1"; case "$(cat bad) " in *"$1 "*) exit 1;; esac`, "{number}", "{recipient}")
	bad := func(numbers string) {
		if err := os.WriteFile(filepath.Join(rig.dir, "bad"), []byte(numbers), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	rig.Add(spool.Item{}, []string{"a@x", "b@x"}, photoA, photoB, photoC)
	for i, c := range []struct{ bad, runs, result string }{
		{"2 3", "1 a@x 2 a@x 3 a@x 1 b@x 2 b@x 3 b@x", "1 1"}, // one failure keeps no other waiting
		{"2", "3 a@x 2 b@x 3 b@x 2 a@x", "1 1 3 3"},
		{"", "2 a@x 2 b@x", "1 1 3 3 2 2"},
	} {
		os.Remove(filepath.Join(rig.dir, "runs"))
		bad(c.bad)
		j := rig.Attempt(rig.Do)
		if got := strings.Join(strings.Fields(rig.read("runs")), " "); got != c.runs {
			t.Errorf("attempt %d runs %q, want %q", i+1, got, c.runs)
		}
		if strings.Join(strings.Fields(j.Result), " ") != c.result {
			t.Errorf("attempt %d: result %q, want %q", i+1, j.Result, c.result)
		}
		if want := spool.Waiting; c.bad != "" && j.State != want {
			t.Errorf("attempt %d: the job is %s", i+1, j.State)
		}
		if c.bad == "" && j.State != spool.Done {
			t.Errorf("attempt %d: the job is %s", i+1, j.State)
		}
	}
	rig.wantStored("2026-07-14/A.JPG=photo a", "2026-07-14/B.JPG=photo b", "2026-07-14/C.JPG=photo c")
}

// The program was gone after the last run, or in the middle of one.
func TestAfterACrash(t *testing.T) {
	rig := newRig(t, `echo x >> runs; ls "$TMPDIR"`)
	rig.Add(spool.Item{}, nil, photoA)
	rig.Must(func(ctx context.Context, d *spool.Delivery) error {
		left := filepath.Join(rig.Rig.Dir, "tmp", d.Item.ID+".test", "folder")
		if err := os.MkdirAll(left, 0o700); err != nil {
			return err
		}
		if err := rig.Do(ctx, d); err != nil {
			return err
		}
		if d.Job.Result != "2026-07-14/A.JPG" {
			t.Errorf("the command found in its folder %q", d.Job.Result)
		}
		if err := os.Remove(filepath.Join(rig.dir, "hook.sh")); err != nil {
			return err
		}
		return rig.Do(ctx, d)
	})
	rig.wantRead("runs", "x\n")
	rig.wantClean()
}

// Commands change their file, or take it away: neither is a reason for copies
// of it, and neither reaches what other targets will get.
func TestChangesItsFile(t *testing.T) {
	for _, c := range []struct {
		script string
		want   []string
		why    string
	}{
		{`printf ' changed' >> "$1"; test -e good`, []string{"2026-07-14/A.JPG=photo a changed changed changed"}, "in place"},
		{`printf x >> runs; mv "$1" moved || exit 2; test -e good`, nil, "moved away: stored again for the next attempt"},
	} {
		rig := newRig(t, c.script, "{filename}")
		id := rig.Add(spool.Item{}, nil, photoA)
		rig.Attempt(rig.Do)
		rig.Attempt(rig.Do)
		if err := os.WriteFile(filepath.Join(rig.dir, "good"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
		rig.Must(rig.Do)
		t.Log(c.why)
		rig.wantStored(c.want...)
		if c.want == nil {
			rig.wantRead("runs", "xxx")
			rig.wantRead("moved", "photo a")
		}
		it, err := rig.Get(id)
		if err != nil || it.Damaged != "" {
			t.Errorf("%s: the spool's item: %v %s", c.why, err, it.Damaged)
		}
	}
}

// The photo may be stored already, by a target that links it.
func TestBesideStore(t *testing.T) {
	rig := newRig(t, `printf changed > "$1"`, "{filename}")
	rig.Add(spool.Item{}, nil, photoA)
	rig.Attempt(func(ctx context.Context, d *spool.Delivery) error {
		if err := rig.Store.Do(ctx, d); err != nil {
			return err
		}
		err := rig.Do(ctx, d)
		b, rerr := os.ReadFile(filepath.Join(rig.Rig.Dir, d.Path(d.Item.Files[0])))
		if string(b) != "photo a" {
			t.Errorf("in the spool: %q %v", b, rerr)
		}
		return err
	})
	rig.wantStored("2026-07-14/A.JPG=changed")
}

// picture is the least that photo takes for a JPEG, with a comment that
// nobody but the owner is to see.
const (
	secret  = "37.2411,127.1775"
	picture = "\xff\xd8" + "\xff\xfe\x00\x12" + secret + "\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + "scan" + "\xff\xd9"
)

func TestPublic(t *testing.T) {
	private := spooltest.Photo("SAM_0042.JPG", picture)
	rig := newRig(t, `cat "$1" > seen; echo "$1" "$SNSBRIDGE_FILENAME"`, "{filename}")
	rig.Public = true
	rig.Add(spool.Item{}, nil, private)
	j := rig.Must(rig.Do)
	seen := rig.read("seen")
	if len(seen) != len(picture) || strings.Contains(seen, secret) {
		t.Errorf("the command got %d bytes of %d, with the position: %v", len(seen), len(picture), strings.Contains(seen, secret))
	}
	names := strings.Fields(j.Result)
	if len(names) != 2 || names[0] != names[1] || !strings.HasPrefix(names[0], rig.Rig.Dir+"/") || filepath.Base(names[0]) != "SAM_0042.JPG" {
		t.Errorf("the command was told %q", names)
	}
	rig.wantStored("2026-07-14/SAM_0042.JPG=" + picture)
	rig.wantClean()

	// A file of which there is no public copy keeps no other waiting.
	os.Remove(filepath.Join(rig.dir, "seen"))
	rig.Add(spool.Item{}, nil, photoA, private)
	if j = rig.Attempt(rig.Do); j.State != spool.Failed || j.Code != "private" || j.Hint == "" {
		t.Errorf("a file without a public copy: %+v", j)
	}
	if rig.read("seen") == "" {
		t.Error("the other file was not sent")
	}
	rig.wantClean()
}

func TestTimeLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ script, why string }{
		{`exec 9> alive; trap '' TERM; (trap '' TERM; sleep 600) & while :; do sleep 600; done`, "deaf, and so is its child"},
		{`exec 9> alive; sleep 600 & sleep 600`, "with a child that keeps the output open"},
		{`exec 9> alive; sleep 600 >/dev/null 2>&1 & trap 'echo interrupted; exit 0' TERM; while :; do wait; done`, "says that it succeeded"},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			rig := newRig(t, c.script)
			rig.Timeout = 5 * time.Second // in which the shell gets as far as to be deaf
			gone := rig.pipe("alive")
			rig.Add(spool.Item{}, nil, photoA)
			j := rig.Attempt(rig.Do)
			if j.State != spool.Waiting || j.Code != "timeout" || !strings.Contains(j.Error, "5s") || j.Marks["failures"] != "1" {
				t.Errorf("%+v", j)
			}
			if strings.Contains(c.script, "interrupted") && !strings.HasSuffix(j.Error, ": interrupted") {
				t.Errorf("was not asked to end: %s", j.Error)
			}
			wantGone(t, gone)
			rig.wantClean()
		})
	}
}

// wantGone fails if somebody still has a pipe open after a while: one of the
// command's group lives.
func wantGone(t *testing.T, gone <-chan struct{}) {
	t.Helper()
	select {
	case <-gone:
	case <-time.After(time.Minute):
		t.Error("a process that the command had started lives, or it never began")
	}
}

// pipe makes a named pipe in the script's folder. The channel is closed when
// it was opened for writing, and nobody has it open any more.
func (rig *testRig) pipe(name string) <-chan struct{} {
	rig.T.Helper()
	name = filepath.Join(rig.dir, name)
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		rig.T.Fatal(err)
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if _, err := os.ReadFile(name); err != nil {
			rig.T.Error(err)
		}
	}()
	return gone
}

func TestLeavesNothingRunning(t *testing.T) {
	rig := newRig(t, `exec 9> alive; sleep 600 & echo started`)
	gone := rig.pipe("alive")
	rig.Add(spool.Item{}, nil, photoA)
	if j := rig.Must(rig.Do); j.Result != "started" {
		t.Errorf("result %q", j.Result)
	}
	wantGone(t, gone)
}

func TestStops(t *testing.T) {
	rig := newRig(t, `exec 9> alive; echo started > begun; sleep 600`)
	begun, gone := rig.pipe("begun"), rig.pipe("alive")
	rig.Add(spool.Item{}, nil, photoA, photoB)
	rig.Attempt(func(ctx context.Context, d *spool.Delivery) error {
		ctx, cancel := context.WithCancel(ctx)
		go func() { <-begun; cancel() }()
		err := rig.Do(ctx, d)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want that of the context", err)
		}
		if _, ok := d.Marked("failures"); ok {
			t.Error("to be stopped was counted as a failure")
		}
		return err
	})
	wantGone(t, gone)
}

// A photo with which a command hangs keeps no other waiting for ever.
func TestGoesOnBehindWhatHangs(t *testing.T) {
	t.Parallel()
	rig := newRig(t, `[ "$1" != 1 ] || sleep 600`, "{number}")
	rig.Timeout = 4 * time.Second
	rig.Add(spool.Item{}, nil, photoA, photoB, photoC)
	for _, c := range []struct {
		ran int
		why string
	}{
		{0, "all could hang: the first that does ends the attempt"},
		{2, "the next attempt begins behind it"},
	} {
		j := rig.Attempt(rig.Do)
		ran := 0
		for step := range j.Marks {
			if strings.HasPrefix(step, "ran ") {
				ran++
			}
		}
		if ran != c.ran || j.Code != "timeout" {
			t.Errorf("%s: %d have run, %+v", c.why, ran, j)
		}
	}
}

func TestSeveralFailures(t *testing.T) {
	pic := spooltest.Photo("P.JPG", picture)
	for _, c := range []struct {
		script string
		files  []spooltest.File
		state  spool.State
		code   string
		why    string
	}{
		{"exit $1", []spooltest.File{pic, photoA}, spool.Waiting, "exit", "what can be tried again goes before what cannot"},
		{"exit $1", []spooltest.File{photoA, pic}, spool.Waiting, "exit", "in any order"},
		{"exit $((1 + 74 * ($1 % 2)))", []spooltest.File{pic, pic}, spool.Waiting, "tempfail", "one asks for patience"},
		{"exit $((1 + 74 * ($1 / 2)))", []spooltest.File{pic, pic}, spool.Waiting, "tempfail", "in any order"},
		{"exit 0", []spooltest.File{photoA, pic}, spool.Failed, "private", "nothing is left that could be tried again"},
	} {
		rig := newRig(t, c.script, "{number}")
		rig.Public = true
		rig.Add(spool.Item{}, nil, c.files...)
		if j := rig.Attempt(rig.Do); j.State != c.state || j.Code != c.code {
			t.Errorf("%s: %s, %s, want %s, %s", c.why, j.State, j.Code, c.state, c.code)
		}
	}
}

func TestOutput(t *testing.T) {
	rig := newRig(t, `yes 'a line of sixteen' | head -c 1073741824; echo; echo the end`)
	rig.Add(spool.Item{}, nil, photoA)
	rig.Must(func(ctx context.Context, d *spool.Delivery) error {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := rig.Do(ctx, d)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 2<<20 {
			t.Errorf("1 GiB of output took %d bytes of memory", used)
		}
		if n := len(d.Job.Result); n > 4<<10 || n < 4000 || !strings.HasSuffix(d.Job.Result, "\nthe end") {
			t.Errorf("%d bytes are kept, which end with %q", n, d.Job.Result[max(0, n-20):])
		}
		return err
	})
}

func TestNotUsable(t *testing.T) {
	for _, c := range []struct {
		why     string
		prepare func(*testRig)
		hint    string
	}{
		{"no command", func(r *testRig) { r.Args = nil }, "Set CMD"},
		{"not there", func(r *testRig) { r.Args[0] = "./no.sh" }, "Correct CMD"},
		{"not there, by an absolute path", func(r *testRig) { r.Args[0] = "/hook.sh" }, "Correct CMD"},
		{"nowhere on the path", func(r *testRig) { r.Args[0] = "no-such-program" }, "Correct CMD"},
		{"not executable", func(r *testRig) { os.Chmod(filepath.Join(r.dir, "hook.sh"), 0o644) }, "chmod +x"},
		{"not executable, by its name", func(r *testRig) { os.Chmod(filepath.Join(r.dir, "hook.sh"), 0o644); r.Args[0] = "hook.sh" }, "chmod +x"},
		{"a folder", func(r *testRig) { r.Args[0] = "." }, "chmod +x"},
		{"no folder to run in", func(r *testRig) { r.Command.Dir += "/gone"; r.Args[0] = "/bin/true" }, "Make it again"},
		{"text in a shell's script", func(r *testRig) { r.Args = []string{"sh", "-c", "echo {subject}"} }, `"$SNSBRIDGE_SUBJECT"`},
	} {
		rig := newRig(t, "")
		c.prepare(rig)
		rig.Add(spool.Item{Title: "x"}, nil, photoA)
		rig.Attempt(rig.Do)
		for _, err := range []error{rig.Check(t.Context()), rig.Err} {
			var e *spool.Error
			if !errors.As(err, &e) || e.Kind != spool.Account || !strings.Contains(e.Hint, c.hint) {
				t.Errorf("%s: %#v, want one of the account with the hint %q", c.why, err, c.hint)
			}
		}
		rig.wantStored("2026-07-14/A.JPG=photo a")
	}
}

// Some of it only shows when the command is started.
func TestNotStarted(t *testing.T) {
	for _, c := range []struct{ content, why string }{
		{"#!/no/such/interpreter\n", "OpenWrt has no bash"},
		{"echo without a first line\n", "no first line"},
	} {
		rig := newRig(t, "")
		if err := os.WriteFile(filepath.Join(rig.dir, "hook.sh"), []byte(c.content), 0o755); err != nil {
			t.Fatal(err)
		}
		rig.Add(spool.Item{}, nil, photoA)
		rig.Attempt(rig.Do)
		var e *spool.Error
		if !errors.As(rig.Err, &e) || e.Kind != spool.Account || !strings.Contains(e.Hint, "#!/bin/sh") {
			t.Errorf("%s: %#v, want one of the account with a hint", c.why, rig.Err)
		}
		rig.wantClean()
	}
}

func TestFindsItsCommand(t *testing.T) {
	rig := newRig(t, "echo mine")
	for _, c := range []struct{ name, want, why string }{
		{"./hook.sh", rig.dir + "/hook.sh", "as seen from Dir"},
		{rig.dir + "/hook.sh", rig.dir + "/hook.sh", "absolute"},
		{"hook.sh", rig.dir + "/hook.sh", "a bare name may be in Dir too"},
		{"env", "/usr/bin/env", "or in the system's folders"},
	} {
		rig.Args = []string{c.name}
		if err := rig.Check(t.Context()); err != nil {
			t.Errorf("%s: %v", c.why, err)
		}
		if got, err := rig.program(); err != nil || got != c.want {
			t.Errorf("%s: %q, %v, want %q", c.why, got, err, c.want)
		}
	}
	rig.Store.Dir += "/gone"
	if err := rig.Check(t.Context()); err == nil {
		t.Error("a photo folder that is not there is fine")
	}
}

func TestStepsAreShortAndDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, to := range []string{"", "a@x", "b@x", strings.Repeat("&", 320)} {
		for n := range 64 {
			step := run{number: n, to: to}.step("ran")
			if len(step) > 25 || seen[step] {
				t.Errorf("step %q has %d bytes, or is there twice", step, len(step))
			}
			seen[step] = true
		}
	}
}

func TestBegun(t *testing.T) {
	r := run{number: 1}
	for step, want := range map[string]bool{failures: false, r.step("at"): true, r.step("ran"): true} {
		if got := Begun(spool.Job{Marks: map[string]string{step: "x"}}); got != want {
			t.Errorf("%q: begun is %v", step, got)
		}
	}
}
