package config

import (
	_ "embed" // for the list of options
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// UCIOptions is a settings file of a router with all options, each with its
// default or an example, and a remark.
//
//go:embed options.uci
var UCIOptions string

// uciKey is what an option is in TOML. One without a name there is for the
// router alone.
type uciKey struct {
	toml string
	kind string // text, number, truth, list, size or special
}

// special is the kind of those that have another form in TOML.
const special = "special"

// uciOptions are all options, by the type of their section.
var uciOptions = map[string]map[string]uciKey{
	"snsbridge": {
		"enabled": {"", special}, "port": {"LISTEN", special}, "address": {"ADDRESS", special}, "network": {"", special},
	},
	"cameras": {
		"model": {"CAMERAS", list}, "mac": {"CAMERA_MACS", list}, "sender": {"SENDERS", list},
	},
	"phone": {
		"pin": {"PAGE_PIN", text}, "name": {"PAGE_NAME", text},
	},
	"storage": {
		"path": {"UPLOAD_FOLDER", special}, "store_path": {"STORE_PATH", text}, "secret": {"SECRET", text},
		"insecure_download": {"INSECURE_DOWNLOAD", truth},
		"max_file":          {"MAX_FILE", size}, "reserve": {"RESERVE", size}, "keep_done": {"KEEP_DONE", size},
	},
	"smarthost": {
		"server": {"MAIL_SERVER", text}, "encryption": {"MAIL_USE_TLS", special}, "port": {"MAIL_PORT", number},
		"username": {"MAIL_USERNAME", text}, "password": {"MAIL_PASSWORD", text}, "from": {"MAIL_FROM", text},
		"per_day": {"MAIL_PER_DAY", number}, "remove_location": {"MAIL_REMOVE_LOCATION", truth},
		"recipient": {"RECIPIENTS", list},
	},
	"mastodon": {
		"base_url": {"BASE_URL", text}, "token": {"TOKEN", text}, "postscript": {"POSTSCRIPT", text},
		"visibility": {"VISIBILITY", text}, "language": {"LANGUAGE", text}, "alt_text": {"ALT_TEXT", text},
		"remove_location": {"REMOVE_LOCATION", truth},
	},
	"shell": {
		"command": {"CMD", list}, "stdin": {"STDIN", text}, "timeout": {"TIMEOUT", size}, "remove_location": {"REMOVE_LOCATION", truth},
	},
	"rule": {
		"match": {"", special}, "action": {"", special}, "account": {"", special}, "command": {"", special}, "folder": {"", special},
	},
}

// uciSource is a file of UCI on its way to TOML.
type uciSource struct {
	file     string
	sections []*uciSection
	wrong    []*Error
	from     map[string]origin // TOML's key, in lower case, to where it comes from
}

// origin is where a setting stands in the file.
type origin struct {
	section *uciSection
	option  string // "": the section as a whole
}

// fail notes what is wrong with an option. Of a list it is the line of the
// value that is named in the text.
func (s *uciSource) fail(sec *uciSection, option, wrong, remedy string, args ...any) {
	e := &Error{File: s.file, Line: sec.line, Key: "config " + sec.typ, Wrong: wrong, Remedy: fmt.Sprintf(remedy, args...)}
	if sec.name != "" {
		e.Key += " '" + sec.name + "'"
	}
	if o := sec.option(option); o != nil {
		e.Key, e.Line = "option "+option, o.lines[0]
		if o.list {
			e.Key = "list " + option
		}
		for i, v := range o.values {
			if strings.Contains(wrong, strconv.Quote(v)) {
				e.Line = o.lines[i]
			}
		}
	}
	s.wrong = append(s.wrong, e)
}

// names refuses sections and options that do not exist.
func (s *uciSource) names() {
	seen := map[string]*uciSection{}
	for _, sec := range s.sections {
		options := uciOptions[sec.typ]
		if options == nil {
			s.fail(sec, "", "there is no such section", "%s", oneOf("config", similar(sec.typ, keys(uciOptions)), keys(uciOptions)))
			continue
		}
		many := sec.typ == "mastodon" || sec.typ == "shell"
		key := sec.typ
		if many {
			key += "." + strings.ToLower(sec.name)
		}
		first := seen[key]
		switch {
		case sec.typ == "snsbridge" && sec.name != "main":
			s.fail(sec, "", "has another name than 'main'", "write config snsbridge 'main'")
		case many && sec.name == "":
			s.fail(sec, "", "has no name, by which rules could find it", "write config %s 'pub', for example", sec.typ)
		case sec.typ != "rule" && first != nil:
			s.fail(sec, "", fmt.Sprintf("is already defined on line %d", first.line), "merge the two; upper and lower case are the same")
		}
		seen[key] = sec
		for _, o := range sec.options {
			if _, ok := options[o.name]; !ok {
				s.fail(sec, o.name, fmt.Sprintf("there is no such option in config %s", sec.typ), "%s", oneOf("option", similar(o.name, keys(options)), keys(options)))
			}
			if !utf8.ValidString(strings.Join(o.values, "")) {
				s.fail(sec, o.name, "is not in UTF-8", "write it again in LuCI, or with an editor that saves as UTF-8")
			}
		}
	}
}

func oneOf(what, similar string, all []string) string {
	if similar != "" {
		return "did you mean " + what + " " + similar + "?"
	}
	return "choose one of: " + strings.Join(all, ", ")
}

func keys[V any](m map[string]V) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

// similar returns the name that was meant, "" if that is anybody's guess.
func similar(word string, names []string) string {
	best, found := 3, ""
	for _, name := range names {
		if d := distance(word, name); d < best {
			best, found = d, name
		}
	}
	return found
}

// value returns an option's value with the type that it has in TOML, nil if it
// is not set or wrong.
func (s *uciSource) value(sec *uciSection, name, kind string) any {
	o := sec.option(name)
	if o == nil {
		return nil
	}
	v := o.values[0]
	switch {
	case kind == list:
		return o.values
	case o.list:
		s.fail(sec, name, "is a list, and must be one value", "write option %s '...'", name)
		return nil
	case kind == number:
		n, err := strconv.Atoi(v)
		if err != nil {
			s.fail(sec, name, strconv.Quote(v)+" is not a whole number", "write it in digits: option %s '...'", name)
			return nil
		}
		return n
	case kind == truth:
		switch v {
		case "1", "on", "true", "yes", "enabled":
			return true
		case "0", "off", "false", "no", "disabled":
			return false
		}
		s.fail(sec, name, strconv.Quote(v)+" is neither 1 nor 0", "write option %s '1', or '0'", name)
		return nil
	}
	return v
}
