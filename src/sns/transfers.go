package sns

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// Transfer is an upload that is under way.
type Transfer struct {
	Client string // address of the camera
	Model  string // "" unless the camera told it before
	Site   string // "": an e-mail
	File   string // name of the file that is being received, "" before the first
	Number int    // of that file in its e-mail or post, from 1
	Bytes  int64  // received so far
	Total  int64  // as announced; 0: unknown
}

// transfers are the uploads under way. There are not more than connections.
type transfers struct {
	mu   sync.Mutex
	list []*transfer
}

type transfer struct {
	Transfer // guarded by transfers.mu
	all      *transfers
	received atomic.Int64
}

// begin notes an upload, whose body is counted from now on.
func (t *transfers) begin(r *http.Request, site, model string) *transfer {
	one := &transfer{all: t, Transfer: Transfer{Client: clientOf(r), Model: model, Site: site, Total: max(r.ContentLength, 0)}}
	r.Body = &counted{r.Body, &one.received}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, one)
	return one
}

// file notes which file comes now.
func (t *transfer) file(name string, number int) {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	t.File, t.Number = name, number
}

func (t *transfer) end() {
	t.all.mu.Lock()
	defer t.all.mu.Unlock()
	t.all.list = slices.DeleteFunc(t.all.list, func(one *transfer) bool { return one == t })
}

// counted is a body whose bytes are counted as they come.
type counted struct {
	io.ReadCloser
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// Transfers returns the uploads that are under way, the oldest first.
func (s *Server) Transfers() []Transfer {
	s.transfers.mu.Lock()
	defer s.transfers.mu.Unlock()
	list := make([]Transfer, len(s.transfers.list))
	for i, t := range s.transfers.list {
		list[i] = t.Transfer
		list[i].Bytes = t.received.Load()
	}
	return list
}

// modelAt returns the model of the camera that was last seen at an address, ""
// if it did not tell.
func (s *Server) modelAt(client string) string {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	i := slices.IndexFunc(s.seen.list, func(c Sighting) bool { return c.Client == client })
	if i < 0 {
		return ""
	}
	return s.seen.list[i].Model
}
