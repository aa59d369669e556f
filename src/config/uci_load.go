package config

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
)

// What the router's package runs by unless it is told otherwise.
const (
	uciPort     = 18732 // GL.iNet has taken those that come to mind
	uciNetworks = "lan guest"
	uciSocket   = "/var/run/snsbridge/control.sock"
	uciState    = "/etc/snsbridge/state" // the init script makes it
)

// UCI is the settings of a router: those of the program, and what only the
// router's init script needs.
type UCI struct {
	Config   *Config
	Enabled  bool
	Address  netip.Addr // where the cameras' names lead
	Port     int        // to which ports 80 and 443 of the address are redirected
	Networks []string   // by which cameras come in, as in /etc/config/network
	Zones    []string   // of the firewall, in which the networks are; set by Join

	places  []place // for photos, the best first
	place   place   // the one in use
	reserve bool    // the room that stays free is said
}

// LoadUCI reads a file of UCI. Its error tells all that is wrong, as *Error
// values joined, in UCI's words. Where photos are kept is decided by what is
// mounted now; nothing is written.
func LoadUCI(file string) (*UCI, error) {
	return loadUCI(file, "/proc/self/mountinfo")
}

func loadUCI(file, mountinfo string) (*UCI, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	s := &uciSource{file: file, from: map[string]origin{}}
	if s.sections, err = readUCI(file, string(b)); err != nil {
		return nil, err
	}
	if s.names(); len(s.wrong) > 0 {
		return nil, s.err()
	}
	mounts, err := readMounts(mountinfo)
	if err != nil {
		return nil, err
	}
	u := &UCI{}
	t := map[string]any{"FROM_UCI": true, "CONTROL_SOCKET": uciSocket, "STATE_FOLDER": uciState}
	s.main(u, t)
	s.storage(u, t, mounts)
	s.smarthost(t)
	s.copy(s.only("cameras"), t, "")
	s.copy(s.only("phone"), t, "")
	s.instances("mastodon", t)
	s.instances("shell", t)
	s.rules(t)
	if u.Config, err = s.config(t); err != nil {
		return nil, err
	}
	u.keep(u.places[0])
	u.Config.checkAccess()
	return u, nil
}

// config makes the settings of TOML, which has the checks, and tells in UCI's
// words what these say.
func (s *uciSource) config(t map[string]any) (*Config, error) {
	c, err := parse(s.file, string(appendTOML(nil, "", t)))
	if wrong, ok := err.(interface{ Unwrap() []error }); ok {
		for _, err := range wrong.Unwrap() {
			s.translate(err)
		}
	} else if err != nil {
		return nil, err
	}
	if len(s.wrong) > 0 {
		return nil, s.err()
	}
	return c, nil
}

// translate notes what is wrong with a setting of TOML, where it comes from.
func (s *uciSource) translate(err error) {
	e, ok := err.(*Error)
	if !ok {
		e = &Error{Wrong: err.Error()}
	}
	if from, ok := s.from[strings.ToLower(e.Key)]; ok {
		s.fail(from.section, from.option, inUCI(e.Wrong), "%s", inUCI(e.Remedy))
		return
	}
	s.wrong = append(s.wrong, &Error{File: s.file, Key: inUCI(e.Key), Wrong: inUCI(e.Wrong), Remedy: inUCI(e.Remedy)})
}

func (s *uciSource) err() error { return (&source{wrong: s.wrong}).err() }

// only returns the section of which there is one, or an empty one.
func (s *uciSource) only(typ string) *uciSection {
	for _, sec := range s.sections {
		if sec.typ == typ {
			return sec
		}
	}
	return &uciSection{typ: typ}
}

// copy puts the options of a section that TOML has, too, into a table.
func (s *uciSource) copy(sec *uciSection, t map[string]any, prefix string) {
	for name, key := range uciOptions[sec.typ] {
		if key.toml == "" {
			continue
		}
		s.from[strings.ToLower(prefix+key.toml)] = origin{sec, name}
		if key.kind == special {
			continue
		}
		if v := s.value(sec, name, key.kind); v != nil {
			t[key.toml] = v
		}
	}
}

// main reads the section that is for the router itself.
func (s *uciSource) main(u *UCI, t map[string]any) {
	sec := s.only("snsbridge")
	u.Enabled = s.value(sec, "enabled", truth) != false
	var ok bool
	if u.Port, ok = s.value(sec, "port", number).(int); !ok {
		u.Port = uciPort
	}
	if u.Port <= 1024 || u.Port >= 32768 {
		s.fail(sec, "port", fmt.Sprintf("%d is not possible", u.Port), "choose one from 1025 to 32767, such as %d", uciPort)
	}
	t["LISTEN"] = fmt.Sprintf(":%d", u.Port)
	s.from["address"] = origin{sec, "address"}
	if u.Address = s.address(sec); u.Address.Is4() {
		t["ADDRESS"] = u.Address.String()
	}
	u.Networks = strings.Fields(uciNetworks)
	if o, _ := s.value(sec, "network", list).([]string); o != nil {
		u.Networks = strings.Fields(strings.Join(o, " "))
	}
	for _, n := range u.Networks {
		if !uciName(n) {
			s.fail(sec, "network", fmt.Sprintf("%q is not a network", n), "name one of /etc/config/network, such as lan")
		}
	}
}

func (s *uciSource) smarthost(t map[string]any) {
	sec := s.only("smarthost")
	mode, _ := s.value(sec, "encryption", text).(string)
	if mode == "" && sec.option("server") != nil {
		mode = "starttls"
	}
	for _, key := range []string{"mail_use_tls", "mail_use_ssl"} {
		s.from[key] = origin{sec, "encryption"}
	}
	switch mode {
	case "":
	case "starttls", "none":
		t["MAIL_USE_TLS"] = mode == "starttls"
	case "tls":
		t["MAIL_USE_SSL"] = true
	default:
		t["MAIL_USE_TLS"] = true
		s.fail(sec, "encryption", fmt.Sprintf("%q is not possible", mode), "choose starttls (port 587), tls (port 465) or none")
	}
	s.copy(sec, t, "")
}

// instances makes a table of the sections of a type, by their names.
func (s *uciSource) instances(typ string, t map[string]any) {
	all := map[string]any{}
	for _, sec := range s.sections {
		if sec.typ != typ {
			continue
		}
		one := map[string]any{}
		s.copy(sec, one, typ+"."+sec.name+".")
		all[sec.name] = one
		s.from[strings.ToLower(typ+"."+sec.name)] = origin{sec, ""}
		if token, _ := one["TOKEN"].(string); strings.Contains(token, "/") && !filepath.IsAbs(token) {
			s.fail(sec, "token", "is neither a token nor a whole path", "for example option token '/etc/snsbridge/%s.token'", sec.name)
		}
		if typ == "shell" && one["CMD"] == nil {
			s.fail(sec, "", "has no command", "for example list command '/usr/bin/logger', and a list command for each word behind it")
		}
	}
	if len(all) > 0 {
		t[strings.ToUpper(typ)] = all
	}
}
