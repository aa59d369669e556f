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
