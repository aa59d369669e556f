package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"snsbridge/src/config"
	"snsbridge/src/control"
	"snsbridge/src/spool"
	"snsbridge/src/store"
)

const (
	lookEvery = 5 * time.Second // for a stick that is pulled out; each upload asks as well
	moveEvery = time.Minute     // for what could not be moved from the former place
	replug    = "Plug the memory stick back in. Its photos are safe, and sending resumes."
)

// errBack says that the storage is there again: the bridge starts anew on it.
var errBack = errors.New("the storage is there again")

// trouble is what is wrong with the place where photos are kept, nil if
// nothing is.
func (d *daemon) trouble() *control.Error {
	if err := d.disk.Present(); errors.Is(err, spool.ErrGone) {
		return &control.Error{Code: "gone", Message: err.Error() + ": cameras are refused until it is back", Hint: replug}
	}
	if left := d.left.Load(); left != nil {
		return &control.Error{Code: "left-behind", Message: *left, Hint: "Make room on the memory stick; then they are moved by themselves."}
	}
	return nil
}

// watch looks whether the storage is still there, until another one is at its
// place. Not every system tells that a stick was pulled out, or put in again.
func (d *daemon) watch(ctx context.Context, conf *config.Config) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	gone := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := d.disk.Present()
		switch {
		case err != nil && !errors.Is(err, spool.ErrGone):
			continue // that it is there cannot be seen, nor that it is not
		case err != nil && isFolder(conf.UploadFolder) && isFolder(conf.SpoolFolder):
			select {
			case d.failed <- errBack:
			case <-ctx.Done():
			}
			return
		case err != nil && !gone:
			d.log.Error("cameras are refused until the storage is back", "error", err)
		case err == nil && gone:
			d.log.Info("the storage is back", "spool", conf.SpoolFolder)
		}
		gone = err != nil
	}
}

func isFolder(path string) bool {
	fi, err := os.Stat(path)
	return err == nil && fi.IsDir()
}

// present makes no attempt at a delivery while the storage is gone: a photo
// folder could be the empty one that a stick was mounted at.
func (d *daemon) present(do func(context.Context, *spool.Delivery) error) func(context.Context, *spool.Delivery) error {
	return func(ctx context.Context, dl *spool.Delivery) error {
		switch err := d.disk.Present(); {
		case errors.Is(err, spool.ErrGone):
			return &spool.Error{Code: "storage", Hint: replug, Err: err}
		case err != nil:
			return err
		}
		return do(ctx, dl)
	}
}

// takeOver moves what is at the former place until nothing is left there.
func (d *daemon) takeOver(ctx context.Context, conf *config.Config) {
	if conf.FormerFolder == "" {
		return
	}
	for {
		items, left, err := d.moveItems(ctx, conf)
		photos, more, perr := store.Move(ctx, conf.FormerFolder, conf.UploadFolder)
		err = errors.Join(err, perr)
		if ctx.Err() != nil {
			return
		}
		if items+photos > 0 {
			d.log.Info("moved from the former place", "folder", conf.FormerFolder, "items", items, "photos", photos)
		}
		if err == nil {
			d.left.Store(nil)
			return
		}
		now := fmt.Sprintf("%s and %s are still in %s: %v", count(left, "item"), count(more, "photo"), conf.FormerFolder, err)
		if was := d.left.Swap(&now); was == nil || *was != now {
			d.log.Error("cannot move all from the former place", "folder", conf.FormerFolder, "left", left+more, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(moveEvery):
		}
	}
}

// moveItems moves what waits in the former spool, and what is delivered.
func (d *daemon) moveItems(ctx context.Context, conf *config.Config) (moved, left int, err error) {
	disk, err := spool.OpenDir(filepath.Join(conf.FormerFolder, ".spool"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	defer disk.Close()
	if err := disk.Lock(); err != nil {
		return 0, 0, err
	}
	old := &spool.Spool{Disk: disk, Log: slog.New(slog.DiscardHandler)} // it would say each time what is damaged
	if err := old.Open(); err != nil {
		return 0, 0, err
	}
	if err := old.Recover(d.cameras.Finish); err != nil {
		return 0, 0, err
	}
	all := len(old.IDs())
	left, err = d.spool.Adopt(ctx, old)
	return all - left, left, err
}
