package smtp

import (
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
)

// hello introduces us, and learns what the server offers. Some servers refuse
// an address literal, which RFC 5321 4.1.3 allows, and take a name; a few
// old ones know HELO alone, with which there is neither TLS nor a login.
func (c *Session) hello() error {
	r, err := c.introduce("EHLO")
	if code := codeOf(err); code == 500 || code == 502 {
		switch {
		case c.server.StartTLS && !c.secure:
			return c.failed("STARTTLS", ErrStartTLS)
		case c.server.User != "":
			return c.failed("AUTH", ErrAuth)
		}
		r, err = c.introduce("HELO")
		r.Text = ""
	}
	if err != nil {
		return err
	}
	c.extensions = map[string]string{}
	for _, line := range strings.Split(r.Text, "\n")[1:] {
		// "AUTH=LOGIN PLAIN" is a form older than the standard; some servers
		// offer it to please old programs.
		key, value, _ := strings.Cut(strings.Replace(strings.TrimSpace(line), "=", " ", 1), " ")
		key = strings.ToUpper(key)
		c.extensions[key] = strings.TrimSpace(c.extensions[key] + " " + value)
	}
	// A number that cannot be read is 0: no limit is known. RFC 1870 says so
	// of "SIZE 0", too.
	c.Size, _ = strconv.ParseInt(c.extensions["SIZE"], 10, 64)
	c.Size = max(c.Size, 0)
	return nil
}

// introduce says EHLO or HELO with the first of our names that the server takes.
func (c *Session) introduce(verb string) (Reply, error) {
	if c.names == nil {
		c.names = c.localNames()
	}
	for {
		r, err := c.command("EHLO", c.timeouts.Command, 2, verb+" "+c.names[0])
		refused := slices.Contains([]int{501, 504, 550, 553, 554}, codeOf(err))
		if !refused || len(c.names) == 1 {
			return r, err
		}
		c.names = c.names[1:]
	}
}

// Rename introduces us by another name, for servers that say only later that
// they do not accept the one before. ok is false if there is none left.
func (c *Session) Rename() (ok bool, err error) {
	if len(c.names) < 2 {
		return false, nil
	}
	c.names = c.names[1:]
	return true, c.hello()
}

// codeOf returns the code of the server's reply in an error, 0 if there is none.
func codeOf(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// localNames returns what we can call ourselves, the best first.
func (c *Session) localNames() []string {
	const name = "snsbridge.local" // a machine at home has none that the world knows
	if c.server.LocalName != "" {
		return []string{c.server.LocalName}
	}
	if a, ok := c.wire.LocalAddr().(*net.TCPAddr); ok && a.IP != nil {
		literal := "[IPv6:" + a.IP.String() + "]"
		if ip := a.IP.To4(); ip != nil {
			literal = "[" + ip.String() + "]"
		}
		return []string{literal, name}
	}
	return []string{name}
}
