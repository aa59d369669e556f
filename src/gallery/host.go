package gallery

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// IsAsked tells whether a request names the page as its host: by its name, the
// virtual address, or the address at which the connection came in.
func (p *Page) IsAsked(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	local := localAddress(r)
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap()
		return a == p.Address || a == local
	}
	// A browser makes localhost an address by itself, nobody can lead it
	// elsewhere.
	return host != "" && host == p.Name || host == "localhost" && local.IsLoopback()
}

// localAddress is the one of ours to which a client has connected.
func localAddress(r *http.Request) netip.Addr {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok {
		return netip.Addr{}
	}
	return local.AddrPort().Addr().Unmap().WithZone("")
}

// fromHere tells whether a request is the page's own, as far as the browser
// says so. Old browsers say less; for what changes something there is a token.
func fromHere(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return false
	}
	origin := r.Header.Get("Origin")
	return origin == "" || strings.EqualFold(origin, "http://"+r.Host)
}

// isVisit tells whether a person follows a link to here: what is opened is a page of its own, which
// the page with the link cannot read.
func isVisit(r *http.Request) bool {
	return r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document" && r.Header.Get("Origin") == ""
}

// clientOf is the address of who asks.
func clientOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}
