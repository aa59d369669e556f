package gallery

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"snsbridge/src/durable"
)

// kept is the file that outlives the program.
type kept struct {
	PIN   string   `json:"pin"` // made up at the first start
	Key   []byte   `json:"key"`
	Ended []string `json:"ended,omitempty"` // sessions that people ended, the latest last
}

const (
	madeUp   = 6 // digits of a PIN that is made up
	keySize  = 32
	keptMax  = 8 << 10
	endedMax = 100
)

// OpenDoor makes a door with the PIN of the settings, or, if that is "", with
// one that is made up at the first start. What must stay over restarts is in
// file. If that cannot be written, sessions end with the program and there is
// another PIN next time: no reason to serve no cameras. A file in a former
// place is taken over where there is none yet, and removed: it may be on a
// memory stick, which somebody else may hold.
func OpenDoor(file, former, pin string, log *slog.Logger) *Door {
	k, err := readKept(file)
	if former != file {
		k, err = takeOver(file, former, k, err, log)
	}
	if err != nil {
		k = kept{PIN: newPIN(), Key: make([]byte, keySize)}
		rand.Read(k.Key) // cannot fail
		if errors.Is(err, errNotKept) {
			err = k.write(file)
		} else {
			file = "" // what the disk does not give now it may give at the next start
		}
		if err != nil {
			log.Warn("the phone page's PIN cannot be kept and is another one after a restart", "error", err)
		}
	}
	if pin == "" {
		pin = k.PIN
	}
	d := &Door{Log: log, pin: pin, file: file, kept: k}
	// Another PIN, another key: who knew the old one is out.
	mac := hmac.New(sha256.New, k.Key)
	mac.Write([]byte(pin))
	mac.Sum(d.key[:0])
	return d
}

// takeOver moves what is kept from a former place, if nothing is kept yet, and
// removes it there once it is kept here.
func takeOver(file, former string, k kept, err error, log *slog.Logger) (kept, error) {
	if errors.Is(err, errNotKept) {
		old, oerr := readKept(former)
		if oerr != nil {
			return k, err
		}
		if werr := old.write(file); werr != nil {
			log.Warn("the phone page's PIN stays where the photos are, since it cannot be kept elsewhere", "error", werr)
			return old, nil
		}
		k, err = old, nil
	}
	if err != nil {
		return k, err
	}
	switch rerr := os.Remove(former); {
	case rerr == nil:
		log.Info("the phone page's PIN is not kept among the photos any more", "removed", former, "kept", file)
	case !errors.Is(rerr, fs.ErrNotExist):
		log.Warn("the file of the phone page's former PIN cannot be removed", "error", rerr)
	}
	return k, nil
}

func newPIN() string {
	var pin []byte
	for len(pin) < madeUp {
		var b [1]byte
		rand.Read(b[:])
		if b[0] < 250 { // else some digits would be likelier than others
			pin = append(pin, '0'+b[0]%10)
		}
	}
	return string(pin)
}

var errNotKept = errors.New("there is none that can be used")

// readKept fails with errNotKept if a new file is to be made.
func readKept(file string) (k kept, err error) {
	b, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return kept{}, errNotKept
	case err != nil:
		return kept{}, err
	case len(b) > keptMax || json.Unmarshal(b, &k) != nil,
		len(k.PIN) != madeUp || strings.Trim(k.PIN, "0123456789") != "" || len(k.Key) != keySize:
		return kept{}, errNotKept
	}
	return k, nil
}

func (k kept) write(file string) error {
	b, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return durable.WriteFile(file, append(b, '\n'))
}
