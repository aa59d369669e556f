package action

import (
	"context"

	"snsbridge/src/spool"
)

// Drop does nothing with an item, which then is done: for testing a camera,
// or to make one stop asking.
type Drop struct{}

func (Drop) Do(context.Context, *spool.Delivery) error { return nil }
func (Drop) Check(context.Context) error               { return nil }
