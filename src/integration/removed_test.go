//go:build integration

package integration

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRemoved leaves behind what power cuts leave, and looks at how the program
// removes it, and all else that it removes or replaces: it holds it open until
// the name is gone from the disk. Else FAT gives the bytes to the next photo
// while a name on the disk still leads to them, and with the removal of that
// name, after a power cut, the photo would be gone.
func TestRemoved(t *testing.T) {
	b := newBridge(t).elsewhere(t, `KEEP_DONE = "0 s"`)
	d := b.start(t)
	c := cameraAt(t, d, "NX300", 2)
	if out, err := b.command("pause", "--config", b.file, "store").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := c.Email(t.Context(), mail(photo(t, sentBoth[0][0], 0, 0))); err != nil {
		t.Fatal(err)
	}
	d.stop()
	left := leave(t, b)
	if err := os.Remove(b.spool + "/paused.json"); err != nil {
		t.Fatal(err)
	}
	tr, _ := trace(t, b)
	removed := tr.find(func(c call) bool { return c.name == "unlink" })
	for _, name := range left {
		name = tr.below(name)
		if !slices.ContainsFunc(removed, func(c call) bool { return c.file == name || path.Base(c.file) == path.Base(name) }) {
			t.Errorf("%s is not removed", name)
		}
	}
	for _, c := range removed {
		if err := tr.held(c, c.file); err != nil {
			t.Error(err)
		}
	}
	for _, c := range tr.find(func(c call) bool { return c.name == "rename" }) {
		if before := tr.named(func(_, to string) bool { return to == c.to }, c); len(before) > 0 {
			if err := tr.held(c, c.to); err != nil {
				t.Error(err)
			}
		}
	}
	if t.Failed() {
		t.Log(tr)
	}
}

// leave leaves behind, beside the item that waits, what power cuts do.
func leave(t *testing.T, b *bridge) (names []string) {
	t.Helper()
	items, err := filepath.Glob(b.spool + "/items/*")
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	record, err := os.ReadFile(items[0] + "/item.json")
	if err != nil {
		t.Fatal(err)
	}
	id := path.Base(items[0])
	day := filepath.Join(b.photos, "2013-07-01")
	for name, content := range map[string][]byte{
		b.spool + "/seq.new":                         []byte("1\n"),
		items[0] + "/item.json.new":                  record[:100],
		items[0] + "/02-SAM_0008.JPG":                []byte("not in the record"),
		b.spool + "/tmp/000900-beef/01-SAM_0010.JPG": []byte("half"),
		b.spool + "/tmp/000901-beef.gone/item.json":  record,
		b.spool + "/items/000902-beef/":              nil,
		day + "/.snsbridge-" + id + ".store.part":    []byte("half"),
	} {
		err := os.MkdirAll(filepath.Dir(name), 0o700)
		if err == nil && content != nil {
			err = os.WriteFile(name, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, strings.TrimSuffix(name, "/"))
	}
	return names
}

// held wants what has a name to be open when a call takes the name from it, and
// until the folder is synced after that. What has no bytes need not be.
func (tr *traced) held(c call, name string) error {
	synced, err := tr.synced(path.Dir(name), c)
	if err != nil {
		return err
	}
	for _, open := range tr.find(func(o call) bool { return o.name == "open" && o.file == name && o.ended < c.begun }) {
		closes := tr.find(func(x call) bool { return x.name == "close" && x.fd == open.fd && x.begun > open.ended })
		if len(closes) == 0 || closes[0].begun > synced.ended {
			return nil
		}
	}
	return fmt.Errorf("%s %s %s: nobody has %s open until the folder is synced", c.name, c.file, c.to, name)
}
