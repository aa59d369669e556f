package camera

import "slices"

// The host names that are written into the cameras' firmware. All are asked on port 80, without TLS.
const (
	HostGLD   = "gld.samsungosp.com"      // hotspot check GLD
	HostYahoo = "www.yahoo.co.kr"         // hotspot check Yahoo
	HostMSN   = "www.msn.com"             // hotspot check MSN
	HostEmail = "www.ospserver.net"       // e-mail; the time and the list of sites for the ST1000
	HostSNS   = "snsgw.samsungmobile.com" // login and upload to social sites

	// What the browser of a mirrorless camera opens when the hotspot check failed. Both spellings were
	// reported, for the same page.
	HostBrowser    = "samsungimaging.com"
	HostBrowserWWW = "www.samsungimaging.com"
)

// Hosts returns the host names that must lead to the server for these models, sorted, each once. No models
// stand for all models.
func Hosts(list []Model) []string {
	if len(list) == 0 {
		list = models
	}
	hosts := []string{}
	for _, m := range list {
		hosts = append(hosts, m.Hosts()...)
	}
	slices.Sort(hosts)
	return slices.Compact(hosts)
}

// Hosts returns the host names that must lead to the server for this model, sorted. A camera is lost if one
// name is missing, and one too many does little harm: what is unknown is included.
func (m Model) Hosts() []string {
	social := m.Photo != No || m.Video != No
	if m.Email == No && !social {
		return []string{}
	}
	hosts := m.checkHosts()
	if m.Email != No {
		hosts = append(hosts, HostEmail)
	}
	if social {
		hosts = append(hosts, HostSNS)
	}
	if m.Generation.Kind() == "mirrorless" {
		hosts = append(hosts, HostBrowser, HostBrowserWWW)
	}
	slices.Sort(hosts)
	return hosts
}

// checkHosts trusts an assumed GLD, where every mirrorless camera asks whose check is known. It does not
// trust an assumed Yahoo or MSN: compacts differ from one year to the next.
func (m Model) checkHosts() []string {
	assumed := m.Assumes("check")
	switch {
	case m.Check == None:
		return nil
	case m.Check == GLD, m.Check == GLDLiteral:
		return []string{HostGLD}
	case m.Check == Yahoo && !assumed:
		return []string{HostYahoo}
	case m.Check == MSN && !assumed:
		return []string{HostMSN}
	}
	return []string{HostGLD, HostYahoo, HostMSN}
}
