package action

import (
	"testing"

	"snsbridge/src/spool"
	"snsbridge/src/spool/spooltest"
)

func TestSet(t *testing.T) {
	rig := spooltest.New(t, t.TempDir())
	rig.Add(spool.Item{}, nil, spooltest.Photo("P.JPG", "photo"))
	set := Set{"other": Drop{}}
	if j := rig.Attempt(set.Do); j.State != spool.Waiting || j.Code != "no-target" || j.Hint == "" {
		t.Errorf("a target that the settings have no more: %+v", j)
	}
	set["test"] = Drop{}
	rig.Must(set.Do)
}

// Nothing for the memory stick waits for the uplink, nor the uplink for a
// command.
func TestLane(t *testing.T) {
	for target, want := range map[string]string{
		"store": "storage", "store.pub": "storage", "drop": "storage",
		"email": "uplink", "mastodon": "uplink", "mastodon.store": "uplink",
		"shell": "command", "shell.log": "command",
	} {
		if got := (Set{}).Lane(target); got != want {
			t.Errorf("%s is in the lane %q, want %q", target, got, want)
		}
	}
}

func TestDrop(t *testing.T) {
	rig := spooltest.New(t, t.TempDir())
	rig.Add(spool.Item{}, nil, spooltest.Photo("P.JPG", "photo"))
	rig.Must(Drop{}.Do)
	if err := (Drop{}).Check(t.Context()); err != nil {
		t.Error(err)
	}
}
