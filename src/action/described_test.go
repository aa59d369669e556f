package action

import (
	"errors"
	"testing"

	"snsbridge/src/spool"
)

func TestDescribed(t *testing.T) {
	some := []spool.File{{Alt: "a"}, {Alt: ""}}
	for _, c := range []struct {
		reason string
		mode   string
		files  []spool.File
		want   spool.Kind
		ready  bool
	}{
		{"one description is missing", AltDraft, some, spool.Incomplete, false},
		{"draft is the default", "", some, spool.Incomplete, false},
		{"blanks describe nothing", AltDraft, []spool.File{{Alt: " \n"}}, spool.Incomplete, false},
		{"all are described", AltDraft, some[:1], 0, true},
		{"a text alone needs none", AltDraft, nil, 0, true},
		{"nobody insists", AltOptional, some, 0, true},
		{"the camera has heard of it already", AltRequired, some, spool.Permanent, false},
	} {
		err := Described(c.mode, &spool.Item{ID: "000001-abcd", Files: c.files})
		var e *spool.Error
		if (err == nil) != c.ready || err != nil && (!errors.As(err, &e) || e.Kind != c.want || e.Hint == "") {
			t.Errorf("%s: got %v, want ready %v, kind %v", c.reason, err, c.ready, c.want)
		}
	}
}

// The sentence counts photos, and files where a video is among them.
func TestDescribedWording(t *testing.T) {
	for want, files := range map[string][]spool.File{
		"2 of 3 photos have no description": {{Type: "image/jpeg", Alt: "a"}, {Type: "image/jpeg"}, {}},
		"1 of 2 files have no description":  {{Type: "video/mp4", Alt: "a"}, {Type: "image/jpeg"}},
	} {
		if err := Described(AltDraft, &spool.Item{Files: files}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
