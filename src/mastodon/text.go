package mastodon

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"snsbridge/src/photo"
	"snsbridge/src/spool"
)

// What cameras write when nobody has typed anything (capture of an NX300).
const (
	noTitle = "[Samsung Smart Camera] sent you files."
	noBody  = "Sent from Samsung Camera."
)

// compose composes what is posted. An e-mail's title is posted only if
// somebody typed a title and nothing else.
func compose(it *spool.Item, postscript string) string {
	text := clean(it.Text)
	if it.Kind == spool.Email {
		if text == noBody {
			text = ""
		}
		if title := clean(it.Title); text == "" && title != noTitle {
			text = title
		}
	}
	paragraphs := []string{text}
	if model := clean(it.Model); it.Kind == spool.Post && model != "" {
		paragraphs = append(paragraphs, "📷️ "+model)
	}
	paragraphs = append(paragraphs, clean(postscript))
	return strings.Join(slices.DeleteFunc(paragraphs, func(p string) bool { return p == "" }), "\n\n")
}

// clean makes a text fit for a database: a NUL or broken UTF-8 is an
// error 500 at some servers, for ever.
func clean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// part is one status.
type part struct {
	Text  string   `json:"text,omitempty"`
	Files []string `json:"files,omitempty"` // their Path
}

const partsMax = 10 // statuses that a text alone may make

// intoParts divides an item into as few statuses as a server allows: what
// of the text does not fit goes on in the next, and so do the files. A video
// stands alone, since Mastodon does not mix.
func intoParts(text string, files []spool.File, room, perURL, media int) ([]part, error) {
	if text == "" && len(files) == 0 {
		return nil, &spool.Error{Kind: spool.Permanent, Code: "empty", Hint: "Edit the text, or delete the item.",
			Err: fmt.Errorf("there is nothing to post")}
	}
	texts, ok := cut(text, room, perURL)
	if !ok {
		return nil, &spool.Error{Kind: spool.Permanent, Code: "too-long", Hint: "Shorten the text and retry.",
			Err: fmt.Errorf("the text needs more than %d posts of %d characters", partsMax, room)}
	}
	var parts []part
	alone := true
	for _, f := range files {
		if n := len(parts); alone || isVideo(f) || len(parts[n-1].Files) == media {
			parts = append(parts, part{})
		}
		alone = isVideo(f)
		last := &parts[len(parts)-1]
		last.Files = append(last.Files, f.Path)
	}
	for i, t := range texts {
		if i == len(parts) {
			parts = append(parts, part{})
		}
		parts[i].Text = t
	}
	return parts, nil
}

func isVideo(f spool.File) bool { return f.Type == photo.MP4 || f.Type == photo.AVI }

// cut divides a text at words. ok is false if it needs too many
// pieces.
func cut(text string, room, perURL int) (pieces []string, ok bool) {
	const more = " …"
	for range partsMax {
		end := fit(text, room, perURL)
		if end == len(text) {
			return append(pieces, text), true
		}
		end = fit(text, room-utf8.RuneCountInString(more), perURL)
		pieces = append(pieces, strings.TrimRightFunc(text[:end], unicode.IsSpace)+more)
		text = strings.TrimLeftFunc(text[end:], unicode.IsSpace)
	}
	return nil, false
}

// fit returns how many bytes of a text make a piece of at most room
// characters: whole words, if one fits.
func fit(text string, room, perURL int) int {
	pos, used := 0, 0
	for pos < len(text) {
		space := len(text[pos:]) - len(strings.TrimLeftFunc(text[pos:], unicode.IsSpace))
		word := text[pos+space:]
		if i := strings.IndexFunc(word, unicode.IsSpace); i >= 0 {
			word = word[:i]
		}
		used += utf8.RuneCountInString(text[pos:pos+space]) + weight(word, perURL)
		if used > room {
			if pos == 0 {
				return breakWord(text, room)
			}
			return pos
		}
		pos += space + len(word)
	}
	return pos
}

// weight counts a word as the strictest server does: a link has the
// length that the server reserves, or its own if that is more (GoToSocial).
func weight(word string, perURL int) int {
	n := utf8.RuneCountInString(word)
	for _, scheme := range []string{"https://", "http://"} {
		if i := strings.Index(word, scheme); i >= 0 {
			return n + max(0, perURL-utf8.RuneCountInString(word[i:]))
		}
	}
	return n
}

// breakWord breaks a word (Japanese needs no spaces), not between a letter
// and its accents, nor inside an emoji of several characters.
func breakWord(text string, room int) int {
	const joiner = '\u200d'
	var before rune
	best, n := 0, 0
	for i, r := range text {
		if i > 0 && before != joiner && r != joiner && !unicode.In(r, unicode.Mn, unicode.Me, unicode.Sk) {
			best = i
		}
		if n == room {
			if best == 0 {
				best = i
			}
			break
		}
		before = r
		n++
	}
	return best
}
