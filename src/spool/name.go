package spool

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

const nameMax = 120 // bytes; FAT allows 255 UTF-16 units, and a number may still be added

// Name makes a file name that came from a camera harmless on every file
// system and in every program that meets it, and keeps it recognisable:
// folders are cut off, what FAT or a terminal cannot bear becomes "_", bytes
// that are no UTF-8 (the Korean menus' EUC-KR) are written as %XX. The result
// is never empty, hidden, longer than 120 bytes, or an option to a command.
func Name(raw string) string {
	if i := strings.LastIndexAny(raw, `/\`); i >= 0 {
		raw = raw[i+1:]
	}
	var b strings.Builder
	for len(raw) > 0 {
		r, n := utf8.DecodeRuneInString(raw)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, "%%%02X", raw[0])
		case strings.ContainsRune(`<>:"|?*`+"`$;&'", r), !unicode.IsPrint(r), unicode.Is(unicode.Bidi_Control, r):
			b.WriteByte('_')
		default:
			b.WriteRune(r)
		}
		raw = raw[n:]
	}
	name := shorten(strings.Trim(b.String(), " "), nameMax)
	if strings.Trim(name, "._-%~ ") == "" {
		return "unnamed"
	}
	if strings.ContainsRune(".-~ ", rune(name[0])) {
		name = "_" + name[1:]
	}
	if deviceNames[strings.ToUpper(strings.TrimSuffix(name, path.Ext(name)))] {
		name = "_" + name
	}
	return name
}

// shorten cuts a name to at most max bytes between characters and keeps its
// extension. It does not end in a blank or dot, which Windows would drop.
func shorten(name string, max int) string {
	if len(name) <= max {
		return strings.TrimRight(name, " .")
	}
	ext := path.Ext(name)
	if len(ext) > 10 {
		ext = ""
	}
	stem := name[:max-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(stem+ext, " .")
}

// Numbered returns name for n == 0, and otherwise the name with -n before its
// extension.
func Numbered(name string, n int) string {
	if n == 0 {
		return name
	}
	ext := path.Ext(name)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
}

// deviceNames cannot be files on Windows, where a memory stick ends up.
var deviceNames = map[string]bool{
	"CON": true, "PRN": true, "AUX": true, "NUL": true,
	"COM1": true, "COM2": true, "COM3": true, "COM4": true,
	"LPT1": true, "LPT2": true, "LPT3": true, "LPT4": true,
}
