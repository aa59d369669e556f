package spool

import (
	"context"
	"fmt"
	"io"
	"slices"
)

// Adopt moves the items of another spool here, oldest first, and the pauses of
// people; old is open and recovered, and nothing else is done with it. An item
// keeps its id: by it people know the item, and servers a post that they may
// have taken already. It leaves the old place when it is durable here, so a
// crash in between loses nothing, and the next Adopt finds what it has moved
// already.
//
// What cannot be moved stays where it is; left says how many items do, and the
// error why the first of them does.
func (s *Spool) Adopt(ctx context.Context, old *Spool) (left int, err error) {
	for target, p := range old.Paused() {
		err := s.Pause(target, p[0])
		if err == nil {
			err = old.Resume(target) // or the next Adopt would pause it again
		}
		if err != nil {
			return len(old.IDs()), err
		}
	}
	for _, id := range slices.Backward(old.IDs()) {
		if e := s.adopt(ctx, old, id); e != nil {
			left++
			if err == nil {
				err = fmt.Errorf("%s: %w", id, e)
			}
		}
	}
	return left, err
}

func (s *Spool) adopt(ctx context.Context, old *Spool, id string) error {
	it, err := old.Get(id)
	if err != nil {
		return err
	}
	if it.Damaged != "" {
		return fmt.Errorf("it is damaged: %s", it.Damaged)
	}
	here, err := s.Get(id)
	switch {
	case err == nil && here.Received.Equal(it.Received) && here.Client == it.Client && here.Sender == it.Sender:
		return old.Remove(id) // a crash came between
	case err == nil:
		id = "" // an item of this place has it, by chance
	}
	u, err := s.begin(it.Size(), func() (string, error) { return s.takeID(id) })
	if err != nil {
		return err
	}
	defer u.Abort()
	for _, f := range it.Files {
		if err := u.copy(ctx, old, it.ID, f); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	was := it.ID
	if err := u.publish(it); err != nil {
		return err
	}
	for _, j := range it.Jobs {
		s.recall(it.ID, j)
	}
	return old.Remove(was)
}

// copy adds a file of another spool's item.
func (u *Upload) copy(ctx context.Context, old *Spool, id string, f File) error {
	from, err := old.OpenFile(id, f)
	if err != nil {
		return err
	}
	defer from.Close()
	size := f.Size
	f.Size = 0
	w, err := u.create(f)
	if err != nil {
		return err
	}
	defer w.Discard()
	if _, err := io.Copy(w, untilDone{ctx, from}); err != nil {
		return err
	}
	if w.Size != size {
		return fmt.Errorf("has %d bytes, not %d", w.Size, size)
	}
	return w.Close()
}

// untilDone reads until its context is done.
type untilDone struct {
	ctx context.Context
	io.Reader
}

func (r untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}
