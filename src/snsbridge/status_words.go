package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"snsbridge/src/control"
)

// Rules of the output for people: at most 80 columns; no colours, so that it
// can be mailed; what came from elsewhere is made printable in one place,
// before its lines are broken.

const columns = 80

// paper is where lines for people go.
type paper struct{ out io.Writer }

// put writes a text behind a head, which is ours; lines but the first begin
// below the text.
func (p paper) put(head, format string, args ...any) {
	p.hang(head, len(head), fmt.Sprintf(format, args...))
}

// hang writes a text behind a head; lines but the first are indented.
func (p paper) hang(head string, indent int, text string) {
	lines := wrap(control.Printable(text), columns-indent, columns-width(head))
	for i, line := range lines {
		if i == 0 {
			line = head + line
		} else {
			line = strings.Repeat(" ", indent) + line
		}
		fmt.Fprintln(p.out, strings.TrimRight(line, " "))
	}
}

// wrap breaks a text between words, and words that are too long, into lines of
// at most n columns; the first has room for first.
func wrap(text string, n, first int) []string {
	lines := []string{""}
	room := first
	next := func() { lines, room = append(lines, ""), n }
	for word := range strings.SplitSeq(text, " ") {
		last := len(lines) - 1
		if lines[last] != "" {
			if width(word)+1 <= room {
				lines[last] += " "
				room--
			} else {
				next()
			}
		}
		for _, r := range word {
			w := width(string(r))
			if w > room {
				next()
			}
			lines[len(lines)-1] += string(r)
			room -= w
		}
	}
	return lines
}

// width returns how many columns a text takes in a terminal.
func width(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case r >= 0x1100 && unicode.In(r, unicode.Hangul, unicode.Han, unicode.Hiragana, unicode.Katakana),
			r >= 0x3000 && r <= 0x303f, r >= 0xff01 && r <= 0xff60, r >= 0x1f300 && r <= 0x1faff:
			n += 2
		default:
			n++
		}
	}
	return n
}

// span is a length of time in words, in its largest unit.
func span(seconds int64) string {
	for _, u := range []struct {
		length int64
		name   string
	}{{86400, "day"}, {3600, "hour"}, {60, "minute"}} {
		if seconds >= u.length {
			return count(int(seconds/u.length), u.name)
		}
	}
	return count(int(max(seconds, 0)), "second")
}

// ago tells how long ago a time of the router's clock was.
func ago(t *time.Time, now time.Time) string {
	if t == nil {
		return "at an unknown time" // the clock was not set
	}
	s := int64(now.Sub(*t).Seconds())
	if s < 10 {
		return "just now"
	}
	return span(s) + " ago"
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func bytesText(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e5:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.1f kB", float64(n)/1e3)
}

// list joins what is not empty.
func list(parts ...string) string {
	var some []string
	for _, p := range parts {
		if p != "" {
			some = append(some, p)
		}
	}
	return strings.Join(some, ", ")
}
