package gallery

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"log/slog"
	"os"
	"strings"

	"snsbridge/src/durable"
)

// kept is the file beside the photos that outlives the program.
type kept struct {
	PIN string `json:"pin"` // made up at the first start
	Key []byte `json:"key"`
}

const (
	madeUp  = 6 // digits of a PIN that is made up
	keySize = 32
	keptMax = 1 << 10
)

// OpenDoor makes a door with the PIN of the settings, or, if that is "", with
// one that is made up at the first start. What must stay over restarts is in
// file. If that cannot be written, sessions end with the program and there is
// another PIN next time: no reason to serve no cameras.
func OpenDoor(file, pin string, log *slog.Logger) *Door {
	k, ok := readKept(file)
	if !ok {
		k = kept{PIN: newPIN(), Key: make([]byte, keySize)}
		rand.Read(k.Key) // cannot fail
		if err := k.write(file); err != nil {
			log.Warn("the phone page's PIN cannot be kept and is another one after a restart", "error", err)
		}
	}
	if pin == "" {
		pin = k.PIN
	}
	d := &Door{Log: log, pin: pin}
	// Another PIN, another key: who knew the old one is out.
	mac := hmac.New(sha256.New, k.Key)
	mac.Write([]byte(pin))
	mac.Sum(d.key[:0])
	return d
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

func readKept(file string) (k kept, ok bool) {
	b, err := os.ReadFile(file)
	if err != nil || len(b) > keptMax || json.Unmarshal(b, &k) != nil {
		return kept{}, false
	}
	return k, len(k.PIN) == madeUp && strings.Trim(k.PIN, "0123456789") == "" && len(k.Key) == keySize
}

func (k kept) write(file string) error {
	b, err := json.Marshal(k)
	if err != nil {
		return err
	}
	return durable.WriteFile(file, append(b, '\n'))
}
