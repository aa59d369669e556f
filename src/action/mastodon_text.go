package action

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"snsbridge/src/photo"
	"snsbridge/src/spool"
)

// What becomes of a post whose files lack alt text.
const (
	MastodonAltDraft    = "draft"    // it waits until a person has completed it
	MastodonAltOptional = "optional" // it is posted
	MastodonAltRequired = "required" // it is refused, as a camera is told at once where that is possible
)

// MastodonReady tells whether an item has the alt texts that mode asks for.
// Its error is a *spool.Error: Incomplete for drafts, Permanent if required.
func MastodonReady(mode string, it *spool.Item) error {
	if mode == MastodonAltOptional {
		return nil
	}
	missing := 0
	for _, f := range it.Files {
		if strings.TrimSpace(f.Alt) == "" {
			missing++
		}
	}
	if missing == 0 {
		return nil
	}
	e := &spool.Error{
		Kind: spool.Incomplete,
		Code: "alt-text",
		Hint: "Describe each picture: snsbridge edit " + it.ID,
		Err:  fmt.Errorf("%d of %d files have no description", missing, len(it.Files)),
	}
	if mode == MastodonAltRequired {
		e.Kind = spool.Permanent
	}
	return e
}

// What cameras write when nobody has typed anything (capture of an NX300).
const (
	mastodonNoTitle = "[Samsung Smart Camera] sent you files."
	mastodonNoBody  = "Sent from Samsung Camera."
)

// mastodonText composes what is posted. An e-mail's title is posted only if
// somebody typed a title and nothing else.
func mastodonText(it *spool.Item, postscript string) string {
	text := mastodonClean(it.Text)
	if it.Kind == spool.Email {
		if text == mastodonNoBody {
			text = ""
		}
		if title := mastodonClean(it.Title); text == "" && title != mastodonNoTitle {
			text = title
		}
	}
	paragraphs := []string{text}
	if model := mastodonClean(it.Model); it.Kind == spool.Post && model != "" {
		paragraphs = append(paragraphs, "📷️ "+model)
	}
	paragraphs = append(paragraphs, mastodonClean(postscript))
	return strings.Join(slices.DeleteFunc(paragraphs, func(p string) bool { return p == "" }), "\n\n")
}

// mastodonClean makes a text fit for a database: a NUL or broken UTF-8 is an
// error 500 at some servers, for ever.
func mastodonClean(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// mastodonPart is one status.
type mastodonPart struct {
	Text  string   `json:"text,omitempty"`
	Files []string `json:"files,omitempty"` // their Path
}

const mastodonPartsMax = 10 // statuses that a text alone may make

// mastodonParts divides an item into as few statuses as a server allows: what
// of the text does not fit goes on in the next, and so do the files. A video
// stands alone, since Mastodon does not mix.
func mastodonParts(text string, files []spool.File, room, perURL, media int) ([]mastodonPart, error) {
	if text == "" && len(files) == 0 {
		return nil, &spool.Error{Kind: spool.Permanent, Code: "empty", Hint: "Edit the text, or delete the item.",
			Err: fmt.Errorf("there is nothing to post")}
	}
	texts, ok := mastodonCut(text, room, perURL)
	if !ok {
		return nil, &spool.Error{Kind: spool.Permanent, Code: "too-long", Hint: "Shorten the text and retry.",
			Err: fmt.Errorf("the text needs more than %d posts of %d characters", mastodonPartsMax, room)}
	}
	var parts []mastodonPart
	alone := true
	for _, f := range files {
		if n := len(parts); alone || isMastodonVideo(f) || len(parts[n-1].Files) == media {
			parts = append(parts, mastodonPart{})
		}
		alone = isMastodonVideo(f)
		last := &parts[len(parts)-1]
		last.Files = append(last.Files, f.Path)
	}
	for i, t := range texts {
		if i == len(parts) {
			parts = append(parts, mastodonPart{})
		}
		parts[i].Text = t
	}
	return parts, nil
}

func isMastodonVideo(f spool.File) bool { return f.Type == photo.MP4 || f.Type == photo.AVI }

// mastodonCut divides a text at words. ok is false if it needs too many
// pieces.
func mastodonCut(text string, room, perURL int) (pieces []string, ok bool) {
	const more = " …"
	for range mastodonPartsMax {
		end := mastodonFit(text, room, perURL)
		if end == len(text) {
			return append(pieces, text), true
		}
		end = mastodonFit(text, room-utf8.RuneCountInString(more), perURL)
		pieces = append(pieces, strings.TrimRightFunc(text[:end], unicode.IsSpace)+more)
		text = strings.TrimLeftFunc(text[end:], unicode.IsSpace)
	}
	return nil, false
}

// mastodonFit returns how many bytes of a text make a piece of at most room
// characters: whole words, if one fits.
func mastodonFit(text string, room, perURL int) int {
	pos, used := 0, 0
	for pos < len(text) {
		space := len(text[pos:]) - len(strings.TrimLeftFunc(text[pos:], unicode.IsSpace))
		word := text[pos+space:]
		if i := strings.IndexFunc(word, unicode.IsSpace); i >= 0 {
			word = word[:i]
		}
		used += utf8.RuneCountInString(text[pos:pos+space]) + mastodonWeight(word, perURL)
		if used > room {
			if pos == 0 {
				return mastodonBreak(text, room)
			}
			return pos
		}
		pos += space + len(word)
	}
	return pos
}

// mastodonWeight counts a word as the strictest server does: a link has the
// length that the server reserves, or its own if that is more (GoToSocial).
func mastodonWeight(word string, perURL int) int {
	n := utf8.RuneCountInString(word)
	for _, scheme := range []string{"https://", "http://"} {
		if i := strings.Index(word, scheme); i >= 0 {
			return n + max(0, perURL-utf8.RuneCountInString(word[i:]))
		}
	}
	return n
}

// mastodonBreak breaks a word (Japanese needs no spaces), not between a letter
// and its accents, nor inside an emoji of several characters.
func mastodonBreak(text string, room int) int {
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
