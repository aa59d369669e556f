// Package sim is a pretend camera: it says to a server what a Samsung camera of a given model says, byte for byte where
// captures were published, and judges the answers as the firmware does.
//
// It shares nothing with the server but the table of models, and uses neither net/http nor an XML or multipart writer:
// a camera that shared code with the server would agree with the server's mistakes.
package sim

import (
	"fmt"
	"io"
	"time"

	"snsbridge/src/camera"
)

// Camera is one pretend camera. Nothing in it changes, so it may be used by several goroutines, if Progress and Trace
// can bear that. Every request has a connection of its own.
type Camera struct {
	Model camera.Model
	Addr  string // where to dial, such as 127.0.0.1:8080; the Host header names Samsung's server all the same

	LocalAddr string        // IP address to dial from, such as 127.0.0.3: cameras with different ones are different devices
	Sender    string        // e-mail address of the sender; empty is Camera@samsungcamera.com, which cameras are delivered with
	User      string        // user name at a site; empty is Sender
	Password  string        // password at a site
	DUID      string        // device's id; empty is 123456789033, as captured from an NX300
	Seed      uint64        // what a camera makes up (keys, nonces) follows from it: equal cameras send equal bytes
	Timeout   time.Duration // longest wait for a connection, for room to send and for the answer; 0 is 30 seconds
	Odd       Oddities      // how it departs from the best-known cameras

	Progress func(sent, total int64) // bytes of the present request, its head included
	Trace    io.Writer               // gets what is sent and received as it is, passwords too, but not the bytes of files
}

// String names the camera and where it sends to. It gives no password away.
func (c Camera) String() string {
	return fmt.Sprintf("pretend %s of %s, sending to %s", c.Model.Title(), c.sender(), c.Addr)
}

func (c Camera) sender() string { return or(c.Sender, "Camera@samsungcamera.com") }
func (c Camera) user() string   { return or(c.User, c.sender()) }
func (c Camera) duid() string   { return or(c.DUID, "123456789033") }

func (c Camera) timeout() time.Duration {
	if c.Timeout <= 0 {
		return 30 * time.Second
	}
	return c.Timeout
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
