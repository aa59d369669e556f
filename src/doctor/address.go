package doctor

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"snsbridge/src/config"
	"snsbridge/src/control"
)

// near is a network that this machine is in, or has a way to.
type near struct {
	device  string
	network netip.Prefix
}

// unused checks that the address of the names belongs to nobody: no network
// that is near has it.
func (d *Doctor) unused() Finding {
	list, err := d.nearby()
	if err != nil {
		return skipped("networks-unknown", "the networks of this machine cannot be read: "+err.Error(), "", "error", err.Error())
	}
	var all []netip.Prefix
	for _, n := range list {
		all = append(all, n.network)
	}
	for _, n := range list {
		if !n.network.Contains(d.Address) {
			continue
		}
		free := config.FreeAddress(all).String()
		params := []string{"address", d.Address.String(), "network", n.network.String(), "device", n.device, "free", free}
		remedy := "Choose another address in the settings, such as " + free + "."
		where := fmt.Sprintf("%s is in the network %s of %s", d.Address, n.network, n.device)
		if slices.ContainsFunc(d.Config.Interfaces, n.network.Overlaps) { // cameras come in there
			return failed("address-among-cameras", where+": cameras look for it among their neighbours, and never find the bridge", remedy, params...)
		}
		return warning("address-in-use", where+": a device there that has it cannot be reached from here; cameras can send all the same", remedy, params...)
	}
	return ok("%s is in no network of this machine", d.Address)
}

func (d *Doctor) nearby() ([]near, error) {
	if d.near != nil {
		return d.near, nil
	}
	f, err := os.Open("/proc/net/route")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return routes(f), nil
}

// routes reads a table such as /proc/net/route: numbers in hexadecimal, as the
// machine has them in memory. Shorter than /8 are the ways to all the rest.
//
//	Iface  Destination  Gateway   Flags  RefCnt  Use  Metric  Mask      MTU  Window  IRTT
//	br-lan 0008A8C0     00000000  0001   0       0    0       00FFFFFF  0    0       0
func routes(table io.Reader) (list []near) {
	sc := bufio.NewScanner(table)
	for sc.Scan() {
		f := strings.Fields(sc.Text())
		if len(f) < 8 {
			continue
		}
		to, err1 := hex.DecodeString(f[1])
		mask, err2 := hex.DecodeString(f[7])
		if err1 != nil || err2 != nil || len(to) != 4 || len(mask) != 4 {
			continue
		}
		var a [4]byte
		binary.NativeEndian.PutUint32(a[:], binary.BigEndian.Uint32(to))
		var m [4]byte
		binary.NativeEndian.PutUint32(m[:], binary.BigEndian.Uint32(mask))
		if ones, bits := net.IPMask(m[:]).Size(); bits == 32 && ones >= 8 {
			list = append(list, near{f[0], netip.PrefixFrom(netip.AddrFrom4(a), ones)})
		}
	}
	return list
}

// virtual tries the address to which the names lead. A redirect of OpenWrt's
// firewall is for what comes in by an interface: the router's own connections
// never meet it. Its rules are shown to root alone; for others the proof is
// that somebody came by it.
func (d *Doctor) virtual(ctx context.Context, came *control.Redirected) Finding {
	port := d.web
	if port == 0 {
		port = 80
	}
	// From a router it would be a stranger on the Internet's side.
	if d.Router == "" && hotspotCheck(ctx, netip.AddrPortFrom(d.Address, port).String()) == nil {
		return ok("%s leads to the bridge", d.Address)
	}
	there, known := d.redirect(ctx)
	switch {
	case known && !there:
		return failed("address-no-redirect", fmt.Sprintf("the firewall does not bring port 80 of %s to the bridge", d.Address),
			"Restart the bridge, then the firewall: /etc/init.d/firewall restart. What it does not like about the rule stands in the log.", "address", d.Address.String())
	case known:
		return ok("the firewall brings port 80 of %s to the bridge", d.Address)
	case came != nil:
		return ok("%s came by %s, %d minutes ago", came.Client, d.Address, came.SecondsAgo/60)
	}
	return skipped("address-unknown", fmt.Sprintf("whether %s leads to the bridge cannot be seen from the router itself, and nobody has come by it yet", d.Address),
		fmt.Sprintf("Open http://%s/ with a phone on the cameras' Wi-Fi: it must show snsbridge.", d.Address),
		"address", d.Address.String())
}

// redirect tells whether the firewall has our rule, if it can be asked.
func (d *Doctor) redirect(ctx context.Context) (there, known bool) {
	list := d.rules
	if list == nil {
		list = commandOutput
	}
	for _, tool := range []struct {
		command []string
		marks   []string // of our rule
	}{
		{[]string{"nft", "-t", "list", "ruleset"}, []string{" daddr " + d.Address.String() + " ", " dport 80 ", "redirect"}},
		{[]string{"iptables-save", "-t", "nat"}, []string{" -d " + d.Address.String() + "/32 ", " --dport 80 ", "REDIRECT"}},
	} {
		rules, err := list(ctx, tool.command...)
		if err != nil || len(bytes.TrimSpace(rules)) == 0 {
			continue
		}
		known = true
		for line := range strings.Lines(string(rules)) {
			if !slices.ContainsFunc(tool.marks, func(m string) bool { return !strings.Contains(line, m) }) {
				return true, true
			}
		}
	}
	return false, known
}

const rulesMax = 1 << 20 // bytes of a firewall's rules, without the members of sets

// commandOutput returns what a program says. Only root is told of rules, so
// others need not ask.
func commandOutput(ctx context.Context, argv ...string) ([]byte, error) {
	if os.Geteuid() != 0 {
		return nil, os.ErrPermission
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(out, rulesMax))
	io.Copy(io.Discard, out)
	if werr := cmd.Wait(); err == nil {
		err = werr
	}
	return b, err
}

// portTaken tells whether another program has the bridge's port.
func portTaken(listen string) (port string, taken bool) {
	_, port, err := net.SplitHostPort(listen)
	if n, _ := strconv.Atoi(port); err != nil || n == 0 {
		return "", false
	}
	l, err := net.Listen("tcp", listen)
	if err == nil {
		l.Close()
		return port, false
	}
	return port, isTaken(err)
}
