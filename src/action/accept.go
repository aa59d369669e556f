package action

import (
	"errors"

	"snsbridge/src/spool"
)

// Accept gives an item its jobs when it comes in. Its error is for the camera:
// where ALT_TEXT is "required", a picture without description is refused, as
// the Flask implementation does.
func (r Rules) Accept(it *spool.Item, recipients []string) error {
	it.Jobs = r.Jobs(it, recipients)
	if it.Kind == spool.Email && r.publishes(it) {
		describe(it)
	}
	for _, j := range it.Jobs {
		if mode, ok := r.AltText[j.Target]; ok && mode == AltRequired {
			if err := Described(mode, it); err != nil {
				return err
			}
		}
	}
	if !it.Open {
		r.Finish(it)
	}
	return nil
}

// Finish decides, when an item is complete, which of its jobs wait for a
// person to complete the text. A post that came with more descriptions than
// pictures is such a case, too: which belongs to which is anybody's guess.
func (r Rules) Finish(it *spool.Item) {
	for i := range it.Jobs {
		j := &it.Jobs[i]
		mode, ok := r.AltText[j.Target]
		if !ok || mode != AltDraft || j.State != spool.Waiting {
			continue
		}
		err := Described(mode, it)
		if err == nil && len(it.Spare) > 0 {
			err = &spool.Error{
				Kind: spool.Incomplete, Code: "alt-text",
				Hint: "See which description belongs to which picture: snsbridge edit " + it.ID + ` --alt 1="what can be seen"`,
				Err:  errSpare,
			}
		}
		if err != nil {
			j.Wait(err)
		}
	}
}

// publishes tells whether a job of the item has use for descriptions.
func (r Rules) publishes(it *spool.Item) bool {
	for _, j := range it.Jobs {
		if _, ok := r.AltText[j.Target]; ok {
			return true
		}
	}
	return false
}

// describe takes the descriptions out of an e-mail's text. A "~" in a text
// that is only mailed stays a "~".
func describe(it *spool.Item) {
	text, alts := spool.AltTexts(it.Text)
	if len(alts) == 0 {
		return
	}
	it.Text = text
	for i := range it.Files {
		if i < len(alts) {
			it.Files[i].Alt = alts[i]
		}
	}
	it.Spare = alts[min(len(alts), len(it.Files)):]
}

var errSpare = errors.New("there are more descriptions than pictures")
