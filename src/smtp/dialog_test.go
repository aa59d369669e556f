package smtp

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"
)

// play is a mail server that says its lines of a dialogue and wants to hear
// the client's, once. Lines begin with "S: " or "C: "; "C~ " is a prefix of
// what the client says, \r\n a line end within one write. Others are directions: TLS (shake hands now), SILENCE
// (until the client leaves), FLOOD x (say x without end), HANG UP, END (the client
// leaves). What went otherwise arrives on the channel: "" is good.
func play(t *testing.T, cert tls.Certificate, dialogue string) (port int, verdict chan string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	verdict = make(chan string, 1)
	go func() {
		conn, err := ln.Accept()
		if err != nil {
			verdict <- err.Error()
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(5 * time.Minute)) // only so that a test ends that hangs
		verdict <- act(conn, cert, dialogue)
	}()
	return ln.Addr().(*net.TCPAddr).Port, verdict
}

func act(conn net.Conn, cert tls.Certificate, dialogue string) string {
	in := bufio.NewReader(conn)
	for _, direction := range strings.Split(strings.TrimSpace(dialogue), "\n") {
		direction = strings.TrimSpace(direction)
		switch {
		case direction == "":
		case direction == "TLS":
			c := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}})
			if err := c.Handshake(); err != nil {
				return "TLS: " + err.Error()
			}
			conn, in = c, bufio.NewReader(c)
		case direction == "HANG UP":
			conn.Close()
			return ""
		case direction == "SILENCE", direction == "END":
			if b, _ := in.ReadString('\n'); b != "" {
				return fmt.Sprintf("got %q, want nothing more", b)
			}
			return ""
		case strings.HasPrefix(direction, "FLOOD "):
			block := []byte(strings.Repeat(strings.ReplaceAll(direction[6:], `\r\n`, "\r\n"), 1000))
			for sent := 0; ; sent += len(block) {
				if _, err := conn.Write(block); err != nil {
					return ""
				}
				if sent > 64<<20 {
					return "the client swallowed 64 MiB"
				}
			}
		case strings.HasPrefix(direction, "S:"):
			line := strings.ReplaceAll(strings.TrimPrefix(direction[2:], " "), `\r\n`, "\r\n")
			if _, err := io.WriteString(conn, line+"\r\n"); err != nil {
				return err.Error()
			}
		default:
			want := strings.TrimPrefix(direction[2:], " ")
			line, err := in.ReadString('\n')
			if err != nil {
				return fmt.Sprintf("got %q and %v, want %q", line, err, want)
			}
			got, ok := strings.CutSuffix(line, "\r\n")
			if direction[1] == '~' {
				ok = ok && strings.HasPrefix(got, want)
			} else {
				ok = ok && got == want
			}
			if !ok {
				return fmt.Sprintf("got %q, want %q", line, want)
			}
		}
	}
	return ""
}

// certificate makes one for a name, and the pool that trusts it.
func certificate(t testing.TB, name string, from, to time.Time) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, pool
}

var (
	longAgo  = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	longFrom = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)
