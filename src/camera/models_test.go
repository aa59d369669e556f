package camera

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// known are the models that any source names. A row may be corrected; it must not get lost.
const known = `
	NX1 NX20 NX30 NX210 NX300 NX300M NX310 NX500 NX1000 NX1100 NX2000 NX3000 NX3300 NXmini
	DV150F DV180F DV300F EX2F MV900F SH100 ST150F ST200F ST1000 CL65
	WB30F WB31F WB32F WB35F WB36F WB37F WB50F WB150F WB200F WB250F WB350F WB351F WB380F WB800F WB850F
	WB1100F WB2200F
	HMX-S10 HMX-S15 HMX-S16 HMX-QF20 HMX-QF30`

func TestEveryKnownModelHasItsRow(t *testing.T) {
	for _, name := range strings.Fields(known) {
		m, ok := Find(name)
		if !ok {
			t.Errorf("%s is not in the table", name)
		} else if name != m.ID && name != m.Alias {
			t.Errorf("%s: found %s instead", name, m.ID)
		}
	}
	if got, want := len(models), len(strings.Fields(known))-1; got != want { // CL65 is the ST1000
		t.Errorf("%d rows, %d models listed in this test: add the new model to it", got, want)
	}
}

// Everything else in these two columns is a guess, and has to say so.
func TestWhatIsProven(t *testing.T) {
	checks := map[string]Check{
		"NX300": GLD, "NXmini": GLDLiteral,
		"ST200F": Yahoo, "WB850F": Yahoo,
		"DV150F": MSN, "WB35F": MSN, "WB36F": MSN, "WB37F": MSN, "WB1100F": MSN,
	}
	logins := map[string]Login{"NX300": Encrypted, "HMX-QF30": Plain}
	for _, m := range models {
		if got, want := m.Check, checks[m.ID]; got != None && !m.Assumes("check") && got != want {
			t.Errorf("%s: check proven to be %q, want %q", m.ID, got, want)
		}
		if got, want := m.Login, logins[m.ID]; got != None && !m.Assumes("login") && got != want {
			t.Errorf("%s: login proven to be %q, want %q", m.ID, got, want)
		}
	}
}

func TestRows(t *testing.T) {
	generations := []Generation{NXTizen, NXVxWorks, NXM7MU, CompactVxWorks, CompactCOACH, Compact, Camcorder}
	answers := []Answer{Unknown, Yes, Maybe, No}
	seen := map[string]string{}
	for _, m := range models {
		for _, name := range []string{m.ID, m.Alias} {
			if other, taken := seen[plain(name)]; taken && name != "" {
				t.Errorf("%s: the name %s is taken by %s", m.ID, name, other)
			}
			seen[plain(name)] = m.ID
			if strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") != "" {
				t.Errorf("%s: %q must do unquoted in a shell and in a file name", m.ID, name)
			}
		}
		if m.Year != 0 && (m.Year < 2009 || m.Year > 2015) {
			t.Errorf("%s: no such camera was made in %d", m.ID, m.Year)
		}
		if m.Source == "" {
			t.Errorf("%s: Source is missing", m.ID)
		}
		if m.Note != "" && (!strings.HasSuffix(m.Note, ".") || len(m.Note) > 80 || strings.ContainsAny(m.Note, "|\n")) {
			t.Errorf("%s: Note must be one short sentence that fits a table: %q", m.ID, m.Note)
		}
		if !slices.Contains(generations, m.Generation) {
			t.Errorf("%s: Generation %q", m.ID, m.Generation)
		}
		if !slices.Contains([]Check{Unknown, None, GLD, GLDLiteral, Yahoo, MSN}, m.Check) {
			t.Errorf("%s: Check %q", m.ID, m.Check)
		}
		if !slices.Contains([]Login{Unknown, None, Encrypted, Plain}, m.Login) {
			t.Errorf("%s: Login %q", m.ID, m.Login)
		}
		if !slices.Contains([]Status{Works, Partly, Untested, Undecoded, None}, m.Status) {
			t.Errorf("%s: Status %q", m.ID, m.Status)
		}
		for _, a := range []Answer{m.Email, m.Photo, m.Video, m.Refuses192} {
			if !slices.Contains(answers, a) {
				t.Errorf("%s: Answer %q", m.ID, a)
			}
		}
		facts := map[string]bool{ // guesses that are there to be marked
			"year":       m.Year != 0,
			"generation": true,
			"check":      m.Check != Unknown && m.Check != None,
			"login":      m.Login != Unknown && m.Login != None,
		}
		for _, fact := range strings.Fields(m.Assumed) {
			if !facts[fact] {
				t.Errorf("%s: Assumed names %q, of which the row says nothing", m.ID, fact)
			}
		}
		if noSocial := m.Photo == No && m.Video == No; noSocial != (m.Login == None) {
			t.Errorf("%s: Login %q, photo %q, video %q", m.ID, m.Login, m.Photo, m.Video)
		}
		if no := m.Status == None; no != (m.Check == None) || no && len(m.Services()) > 0 {
			t.Errorf("%s: Status %q, Check %q, services %q", m.ID, m.Status, m.Check, m.Services())
		}
	}
}

func TestOrder(t *testing.T) {
	sorted := slices.SortedStableFunc(slices.Values(models), func(a, b Model) int {
		kinds := []string{"mirrorless", "compact", "camcorder"}
		aLetters, aNumber := splitID(a.ID)
		bLetters, bNumber := splitID(b.ID)
		return cmp.Or(
			cmp.Compare(slices.Index(kinds, a.Generation.Kind()), slices.Index(kinds, b.Generation.Kind())),
			cmp.Compare(aLetters, bLetters),
			cmp.Compare(aNumber, bNumber),
			cmp.Compare(a.ID, b.ID),
		)
	})
	for i, m := range models {
		if m.ID != sorted[i].ID {
			t.Fatalf("row %d is %s; by kind and name it would be %s", i+1, m.ID, sorted[i].ID)
		}
	}
}

// splitID turns "NX300M" into "NX", 300.
func splitID(id string) (letters string, number int) {
	letters = strings.TrimRight(id, "FM")
	digits := strings.TrimLeft(letters, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-")
	number, _ = strconv.Atoi(digits)
	return strings.TrimSuffix(letters, digits), number
}

func TestModelsIsACopy(t *testing.T) {
	Models()[0].ID = "changed"
	if got := models[0].ID; got == "changed" {
		t.Errorf("the table's first row was changed through Models")
	}
}

func TestFind(t *testing.T) {
	for _, c := range []struct{ name, want, reason string }{
		{"NX300", "NX300", "the ID"},
		{"nx300m", "NX300M", "lower case, and not the NX300"},
		{"NX mini", "NXmini", "as printed on the camera"},
		{" nx-MINI ", "NXmini", "blanks and hyphens"},
		{"cl65", "ST1000", "the name in the USA"},
		{"ST1000/CL65", "ST1000", "both names, which are one model"},
		{"HMXQF30", "HMX-QF30", "hyphen left out"},
		{"QF30", "HMX-QF30", "as people write it"},
		{"Samsung NX1", "NX1", "the maker before it"},
		{"SAMSUNG EC-WB850F", "WB850F", "maker and product code"},
		{"EV-NX500", "NX500", "product code of the mirrorless"},
		{"EX2F", "EX2F", "begins like a product code"},
		{"EX-EX2F", "EX2F", "a product code before that"},
		{"", "", "nothing"},
		{"Samsung", "", "the maker alone"},
		{"NX", "", "the beginning of many"},
		{"NX3000M", "", "no such model"},
		{"2F", "", "EX2F without what only looks like a product code"},
		{"WB35F / WB36F", "", "two models, of which it would be wrong to take one"},
	} {
		m, ok := Find(c.name)
		if m.ID != c.want || ok != (c.want != "") {
			t.Errorf("Find(%q) = %q, %v; want %q (%s)", c.name, m.ID, ok, c.want, c.reason)
		}
	}
}

func TestFindTakesWhatIsShown(t *testing.T) {
	for _, m := range models {
		for _, name := range []string{m.Title(), strings.ToLower(m.ID), "Samsung " + m.ID, "EC-" + m.ID} {
			if got, _ := Find(name); got != m {
				t.Errorf("Find(%q) = %q, want %q", name, got.ID, m.ID)
			}
		}
	}
}
