package main

import (
	"encoding/binary"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"
)

// redirected remembers who came last by the address that the cameras' names
// lead to: that is the proof that the firewall's redirect is in force, which a
// program without privileges cannot look at.
type redirected struct {
	mu     sync.Mutex
	client string
	at     time.Time
}

func (r *redirected) note(c net.Conn, address netip.Addr) {
	if to, ok := originalDst(c); !ok || to != netip.AddrPortFrom(address, 80) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.client, r.at = hostOf(c.RemoteAddr()), time.Now()
}

// last returns the client, "" if nobody came.
func (r *redirected) last() (client string, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.client, r.at
}

func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return host
}

const soOriginalDst = 80 // linux/netfilter_ipv4.h

// originalDst returns where a connection was meant for before the firewall
// redirected it.
func originalDst(c net.Conn) (to netip.AddrPort, ok bool) {
	tcp, isTCP := c.(*net.TCPConn)
	if !isTCP {
		return to, false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return to, false
	}
	raw.Control(func(fd uintptr) {
		// The answer is a sockaddr_in, which this takes for another struct of
		// at least its size: family, port, address.
		answer, err := syscall.GetsockoptIPv6Mreq(int(fd), syscall.IPPROTO_IP, soOriginalDst)
		if err == nil {
			b := answer.Multiaddr
			to, ok = netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), binary.BigEndian.Uint16(b[2:4])), true
		}
	})
	return to, ok
}
