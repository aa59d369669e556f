package spool

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"syscall"
)

// Upload is what a camera is sending. Nothing of it is an item before Commit
// or AppendTo has returned without error, and a camera may hear success only
// then. Abort may always be called, also after these.
type Upload struct {
	spool *Spool
	id    string
	files []File
	left  int64 // bytes claimed and not written yet
	more  int64 // bytes announced and not claimed yet
	ended bool
}

// Begin starts an upload of about size bytes (0 if the camera does not tell).
// It fails with ErrFull rather than begin what the storage cannot hold, even
// without the items that are delivered: those make room as the bytes come.
func (s *Spool) Begin(size int64) (*Upload, error) {
	return s.begin(size, s.newID)
}

func (s *Spool) begin(size int64, newID func() (string, error)) (*Upload, error) {
	if err := s.present(); err != nil {
		return nil, err
	}
	size = max(size, 0)
	if err := s.fits(size); err != nil {
		return nil, err
	}
	first := min(size, ahead)
	if err := s.claim(first); err != nil {
		return nil, err
	}
	u := &Upload{spool: s, left: first, more: size - first}
	id, err := newID()
	if err == nil {
		s.mu.Lock()
		s.uploads[id] = true
		s.mu.Unlock()
		u.id = id
		s.moving.Lock()
		err = s.Disk.Mkdir(tmpDir + "/" + id)
		s.moving.Unlock()
	}
	if err != nil {
		u.Abort()
		return nil, full(err)
	}
	return u, nil
}

// Writer takes the bytes of one file of an upload.
type Writer struct {
	Limit  int64 // bytes; Write fails with ErrTooLarge beyond it; 0: no limit
	File         // Type and Taken are for the caller to set before Close
	u      *Upload
	f      DiskFile
	failed error
	closed bool
}

// Create starts the upload's next file. The name is the camera's; two files
// of one upload may have the same.
func (u *Upload) Create(name string) (*Writer, error) {
	name = Name(name)
	return u.create(File{Name: name, Path: fmt.Sprintf("%02d-%s", len(u.files)+1, name)})
}

func (u *Upload) create(file File) (*Writer, error) {
	w := &Writer{u: u, File: file}
	f, err := u.spool.Disk.Create(tmpDir + "/" + u.id + "/" + w.Path)
	if err != nil {
		return nil, full(err)
	}
	w.f = f
	return w, nil
}

// Write appends to the file. It fails with ErrFull before the reserve of the
// storage is used.
func (w *Writer) Write(p []byte) (int, error) {
	if w.failed != nil {
		return 0, w.failed
	}
	if w.Limit > 0 && w.Size+int64(len(p)) > w.Limit {
		w.failed = ErrTooLarge
		return 0, w.failed
	}
	if err := w.u.use(int64(len(p))); err != nil {
		w.failed = err
		return 0, err
	}
	n, err := w.f.Write(p)
	// The disk can be full although it said otherwise: it may not report its
	// room, and others write to it, too.
	for errors.Is(full(err), ErrFull) && w.u.spool.makeRoom(int64(len(p)-n)) {
		var more int
		more, err = w.f.Write(p[n:])
		n += more
	}
	w.Size += int64(n)
	w.failed = full(err)
	return n, w.failed
}

// ReadAt reads what was written, so that the caller can look at the file
// before it closes it.
func (w *Writer) ReadAt(p []byte, off int64) (int, error) { return w.f.ReadAt(p, off) }

// Err returns the error that ended the writing, if any.
func (w *Writer) Err() error { return w.failed }

// Discard closes the file without adding it to the upload. After Close it
// does nothing.
func (w *Writer) Discard() {
	if !w.closed {
		w.closed = true
		w.f.Close()
	}
}

// Close makes the file's bytes durable and adds it to the upload. An upload
// with a file that could not be written whole cannot be committed.
func (w *Writer) Close() error {
	err := w.failed
	w.closed = true
	if err == nil {
		err = w.f.Sync()
	}
	if cerr := w.f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		w.u.Abort()
		return full(err)
	}
	w.u.files = append(w.u.files, w.File)
	return nil
}

// ID returns what the item will be called.
func (u *Upload) ID() string { return u.id }

// Files returns the files that were closed so far.
func (u *Upload) Files() []File { return u.files }

// Commit makes the upload an item: it sets the item's ID and Files and
// publishes it with one rename. After an error nothing was accepted.
func (u *Upload) Commit(it *Item) error {
	it.Received = u.spool.Now()
	return u.publish(it)
}

func (u *Upload) publish(it *Item) error {
	if u.ended {
		return errors.New("the upload was given up")
	}
	defer u.Abort()
	s := u.spool
	if err := s.present(); err != nil {
		return err
	}
	it.ID, it.Files = u.id, u.files
	if err := s.writeRecord(tmpDir, it); err != nil {
		return err
	}
	if _, err := s.moveDir(tmpDir+"/"+u.id, itemsDir+"/"+u.id); err != nil {
		// The camera will hear of a failure and send again: take it back. Also
		// a rename that fails may have been made.
		gone := tmpDir + "/" + u.id + ".gone"
		if renamed, _ := s.moveDir(itemsDir+"/"+u.id, gone); renamed {
			s.removeDir(gone)
		}
		return full(err)
	}
	s.index(it)
	s.wake()
	return nil
}

// AppendTo adds the upload's files to an item that is still open; edit may
// change the item on the way. After ErrClosed and ErrNotFound the upload can
// still be committed. After any other error the item is as it was, unless the
// disk fails in that, too.
func (u *Upload) AppendTo(id string, edit func(*Item)) (*Item, error) {
	if u.ended {
		return nil, errors.New("the upload was given up")
	}
	s := u.spool
	if err := s.present(); err != nil {
		return nil, err
	}
	defer s.lock(id)()
	from, to := tmpDir+"/"+u.id, itemsDir+"/"+id
	var moved []string
	it, err := s.change(id, func(it *Item) error {
		if !it.Open {
			return fmt.Errorf("%w: %s", ErrClosed, id)
		}
		for _, f := range u.files {
			old := f.Path
			f.Path = fmt.Sprintf("%02d-%s", it.lastNumber()+1, f.Name)
			moved = append(moved, f.Path) // perhaps even if it fails
			// A record may not be safe before the files that it lists.
			if err := s.moveFile(from+"/"+old, to+"/"+f.Path); err != nil {
				return full(err)
			}
			it.Files = append(it.Files, f)
		}
		edit(it)
		return nil
	})
	if errors.Is(err, ErrClosed) || errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if err != nil {
		s.takeBack(id, moved)
	}
	u.Abort()
	return it, err
}

// takeBack removes files from an item that were moved to it in vain: their
// camera will send them again.
func (s *Spool) takeBack(id string, files []string) {
	it, err := s.Get(id)
	if err != nil || it.Damaged != "" {
		return // as far as they are in no record, the next start removes them
	}
	listed := len(it.Files)
	it.Files = slices.DeleteFunc(it.Files, func(f File) bool { return slices.Contains(files, f.Path) })
	if len(it.Files) < listed {
		if err := s.writeRecord(itemsDir, it); err != nil {
			return
		}
		s.reindex(it)
	}
	for _, f := range files {
		s.remove(itemsDir + "/" + id + "/" + f)
	}
}

// Abort removes what was not committed.
func (u *Upload) Abort() {
	if u.ended {
		return
	}
	u.ended = true
	s := u.spool
	s.release(u.left)
	u.left = 0
	if u.id == "" {
		return
	}
	err := s.removeDir(tmpDir + "/" + u.id) // after a commit it is gone
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		delete(s.uploads, u.id)
	} else {
		s.uploads[u.id] = false // for tidy
	}
}

// use takes n bytes of the upload's claim, and claims more if it is used up.
func (u *Upload) use(n int64) error {
	if n > u.left {
		extra := int64(1 << 20)
		if u.more > 0 {
			extra = min(extra, max(0, u.more-(n-u.left)))
		}
		if err := u.spool.claim(n - u.left + extra); err != nil {
			return err
		}
		u.more = max(0, u.more-(n-u.left)-extra)
		u.left = n + extra
	}
	u.left -= n
	u.spool.release(n)
	return nil
}

// full turns the system's words for a full disk into ErrFull.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, io.ErrShortWrite) {
		return fmt.Errorf("%w (%w)", ErrFull, err)
	}
	return err
}
