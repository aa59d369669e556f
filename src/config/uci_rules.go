package config

import (
	"fmt"
	"strings"
)

// names of the option that says which of an action's instances is meant.
var instanceOption = map[string]string{"mastodon": "account", "shell": "command", "store": "folder", "email": "", "drop": ""}

// rules makes the table of actions.
func (s *uciSource) rules(t map[string]any) {
	actions := map[string]string{}
	lines := map[string]int{}
	for _, sec := range s.sections {
		if sec.typ != "rule" {
			continue
		}
		target, ok := s.target(sec)
		matches, _ := s.value(sec, "match", list).([]string)
		if len(matches) == 0 {
			s.fail(sec, "", "does not tell for what it is", "for example option match 'facebook', or an address that you mail to")
		}
		for i, m := range matches {
			line := sec.option("match").lines[i]
			if first := lines[strings.ToLower(m)]; first > 0 {
				s.fail(sec, "match", fmt.Sprintf("%q has a rule in line %d already", m, first), "remove one")
			}
			lines[strings.ToLower(m)] = line
			if !canMatch(m) {
				s.fail(sec, "match", fmt.Sprintf(noMatch, m), matchRemedy)
			} else if ok {
				actions[m] = target
				s.from[strings.ToLower("ACTIONS."+m)] = origin{sec, "action"}
			}
		}
	}
	if len(actions) > 0 {
		t["ACTIONS"] = actions
	}
}

// target returns what a rule asks for, such as "mastodon.pub".
func (s *uciSource) target(sec *uciSection) (string, bool) {
	action, _ := s.value(sec, "action", text).(string)
	which, known := instanceOption[action]
	if !known {
		wrong := "does not tell what to do"
		if action != "" {
			wrong = fmt.Sprintf("there is no action %q", action)
		}
		s.fail(sec, "action", wrong, "choose an option action: %s", strings.Join(keys(instanceOption), ", "))
		return "", false
	}
	for _, other := range []string{"account", "command", "folder"} {
		if other != which && sec.option(other) != nil {
			s.fail(sec, other, "has no use with the action "+action, "remove it, or choose another action")
		}
	}
	if which == "" {
		return action, true
	}
	name, _ := s.value(sec, which, text).(string)
	if action == "store" {
		if name != "" {
			action += "." + name
		}
		return action, true
	}
	// Of an account or a command the case does not matter, as in TOML.
	var all []string
	for _, other := range s.sections {
		if other.typ == action {
			all = append(all, other.name)
			if strings.EqualFold(other.name, name) {
				return action + "." + name, true
			}
		}
	}
	switch {
	case len(all) == 0:
		s.fail(sec, "action", "there is no config "+action, "add one, such as config %s 'pub', or choose another action", action)
	case name != "":
		s.fail(sec, which, fmt.Sprintf("there is no config %s %q", action, name), "choose one of: %s", strings.Join(all, ", "))
	case len(all) == 1:
		return action + "." + all[0], true
	default:
		s.fail(sec, "action", "it is not said which config "+action+" is meant", "add option %s '%s', for example", which, all[0])
	}
	return "", false
}
