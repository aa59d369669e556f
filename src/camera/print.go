package camera

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// width is what a terminal is expected to hold.
const width = 100

// WriteTable writes the models as a table for a terminal, at most 100 columns wide, with a heading wherever
// the kind of camera changes.
func WriteTable(w io.Writer, list []Model) error {
	rows := [][]string{}
	kind := ""
	for _, m := range list {
		if k := m.Generation.Kind(); k != kind {
			if kind != "" {
				rows = append(rows, nil)
			}
			kind = k
			rows = append(rows, []string{strings.ToUpper(kind), "YEAR", "E-MAIL", "SOCIAL", "STATUS", "REMARK"})
		}
		rows = append(rows, append([]string{m.Title(), years(m)}, m.cells()...))
	}

	var widths [5]int
	for _, row := range rows {
		for i := range min(len(row), len(widths)) {
			widths[i] = max(widths[i], len(row[i]))
		}
	}
	indent := 2 * len(widths)
	for _, n := range widths {
		indent += n
	}

	var out bytes.Buffer
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			if i < len(widths) {
				line += fmt.Sprintf("%-*s  ", widths[i], cell)
				continue
			}
			line += strings.Join(wrap(cell, width-indent), "\n"+strings.Repeat(" ", indent))
		}
		fmt.Fprintln(&out, strings.TrimRight(line, " "))
	}
	_, err := w.Write(out.Bytes())
	return err
}

// cells are e-mail, social sites, status and remark in words.
func (m Model) cells() []string {
	social := string(cmp.Or(m.Photo, "?"))
	switch {
	case m.Photo == Yes && m.Video == Yes:
		social = "photo, video"
	case m.Photo == Yes:
		social = "photo"
	}
	status := string(m.Status)
	switch m.Status {
	case Undecoded:
		status = "not yet"
	case None:
		status = "not possible"
	}
	return []string{string(cmp.Or(m.Email, "?")), social, status, m.Note}
}

// years is the year or the range of the years known, marked if it is a guess for one of the models.
func years(list ...Model) string {
	first, last, guess := 0, 0, ""
	for _, m := range list {
		if m.Year != 0 && (first == 0 || m.Year < first) {
			first = m.Year
		}
		last = max(last, m.Year)
		if m.Year == 0 || m.Assumes("year") {
			guess = "?"
		}
	}
	switch {
	case first == 0:
		return "?"
	case first == last:
		return strconv.Itoa(first) + guess
	}
	return fmt.Sprintf("%d-%d%s", first, last, guess)
}

// wrap breaks text between words into lines of at most n characters.
func wrap(text string, n int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case len(*last)+1+len(word) <= n:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
