package camera

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

const legend = `*works*, *partly*: so reported by users of
[samsung-nx-emailservice](https://github.com/ge0rg/samsung-nx-emailservice), the first server of this kind; what fails
where it says *partly* nobody wrote down. *untested*: no report. *not yet*: what it asks for is not understood.
*maybe*: a guess from a sister model or from the status. *?*: nobody has looked; behind a year: a guess.
`

// writeMarkdown writes the table of all models in docs/cameras.md. Models of one kind share a row if all
// columns are the same.
func writeMarkdown(w io.Writer) error {
	var rows [][]Model
	for _, m := range models {
		i := slices.IndexFunc(rows, func(row []Model) bool { return sameRow(row[0], m) })
		if i < 0 {
			i = len(rows)
			rows = append(rows, nil)
		}
		rows[i] = append(rows[i], m)
	}

	var out bytes.Buffer
	fmt.Fprint(&out, "| model | year | e-mail | social sites | status | remark |\n|---|---|---|---|---|---|\n")
	kind := ""
	for _, row := range rows {
		if k := row[0].Generation.Kind(); k != kind {
			kind = k
			fmt.Fprintf(&out, "| **%s** | | | | | |\n", kind)
		}
		titles := []string{}
		for _, m := range row {
			titles = append(titles, m.Title())
		}
		cells := strings.Join(row[0].cells(), " | ")
		fmt.Fprintf(&out, "| %s | %s | %s |\n", strings.Join(titles, ", "), years(row...), cells)
	}
	fmt.Fprintf(&out, "\n%s", legend)
	_, err := w.Write(out.Bytes())
	return err
}

func sameRow(a, b Model) bool {
	return a.Generation.Kind() == b.Generation.Kind() && slices.Equal(a.cells(), b.cells())
}
