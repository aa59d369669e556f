package gallery

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"encoding/json"

	"snsbridge/src/control"
)

const changesMax = 128 // changes that are remembered; who missed more loads anew

// changes counts what changed, and remembers which items it was.
type changes struct {
	mu   sync.Mutex
	run  uint32 // of the program, something random
	n    int
	last []string // ids, the latest last
}

// Changed notes that an item has changed, is new or is gone. It does not
// block: it is for spool.Spool.Changed.
func (p *Page) Changed(id string) {
	c := &p.changes
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	if len(c.last) == changesMax {
		c.last = slices.Delete(c.last, 0, 1)
	}
	c.last = append(c.last, id)
}

// since returns the present version, and the items that changed after another
// one; all means that it could be any.
func (c *changes) since(version string) (now string, ids []string, all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.run == 0 {
		c.run = rand.Uint32()
	}
	now = fmt.Sprintf("%08x-%d", c.run, c.n)
	run, number, _ := strings.Cut(version, "-")
	n, err := strconv.Atoi(number)
	missed := c.n - n
	if err != nil || run != fmt.Sprintf("%08x", c.run) || missed < 0 || missed > len(c.last) {
		return now, nil, true
	}
	ids = slices.Clone(c.last[len(c.last)-missed:])
	slices.Sort(ids)
	return now, slices.Compact(ids), false
}

// live is what the page asks every few seconds.
type live struct {
	Version   string           `json:"version"` // to ask with since
	All       bool             `json:"all"`     // anything may have changed
	Changed   []string         `json:"changed"` // ids of items
	Ready     bool             `json:"ready"`   // false: items of earlier runs are still being read
	Items     int              `json:"items"`
	Jobs      control.Jobs     `json:"jobs"`
	Damaged   int              `json:"damaged"`
	Full      bool             `json:"full"`       // cameras are refused
	ClockWait bool             `json:"clock_wait"` // mail or posts wait for a time server
	Uploads   []control.Upload `json:"uploads"`
}

// live tells what has changed. While nothing does, it is one line of an answer
// without a body.
func (p *Page) live(w http.ResponseWriter, r *http.Request) {
	v := live{Changed: []string{}, Uploads: []control.Upload{}, Ready: p.Control.Spool.Ready()}
	var ids []string
	v.Version, ids, v.All = p.changes.since(r.URL.Query().Get("since"))
	v.Changed = append(v.Changed, ids...)
	v.Items, v.Damaged, v.Jobs = p.Control.Sums()
	v.Full = p.Control.Full()
	v.ClockWait = p.Control.ClockWait()
	if p.Control.Uploads != nil {
		v.Uploads = append(v.Uploads, p.Control.Uploads()...)
	}
	b, err := json.Marshal(v)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "storage", err.Error())
		return
	}
	sum := fnv.New64a()
	sum.Write(b)
	tag := fmt.Sprintf(`"%x"`, sum.Sum64())
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(b)
}
