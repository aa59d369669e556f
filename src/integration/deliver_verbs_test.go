//go:build integration

package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"snsbridge/src/control"
)

// verb runs the program as a person does who talks to the running one, and
// returns what it says.
func (b *bridge) verb(args ...string) (string, error) {
	out, err := b.command(append(args, "--config", b.file)...).CombinedOutput()
	return string(out), err
}

// ask runs a verb and reads its answer for programs.
func askJSON[T any](tb testing.TB, b *bridge, args ...string) (v T) {
	tb.Helper()
	out, err := b.command(append(args, "--json", "--config", b.file)...).Output()
	if err != nil {
		tb.Fatalf("%q: %v\n%s", args, err, out)
	}
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		tb.Fatalf("%q: %v\n%s", args, err, out)
	}
	return v
}

func (b *bridge) queue(tb testing.TB) control.Queue {
	tb.Helper()
	return askJSON[control.Queue](tb, b, "queue")
}

func (b *bridge) status(tb testing.TB) control.Status {
	tb.Helper()
	return askJSON[control.Status](tb, b, "status")
}

// drained waits until nothing can be delivered any more, for as long as less
// and less is left.
func (b *bridge) drained(tb testing.TB) {
	tb.Helper()
	c := control.Client{Socket: filepath.Join(b.spool, "control.sock")}
	for left, more := math.MaxInt, true; more; {
		eventually(tb, func() error {
			st, err := c.Status(tb.Context())
			if err == nil && !st.Ready {
				err = errors.New("the program is not ready")
			}
			if err != nil {
				return err
			}
			now := st.Queue.Waiting + st.Queue.Open
			if more = now > 0; more && now >= left {
				return fmt.Errorf("the queue is still %+v", st.Queue)
			}
			left = now
			return nil
		})
	}
}
