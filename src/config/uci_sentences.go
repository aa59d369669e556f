package config

import (
	"sort"
	"strings"
)

// Words names settings, which stand in a sentence as in TOML, as they are named
// where these settings come from.
func (c *Config) Words(sentence string) string {
	if c.FromUCI {
		return inUCI(sentence)
	}
	return sentence
}

// inUCI says in UCI's words what the checks say in TOML's.
func inUCI(sentence string) string { return uciWords.Replace(sentence) }

var uciWords = strings.NewReplacer(uciPairs()...)

// uciPairs are what to replace by what. Of two that fit a replacer takes the
// first, so longer names come before names that they begin with.
func uciPairs() []string {
	type word struct{ toml, uci string }
	var list []word
	for _, options := range uciOptions {
		for name, key := range options {
			if key.toml != "" {
				list = append(list, word{key.toml, kindWord(key.kind) + name})
			}
		}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i].toml, list[j].toml
		return len(a) > len(b) || len(a) == len(b) && a < b
	})
	pairs := []string{
		"MAIL_USE_TLS = true", "option encryption 'starttls'", "MAIL_USE_SSL = true", "option encryption 'tls'",
		"MAIL_USE_TLS", "option encryption 'starttls'", "MAIL_USE_SSL", "option encryption 'tls'",
		"UPLOAD_FOLDER", "the photo folder", "SPOOL_FOLDER", "the spool folder",
	}
	for _, w := range list {
		article := "an "
		if strings.HasPrefix(w.uci, "list") {
			article = "a "
		}
		pairs = append(pairs, "a "+w.toml, article+w.uci, w.toml+" = ", w.uci+" ", w.toml, w.uci)
	}
	return pairs
}

func kindWord(kind string) string {
	if kind == list {
		return "list "
	}
	return "option "
}
