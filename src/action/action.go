// Package action holds what all that can be done with an item has in common,
// and the rules that say which of it is asked for.
//
// An action works from the spool, never inside a camera's request, and may be
// repeated after a crash at any point: what it did already it must find again
// and not do twice.
package action

import (
	"context"
	"fmt"
	"strings"

	"snsbridge/src/spool"
)

// Action is one configured target: store, drop, email, mastodon, shell, or an
// instance of one of these.
type Action interface {
	// Do makes one attempt. Its error is temporary unless it is a *spool.Error
	// that says otherwise.
	Do(ctx context.Context, d *spool.Delivery) error
	// Check tells whether the target would take something now, without
	// sending anything.
	Check(ctx context.Context) error
}

// Set holds all configured targets by name: "store", "mastodon.pub".
type Set map[string]Action

// Do lets the job's target do it.
func (s Set) Do(ctx context.Context, d *spool.Delivery) error {
	a, ok := s[d.Job.Target]
	if !ok {
		return &spool.Error{
			Kind: spool.Account,
			Code: "no-target",
			Hint: "Add the target to the settings again, or delete this item.",
			Err:  fmt.Errorf("the settings have no target %q any more", d.Job.Target),
		}
	}
	return a.Do(ctx, d)
}

// Lane keeps deliveries to the outside in one line, and others out of it: a
// photo for the memory stick never waits for the uplink, nor the uplink for a
// command that hangs.
func (Set) Lane(target string) string {
	switch Kind(target) {
	case "store", "drop":
		return "storage"
	case "shell":
		return "command"
	}
	return "uplink"
}

// Kind returns the part of a target's name that says what it does.
func Kind(target string) string {
	kind, _, _ := strings.Cut(target, ".")
	return kind
}
