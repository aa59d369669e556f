// Package capture writes down what nobody understood, byte for byte and
// without passwords, so that the owner of a camera can send in a file that
// shows what it said.
//
// Much of what is known of these cameras came from such recordings, and a
// dozen models still wait for theirs.
package capture

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

const (
	// BodyMax is how much of a body is worth keeping: requests are small, and
	// a photo explains nothing.
	BodyMax = 16 << 10
	// fileMax is the size at which the file is full. The first requests of a
	// new camera are what is needed, so these are kept, not the last.
	fileMax = 1 << 20
	// sameMax is how often requests of the same kind are written: a phone
	// that asks for the news each second must not fill the file.
	sameMax = 4
	kindMax = 512
)

// Log is a capture file. The zero value only counts.
type Log struct {
	Path string // created with mode 0600 at the first entry
	Now  func() time.Time

	mu    sync.Mutex
	seen  map[[8]byte]int
	count int
}

// Add records a request. Kind groups requests that are alike, such as method,
// host and path; why says in a few words what was not understood; raw is what
// came. Passwords in it are redacted here.
func (l *Log) Add(client, kind, why string, raw []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	if l.Path == "" || !l.fresh(kind) {
		return nil
	}
	now := time.Now
	if l.Now != nil {
		now = l.Now
	}
	f, err := os.OpenFile(l.Path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if fi, err := f.Stat(); err != nil || fi.Size()+int64(len(why)+len(raw)) > fileMax {
		return err
	}
	_, err = fmt.Fprintf(f, "=== %s from %s: %q, %d bytes ===\n%s\n", now().UTC().Format(time.RFC3339), client, why, len(raw), Redact(raw))
	return err
}

func (l *Log) fresh(kind string) bool {
	if l.seen == nil {
		l.seen = map[[8]byte]int{}
	}
	sum := sha256.Sum256([]byte(kind))
	key := [8]byte(sum[:8])
	if len(l.seen) >= kindMax && l.seen[key] == 0 {
		return false
	}
	l.seen[key]++
	return l.seen[key] <= sameMax
}

// Count returns how many requests were added since the program began.
func (l *Log) Count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// Body reads as much of a body as is worth keeping. It returns what it has
// when the body ends early.
func Body(r io.Reader) []byte {
	b, _ := io.ReadAll(io.LimitReader(r, BodyMax))
	return b
}
