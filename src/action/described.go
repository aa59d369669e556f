package action

import (
	"fmt"
	"strings"

	"snsbridge/src/spool"
)

// What becomes of a post whose files lack alt text.
const (
	AltDraft    = "draft"    // it waits until a person has completed it
	AltOptional = "optional" // it is posted
	AltRequired = "required" // it is refused, as a camera is told at once where that is possible
)

// Described tells whether an item has the alt texts that mode asks for.
// Its error is a *spool.Error: Incomplete for drafts, Permanent if required.
func Described(mode string, it *spool.Item) error {
	if mode == AltOptional {
		return nil
	}
	missing, what := 0, "photos"
	for _, f := range it.Files {
		if strings.HasPrefix(f.Type, "video/") {
			what = "files"
		}
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
		Hint: "Describe each picture: snsbridge edit " + it.ID + ` --alt 1="what can be seen"`,
		Err:  fmt.Errorf("%d of %d %s have no description", missing, len(it.Files), what),
	}
	if mode == AltRequired {
		e.Kind, e.Cured = spool.Permanent, true
	}
	return e
}
