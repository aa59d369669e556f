package email

import (
	"bytes"
	"encoding/base64"
	"mime"
	"strings"

	"snsbridge/src/spool"
)

// subject writes a title in ASCII. The library would make a single line of
// it, of any length; these words can be folded.
func subject(title string) string {
	plain := !strings.ContainsFunc(title, func(r rune) bool { return r < ' ' || r > '~' })
	if plain && !strings.Contains(title, "=?") {
		return title
	}
	const most = 39 // bytes, 52 characters of base64: "Subject: " and a word fit 76 columns
	var words []string
	word := ""
	flush := func() {
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(word))+"?=")
		word = ""
	}
	for _, r := range title {
		if len(word)+len(string(r)) > most {
			flush()
		}
		word += string(r)
	}
	flush()
	return strings.Join(words, " ")
}

// fold breaks the long lines of a message's header at blanks, so that
// none has more than 76 columns unless a single word has.
func fold(message []byte) []byte {
	end := max(bytes.Index(message, []byte("\r\n\r\n")), 0)
	folded := make([]byte, 0, len(message)+end/8)
	for i, line := range bytes.Split(message[:end], []byte("\r\n")) {
		if i > 0 {
			folded = append(folded, '\r', '\n')
		}
		column := 0
		for n, word := range bytes.Split(line, []byte(" ")) {
			// The field's name does not stand alone, nor do blanks: some
			// programs take such a line for the end of the header.
			if n > 1 && len(word) > 0 && column+1+len(word) > 76 {
				folded = append(folded, '\r', '\n')
				column = 0
			}
			if n > 0 {
				folded = append(folded, ' ')
				column++
			}
			folded = append(folded, word...)
			column += len(word)
		}
	}
	return append(folded, message[end:]...)
}

// disposition names a file; a name that is not ASCII goes as RFC 2231 has it.
func disposition(name string) string {
	v := mime.FormatMediaType("attachment", map[string]string{"filename": spool.Name(name)})
	return strings.Replace(v, "; ", ";\r\n ", 1)
}

// contentType passes on the types of pictures and films. Anything else could
// make a mail program do more with a file than to keep it.
func contentType(t string) string {
	kind, sub, _ := strings.Cut(t, "/")
	if (kind == "image" || kind == "video") && sub != "" && len(sub) < 64 && only(sub, "-.+") {
		return t
	}
	return "application/octet-stream"
}
