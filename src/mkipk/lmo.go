package main

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"slices"
	"strings"
)

// lmo makes of translations, a file of gettext, what LuCI reads: the texts,
// each padded to four bytes; an index of (hash of the original, 1, offset,
// length), sorted by hash; the offset of the index. Numbers are big-endian. The
// rule for plurals has hash 0. What is not translated is left out.
//
// It knows what our translations need: no contexts, no plurals, a text a line.
func lmo(name string) ([]byte, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	type entry struct{ hash, kind, offset, length uint32 }
	var index []entry
	var texts bytes.Buffer
	add := func(hash, kind uint32, text string) {
		index = append(index, entry{hash, kind, uint32(texts.Len()), uint32(len(text))})
		texts.WriteString(text)
		texts.Write(make([]byte, -len(text)&3))
	}
	id, header := "", false
	for n, line := range strings.Split(string(b), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		text, ok := unquote(rest)
		switch {
		case line == "", word == "#:", word == "#":
		case word == "msgid" && ok:
			id, header = text, text == ""
		case word == "msgstr" && ok && text != "" && id != "":
			if hash := superFast(id); hash != superFast(text) {
				add(hash, 1, text)
			}
		case word == "msgstr" && ok:
		case header && strings.HasPrefix(line, `"`) || header && word == "msgstr":
			if rule, found := strings.CutPrefix(line, `"Plural-Forms: `); found {
				add(0, 0, strings.TrimSuffix(rule, `\n"`))
			}
		default:
			return nil, fmt.Errorf("%s:%d: mkipk does not understand %q", name, n+1, line)
		}
	}
	slices.SortStableFunc(index, func(a, b entry) int { return cmp.Compare(a.hash, b.hash) })
	at := uint32(texts.Len())
	for _, e := range index {
		binary.Write(&texts, binary.BigEndian, e)
	}
	binary.Write(&texts, binary.BigEndian, at)
	return texts.Bytes(), nil
}

// unquote reads a text of gettext in one line, in which only quotes and
// backslashes have a backslash before them.
func unquote(s string) (string, bool) {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return "", false
	}
	var b strings.Builder
	for s = s[1 : len(s)-1]; s != ""; s = s[1:] {
		switch {
		case s[0] == '"', s == `\`, s[0] == '\\' && s[1] != '"' && s[1] != '\\':
			return "", false
		case s[0] == '\\':
			s = s[1:]
		}
		b.WriteByte(s[0])
	}
	return b.String(), true
}

// superFast is the hash by which LuCI finds translations, Paul Hsieh's
// SuperFastHash (www.azillionmonkeys.com/qed/hash.html) that begins with the
// length.
func superFast(s string) uint32 {
	h := uint32(len(s))
	for ; len(s) >= 4; s = s[4:] {
		h += pair(s)
		h ^= h<<16 ^ pair(s[2:])<<11
		h += h >> 11
	}
	last := func(i int) uint32 { return uint32(int32(int8(s[i]))) } // bytes of C have a sign here
	switch len(s) {
	case 3:
		h += pair(s)
		h ^= h << 16
		h ^= last(2) << 18
		h += h >> 11
	case 2:
		h += pair(s)
		h ^= h << 11
		h += h >> 17
	case 1:
		h += last(0)
		h ^= h << 10
		h += h >> 1
	}
	h ^= h << 3
	h += h >> 5
	h ^= h << 4
	h += h >> 17
	h ^= h << 25
	h += h >> 6
	return h
}

func pair(s string) uint32 { return uint32(s[0]) | uint32(s[1])<<8 }
