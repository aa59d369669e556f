package wire

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goHello returns what Go's own client sends.
func goHello(t testing.TB) []byte {
	client, server := net.Pipe()
	defer server.Close()
	go tls.Client(client, &tls.Config{
		ServerName:   "snsgw.samsungmobile.com",
		NextProtos:   []string{"http/1.1"},
		MinVersion:   tls.VersionTLS10,
		MaxVersion:   tls.VersionTLS11,
		CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA},
	}).Handshake()
	buf := make([]byte, maxHead)
	n, err := server.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	return buf[:n]
}

func readHello(t testing.TB, name string) []byte {
	b, err := os.ReadFile(filepath.Join("testdata/hello", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestParseHello(t *testing.T) {
	tests := []struct {
		why  string
		raw  []byte
		want string
	}{
		{"a client of 2010", readHello(t, "tls10-without-extensions.bin"),
			`server name "", versions [TLS 1.0], ciphers [0x0004 TLS_RSA_WITH_RC4_128_SHA TLS_RSA_WITH_3DES_EDE_CBC_SHA ` +
				`0x0009 0x0064 0x0062 0x0003 0x0006 TLS_RSA_WITH_AES_128_CBC_SHA TLS_RSA_WITH_AES_256_CBC_SHA], ALPN []`},
		{"an older form; ciphers of SSL 2 alone are left out", readHello(t, "ssl2-form.bin"),
			`server name "", versions [TLS 1.0], ciphers [0x0004 TLS_RSA_WITH_RC4_128_SHA], ALPN []`},
		{"Go's own client", goHello(t),
			`server name "snsgw.samsungmobile.com", versions [TLS 1.1, TLS 1.0], ` +
				`ciphers [TLS_RSA_WITH_AES_128_CBC_SHA TLS_RSA_WITH_RC4_128_SHA], ALPN ["http/1.1"]`},
	}
	for _, test := range tests {
		got, err := ParseHello(test.raw)
		if err != nil || got.String() != test.want {
			t.Errorf("%s:\n got %v, %v\nwant %s", test.why, got, err, test.want)
		}
		for cut := range test.raw {
			if _, err := ParseHello(test.raw[:cut]); !errors.Is(err, ErrHello) {
				t.Errorf("%s, cut to %d bytes: got %v, want %v", test.why, cut, err, ErrHello)
			}
		}
	}
	for why, raw := range map[string]string{
		"nothing":         "",
		"HTTP":            "GET / HTTP/1.0\r\n\r\n",
		"a TLS alert":     "\x15\x03\x01\x00\x02\x02\x28",
		"a server's side": "\x16\x03\x01\x00\x04\x02\x00\x00\x00",
	} {
		if got, err := ParseHello([]byte(raw)); !errors.Is(err, ErrHello) {
			t.Errorf("%s: got %v, %v, want %v", why, got, err, ErrHello)
		}
	}
}

// record returns a hello of one cipher, with more bytes announced than it has.
func record(extensions string, more int) []byte {
	body := "\x03\x01" + strings.Repeat("r", 32) + "\x00\x00\x02\x00\x05\x01\x00" + extensions
	message := string([]byte{1, 0, 0, byte(len(body) + more)}) + body
	return []byte("\x16\x03\x01\x00" + string([]byte{byte(len(message))}) + message)
}

func TestParseHelloKeepsWhatItCouldRead(t *testing.T) {
	tests := []struct {
		why string
		raw []byte
		err error
	}{
		{"whole", record("", 0), nil},
		{"an empty list of extensions", record("\x00\x00", 0), nil},
		{"going on in a second record", record("", 9), ErrHello},
		{"list of extensions cut short", record("\x00\x09", 0), ErrHello},
		{"extension longer than the list", record("\x00\x04\x00\x10\x00\x09", 0), ErrHello},
	}
	for _, test := range tests {
		h, err := ParseHello(test.raw)
		if !errors.Is(err, test.err) || !slices.Equal(h.Ciphers, []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}) {
			t.Errorf("%s: got %v, %v, want the cipher and %v", test.why, h, err, test.err)
		}
	}
}

func FuzzHello(f *testing.F) {
	f.Add(readHello(f, "tls10-without-extensions.bin"))
	f.Add(readHello(f, "ssl2-form.bin"))
	f.Add(goHello(f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, err := ParseHello(raw)
		if err != nil && !errors.Is(err, ErrHello) {
			t.Fatalf("got %v, want it to wrap %v", err, ErrHello)
		}
		if len(h.String()) > 100+40*len(raw) {
			t.Fatalf("%d bytes of text for %d of input", len(h.String()), len(raw))
		}
		for _, c := range h.String() {
			if c < ' ' {
				t.Fatalf("control byte in %q", h)
			}
		}
		if n := helloLength(raw); err == nil && n > len(raw) {
			t.Fatalf("no error for %d bytes of %d", len(raw), n)
		}
	})
}
