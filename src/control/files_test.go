package control

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"snsbridge/src/spool"
)

// album writes a draft with four photos, of which each has a text.
func album(t *testing.T, r *rig, marks map[string]string) (id string) {
	t.Helper()
	it := spool.Item{ID: "000050-0050", Kind: spool.Post, Jobs: []spool.Job{
		{Target: "mastodon.pub", State: spool.Draft, Marks: marks}, {Target: "store", State: spool.Done, Marks: map[string]string{"stored": "x"}},
	}}
	for _, name := range []string{"a", "b", "c", "d"} {
		it.Files = append(it.Files, spool.File{Name: name, Path: name, Size: 1, Alt: "text of " + name})
	}
	r.write(t, it)
	if err := r.Spool.Recover(func(*spool.Item) {}); err != nil {
		t.Fatal(err)
	}
	return it.ID
}

func names(it Item) string {
	var s strings.Builder
	for _, f := range it.Files {
		s.WriteString(f.Name)
	}
	return s.String()
}

func TestOrderAndRemove(t *testing.T) {
	for _, c := range []struct {
		reason string
		edit   Edit
		want   string // "": it is refused
		says   string
	}{
		{"another order", Edit{Order: []int{3, 1, 4, 2}}, "cadb", ""},
		{"one is taken out", Edit{Remove: []int{2}}, "acd", ""},
		{"both at once", Edit{Order: []int{4, 1}, Remove: []int{3, 2}}, "da", ""},
		{"numbers are those of before", Edit{Remove: []int{1}, Alts: map[int]string{2: "text of b, longer"}}, "bcd", ""},
		{"a photo that the page did not know of", Edit{Order: []int{1, 2, 3}}, "", "names 3 of 4"},
		{"kept and removed", Edit{Order: []int{1, 2, 3, 4}, Remove: []int{4}}, "", "file 4 is named twice"},
		{"twice in the order", Edit{Order: []int{1, 2, 2, 4}}, "", "file 2 is named twice"},
		{"no such photo", Edit{Remove: []int{5}}, "", "no file number 5"},
		{"none before the first", Edit{Order: []int{0, 1, 2, 3}}, "", "no file number 0"},
		{"all of them", Edit{Remove: []int{1, 2, 3, 4}}, "", "nothing would be left"},
	} {
		r := newRig(t)
		id := album(t, r, nil)
		c.edit.Still = true
		it, err := r.client.Edit(context.Background(), id, c.edit)
		var e *Error
		switch {
		case c.want == "":
			if !errors.As(err, &e) || e.Code != "request" || !strings.Contains(e.Message, c.says) || e.Hint == "" {
				t.Errorf("%s: got %#v, want %q", c.reason, err, c.says)
			}
			it, err = r.client.Show(context.Background(), id)
			c.want = "abcd"
			fallthrough
		default:
			if err != nil || names(it) != c.want {
				t.Errorf("%s: got %s, %v; want %s", c.reason, names(it), err, c.want)
			}
		}
		for i, f := range it.Files {
			if f.Number != i+1 || f.Path != f.Name || !strings.HasPrefix(f.Alt, "text of "+f.Name) {
				t.Errorf("%s: file %d is %+v", c.reason, i+1, f)
			}
		}
		for _, name := range []string{"a", "b", "c", "d"} {
			_, err := os.Stat(filepath.Join(r.dir, "items", id, name))
			if (err == nil) != strings.Contains(c.want, name) {
				t.Errorf("%s: on disk is %s: %v", c.reason, name, err == nil)
			}
		}
	}
}

// What is half at a server stays as it was begun.
func TestOrderOfWhatWasBegun(t *testing.T) {
	r := newRig(t)
	id := album(t, r, map[string]string{"posting 1": "now"})
	for _, e := range []Edit{{Remove: []int{1}}, {Order: []int{2, 1, 3, 4}}} {
		if _, err := r.client.Edit(context.Background(), id, e); err == nil || !strings.Contains(err.Error(), "has been sent to mastodon.pub") {
			t.Errorf("%+v: got %v", e, err)
		}
	}
	r.Begun = func(j spool.Job) bool { return !maps.Equal(j.Marks, map[string]string{"posting 1": "now"}) }
	if it, err := r.client.Edit(context.Background(), id, Edit{Remove: []int{1}}); err != nil || names(it) != "bcd" {
		t.Errorf("got %s, %v; want what is left", names(it), err)
	}
}

// To delete a photo is not to send the others, nor to hold them.
func TestStill(t *testing.T) {
	r := newRig(t)
	id := album(t, r, nil)
	it, err := r.client.Edit(context.Background(), id, Edit{Remove: []int{1}, Still: true})
	if err != nil || it.Jobs[0].State != "draft" || it.Jobs[0].Code != "held" {
		t.Errorf("got %+v, %v; want a draft that is complete and is kept", it.Jobs, err)
	}
	it, err = r.client.Edit(context.Background(), "000002-0002", Edit{Title: &id, Still: true})
	if err != nil || it.Jobs[0].State != "waiting" || it.Jobs[0].Attempts != 3 {
		t.Errorf("got %+v, %v; want what waits to wait", it.Jobs, err)
	}
}

func TestLimits(t *testing.T) {
	r := newRig(t)
	for _, c := range []struct {
		target string
		want   Limits
	}{
		{"mastodon.pub", Limits{true, 500, 1500, 4}},
		{"store", Limits{}},
	} {
		var got Limits
		if err := r.client.call(context.Background(), "GET", "/targets/"+c.target+"/limits", nil, &got); err != nil || got != c.want {
			t.Errorf("%s: got %+v, %v; want %+v", c.target, got, err, c.want)
		}
	}
	if err := r.client.call(context.Background(), "GET", "/targets/fax/limits", nil, nil); err == nil || !strings.Contains(err.Error(), "fax") {
		t.Errorf("a target that there is not: %v", err)
	}
	r.Limits = nil
	var got Limits
	if err := r.client.call(context.Background(), "GET", "/targets/store/limits", nil, &got); err != nil || got != (Limits{}) {
		t.Errorf("where nothing is known: %+v, %v", got, err)
	}
}
