package config

import (
	"fmt"
	"strings"
)

// uciSection is a section of a file of UCI, OpenWrt's settings.
type uciSection struct {
	typ     string
	name    string // "": it has none
	line    int
	options []*uciOption
}

// uciOption is an option or a list. It has a value at least.
type uciOption struct {
	name   string
	values []string
	lines  []int // of each value
	list   bool
}

func (s *uciSection) option(name string) *uciOption {
	for _, o := range s.options {
		if o.name == name {
			return o
		}
	}
	return nil
}

// uciReader reads as libuci does when it is strict: one wrong line, and
// nothing of the file is taken. (LuCI is strict; the init scripts' shell
// functions skip a wrong line.)
type uciReader struct {
	file     string
	text     string
	pos      int
	line     int // of pos
	sections []*uciSection
	current  *uciSection // to which options belong
}

// readUCI returns the sections of a file. Sections of one name are one, as
// they are for libuci.
func readUCI(file, text string) ([]*uciSection, error) {
	r := &uciReader{file: file, text: text, line: 1}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return nil, r.fail(1+strings.Count(text[:i], "\n"), "has a zero byte in it", "this is not a settings file: restore it, or install the package again")
	}
	for r.pos < len(r.text) {
		if err := r.command(); err != nil {
			return nil, err
		}
	}
	return r.sections, nil
}

func (r *uciReader) fail(line int, wrong, remedy string, args ...any) error {
	return &Error{File: r.file, Line: line, Wrong: wrong, Remedy: fmt.Sprintf(remedy, args...)}
}

// command reads a line, or what is before or behind a semicolon in it.
func (r *uciReader) command() error {
	r.skip(" \t\n\v\f\r")
	line := r.line
	switch word := r.word(); word {
	case "":
		return nil
	case "package", "p": // what uci export writes; a file has its name anyway
		args, err := r.arguments(line, word, 1, 1)
		if err == nil && !uciName(strings.ReplaceAll(args[0], "-", "_")) {
			err = r.fail(line, fmt.Sprintf("%q is not a file name", args[0]), "remove the line")
		}
		return err
	case "config", "c":
		args, err := r.arguments(line, word, 1, 2)
		if err != nil {
			return err
		}
		return r.section(line, args[0], args[1])
	case "option", "o", "list", "l":
		args, err := r.arguments(line, word, 1, 2)
		if err != nil {
			return err
		}
		return r.value(line, word[0] == 'l', args[0], args[1])
	default:
		return r.fail(line, fmt.Sprintf("%q is not one of config, option and list", word), "correct the line, or put a # before it")
	}
}

func (r *uciReader) section(line int, typ, name string) error {
	if strings.ContainsFunc(typ, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return r.fail(line, fmt.Sprintf("%q is not a section type", typ), "use letters, digits and _")
	}
	if name != "" && !uciName(name) {
		return r.fail(line, fmt.Sprintf("%q is not a section name", name), "use letters, digits and _ alone")
	}
	for _, s := range r.sections {
		if s.name != name || name == "" {
			continue
		}
		if s.typ != typ {
			return r.fail(line, fmt.Sprintf("%s is the name of a config %s in line %d already", name, s.typ, s.line), "choose another name")
		}
		r.current = s
		return nil
	}
	r.current = &uciSection{typ: typ, name: name, line: line}
	r.sections = append(r.sections, r.current)
	return nil
}

func (r *uciReader) value(line int, list bool, name, value string) error {
	if r.current == nil {
		return r.fail(line, "stands before the first section", "put a line such as config storage before it")
	}
	if !uciName(name) {
		return r.fail(line, fmt.Sprintf("%q is not an option name", name), "use letters, digits and _ alone")
	}
	if value == "" && !list {
		return nil // as for libuci
	}
	o := r.current.option(name)
	if o == nil {
		o = &uciOption{name: name}
		r.current.options = append(r.current.options, o)
	}
	if list {
		o.values, o.lines, o.list = append(o.values, value), append(o.lines, line), true
		return nil
	}
	o.values, o.lines, o.list = []string{value}, []int{line}, false
	return nil
}

func uciName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')
	})
}
