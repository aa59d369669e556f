package doctor

import (
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"testing"
)

// fakeDNS answers questions for IPv4 addresses: a name's address, "refused",
// "silent", or, for a name that it does not have, that there is none. For IPv6
// it answers with what the name "ipv6" has, or empty.
func fakeDNS(t *testing.T, names map[string]string) (address string) {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := dnsAnswer(buf[:n], names); answer != nil {
				conn.WriteTo(answer, from)
			}
		}
	}()
	return conn.LocalAddr().String()
}

// dnsAnswer makes an answer of a question (RFC 1035 section 4).
func dnsAnswer(q []byte, names map[string]string) []byte {
	var labels []string
	at := 12
	for at < len(q) && q[at] != 0 {
		labels = append(labels, string(q[at+1:at+1+int(q[at])]))
		at += 1 + int(q[at])
	}
	a := append([]byte{}, q[:at+5]...) // header and question
	copy(a[2:], []byte{0x84, 0})       // an answer, of who knows
	copy(a[6:], make([]byte, 6))       // no records yet
	value := names[strings.ToLower(strings.Join(labels, "."))]
	if q[at+2] == 28 { // AAAA
		if value = names["ipv6"]; value == "" {
			return a
		}
	}
	switch value {
	case "silent":
		return nil
	case "refused":
		a[3] = 5
	case "":
		a[3] = 3
	default:
		for text := range strings.SplitSeq(value, " ") {
			ip := netip.MustParseAddr(text).AsSlice()
			a[7]++
			a = append(a, 0xc0, 12, 0, q[at+2], 0, 1, 0, 0, 0, 0)
			a = binary.BigEndian.AppendUint16(a, uint16(len(ip)))
			a = append(a, ip...)
		}
	}
	return a
}
