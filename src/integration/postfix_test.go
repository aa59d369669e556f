//go:build integration

package integration

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// postfix is a mail server of its own, apart from one that the machine may
// have. It wants STARTTLS and a login, and keeps mail for a@b.example and
// c@b.example.
type postfix struct {
	tb     testing.TB
	folder string
	port   int
	log    string
}

const (
	postfixUser     = "me@mail.test.example"
	postfixPassword = "pass word"
	postfixLimit    = 25_000_000 // bytes of a mail
)

// more are lines of main.cf.
func startPostfix(tb testing.TB, a *authority, more ...string) *postfix {
	tb.Helper()
	// Postfix' own user has to get at it, so it is not below tb.TempDir().
	folder, err := os.MkdirTemp("", "postfix-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { os.RemoveAll(folder) })
	p := &postfix{tb: tb, folder: folder, port: freePort(tb), log: filepath.Join(folder, "log")}
	p.configure(a, more)
	master := exec.Command("/usr/lib/postfix/sbin/master", "-d", "-c", p.path("etc"))
	var said output
	said.changed = make(chan struct{})
	master.Stdout, master.Stderr = &said, &said
	master.SysProcAttr = withTests
	if err := master.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		master.Process.Kill()
		master.Wait()
		if tb.Failed() {
			log, _ := os.ReadFile(p.log)
			tb.Logf("Postfix said:\n%s%s", said.tail(20), log)
		}
	})
	eventually(tb, func() error {
		c, err := net.Dial("tcp", p.address())
		if err == nil {
			c.Close()
		}
		return err
	})
	return p
}

func (p *postfix) path(names ...string) string {
	return filepath.Join(append([]string{p.folder}, names...)...)
}

func (p *postfix) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)) }

// settings lead a bridge to the server.
func (p *postfix) settings() []string {
	return []string{
		`MAIL_SERVER = "127.0.0.1"`, fmt.Sprintf(`MAIL_PORT = %d`, p.port), `MAIL_USE_TLS = true`,
		fmt.Sprintf(`MAIL_USERNAME = %q`, postfixUser), fmt.Sprintf(`MAIL_PASSWORD = %q`, postfixPassword),
	}
}

func freePort(tb testing.TB) int {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// configure writes what the server is told, and makes its folders.
func (p *postfix) configure(a *authority, more []string) {
	tb := p.tb
	tb.Helper()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	id := func(text string) int {
		tb.Helper()
		n, err := strconv.Atoi(text)
		must(err)
		return n
	}
	owner, err := user.Lookup("postfix")
	must(err)
	drop, err := user.LookupGroup("postdrop")
	must(err)
	uid, gid, dropGid := id(owner.Uid), id(owner.Gid), id(drop.Gid)
	folder := func(mode os.FileMode, uid, gid int, names ...string) {
		tb.Helper()
		must(os.MkdirAll(p.path(names...), 0o755))
		must(os.Chown(p.path(names...), uid, gid))
		must(os.Chmod(p.path(names...), mode))
	}
	folder(0o755, 0, 0)
	folder(0o755, 0, 0, "etc", "sasl") // where Debian's Postfix looks for smtpd.conf
	folder(0o755, 0, 0, "queue")
	folder(0o755, 0, 0, "queue", "pid")
	folder(0o700, uid, gid, "data")
	folder(0o755, uid, gid, "mail")
	for _, name := range strings.Fields("active bounce corrupt defer deferred flush hold incoming private saved trace") {
		folder(0o700, uid, gid, "queue", name)
	}
	folder(0o730, uid, dropGid, "queue", "maildrop")
	folder(0o710, uid, dropGid, "queue", "public")

	cert, key := a.server(tb)
	file := func(mode os.FileMode, content string, names ...string) {
		tb.Helper()
		must(os.WriteFile(p.path(names...), []byte(content), mode))
	}
	file(0o644, string(cert), "etc", "cert.pem")
	file(0o600, string(key), "etc", "key.pem")
	file(0o644, `
compatibility_level = 3.6
queue_directory = `+p.path("queue")+`
data_directory = `+p.path("data")+`
maillog_file = `+p.log+`
maillog_file_prefixes = `+p.folder+`
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.test.example
mydestination =
mynetworks = 192.0.2.1/32
alias_maps =
smtpd_peername_lookup = no
smtputf8_enable = no
message_size_limit = `+strconv.Itoa(postfixLimit)+`
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = b.example
virtual_mailbox_base = `+p.path("mail")+`
virtual_mailbox_maps = inline:{ {a@b.example = a/}, {c@b.example = c/} }
virtual_uid_maps = static:`+owner.Uid+`
virtual_gid_maps = static:`+owner.Gid+`
virtual_minimum_uid = 1
smtpd_tls_cert_file = `+p.path("etc", "cert.pem")+`
smtpd_tls_key_file = `+p.path("etc", "key.pem")+`
smtpd_tls_security_level = encrypt
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = reject_unlisted_recipient
`+strings.Join(more, "\n")+"\n", "etc", "main.cf")
	file(0o644, fmt.Sprintf(`
127.0.0.1:%d inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`, p.port), "etc", "master.cf")

	passwords := p.path("etc", "passwords")
	file(0o644, "pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: "+passwords+"\nmech_list: PLAIN LOGIN CRAM-MD5\n", "etc", "sasl", "smtpd.conf")
	name, realm, _ := strings.Cut(postfixUser, "@")
	c := exec.Command("/usr/sbin/saslpasswd2", "-p", "-c", "-f", passwords, "-u", realm, name)
	c.Stdin = strings.NewReader(postfixPassword)
	out, err := c.CombinedOutput()
	if err != nil {
		tb.Fatalf("%v: %v\n%s", c, err, out)
	}
	must(os.Chown(passwords, 0, gid))
	must(os.Chmod(passwords, 0o640))
}

// inbox returns the mails that somebody got, by subject.
func (p *postfix) inbox(name string) (map[string]letter, error) {
	files, err := filepath.Glob(p.path("mail", name, "new", "*"))
	if err != nil {
		return nil, err
	}
	mails := map[string]letter{}
	for _, path := range files {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		l, err := readLetter(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		if _, twice := mails[l.subject]; twice {
			return nil, fmt.Errorf("%s has %q twice", name, l.subject)
		}
		mails[l.subject] = l
	}
	return mails, nil
}
