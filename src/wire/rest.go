package wire

import (
	"io"
	"net/http"
	"time"
)

// restMax bounds what Rest returns. Cameras that announce too small a length miss the truth by
// 4 bytes a part; seen in a published capture, of 2 parts, whose model is not named.
const restMax = 1 << 10

// Rest returns a reader of what the client sends after the announced body. It waits for each
// read at most quiet, and ends (io.EOF) when nothing comes in that time, when the client
// closes, or after 1 KiB. Before the body has been read to its end it is empty, as it is for
// a chunked body and for a request that did not come through a Listener. It must not be used
// after the handler has returned.
func Rest(r *http.Request, quiet time.Duration) io.Reader {
	c := fromContext(r)
	if c == nil {
		return http.NoBody
	}
	return &rest{c: c, quiet: quiet, left: restMax}
}

type rest struct {
	c     *conn
	quiet time.Duration
	left  int
	ended bool
}

func (r *rest) Read(p []byte) (int, error) {
	if r.ended || r.left == 0 || r.c.outstanding() > 0 {
		return 0, io.EOF
	}
	p = p[:min(len(p), r.left)]
	if len(p) == 0 {
		return 0, nil
	}
	n := copy(p, r.c.early)
	r.c.early = r.c.early[n:]
	if n == 0 {
		var err error
		n, err = r.c.readSocket(p, r.quiet)
		r.ended = err != nil
	}
	r.left -= n
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
