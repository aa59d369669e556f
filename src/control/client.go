package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// Client asks a running bridge. All errors of its methods are *Error.
type Client struct {
	Socket  string
	Timeout time.Duration // for each answer; 0: 20 s
}

// answerMax is above the longest page of a queue: its texts, each character
// escaped, the last item at its longest, and the rest of the records.
const answerMax = 16 << 20

// Status returns how the bridge is.
func (c *Client) Status(ctx context.Context) (v Status, err error) {
	return v, c.call(ctx, "GET", "/status", nil, &v)
}

// Queue returns a page of items, newest first. before is the id of the item
// where the last page ended, "" for the first page; limit 0 is the usual
// length; state "" is all.
func (c *Client) Queue(ctx context.Context, before string, limit int, state string) (v Queue, err error) {
	q := url.Values{}
	for key, value := range map[string]string{"before": before, "state": state} {
		if value != "" {
			q.Set(key, value)
		}
	}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	return v, c.call(ctx, "GET", "/queue?"+q.Encode(), nil, &v)
}

// Top returns the first page of all items, those that need a person before the
// rest, each newest first. The next page is Queue's, before the last id: it has
// what is older, drafts and failures among it again.
func (c *Client) Top(ctx context.Context, limit int) (Queue, error) {
	need, err := c.Queue(ctx, "", limit, "attention")
	if err != nil {
		return need, err
	}
	latest, err := c.Queue(ctx, "", limit, "")
	if err != nil {
		return latest, err
	}
	needs := func(it Item) bool {
		return slices.ContainsFunc(need.Items, func(n Item) bool { return n.ID == it.ID })
	}
	// The page must end with the item behind which the next one begins.
	rest := latest.Items
	for latest.More && len(rest) > 0 && needs(rest[len(rest)-1]) {
		rest = rest[:len(rest)-1]
	}
	latest.Items = append(need.Items, slices.DeleteFunc(rest, needs)...)
	return latest, nil
}

// Show returns one item.
func (c *Client) Show(ctx context.Context, id string) (v Item, err error) {
	return v, c.call(ctx, "GET", "/items/"+url.PathEscape(id), nil, &v)
}

// Thumbnails returns the small pictures of an item's first photos.
func (c *Client) Thumbnails(ctx context.Context, id string) (v Thumbnails, err error) {
	return v, c.call(ctx, "GET", "/items/"+url.PathEscape(id)+"/thumbnails", nil, &v)
}

// Retry makes an item's jobs due now, also those that had failed.
func (c *Client) Retry(ctx context.Context, id string) (v Item, err error) {
	return v, c.call(ctx, "POST", "/items/"+url.PathEscape(id)+"/retry", nil, &v)
}

// RetryMany makes due now what is "waiting", what has "failed", or "all" of
// both.
func (c *Client) RetryMany(ctx context.Context, what string) (v Retried, err error) {
	return v, c.call(ctx, "POST", "/retry?"+url.Values{"what": {what}}.Encode(), nil, &v)
}

// Remove deletes an item with its files.
func (c *Client) Remove(ctx context.Context, id string) (v Removed, err error) {
	return v, c.call(ctx, "DELETE", "/items/"+url.PathEscape(id), nil, &v)
}

// Edit changes an item.
func (c *Client) Edit(ctx context.Context, id string, e Edit) (v Item, err error) {
	return v, c.call(ctx, "POST", "/items/"+url.PathEscape(id)+"/edit", e, &v)
}

// Pause keeps everything for a target waiting.
func (c *Client) Pause(ctx context.Context, target, reason string) (v Target, err error) {
	return v, c.call(ctx, "POST", "/targets/"+url.PathEscape(target)+"/pause", map[string]string{"reason": reason}, &v)
}

// Resume ends a pause.
func (c *Client) Resume(ctx context.Context, target string) (v Target, err error) {
	return v, c.call(ctx, "POST", "/targets/"+url.PathEscape(target)+"/resume", nil, &v)
}

// Doctor returns what the doctor found last, and makes it look again if that is
// old, or at once. address is where the cameras' names must lead, "" if that is
// not known.
func (c *Client) Doctor(ctx context.Context, address string, fresh bool) (v Checkup, err error) {
	q := url.Values{"address": {address}}
	if fresh {
		q.Set("fresh", "1")
	}
	return v, c.call(ctx, "GET", "/doctor?"+q.Encode(), nil, &v)
}

// MailTest sends a test mail.
func (c *Client) MailTest(ctx context.Context, to string) (v Mailed, err error) {
	return v, c.call(ctx, "POST", "/mail-test", map[string]string{"to": to}, &v)
}

// call makes a request.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 20 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	body, err := json.Marshal(in)
	if err != nil {
		return wrong(err.Error(), "")
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://snsbridge"+path, bytes.NewReader(body))
	if err != nil {
		return wrong(err.Error(), "")
	}
	var down error
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			conn, err := d.DialContext(ctx, "unix", c.Socket)
			down = err
			return conn, err
		},
	}
	resp, err := transport.RoundTrip(req)
	switch {
	case errors.Is(down, fs.ErrPermission):
		return &Error{"denied", "not allowed to ask the bridge at " + c.Socket, "Do this as root, or as the user that the bridge runs as."}
	case down != nil && ctx.Err() == nil:
		return &Error{"down", "the bridge does not run: nothing answers at " + c.Socket,
			"Start it: /etc/init.d/snsbridge start (on a router), snsbridge serve (elsewhere)."}
	case err != nil:
		return noAnswer(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, answerMax))
	if err != nil {
		return noAnswer(err)
	}
	if resp.StatusCode != http.StatusOK {
		var e errorAnswer
		if json.Unmarshal(b, &e) == nil && e.Error != nil {
			return e.Error
		}
		return noAnswer(errors.New(resp.Status))
	}
	if err := json.Unmarshal(b, out); err != nil {
		return noAnswer(err)
	}
	return nil
}

func noAnswer(err error) error {
	return &Error{"answer", "the bridge does not answer as it should: " + err.Error(),
		"Restart it; if that does not help, please report this."}
}
