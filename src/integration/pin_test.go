//go:build integration

package integration

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPINStays: the PIN that was made up stays the same with a memory stick, without one and with
// another one, as after an upgrade from a version that kept it on the stick.
func TestPINStays(t *testing.T) {
	b := newBridge(t)
	dir := filepath.Dir(b.file)
	pin := func() string {
		t.Helper()
		d := b.start(t)
		defer d.stop()
		st := b.status(t)
		if st.Phone == nil || len(st.Phone.PIN) != 6 {
			t.Fatalf("the status tells of the phone page: %+v", st.Phone)
		}
		return st.Phone.PIN
	}
	want := pin() // in the spool
	old := filepath.Join(b.spool, "phone.json")
	if _, err := os.Stat(old); err != nil {
		t.Fatal(err)
	}
	for _, storage := range []string{"photos", "memory", "photos", "other"} {
		if err := os.MkdirAll(filepath.Join(dir, storage), 0o755); err != nil {
			t.Fatal(err)
		}
		b.spool = filepath.Join(dir, storage, ".spool")
		text := "LISTEN = \"127.0.0.1:0\"\nUPLOAD_FOLDER = \"" + storage + "\"\nSTATE_FOLDER = \"state\"\n"
		if err := os.WriteFile(b.file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if got := pin(); got != want {
			t.Errorf("in %s the PIN is %s, was %s", storage, got, want)
		}
		if _, err := os.Stat(filepath.Join(b.spool, "phone.json")); !os.IsNotExist(err) {
			t.Errorf("the PIN is in %s: %v", storage, err)
		}
	}
}
