package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"snsbridge/src/action"
	"snsbridge/src/camera"
	"snsbridge/src/store"
)

// Values that are in the settings as the Flask implementation ships them:
// everybody knows them.
const (
	shippedSecret = "xiev5kaMeehaimub"
	shippedServer = "CHANGEME"
)

// config makes typed values of the file, and notes what is wrong with it.
func (s *source) config(f file) *Config {
	c := &Config{
		File: s.name, FromUCI: f.FromUCI, Listen: f.Listen, InsecureDownload: f.InsecureDownload, Secret: f.Secret,
		Senders: f.Senders, Recipients: f.Recipients, StorePath: f.StorePath, AltText: f.AltText,
		Mail: Mail{
			Server: f.MailServer, Port: f.MailPort, Username: f.MailUsername, Password: f.MailPassword,
			StartTLS: f.MailUseTLS, TLS: f.MailUseSSL, From: f.MailFrom, PerDay: f.MailPerDay, RemoveLocation: f.MailRemove,
		},
	}
	s.addresses(c, f)
	s.page(c, f)
	s.folders(c, f)
	s.limits(c, f)
	s.mail(c)
	for _, id := range f.Cameras {
		m, ok := camera.Find(id)
		if !ok {
			s.fail("CAMERAS", fmt.Sprintf("there is no camera %q in the list of models", id), "see snsbridge models")
		}
		c.Cameras = append(c.Cameras, m)
	}
	s.macs(c, f)
	s.oneOf("ALT_TEXT", f.AltText, altTexts)
	c.Mastodon = s.mastodon(f)
	c.Shell = s.shell(f)
	s.actions(c, f)
	for _, name := range keys(c.Mastodon) {
		c.checkAccount(name)
	}
	for _, name := range keys(c.Shell) {
		c.checkCommand(name)
	}
	if c.Secret == shippedSecret {
		c.warn("SECRET is the one that everybody finds on the Internet; choose one of your own, and note that the folders' names change with it")
	}
	if c.InsecureDownload {
		c.warn("INSECURE_DOWNLOAD is on: everybody on this network can see all photos in %s", c.UploadFolder)
	}
	if c.Mail.Server != "" && len(c.Senders) == 0 && len(c.Recipients) == 0 && len(c.CameraMACs) == 0 {
		c.warn("every device on this network may mail to every address; name your cameras in CAMERA_MACS or SENDERS, or your addressees in RECIPIENTS")
	}
	return c
}

// warn notes what is allowed and unwise. The pages in LuCI have these sentences
// in words of their own (warnings.js): a test of theirs compares them.
func (c *Config) warn(format string, args ...any) {
	c.Warnings = append(c.Warnings, c.Words(fmt.Sprintf(format, args...)))
}

var (
	altTexts     = []string{action.AltDraft, action.AltOptional, action.AltRequired}
	visibilities = []string{"public", "unlisted", "private", "direct"}
)

func (s *source) oneOf(key, value string, allowed []string) {
	if !slices.Contains(allowed, value) {
		s.fail(key, fmt.Sprintf("%q is not possible", value), "choose one of: %s", strings.Join(allowed, ", "))
	}
}

func (s *source) addresses(c *Config, f file) {
	host, port, err := net.SplitHostPort(f.Listen)
	if n, perr := strconv.Atoi(port); err != nil || perr != nil || n < 0 || n > 65535 || host != "" && net.ParseIP(host) == nil {
		s.fail("LISTEN", fmt.Sprintf("%q is not an address with a port", f.Listen), `for example "127.0.0.1:8080", or ":18732" for all addresses`)
	}
	for _, text := range f.Interfaces {
		if text == shared {
			c.Shared = true
			continue
		}
		p, err := netip.ParsePrefix(text)
		if a, aerr := netip.ParseAddr(text); aerr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			s.fail("INTERFACES", fmt.Sprintf("%q is not an address", text), `name the router's own addresses or networks, for example ["192.168.8.1", "192.168.9.0/24"], or "shared" for those of NetworkManager's hotspots`)
			continue
		}
		c.Interfaces = append(c.Interfaces, p)
	}
	for key, list := range map[string][]string{"SENDERS": f.Senders, "RECIPIENTS": f.Recipients} {
		for _, a := range list {
			if strings.TrimSpace(a) == "" {
				s.fail(key, "an empty entry would match nothing", "remove it; an empty list allows everybody")
			}
		}
	}
	for _, a := range f.Senders {
		if text := strings.TrimSpace(a); text == "*" || strings.Contains(text, "@") && strings.ContainsAny(text, "* \t,;") {
			s.fail("SENDERS", fmt.Sprintf("%q would match nobody", a), "make each whole address or user name its own entry of SENDERS; an empty list allows everybody")
		}
	}
	for _, a := range f.Recipients {
		address := strings.TrimSpace(a)
		if domain, all := strings.CutPrefix(address, "*@"); all {
			address = "all@" + domain
		}
		if address != "" && (!strings.Contains(address, "@") || !canMatch(address)) {
			s.fail("RECIPIENTS", fmt.Sprintf("%q is not an address", a), `write "you@example.org", or "*@example.org" for all of a domain, each as its own entry of RECIPIENTS`)
		}
	}
}

// page checks how people come to the phone page.
func (s *source) page(c *Config, f file) {
	var err error
	if c.Address, err = netip.ParseAddr(f.Address); err != nil || !c.Address.Is4() {
		s.fail("ADDRESS", fmt.Sprintf("%q is not an IPv4 address", f.Address), `for example "10.23.42.99"; not in 192.168, which old cameras refuse`)
	}
	c.PageName = strings.ToLower(f.PageName)
	switch {
	case c.PageName != "" && !isHostName(c.PageName):
		s.fail("PAGE_NAME", fmt.Sprintf("%q is not a name that a browser can look up", f.PageName), `for example "camera.lan"`)
	case slices.Contains(camera.Hosts(nil), c.PageName):
		s.fail("PAGE_NAME", c.PageName+" is a name that cameras ask for", `choose another, such as "camera.lan"`)
	}
	c.PagePIN = f.PagePIN
	if n := len(f.PagePIN); n > 0 && (n < 4 || n > 12 || strings.Trim(f.PagePIN, "0123456789") != "") {
		// It is not repeated: this goes to logs.
		s.fail("PAGE_PIN", "is not of 4 to 12 digits", `for example "4711"; without one, snsbridge status shows one that was made up`)
	}
}

// isHostName tells whether a name can be asked for by DNS and typed into a
// browser, where one without a dot would be searched for.
func isHostName(name string) bool {
	labels := strings.Split(name, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	last := labels[len(labels)-1]
	return len(labels) > 1 && len(name) <= 253 && strings.Trim(last, "0123456789") != ""
}

func (s *source) folders(c *Config, f file) {
	c.UploadFolder = s.abs(f.UploadFolder)
	if fi, err := os.Stat(c.UploadFolder); err != nil {
		s.fail("UPLOAD_FOLDER", "there is no folder "+c.UploadFolder, "make it (mkdir), or name one that is there")
	} else if !fi.IsDir() {
		s.fail("UPLOAD_FOLDER", c.UploadFolder+" is not a folder", "name one that is")
	}
	if f.SpoolFolder == "" {
		c.SpoolFolder = filepath.Join(c.UploadFolder, ".spool")
	} else {
		c.SpoolFolder = s.abs(f.SpoolFolder)
		if fi, err := os.Stat(filepath.Dir(c.SpoolFolder)); err != nil || !fi.IsDir() {
			s.fail("SPOOL_FOLDER", "there is no folder "+filepath.Dir(c.SpoolFolder), "make it (mkdir), or name one that is there")
		}
	}
	if f.FormerFolder != "" {
		c.FormerFolder = s.abs(f.FormerFolder)
		if below(c.FormerFolder, c.UploadFolder) || below(c.UploadFolder, c.FormerFolder) {
			s.fail("FORMER_FOLDER", "is not another place than UPLOAD_FOLDER", "remove it, or name the folder where photos were before")
		}
	}
	c.ControlSocket = filepath.Join(c.SpoolFolder, "control.sock")
	if f.ControlSocket != "" {
		c.ControlSocket = s.abs(f.ControlSocket)
	}
	c.StateFolder = c.SpoolFolder
	if f.StateFolder != "" {
		c.StateFolder = s.abs(f.StateFolder)
	}
	if c.StorePath == "" {
		c.StorePath = "{date}"
		if c.Secret != "" {
			c.StorePath = "{sender_hash}"
		}
	}
	if rel, err := filepath.Rel(c.UploadFolder, c.SpoolFolder); c.InsecureDownload && err == nil && filepath.IsLocal(rel) && !strings.Contains("/"+rel, "/.") {
		s.fail("SPOOL_FOLDER", "would be open to everybody by INSECURE_DOWNLOAD", "choose a folder outside of UPLOAD_FOLDER, or one whose name begins with a dot")
	}
	for _, plain := range []string{"{sender}", "{recipient}"} {
		if hash := strings.Replace(plain, "}", "_hash}", 1); strings.Contains(c.StorePath, hash) && c.Secret == "" {
			s.fail("STORE_PATH", hash+" needs a SECRET", `set SECRET = "..." or use %s`, plain)
		}
	}
	if rest := words.Replace(c.StorePath); strings.ContainsAny(rest, "{}") {
		s.fail("STORE_PATH", "contains an unknown placeholder", "use %s", strings.Join(store.Words, " "))
	} else if !filepath.IsLocal(rest) {
		s.fail("STORE_PATH", "leaves UPLOAD_FOLDER", "name a folder below it, without a leading / and without ..")
	}
}

// words stands for what a template's words become: one path element each.
var words = func() *strings.Replacer {
	var pairs []string
	for _, w := range store.Words {
		pairs = append(pairs, w, "x")
	}
	return strings.NewReplacer(pairs...)
}()

func (s *source) limits(c *Config, f file) {
	var ok bool
	if c.MaxFile, ok = f.MaxFile.bytes(); !ok || c.MaxFile < 1<<20 {
		s.fail("MAX_FILE", fmt.Sprintf("%q is not a size of 1 MiB or more", f.MaxFile.text), `for example MAX_FILE = "1 GiB"`)
	}
	if c.Reserve, ok = f.Reserve.bytes(); !ok || c.Reserve < 0 {
		s.fail("RESERVE", fmt.Sprintf("%q is not a size", f.Reserve.text), `for example RESERVE = "16 MiB"`)
	}
	if c.KeepDone, ok = f.KeepDone.duration(); !ok {
		s.fail("KEEP_DONE", fmt.Sprintf("%q is not a duration", f.KeepDone.text), `for example KEEP_DONE = "7 days"`)
	}
}

func (s *source) mail(c *Config) {
	m := &c.Mail
	if m.Server == "" {
		for _, key := range []string{"MAIL_PORT", "MAIL_USERNAME", "MAIL_PASSWORD", "MAIL_USE_TLS", "MAIL_USE_SSL", "MAIL_FROM", "MAIL_REMOVE_LOCATION"} {
			if s.line(key) > 0 {
				s.fail(key, "has no use without MAIL_SERVER", `add MAIL_SERVER = "smtp.example.org"`)
			}
		}
		return
	}
	if strings.ContainsAny(m.Server, "/: @") {
		s.fail("MAIL_SERVER", fmt.Sprintf("%q is not a host name", m.Server), "the name alone, without https:// and port")
	}
	if m.Server == shippedServer {
		c.warn("MAIL_SERVER is still CHANGEME: e-mails will wait until you name your provider's server")
	}
	switch {
	case m.Port == 0 && s.line("MAIL_PORT") == 0:
		m.Port = 25
		if m.TLS {
			m.Port = 465
		} else if m.StartTLS {
			m.Port = 587
		}
	case m.Port < 1 || m.Port > 65535:
		s.fail("MAIL_PORT", "must be from 1 to 65535", "most providers have 587 (with MAIL_USE_TLS) or 465 (with MAIL_USE_SSL)")
	}
	if m.TLS && m.Port == 587 {
		c.warn("MAIL_PORT 587 is for MAIL_USE_TLS, not for MAIL_USE_SSL: if no mail goes out, change one or the other")
	} else if !m.TLS && m.Port == 465 {
		c.warn("MAIL_PORT 465 is for MAIL_USE_SSL: if no mail goes out, change one or the other")
	}
	if m.StartTLS && m.TLS {
		s.fail("MAIL_USE_SSL", "cannot be on together with MAIL_USE_TLS", "port 587 wants MAIL_USE_TLS alone, port 465 MAIL_USE_SSL alone")
	}
	if (m.Username == "") != (m.Password == "") {
		c.warn("MAIL_USERNAME and MAIL_PASSWORD belong together: with one of them nobody is logged in")
	}
	if m.Username != "" && !m.StartTLS && !m.TLS && !loopback(m.Server) {
		s.fail("MAIL_PASSWORD", "would be sent unencrypted", "add MAIL_USE_TLS = true (port 587) or MAIL_USE_SSL = true (port 465)")
	}
	if m.From != "" {
		if _, err := mail.ParseAddress(m.From); err != nil {
			s.fail("MAIL_FROM", fmt.Sprintf("%q is not an address", m.From), `for example "you@example.org" or "My camera <you@example.org>"`)
		}
	}
	if m.PerDay < 1 {
		s.fail("MAIL_PER_DAY", "must be 1 or more", "to mail nothing at all, remove MAIL_SERVER")
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// actions checks that every rule leads somewhere.
func (s *source) actions(c *Config, f file) {
	c.Actions = map[string]string{}
	for key, target := range f.Actions {
		kind, instance, _ := strings.Cut(strings.ToLower(target), ".")
		name := strings.ToLower(target)
		at := "ACTIONS." + key
		_, masto := c.Mastodon[name]
		command, shell := c.Shell[name]
		switch {
		case !canMatch(key):
			s.fail(at, fmt.Sprintf(noMatch, key), matchRemedy)
		case kind == "mastodon" && !masto, kind == "shell" && !shell:
			s.fail(at, fmt.Sprintf("there is no section [%s]", strings.ToUpper(kind)+dotted(instance)), "add it, or choose another action")
		case kind == "shell" && len(command.Command) == 0:
			s.fail(at, fmt.Sprintf("the section [%s] has no CMD", strings.ToUpper(kind)+dotted(instance)), `for example CMD = ["/usr/bin/logger", "{filename}"]`)
		case kind == "email" && c.Mail.Server == "":
			s.fail(at, "mailing needs a MAIL_SERVER", `add MAIL_SERVER = "smtp.example.org"`)
		case kind == "email" && !strings.Contains(key, "@"):
			s.fail(at, "a post to a site has no addressee whom it could be mailed to", "choose one of: store, mastodon, shell, drop")
		case (kind == "email" || kind == "drop") && instance != "":
			s.fail(at, fmt.Sprintf("%s has no instances", kind), "write %q", kind)
		case kind == "store" && instance != "" && !isFolderName(instance):
			s.fail(at, fmt.Sprintf("%q is not a folder name", instance), "use letters and digits")
		case !slices.Contains([]string{"store", "drop", "email", "mastodon", "shell"}, kind):
			s.fail(at, fmt.Sprintf("there is no action %q", target), "choose one of: store, email, mastodon, shell, drop")
		}
		if old, ok := c.Actions[strings.ToLower(key)]; ok && old != name {
			s.fail(at, "stands there twice with different actions", "names match without regard to case: remove one")
		}
		c.Actions[strings.ToLower(key)] = name
	}
}

const (
	noMatch     = "%q is neither a site nor an address"
	matchRemedy = `this can never match; use the site name that the camera sends, such as "facebook", or a whole address; each address needs a rule of its own`
)

// canMatch tells whether a camera can ask for what a rule is for. Sites are
// letters and digits, as in the paths that cameras use.
func canMatch(key string) bool {
	if strings.Contains(key, "@") {
		a, err := mail.ParseAddress("<" + key + ">")
		return err == nil && a.Address == key && !strings.ContainsAny(key, `*?"`)
	}
	return key != "" && len(key) <= 32 && !strings.ContainsFunc(strings.ToLower(key), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	})
}

// isFolderName tells whether a name can be one folder below the photo folder.
func isFolderName(name string) bool {
	return filepath.IsLocal(name) && !strings.ContainsAny(name, `/\.`)
}

func dotted(s string) string {
	if s == "" {
		return ""
	}
	return "." + s
}
