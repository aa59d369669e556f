// Package spool keeps what cameras sent until it has reached its targets.
//
// A photo is accepted when its bytes, its record and the directory that names
// both are on disk; only then may a camera hear success. What was accepted is
// never removed because something failed: not the disk, not a target, not the
// clock, not a bug. Nothing here compares times to decide what is right, since
// routers start with a clock in the past.
//
// On disk (all below the folder given to Open):
//
//	seq                  upper bound of the item numbers given out
//	tmp/ID/              being received, or being removed
//	items/ID/item.json   the record: Item as JSON
//	items/ID/01-NAME     the files of the item
package spool

import (
	"time"
)

// State says what becomes of one job.
type State string

const (
	Waiting State = "waiting" // will be tried, now or later
	Draft   State = "draft"   // waits for a person to complete the text
	Done    State = "done"    // the target has it
	Failed  State = "failed"  // needs a person: retry, edit or delete
)

// Kinds of items.
const (
	Email = "email" // sent from a camera's e-mail screen
	Post  = "post"  // uploaded to a social site: one item for all photos of a post
)

// Item is what one camera sent in one go, with what is to be done with it.
type Item struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`     // Email or Post
	Received time.Time `json:"received"` // by the router's clock, which may be wrong: for display only
	Open     bool      `json:"open,omitempty"`
	Client   string    `json:"client,omitempty"` // address the camera had
	Model    string    `json:"model,omitempty"`  // as far as the camera told it
	Sender   string    `json:"sender,omitempty"` // e-mail address, or the user name of a login
	Site     string    `json:"site,omitempty"`   // Post: "facebook" and so on
	Title    string    `json:"title,omitempty"`
	Text     string    `json:"text,omitempty"`
	Language string    `json:"language,omitempty"`
	Warning  string    `json:"warning,omitempty"` // content warning, set by a person
	Spare    []string  `json:"spare,omitempty"`   // descriptions typed for pictures that did not come
	Files    []File    `json:"files"`
	Jobs     []Job     `json:"jobs"`

	// Visibility is public, unlisted, private or direct if a person chose
	// one, else "": the target's own.
	Visibility string `json:"visibility,omitempty"`

	// Damaged tells why the record or a file cannot be used. Such an item is
	// shown and kept, and nothing is done with it. Never stored.
	Damaged string `json:"damaged,omitempty"`
	unread  error  // the disk's, which may have passed when it is read again
}

// File is one photo or video of an item.
type File struct {
	Name  string    `json:"name"` // what the camera called it, made harmless
	Path  string    `json:"path"` // in the item's folder
	Type  string    `json:"type"` // media type, from the content
	Size  int64     `json:"size"` // bytes
	Taken time.Time `json:"taken,omitzero"`
	Alt   string    `json:"alt,omitempty"` // text for those who cannot see the picture
}

// Job is one target's share of an item.
type Job struct {
	Target   string            `json:"target"`       // action, or action.instance: "mastodon.pub"
	To       []string          `json:"to,omitempty"` // recipients, for targets that have them
	State    State             `json:"state"`
	Attempts int               `json:"attempts,omitempty"` // counted before they start
	Crashes  int               `json:"crashes,omitempty"`  // attempts in a row after which the program was gone
	Running  bool              `json:"running,omitempty"`  // an attempt was begun and has not ended
	Boot     string            `json:"boot,omitempty"`     // Running: the machine's boot in which it was begun; "": not known
	Error    string            `json:"error,omitempty"`    // the last attempt's, for a person
	Hint     string            `json:"hint,omitempty"`     // what a person can do about it
	Code     string            `json:"code,omitempty"`     // of the error, for programs
	Settings string            `json:"settings,omitempty"` // Failed: others than these may cure it
	Result   string            `json:"result,omitempty"`   // what the target said: a path, an address, a reply
	Tried    time.Time         `json:"tried,omitzero"`     // when the last attempt ended: for display only
	Finished time.Time         `json:"finished,omitzero"`
	Marks    map[string]string `json:"marks,omitempty"` // steps that are done and must not be repeated
}

// Finished tells whether every job of the item is done.
func (it *Item) Finished() bool {
	if it.Open || it.Damaged != "" {
		return false
	}
	for _, j := range it.Jobs {
		if j.State != Done {
			return false
		}
	}
	return true
}

// lastNumber returns the highest number of a file's path. It can be more than
// there are files, since people take some out.
func (it *Item) lastNumber() (last uint64) {
	for _, f := range it.Files {
		last = max(last, number(f.Path))
	}
	return last
}

// Size returns the bytes of all files of the item.
func (it *Item) Size() int64 {
	var n int64
	for _, f := range it.Files {
		n += f.Size
	}
	return n
}
