package photo

import "io"

// window reads a file through one small buffer, so that walking it costs neither its size in memory
// nor a system call for each header.
type window struct {
	r    io.ReaderAt
	size int64
	buf  []byte
	at   int64 // where in the file buf begins
	n    int   // how much of buf is filled
}

// Walking headers needs a few bytes here and there, searching for a marker needs every byte.
const (
	walkBuffer   = 512
	searchBuffer = 32 << 10
)

func newWindow(r io.ReaderAt, size int64, buffer int) *window {
	return &window{r: r, size: max(size, 0), buf: make([]byte, buffer)}
}

// from returns what is buffered from off on: at least need bytes, fewer only where the file ends.
// The slice is valid until the next call.
func (w *window) from(off int64, need int) ([]byte, error) {
	if off >= w.size {
		return nil, nil
	}
	need = int(min(int64(need), w.size-off))
	if i := off - w.at; i >= 0 && i+int64(need) <= int64(w.n) {
		return w.buf[i:w.n], nil
	}
	n := int(min(int64(len(w.buf)), w.size-off))
	if err := readFull(w.r, w.buf[:n], off); err != nil {
		return nil, err
	}
	w.at, w.n = off, n
	return w.buf[:n], nil
}

// readFull treats a file that is shorter than its stated size as an I/O error.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
