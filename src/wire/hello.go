package wire

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// ErrHello means that bytes are no TLS ClientHello, or not a whole one.
var ErrHello = errors.New("no complete TLS hello")

// A Hello is what a TLS client asks for, in its own order.
type Hello struct {
	ServerName string
	Versions   []uint16 // as in crypto/tls; 0x0002 is SSL 2
	Ciphers    []uint16
	ALPN       []string
}

// String is one line for a log.
func (h Hello) String() string {
	versions := make([]string, len(h.Versions))
	for i, v := range h.Versions {
		versions[i] = tls.VersionName(v)
	}
	ciphers := make([]string, len(h.Ciphers))
	for i, c := range h.Ciphers {
		ciphers[i] = tls.CipherSuiteName(c)
	}
	return fmt.Sprintf("server name %q, versions [%s], ciphers [%s], ALPN %q",
		h.ServerName, strings.Join(versions, ", "), strings.Join(ciphers, " "), h.ALPN)
}

// helloLength returns the length of the TLS record or SSL 2 message that b begins with, 0 if
// it is no hello, -1 if that is not clear yet.
func helloLength(b []byte) int {
	switch {
	case len(b) == 0:
		return -1
	case b[0] != 0x16 && b[0] < 0x80:
		return 0
	case len(b) < 5:
		return -1
	case b[0] == 0x16 && b[1] == 3:
		return 5 + int(binary.BigEndian.Uint16(b[3:]))
	case isSSL2(b):
		return 2 + int(binary.BigEndian.Uint16(b)&0x7fff)
	}
	return 0
}

// isSSL2 looks for a message of type 1 of SSL 2, 3.0 or a TLS version.
func isSSL2(b []byte) bool {
	return b[0] >= 0x80 && b[2] == 1 && (b[3] == 3 || b[3] == 0 && b[4] == 2)
}

// ParseHello reads the ClientHello at the beginning of raw, in a TLS record or in the older
// form of SSL 2, of which it lists only the ciphers that TLS knows too. When the hello is cut
// short the error wraps ErrHello and the Hello has what could be read.
func ParseHello(raw []byte) (Hello, error) {
	length := helloLength(raw)
	if length <= 0 {
		return Hello{}, fmt.Errorf("%w: begins with % x", ErrHello, raw[:min(5, len(raw))])
	}
	var h Hello
	var whole bool
	if isSSL2(raw) {
		whole = h.parseSSL2(fieldReader{rest: raw[2:]})
	} else {
		record := fieldReader{rest: raw[3:]}
		handshake := record.vector(2)
		if kind := handshake.number(1); kind != 1 {
			return h, fmt.Errorf("%w: handshake message of type %d", ErrHello, kind)
		}
		message := handshake.vector(3)
		whole = h.parse(message) && !handshake.short
	}
	if !whole || len(raw) < length {
		return h, fmt.Errorf("%w: cut short", ErrHello)
	}
	return h, nil
}

func (h *Hello) parse(m fieldReader) (whole bool) {
	h.Versions = []uint16{uint16(m.number(2))}
	m.take(32)  // random
	m.vector(1) // session
	for ciphers := m.vector(2); len(ciphers.rest) > 0; {
		h.Ciphers = append(h.Ciphers, uint16(ciphers.number(2)))
	}
	m.vector(1) // compression
	if len(m.rest) == 0 {
		return !m.short // SSL 3 and TLS 1.0 may have no extensions
	}
	extensions := m.vector(2)
	for len(extensions.rest) > 0 {
		kind := extensions.number(2)
		h.extension(kind, extensions.vector(2))
	}
	return !m.short && !extensions.short
}

func (h *Hello) parseSSL2(m fieldReader) (whole bool) {
	m.take(1) // type
	h.Versions = []uint16{uint16(m.number(2))}
	ciphers, session, challenge := m.number(2), m.number(2), m.number(2)
	for specs := (fieldReader{rest: m.take(ciphers)}); len(specs.rest) > 0; {
		if spec := specs.number(3); spec <= 0xffff {
			h.Ciphers = append(h.Ciphers, uint16(spec))
		}
	}
	m.take(session + challenge)
	return !m.short
}

func (h *Hello) extension(kind int, e fieldReader) {
	switch kind {
	case 0: // server_name
		names := e.vector(2)
		if names.number(1) == 0 {
			name := names.vector(2)
			h.ServerName = string(name.rest)
		}
	case 16: // application_layer_protocol_negotiation
		for names := e.vector(2); len(names.rest) > 0; {
			name := names.vector(1)
			h.ALPN = append(h.ALPN, string(name.rest))
		}
	case 43: // supported_versions
		h.Versions = nil
		for versions := e.vector(1); len(versions.rest) > 0; {
			h.Versions = append(h.Versions, uint16(versions.number(2)))
		}
	}
}

// A fieldReader reads the numbers and vectors of a message. Past the end it notes that and
// returns what there is.
type fieldReader struct {
	rest  []byte
	short bool
}

func (r *fieldReader) take(n int) []byte {
	if n > len(r.rest) {
		n, r.short = len(r.rest), true
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *fieldReader) number(size int) (n int) {
	for _, b := range r.take(size) {
		n = n<<8 | int(b)
	}
	return n
}

// vector reads a length of the given size and that many bytes.
func (r *fieldReader) vector(size int) fieldReader {
	return fieldReader{rest: r.take(r.number(size))}
}
