package sns

import (
	"errors"
	"net/http"

	"snsbridge/src/capture"
	"snsbridge/src/wire"
)

const whyMax = 1 << 10 // bytes; the hello of a TLS client of 2013 takes half of it

// Refused answers a connection that brought no HTTP, and records what it did
// bring. It is for wire.Listener.
func (s *Server) Refused(ref wire.Refusal) []byte {
	client := hostPart(ref.Remote.String())
	if errors.Is(ref.Err, wire.ErrCrowded) {
		return nil // in floods
	}
	status, why, kind := http.StatusBadRequest, ref.Err.Error(), "broken"
	switch {
	case errors.Is(ref.Err, wire.ErrTLS):
		// The HMX-QF30 logs in over TLS, and nobody knows to which host and
		// in which version. Its hello tells.
		kind = "TLS"
		if hello, err := wire.ParseHello(ref.Raw); err == nil {
			why = hello.String()
			kind += hello.ServerName
		}
	case errors.Is(ref.Err, wire.ErrSilent), errors.Is(ref.Err, wire.ErrCut):
		status = http.StatusRequestTimeout
	case errors.Is(ref.Err, wire.ErrTooLarge):
		status = http.StatusRequestHeaderFieldsTooLarge
	}
	if s.known(client, s.mac(client)) {
		// It quotes what came, a line of which may be long and hold a password.
		why = limit(string(capture.Redact([]byte(why))), whyMax)
		if err := s.Capture.Add(client, kind+client, why, ref.Raw); err != nil {
			s.Log.Warn("cannot write the capture file", "error", err)
		}
		s.Log.Info("captured a connection that is not understood", "client", client, "why", why)
	}
	if kind != "broken" {
		return tlsAlert
	}
	return rawAnswer(status, ref.Err.Error())
}

// tlsAlert tells a TLS client, in its own protocol, that it has come to the
// wrong place: a fatal handshake_failure.
var tlsAlert = []byte{21, 3, 1, 0, 2, 2, 40}
