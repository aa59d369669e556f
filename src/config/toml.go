package config

import (
	"fmt"
	"strconv"
	"strings"
)

// appendTOML appends the values of a table, then the tables in it, both sorted
// by name. It writes what the library's encoder writes, which is made for
// every type that there is, and as large as that: 36 KB on a router.
func appendTOML(b []byte, path string, t map[string]any) []byte {
	tables := map[string]map[string]any{}
	for _, name := range keys(t) {
		var text string
		switch v := t[name].(type) {
		case map[string]any:
			tables[name] = v
			continue
		case map[string]string:
			tables[name] = map[string]any{}
			for k, s := range v {
				tables[name][k] = s
			}
			continue
		case string:
			text = tomlString(v)
		case []string:
			list := make([]string, len(v))
			for i, s := range v {
				list[i] = tomlString(s)
			}
			text = "[" + strings.Join(list, ", ") + "]"
		case bool:
			text = strconv.FormatBool(v)
		case int:
			text = strconv.Itoa(v)
		case int64:
			text = strconv.FormatInt(v, 10)
		default:
			panic(fmt.Sprintf("config: %s is %T, which appendTOML cannot write", name, v))
		}
		b = fmt.Appendf(b, "%s = %s\n", tomlKey(name), text)
	}
	for _, name := range keys(tables) {
		whole := path + tomlKey(name)
		if path == "" && len(b) > 0 {
			b = append(b, '\n')
		}
		b = fmt.Appendf(b, "[%s]\n", whole)
		b = appendTOML(b, whole+".", tables[name])
	}
	return b
}

// tomlKey quotes a name if it has to be.
func tomlKey(name string) string {
	const bare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
	if name != "" && strings.Trim(name, bare) == "" {
		return name
	}
	return tomlString(name)
}

// tomlString quotes any text so that it comes back as it is.
func tomlString(s string) string {
	b := []byte{'"'}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= 0x20 && c != 0x7f:
			b = append(b, c)
		case strings.IndexByte("\b\t\n\f\r", c) >= 0:
			b = append(b, '\\', "btn\vfr"[c-'\b'])
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return string(append(b, '"'))
}
