package email

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"snsbridge/src/photo"
	"snsbridge/src/smtp"
	"snsbridge/src/spool"
)

// file is a file of the item, open for reading.
type file struct {
	io.Closer
	name    string
	path    string // tells files of one name apart
	typ     string
	size    int64
	content io.ReaderAt
	private bool // no public copy can be made of it
}

// open opens the item's files.
func (a *attempt) open() error {
	for _, f := range a.delivery.Item.Files {
		disk, err := a.delivery.Open(f)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		m := file{Closer: disk, name: f.Name, path: f.Path, typ: f.Type, size: f.Size, content: disk}
		if a.smarthost.Public {
			public, perr := photo.NewPublic(disk, f.Size)
			m.content, m.private = public, errors.Is(perr, photo.ErrPrivate)
			if !m.private && perr != nil {
				err = fmt.Errorf("%s: %w", f.Name, perr)
			}
		}
		a.files = append(a.files, m)
		if err != nil {
			return err
		}
	}
	return nil
}

// sendable notes the files that make it impossible to send a part.
func (a *attempt) sendable(files []file) bool {
	ok := true
	for _, f := range files {
		if f.private {
			ok = false
			a.trouble.never("private", "Send files of this kind to another target, or let this one publish position and serial number.",
				f.name+": "+photo.ErrPrivate.Error())
		}
	}
	return ok
}

// planMark is the mark with the number of files in each mail: "2 2 1".
const planMark = "mail plan"

// planned returns the plan that an earlier attempt made.
func (a *attempt) planned() (counts []int, ok bool) {
	files := len(a.delivery.Item.Files)
	plan, ok := a.delivery.Marked(planMark)
	if !ok {
		// A single mail needs no plan to be kept, as long as nothing of it
		// went out.
		return []int{files}, Begun(*a.delivery.Job)
	}
	for _, s := range strings.Fields(plan) {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > files {
			return nil, false
		}
		counts = append(counts, n)
		files -= n
	}
	return counts, files == 0 && len(counts) > 0
}

// Begun tells whether somebody has accepted a part of a job already.
func Begun(j spool.Job) bool {
	for step := range j.Marks {
		if step != planMark && strings.HasPrefix(step, "mail ") {
			return true
		}
	}
	return false
}

// owed returns the recipients that have not accepted a part yet, without those
// whom it is no use to ask again in this attempt.
func (a *attempt) owed(p part) []string {
	done := map[string]bool{}
	for step := range a.delivery.Job.Marks {
		if list, ok := strings.CutPrefix(step, p.step()+" "); ok {
			for _, address := range strings.Fields(list) {
				done[strings.ToLower(address)] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(a.letter.to), func(s string) bool { return a.away[s] || done[strings.ToLower(s)] })
}

// owesAny tells whether there is anything to send.
func (a *attempt) owesAny() bool {
	counts, planned := a.planned()
	if !planned {
		return len(a.letter.to) > 0
	}
	for i := range counts {
		if len(a.owed(part{n: i + 1, of: len(counts)})) > 0 {
			return true
		}
	}
	return false
}

// plan divides the files into mails. A plan of which something went out is
// kept, since to divide anew would send photos twice; another one is made anew
// if the server's limit has changed.
func (a *attempt) plan() ([]int, error) {
	counts, planned := a.planned()
	if planned && Begun(*a.delivery.Job) {
		return counts, nil
	}
	head, err := a.letter.compose(part{n: 1, of: 99})
	if err != nil {
		return nil, err
	}
	fits := a.divide(head.size, a.limit())
	if slices.Equal(fits, counts) {
		return counts, nil
	}
	return fits, a.delivery.Mark(planMark, strings.Trim(fmt.Sprint(fits), "[]"))
}

// divide puts files into one mail as long as it stays below the limit. A file
// that is too large alone, or cannot be sent at all, stays alone, so that the
// others go out.
func (a *attempt) divide(head, limit int64) []int {
	const around = 1 << 10 // bytes of a file's own header, at most
	var counts []int
	var size int64
	alone := true
	for _, f := range a.files {
		more := around + smtp.Base64Size(f.size)
		if alone || f.private || limit > 0 && size+more > limit {
			counts, size = append(counts, 0), head
		}
		counts[len(counts)-1]++
		size += more
		alone = f.private
	}
	if counts == nil {
		return []int{0}
	}
	return counts
}
