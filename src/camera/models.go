package camera

import (
	"slices"
	"strings"
)

//go:generate go test -update

// Sources that stand behind more than one row.
const (
	talk   = "camera table of G. Lukas' talk at FrOSCon 2025"
	readme = "README of samsung-nx-emailservice"
	matrix = "feature matrix in the wiki of samsung-nx-hacks"
	post   = "G. Lukas' blog post samsung_nx_cryptofail, 2023"
)

// models is in the order for people: mirrorless, compacts, camcorders; NX30 before NX300.
//
// To add what you know of your camera, change or add its one line, name in Source where it is known from
// (your own capture is best), leave out what you do not know, and run `go generate`.
var models = []Model{
	{ID: "NX1", Year: 2014, Generation: NXTizen, Email: Yes, Photo: No, Video: No, Check: GLD, Login: None, Status: Untested, Assumed: "check", Note: "Has e-mail only; should work as the NX500 does.", Source: readme},
	{ID: "NX20", Year: 2012, Generation: NXVxWorks, Email: Yes, Photo: Yes, Status: Untested, Source: post},
	{ID: "NX30", Year: 2014, Generation: NXTizen, Email: Yes, Photo: Yes, Check: GLD, Login: Encrypted, Status: Untested, Assumed: "check login", Note: "Its login to Dropbox is not understood yet.", Source: talk},
	{ID: "NX210", Year: 2012, Generation: NXVxWorks, Email: Yes, Photo: Yes, Status: Untested, Source: post},
	{ID: "NX300", Year: 2013, Generation: NXTizen, Email: Yes, Photo: Yes, Video: Yes, Check: GLD, Refuses192: No, Login: Encrypted, Status: Works, Note: "Sends videos only by its Facebook and YouTube.", Source: "captures published by G. Lukas"},
	{ID: "NX300M", Year: 2013, Generation: NXTizen, Email: Yes, Photo: Yes, Check: GLD, Login: Encrypted, Status: Untested, Assumed: "check login", Note: "Should work as the NX300 does.", Source: readme},
	{ID: "NX310", Generation: NXTizen, Email: Maybe, Check: GLD, Status: Works, Assumed: "check", Source: talk},
	{ID: "NX500", Year: 2015, Generation: NXTizen, Email: Yes, Photo: No, Video: No, Check: GLD, Login: None, Status: Works, Assumed: "check", Note: "Has e-mail only.", Source: readme},
	{ID: "NX1000", Year: 2012, Generation: NXVxWorks, Email: Yes, Photo: Yes, Login: Encrypted, Status: Works, Assumed: "login", Source: talk},
	{ID: "NX1100", Year: 2013, Generation: NXVxWorks, Email: Yes, Photo: Yes, Login: Encrypted, Status: Works, Assumed: "login", Source: talk},
	{ID: "NX2000", Year: 2013, Generation: NXTizen, Email: Yes, Photo: Yes, Check: GLD, Login: Encrypted, Status: Works, Assumed: "check login", Source: talk},
	{ID: "NX3000", Year: 2014, Generation: NXM7MU, Email: No, Photo: No, Video: No, Check: None, Login: None, Status: None, Note: "Was made without e-mail and social sites.", Source: matrix},
	{ID: "NX3300", Year: 2015, Generation: NXM7MU, Email: No, Photo: No, Video: No, Check: None, Login: None, Status: None, Assumed: "year", Note: "Was made without e-mail and social sites.", Source: matrix},
	{ID: "NXmini", Name: "NX mini", Year: 2014, Generation: NXM7MU, Email: Yes, Photo: Yes, Video: No, Check: GLDLiteral, Refuses192: Maybe, Login: Encrypted, Status: Works, Assumed: "login", Note: "May need a 10.x address (the default) and a second try.", Source: "firmware 1.10, analysed by G. Lukas"},

	{ID: "DV150F", Year: 2013, Generation: Compact, Email: Yes, Photo: Yes, Check: MSN, Login: Encrypted, Status: Works, Assumed: "login", Source: "issue #4 of samsung-nx-emailservice"},
	{ID: "DV180F", Year: 2014, Generation: Compact, Check: MSN, Status: Untested, Assumed: "year check", Source: talk},
	{ID: "DV300F", Year: 2012, Generation: CompactCOACH, Email: Yes, Photo: Yes, Login: Encrypted, Status: Works, Assumed: "login", Source: readme},
	{ID: "EX2F", Year: 2012, Generation: CompactVxWorks, Email: Yes, Photo: Yes, Check: Yahoo, Login: Encrypted, Status: Works, Assumed: "check login", Source: readme},
	{ID: "MV900F", Year: 2012, Generation: Compact, Status: Untested, Assumed: "year", Source: talk},
	{ID: "SH100", Year: 2011, Generation: CompactCOACH, Email: Yes, Refuses192: Yes, Status: Works, Note: "Needs a 10.x address (the default).", Source: talk},
	{ID: "ST150F", Year: 2013, Generation: Compact, Photo: Yes, Login: Encrypted, Status: Works, Assumed: "login", Source: talk},
	{ID: "ST200F", Year: 2012, Generation: CompactCOACH, Email: Yes, Photo: Yes, Check: Yahoo, Login: Encrypted, Status: Works, Assumed: "login", Source: readme},
	{ID: "ST1000", Alias: "CL65", Name: "ST1000 / CL65", Year: 2009, Generation: CompactCOACH, Email: Yes, Photo: Yes, Refuses192: Yes, Status: Undecoded, Note: "Needs a 10.x address (the default), then asks for a list that nobody knows.", Source: talk},
	{ID: "WB30F", Year: 2013, Generation: Compact, Email: Maybe, Photo: Maybe, Login: Encrypted, Status: Works, Assumed: "login", Source: talk},
	{ID: "WB31F", Year: 2013, Generation: Compact, Email: Maybe, Photo: Maybe, Login: Encrypted, Status: Works, Assumed: "year login", Source: talk},
	{ID: "WB32F", Year: 2013, Generation: Compact, Email: Maybe, Photo: Maybe, Login: Encrypted, Status: Works, Assumed: "year login", Source: talk},
	{ID: "WB35F", Year: 2014, Generation: Compact, Email: Maybe, Photo: Maybe, Check: MSN, Login: Encrypted, Status: Partly, Assumed: "login", Source: readme},
	{ID: "WB36F", Year: 2014, Generation: Compact, Email: Maybe, Photo: Maybe, Check: MSN, Login: Encrypted, Status: Partly, Assumed: "year login", Source: readme},
	{ID: "WB37F", Year: 2014, Generation: Compact, Email: Maybe, Photo: Maybe, Check: MSN, Login: Encrypted, Status: Partly, Assumed: "year login", Note: "Its hotspot check wants the cookie and refuses the redirect.", Source: "commit 57f95a0 of samsung-nx-emailservice"},
	{ID: "WB50F", Year: 2014, Generation: Compact, Check: MSN, Status: Partly, Assumed: "check", Source: talk},
	{ID: "WB150F", Year: 2012, Generation: CompactCOACH, Email: Yes, Photo: Yes, Login: Encrypted, Status: Works, Assumed: "generation login", Source: post},
	{ID: "WB200F", Year: 2013, Generation: Compact, Status: Partly, Assumed: "year", Source: talk},
	{ID: "WB250F", Year: 2013, Generation: Compact, Email: Maybe, Photo: Maybe, Login: Encrypted, Status: Works, Assumed: "login", Source: talk},
	{ID: "WB350F", Year: 2014, Generation: Compact, Email: Maybe, Photo: Maybe, Login: Encrypted, Status: Works, Assumed: "login", Source: talk},
	{ID: "WB351F", Year: 2014, Generation: Compact, Email: Maybe, Photo: Maybe, Login: Encrypted, Status: Works, Assumed: "login", Source: talk},
	{ID: "WB380F", Generation: Compact, Email: Maybe, Photo: Maybe, Login: Encrypted, Status: Works, Assumed: "login", Source: talk},
	{ID: "WB800F", Year: 2013, Generation: Compact, Email: Maybe, Photo: Maybe, Login: Encrypted, Status: Works, Assumed: "login", Source: talk},
	{ID: "WB850F", Year: 2012, Generation: CompactVxWorks, Email: Yes, Photo: Yes, Check: Yahoo, Login: Encrypted, Status: Works, Assumed: "login", Source: "firmware, analysed by G. Lukas"},
	{ID: "WB1100F", Year: 2014, Generation: Compact, Email: Maybe, Photo: Maybe, Check: MSN, Login: Encrypted, Status: Partly, Assumed: "login", Source: readme},
	{ID: "WB2200F", Year: 2014, Generation: Compact, Status: Undecoded, Note: "What it asks for is not understood yet.", Source: talk},

	{ID: "HMX-QF20", Alias: "QF20", Year: 2012, Generation: Camcorder, Login: Plain, Status: Untested, Assumed: "year login", Source: talk},
	{ID: "HMX-QF30", Alias: "QF30", Year: 2013, Generation: Camcorder, Photo: Maybe, Video: Maybe, Login: Plain, Status: Works, Assumed: "year", Note: "Does not encrypt its password: enter a made-up one.", Source: "commit 2ea84c0 of samsung-nx-emailservice"},
	{ID: "HMX-S10", Year: 2010, Generation: Camcorder, Status: Untested, Assumed: "year", Source: talk},
	{ID: "HMX-S15", Year: 2010, Generation: Camcorder, Status: Untested, Assumed: "year", Source: talk},
	{ID: "HMX-S16", Year: 2010, Generation: Camcorder, Status: Untested, Assumed: "year", Source: talk},
}

// Models returns a copy of the table: mirrorless, compacts, camcorders, each by name.
func Models() []Model { return slices.Clone(models) }

// Find returns the model of that ID, alias or title, whatever its case, blanks and hyphens, and with or
// without "Samsung" and the product codes EC-, EV- and EX- before it.
func Find(name string) (Model, bool) {
	name = plain(name)
	for _, prefix := range []string{"SAMSUNG", "EC", "EV", "EX"} {
		name = strings.TrimPrefix(name, prefix)
		if name == "" {
			break // or it would be the alias of every model that has none
		}
		for _, m := range models {
			if name == plain(m.ID) || name == plain(m.Alias) || name == plain(m.Name) {
				return m, true
			}
		}
	}
	return Model{}, false
}

func plain(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToUpper(name), " ", ""), "-", "")
}
