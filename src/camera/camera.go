// Package camera is the table of Samsung cameras with Wi-Fi upload: which services each has, what it wants
// to hear, what works.
//
// Much of it nobody has ever shown. That is left Unknown or is marked as a guess (Maybe, Model.Assumed), and
// who reads the table must cope with both, as Hosts does.
package camera

import (
	"slices"
	"strings"
)

// Model is one row of the table. The zero value of a field says Unknown.
type Model struct {
	ID         string // as its owner says it, without blanks: "NX300"
	Alias      string // a second name that Find takes, or ""
	Name       string // for display, where it is not the ID
	Year       int    // announced or first sold; 0 if unknown
	Generation Generation
	Email      Answer // sends photos by e-mail
	Photo      Answer // sends photos to social sites
	Video      Answer // sends videos to social sites
	Check      Check
	Refuses192 Answer // takes a server at 192.168.x.x for a captive portal; No: no such trouble reported
	Login      Login
	Status     Status
	Assumed    string // which of "year generation check login" are guesses in this row, separated by blanks
	Note       string // one short sentence for the owner, or ""
	Source     string // where the row is known from
}

// Unknown is an Answer, a Check or a Login that nobody has looked at.
const Unknown = ""

// None is a Check or a Login that the camera never makes, and the Status of a camera without these services.
const None = "none"

// Answer is what is known of one ability.
type Answer string

const (
	Yes   Answer = "yes"
	Maybe Answer = "maybe" // inferred, from a sister model or from the status; shown by nobody
	No    Answer = "no"
)

// Check is the hotspot check: what a camera asks for before anything else, to learn whether a captive
// portal is in its way. If the answer does not please it, it goes no further by itself.
type Check string

const (
	// GLD asks HostGLD and is content with any answer of status 200 (capture of an NX300, 2013). The NX500
	// was reported to work with a body and, later, with an empty one. Whether a model marked as assumed
	// needs what GLDLiteral needs is open, so a server should give each of them GLDLiteral's answer.
	GLD Check = "gld"

	// GLDLiteral asks HostGLD and searches the raw answer for three literals: `ETag: "`, `Server: nginx/`
	// and `Content-Length: 0`, upper and lower case as here (firmware 1.10 of the NX mini).
	GLDLiteral Check = "gld_literal"

	// Yahoo asks HostYahoo and wants either a cookie for a .yahoo domain, with the leading dot, or a redirect
	// whose Location has "yahoo." at offset 11 or before: http://www.yahoo. passes, https://www.yahoo. does
	// not (firmware of the WB850F; the cookie was reported to work with the ST200F).
	Yahoo Check = "yahoo"

	// MSN asks HostMSN (seen of a DV150F, issue #4 of samsung-nx-emailservice) and wants a cookie for
	// .msn.com, with the leading dot. Some models may want a redirect to http://msn.com instead; the WB37F
	// refuses that (commit 57f95a0 there).
	MSN Check = "msn"
)

// Login is how user name and password come in a login to a social site.
type Login string

const (
	// Encrypted is AES-128-CBC with key and IV sent beside it in clear (captures of an NX300). For every
	// other model it is assumed, because their uploads were reported to work with a server that expects it.
	Encrypted Login = "encrypted"

	// Plain is percent-encoded text, and a CryptSessionKey without a value (HMX-QF30, by commit 2ea84c0 of
	// samsung-nx-emailservice, which says that the login is made over TLS).
	Plain Login = "plain"
)

// Status is how far uploads were reported to work with samsung-nx-emailservice, the first server to
// stand in for Samsung's. None of the reports is about the server of this project.
type Status string

const (
	Works     Status = "works"
	Partly    Status = "partly"    // reported so, without a word on what fails
	Untested  Status = "untested"  // nobody who has the camera has told
	Undecoded Status = "undecoded" // what it asks for, or wants to hear, is not understood yet
)

// Generation is the family of hardware and firmware; models of one generation tend to behave alike.
type Generation string

const (
	NXTizen        Generation = "nx_tizen"        // mirrorless, DRIMe IV or V, Linux (Tizen)
	NXVxWorks      Generation = "nx_vxworks"      // mirrorless, DRIMe III, VxWorks
	NXM7MU         Generation = "nx_m7mu"         // mirrorless, Fujitsu M7MU (Milbeaut)
	CompactVxWorks Generation = "compact_vxworks" // compact, DRIMe III, VxWorks
	CompactCOACH   Generation = "compact_coach"   // compact, Zoran COACH
	Compact        Generation = "compact"         // compact, chip unknown
	Camcorder      Generation = "camcorder"       // camcorder, chip unknown
)

// Kind is the word that users have for the generation: "mirrorless", "compact" or "camcorder".
func (g Generation) Kind() string {
	switch g {
	case NXTizen, NXVxWorks, NXM7MU:
		return "mirrorless"
	case Camcorder:
		return "camcorder"
	}
	return "compact"
}

// Title is the model's name for display.
func (m Model) Title() string {
	if m.Name != "" {
		return m.Name
	}
	return m.ID
}

// Services lists what the model has or may have of "email", "photo" and "video".
func (m Model) Services() []string {
	list := []string{}
	for _, s := range m.services() {
		if s.has == Yes || s.has == Maybe {
			list = append(list, s.name)
		}
	}
	return list
}

// Assumes tells whether a fact is a guess: "year", "generation", "check", "login" or a name from Services.
func (m Model) Assumes(fact string) bool { return slices.Contains(m.assumed(), fact) }

func (m Model) assumed() []string {
	list := strings.Fields(m.Assumed)
	for _, s := range m.services() {
		if s.has == Maybe {
			list = append(list, s.name)
		}
	}
	return list
}

type service struct {
	name string
	has  Answer
}

func (m Model) services() [3]service {
	return [3]service{{"email", m.Email}, {"photo", m.Photo}, {"video", m.Video}}
}
