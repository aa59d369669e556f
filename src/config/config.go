// Package config holds the settings as typed values.
//
// The settings of the Flask implementation mean here what they mean there, so
// that its config.toml runs unchanged; all else is added to it. A wrong
// setting is refused, never ignored: a photo must not go elsewhere because of
// a letter.
package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"snsbridge/src/camera"
)

// Config is what the program runs by. Paths are absolute.
type Config struct {
	File    string // where it was read from; "" if nowhere
	FromUCI bool   // a router made File, and people know the settings by their names in UCI

	Fingerprint string // identifies the content of File; "" without a file

	Listen        string         // HOST:PORT of the camera port
	Interfaces    []netip.Prefix // local addresses by which a request may come in; none, and not Shared: all
	Shared        bool           // those of NetworkManager's shared connections are among them: IsShared
	ControlSocket string
	StateFolder   string     // for the PIN that was made up and the key of sessions
	Address       netip.Addr // where the names lead, the cameras' and the page's
	PageName      string     // of the phone page, in lower case; "": it has none
	PagePIN       string     // digits; "": one is made up

	UploadFolder     string
	SpoolFolder      string
	FormerFolder     string // whose photos and items are moved here; "": none
	InsecureDownload bool   // everybody on the network may read UploadFolder
	StorePath        string
	Secret           string

	Senders    []string // none: everybody may send
	Recipients []string // addresses and *@domain; none: all
	Cameras    []camera.Model
	CameraMACs []string // the only devices that are served, "00:16:6c:12:34:56"; none: any

	Mail     Mail
	AltText  string // draft, optional or required
	Mastodon map[string]Mastodon
	Shell    map[string]Shell
	Actions  map[string]string // site or address, in lower case, to target

	MaxFile  int64 // bytes of one request
	Reserve  int64 // bytes of the storage that stay free
	KeepDone time.Duration

	// Warnings are sentences about settings that are allowed and unwise.
	Warnings []string
}

// Mail is the smarthost.
type Mail struct {
	Server         string // "": there is none
	Port           int
	Username       string
	Password       string
	StartTLS       bool // required once set
	TLS            bool // from the first byte
	From           string
	PerDay         int
	RemoveLocation bool
}

// Mastodon is one account: [MASTODON] or [MASTODON.name], which has the
// settings of [MASTODON] where it has none of its own.
type Mastodon struct {
	BaseURL        string `toml:"BASE_URL"`
	Token          string `toml:"TOKEN"` // the token, or a file with it
	Postscript     string `toml:"POSTSCRIPT"`
	Visibility     string `toml:"VISIBILITY"`
	Language       string `toml:"LANGUAGE"`
	AltText        string `toml:"ALT_TEXT"`
	RemoveLocation bool   `toml:"REMOVE_LOCATION"`
}

// Shell is one command: [SHELL] or [SHELL.name].
type Shell struct {
	Command        []string `toml:"CMD"`
	Stdin          string   `toml:"STDIN"`
	Timeout        amount   `toml:"TIMEOUT"`
	RemoveLocation bool     `toml:"REMOVE_LOCATION"`

	Limit time.Duration `toml:"-"`
}

// file is the settings file, with the names that it has there.
type file struct {
	FromUCI          bool     `toml:"FROM_UCI"`
	Listen           string   `toml:"LISTEN"`
	Interfaces       []string `toml:"INTERFACES"`
	ControlSocket    string   `toml:"CONTROL_SOCKET"`
	StateFolder      string   `toml:"STATE_FOLDER"`
	Address          string   `toml:"ADDRESS"`
	PageName         string   `toml:"PAGE_NAME"`
	PagePIN          string   `toml:"PAGE_PIN"`
	UploadFolder     string   `toml:"UPLOAD_FOLDER"`
	SessionFolder    string   `toml:"SESSION_FOLDER"` // sessions are in memory
	SpoolFolder      string   `toml:"SPOOL_FOLDER"`
	FormerFolder     string   `toml:"FORMER_FOLDER"`
	InsecureDownload bool     `toml:"INSECURE_DOWNLOAD"`
	Senders          []string `toml:"SENDERS"`
	Recipients       []string `toml:"RECIPIENTS"`
	Secret           string   `toml:"SECRET"`
	Cameras          []string `toml:"CAMERAS"`
	CameraMACs       []string `toml:"CAMERA_MACS"`
	MailServer       string   `toml:"MAIL_SERVER"`
	MailPort         int      `toml:"MAIL_PORT"`
	MailUsername     string   `toml:"MAIL_USERNAME"`
	MailPassword     string   `toml:"MAIL_PASSWORD"`
	MailUseTLS       bool     `toml:"MAIL_USE_TLS"`
	MailUseSSL       bool     `toml:"MAIL_USE_SSL"`
	MailFrom         string   `toml:"MAIL_FROM"`
	MailPerDay       int      `toml:"MAIL_PER_DAY"`
	MailRemove       bool     `toml:"MAIL_REMOVE_LOCATION"`
	StorePath        string   `toml:"STORE_PATH"`
	AltText          string   `toml:"ALT_TEXT"`
	MaxFile          amount   `toml:"MAX_FILE"`
	Reserve          amount   `toml:"RESERVE"`
	KeepDone         amount   `toml:"KEEP_DONE"`

	// One account, as the Flask implementation had it before [MASTODON].
	MastodonBaseURL    string `toml:"MASTODON_BASE_URL"`
	MastodonToken      string `toml:"MASTODON_TOKEN"`
	MastodonPostscript string `toml:"MASTODON_POSTSCRIPT"`
	MastodonVisibility string `toml:"MASTODON_VISIBILITY"`

	Mastodon toml.Primitive    `toml:"MASTODON"`
	Shell    toml.Primitive    `toml:"SHELL"`
	Actions  map[string]string `toml:"ACTIONS"`
}

// Defaults that the command line needs without any settings.
const (
	DefaultAddress  = "10.23.42.99"
	DefaultPageName = "camera.lan"
)

func defaults() file {
	return file{
		Listen:       "127.0.0.1:8080",
		Address:      DefaultAddress,
		PageName:     DefaultPageName,
		UploadFolder: "photos",
		MailPerDay:   200,
		AltText:      "draft",
		MaxFile:      amount{"1 GiB"},
		Reserve:      amount{"16 MiB"},
		KeepDone:     amount{"7 days"},
	}
}

// Default returns the settings of a program that was given none: photos go
// into a folder, which need not be there yet.
func Default(folder string) (*Config, error) {
	c, err := parse("", `UPLOAD_FOLDER = "."`)
	if err != nil {
		return nil, err
	}
	if c.UploadFolder, err = filepath.Abs(folder); err != nil {
		return nil, err
	}
	c.SpoolFolder = filepath.Join(c.UploadFolder, ".spool")
	c.ControlSocket = filepath.Join(c.SpoolFolder, "control.sock")
	c.StateFolder = c.SpoolFolder
	return c, nil
}

// Load reads a settings file. Its error tells all that is wrong, as *Error
// values joined.
func Load(path string) (*Config, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := parse(path, string(b))
	if err == nil {
		c.Fingerprint = fingerprint(b)
		c.checkAccess()
	}
	return c, err
}

// fingerprint identifies the content of a file.
func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

func parse(path, content string) (*Config, error) {
	s := &source{name: path, text: content}
	f := defaults()
	// The types are looked at first, in our words; the library's values are
	// used once they are right.
	var anything map[string]any
	var err error
	if s.meta, err = toml.Decode(content, &anything); err != nil {
		return nil, s.syntax(err)
	}
	if s.checkKeys(); len(s.wrong) > 0 {
		return nil, s.err()
	}
	if s.meta, err = toml.Decode(content, &f); err != nil {
		return nil, s.syntax(err)
	}
	c := s.config(f)
	own := ownAddresses()
	if wrong, remedy := c.unguarded(own); wrong != "" {
		s.fail("LISTEN", wrong, "%s", remedy)
	}
	if at, ok := c.publicAddress(own); ok && len(c.CameraMACs) > 0 {
		c.warn("CAMERA_MACS knows no camera that comes from the Internet to %s: it is refused; remove CAMERA_MACS, or limit INTERFACES to the cameras' own networks", at)
	}
	if len(s.wrong) > 0 {
		return nil, s.err()
	}
	return c, nil
}

// syntax tells what the TOML library does not understand.
func (s *source) syntax(err error) error {
	e := &Error{File: s.name, Wrong: strings.TrimPrefix(err.Error(), "toml: "), Remedy: "a text needs quotes, a list brackets"}
	var p toml.ParseError
	if errors.As(err, &p) {
		e.Line, e.Wrong = p.Position.Line, p.Message
		if p.LastKey != "" {
			e.Wrong += fmt.Sprintf(" (behind %s)", p.LastKey)
		}
	}
	return e
}

// abs returns a path as seen from the settings file.
func (s *source) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	abs, err := filepath.Abs(filepath.Join(filepath.Dir(s.name), path))
	if err != nil {
		return path
	}
	return abs
}
