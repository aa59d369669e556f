//go:build integration

package integration

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// TestOrder looks at what the program asks of the system: the bytes of a photo
// and of its record are safe before they get their names, the names are safe
// before a camera hears success, and what is in the photo folder is safe
// before the job is noted as done. Each rename is followed by syncs of the
// folder that the old name is in, of that of the new one, and of what was
// renamed, since FAT needs all of them: a file comes last, and a folder before
// the one that it is in.
func TestOrder(t *testing.T) {
	for name, b := range map[string]*bridge{
		"spool below the photos": newBridge(t),
		"spool elsewhere":        newBridge(t).elsewhere(t),
	} {
		t.Run(name, func(t *testing.T) {
			tr, l := trace(t, b)
			answers := tr.find(call.answers)
			if len(answers) != 4 { // that to the logout is the last
				t.Fatalf("%d answers of success, want 4", len(answers))
			}
			for n, names := range sentBoth {
				for _, name := range names {
					if err := tr.accepted(name, tr.below(b.spool)+"/tmp/", answers[n]); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
			for name := range l.heard {
				if err := tr.stored(name, tr.below(b.photos)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			for _, name := range []string{"phone.json", "seq", "item.json"} {
				if err := tr.replaced(name); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			if t.Failed() {
				t.Log(tr)
			}
		})
	}
}

func (tr *traced) String() string {
	var b strings.Builder
	for _, c := range tr.calls {
		if c.name != "close" && (c.name != "open" || slices.Contains(c.flags, "O_CREAT")) {
			fmt.Fprintf(&b, "%d-%d %s %s %s %d bytes\n", c.begun, c.ended, c.name, c.file, c.to, len(c.data))
		}
	}
	return b.String()
}

func (tr *traced) find(match func(call) bool) (found []call) {
	for _, c := range tr.calls {
		if match(c) {
			found = append(found, c)
		}
	}
	return found
}

// chain wants each call to end before the next begins.
func chain(steps ...call) error {
	for i, c := range steps[1:] {
		if before := steps[i]; before.ended >= c.begun {
			return fmt.Errorf("%s %s %s does not end before %s %s %s begins", before.name, before.file, before.to, c.name, c.file, c.to)
		}
	}
	return nil
}

// named returns the calls before another that gave something a new name.
func (tr *traced) named(match func(from, to string) bool, before call) (renames []call) {
	return tr.find(func(c call) bool {
		return (c.name == "rename" || c.name == "link") && match(c.file, c.to) && c.begun < before.begun
	})
}

// synced returns the first sync of a file or folder after a call.
func (tr *traced) synced(name string, after call) (call, error) {
	all := tr.find(func(c call) bool { return c.name == "fsync" && c.file == name && c.begun > after.ended })
	if len(all) == 0 {
		return call{}, fmt.Errorf("%s is never synced after %s %s %s", name, after.name, after.file, after.to)
	}
	return all[0], nil
}

// settled returns the last of the syncs that make a rename durable.
func (tr *traced) settled(rename call) (last call, err error) {
	last = rename
	order := []string{path.Dir(rename.file), path.Dir(rename.to), rename.to}
	if tr.folder(rename.file) { // its name comes to the disk with its place
		order = []string{path.Dir(rename.file), rename.to, path.Dir(rename.to)}
	}
	for _, name := range order {
		if name == last.file {
			continue // the rename was within one folder
		}
		if last, err = tr.synced(name, last); err != nil {
			return call{}, err
		}
	}
	return last, nil
}

// folder tells whether a name is that of a folder.
func (tr *traced) folder(name string) bool {
	return len(tr.find(func(c call) bool { return c.name == "mkdir" && c.file == name })) > 0
}

// written returns the last write to a file.
func (tr *traced) written(match func(name string) bool, before call) (call, error) {
	all := tr.find(func(c call) bool { return c.name == "write" && match(c.file) && c.begun < before.begun })
	if len(all) == 0 {
		return call{}, fmt.Errorf("no write to it")
	}
	return all[len(all)-1], nil
}

// replaced wants, for each time that a file takes another's place,
// fsync(file) < rename < fsync(folder) < fsync(file) < the next rename in that
// folder.
func (tr *traced) replaced(name string) error {
	renames := tr.find(func(c call) bool { return c.name == "rename" && path.Base(c.to) == name })
	if len(renames) == 0 {
		return fmt.Errorf("nothing takes its place")
	}
	for _, rename := range renames {
		last, err := tr.written(func(name string) bool { return name == rename.file }, rename)
		if err != nil {
			return err
		}
		bytes, err := tr.synced(rename.file, last)
		if err != nil {
			return err
		}
		settled, err := tr.settled(rename)
		if err != nil {
			return err
		}
		steps := []call{last, bytes, rename, settled}
		if later := tr.find(func(c call) bool {
			return c.name == "rename" && path.Dir(c.to) == path.Dir(rename.to) && c.begun > rename.ended
		}); len(later) > 0 {
			steps = append(steps, later[0])
		}
		if err := chain(steps...); err != nil {
			return err
		}
	}
	return nil
}

// accepted wants, for a photo and then for the record that lists it,
// fsync(file) < rename < fsync(old folder) < fsync(new folder, file) < answer.
func (tr *traced) accepted(photo, tmp string, answer call) error {
	last, err := tr.written(func(name string) bool {
		return strings.HasPrefix(name, tmp) && strings.HasSuffix(name, "-"+photo)
	}, answer)
	if err != nil {
		return err
	}
	received := path.Dir(last.file) // TMP/ID
	renames := tr.named(func(from, _ string) bool { return from == received || from == last.file }, answer)
	if len(renames) != 1 {
		return fmt.Errorf("%d renames of it or its folder before the answer", len(renames))
	}
	rename := renames[0]
	bytes, err := tr.synced(last.file, last)
	if err != nil {
		return err
	}
	settled, err := tr.settled(rename)
	if err != nil {
		return err
	}
	if err := chain(last, bytes, rename, settled, answer); err != nil {
		return err
	}
	// The record: below the folder that is renamed then, or where the file went.
	home := received
	if rename.file == last.file {
		home = path.Dir(rename.to)
	}
	var record call
	for _, c := range tr.find(func(c call) bool {
		return c.name == "write" && path.Dir(c.file) == home && strings.Contains(string(c.data), photo) && c.begun < answer.begun
	}) {
		record = c
	}
	if record.file == "" {
		return fmt.Errorf("no record in %s before the answer", home)
	}
	renames = tr.named(func(from, to string) bool { return from == record.file && path.Base(to) == "item.json" }, answer)
	if len(renames) == 0 {
		return fmt.Errorf("the record %s gets no name", record.file)
	}
	renamed := renames[len(renames)-1]
	if bytes, err = tr.synced(record.file, record); err != nil {
		return err
	}
	if settled, err = tr.settled(renamed); err != nil {
		return err
	}
	if home == received {
		return chain(record, bytes, renamed, settled, rename, answer)
	}
	return chain(record, bytes, renamed, settled, answer)
}

// stored wants, for a photo in the photo folder, fsync(file) < its name there
// < fsync(folder and those above) < fsync(file) < the record that says so.
func (tr *traced) stored(photo, photos string) error {
	last := tr.calls[len(tr.calls)-1]
	names := tr.named(func(_, to string) bool {
		return path.Base(to) == photo && path.Dir(path.Dir(to)) == photos
	}, last)
	if len(names) != 1 {
		return fmt.Errorf("it gets %d names in the photo folder", len(names))
	}
	name := names[0]
	noted := tr.find(func(c call) bool {
		return c.name == "write" && path.Base(c.file) == "item.json.new" && strings.Contains(string(c.data), photo) &&
			strings.Contains(string(c.data), `"state": "done"`)
	})
	if len(noted) == 0 {
		return fmt.Errorf("nothing says that it is done")
	}
	for dir := path.Dir(name.to); ; dir = path.Dir(dir) {
		folder, err := tr.synced(dir, name)
		if err != nil {
			return err
		}
		file, err := tr.synced(name.to, folder)
		if err != nil {
			return err
		}
		if err := chain(name, folder, file, noted[0]); err != nil {
			return err
		}
		if dir == photos {
			break
		}
	}
	if name.name == "link" {
		return nil // its bytes were safe before it was accepted
	}
	if !strings.HasPrefix(path.Base(name.file), ".") {
		return fmt.Errorf("people can see %s while it is copied", name.file)
	}
	write, err := tr.written(func(n string) bool { return n == name.file }, name)
	if err != nil {
		return err
	}
	bytes, err := tr.synced(name.file, write)
	if err != nil {
		return err
	}
	return chain(write, bytes, name)
}
