// Package wire stands between the socket and net/http: broken bytes in, proper HTTP out.
//
// A connection carries one request. Whatever comes after the announced body is never a
// second request, so the server needs SetKeepAlivesEnabled(false) beside this package's
// Listener and ConnContext; without it net/http waits for a request that is never shown to it.
package wire

import (
	"context"
	"errors"
	"net"
	"net/http"
)

// Why a connection was refused; Refusal.Err wraps one of these.
var (
	ErrTLS      = errors.New("TLS on a plain HTTP port")
	ErrNotHTTP  = errors.New("not HTTP")
	ErrVersion  = errors.New("unsupported HTTP version")
	ErrConnect  = errors.New("CONNECT, but this is not a proxy")
	ErrLength   = errors.New("unusable Content-Length")
	ErrEncoding = errors.New("unusable Transfer-Encoding")
	ErrTooLarge = errors.New("request head too large")
	ErrSilent   = errors.New("no complete request head in time")
	ErrCut      = errors.New("connection closed inside the request head")
	ErrCrowded  = errors.New("too many connections")
)

// A Refusal is a connection that never became a request.
type Refusal struct {
	Remote net.Addr
	Raw    []byte // what the client sent, at most 16 KiB; for a TLS hello the whole first record
	Err    error
}

type contextKey struct{}

// ConnContext is meant for http.Server.ConnContext; RawHead and Rest need it.
func ConnContext(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(*conn); ok {
		return context.WithValue(ctx, contextKey{}, c)
	}
	return ctx
}

func fromContext(r *http.Request) *conn {
	c, _ := r.Context().Value(contextKey{}).(*conn)
	return c
}

// RawHead returns the bytes of the request's head as they came, before any repair.
// They must not be changed. Nil when the request did not come through a Listener.
func RawHead(r *http.Request) []byte {
	if c := fromContext(r); c != nil {
		return c.rawHead
	}
	return nil
}
