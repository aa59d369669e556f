package store

import (
	"path/filepath"
	"testing"

	"snsbridge/src/spool/spooltest"
)

// testRig is a photo folder and a spool.
type testRig struct {
	*spooltest.Rig
	photos string
}

// newRig makes a spool below the photo folder, where files are linked, or
// elsewhere, where they are copied.
func newRig(t testing.TB, elsewhere bool) *testRig {
	t.Helper()
	photos := t.TempDir()
	dir := filepath.Join(photos, ".spool")
	if elsewhere {
		dir = t.TempDir()
	}
	return &testRig{spooltest.New(t, dir), photos}
}

func (rig *testRig) store(template string) *Folder {
	return &Folder{Dir: rig.photos, Template: template, Secret: "key of the test", Spool: rig.Dir}
}

func (rig *testRig) wantStored(want ...string) {
	rig.T.Helper()
	rig.WantFiles(rig.photos, want...)
}
