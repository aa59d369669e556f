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

// plan is the number of files in each mail. A mail that turned out to be too large is divided into
// several.
type plan [][]int

// planMark is the mark with the plan: "2 1+1 1" for three mails, the second in two pieces.
const planMark = "mail plan"

func (p plan) String() string {
	mails := make([]string, len(p))
	for i, pieces := range p {
		mails[i] = strings.ReplaceAll(strings.Trim(fmt.Sprint(pieces), "[]"), " ", "+")
	}
	return strings.Join(mails, " ")
}

// parts returns the mails of a plan. Files are not open yet.
func (p plan) parts() (list []part) {
	first := 0
	for i, pieces := range p {
		for _, count := range pieces {
			list = append(list, part{first: first, count: count, mail: fmt.Sprintf("mail %d/%d", i+1, len(p)), divided: len(pieces) > 1})
			first += count
		}
	}
	for i := range list {
		list[i].n, list[i].of = i+1, len(list)
	}
	return list
}

// planned returns the plan that an earlier attempt made.
func (a *attempt) planned() (p plan, ok bool) {
	files := len(a.delivery.Item.Files)
	mark, ok := a.delivery.Marked(planMark)
	if !ok {
		// A single mail needs no plan to be kept, as long as nothing of it
		// went out.
		return plan{{files}}, Begun(*a.delivery.Job)
	}
	for _, mail := range strings.Fields(mark) {
		var pieces []int
		for _, s := range strings.Split(mail, "+") {
			n, err := strconv.Atoi(s)
			if err != nil || n < 1 || n > files {
				return nil, false
			}
			pieces = append(pieces, n)
			files -= n
		}
		p = append(p, pieces)
	}
	return p, files == 0 && len(p) > 0
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
		if list, ok := p.within(step); ok {
			for _, address := range strings.Fields(list) {
				done[strings.ToLower(address)] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(a.letter.to), func(s string) bool { return a.away[s] || done[strings.ToLower(s)] })
}

// within tells whether a mark says that all of a part was accepted, and by whom: alone, in a larger
// piece, or in the mail before that was divided.
func (p part) within(step string) (list string, ok bool) {
	if list, ok = strings.CutPrefix(step, p.mail+" "); ok {
		return list, true
	}
	if !p.divided {
		return "", false
	}
	files, found := strings.CutPrefix(step, "mail #")
	files, list, _ = strings.Cut(files, " ")
	from, to, _ := strings.Cut(files, "-")
	first, err1 := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	return list, found && err1 == nil && err2 == nil && first <= p.first+1 && p.first+p.count <= last
}

// owesAny tells whether there is anything to send.
func (a *attempt) owesAny() bool {
	plan, planned := a.planned()
	if !planned {
		return len(a.letter.to) > 0
	}
	return slices.ContainsFunc(plan.parts(), func(p part) bool { return len(a.owed(p)) > 0 })
}

// plan divides the files into mails. A plan of which something went out is
// kept, since to divide anew would send photos twice; another one is made anew
// if the server's limit has changed.
func (a *attempt) plan() (plan, error) {
	before, planned := a.planned()
	if planned && Begun(*a.delivery.Job) {
		return before, nil
	}
	counts, err := a.divide(a.files)
	if err != nil {
		return nil, err
	}
	var fits plan
	for _, n := range counts {
		fits = append(fits, []int{n})
	}
	if fits.String() == before.String() {
		return fits, nil
	}
	return fits, a.delivery.Mark(planMark, fits.String())
}

// smaller divides a part that the server does not take, and keeps that in the plan.
func (a *attempt) smaller(p plan, of part) (plan, error) {
	counts, err := a.divide(of.files)
	if err != nil {
		return nil, err
	}
	if len(counts) < 2 {
		half := of.count / 2
		counts = []int{half, of.count - half}
	}
	divided := make(plan, len(p))
	first := 0
	for i, pieces := range p {
		for _, n := range pieces {
			if first == of.first {
				divided[i] = append(divided[i], counts...)
			} else {
				divided[i] = append(divided[i], n)
			}
			first += n
		}
	}
	return divided, a.delivery.Mark(planMark, divided.String())
}

// divide puts files into one mail as long as it stays below the limit. A file
// that is too large alone, or cannot be sent at all, stays alone, so that the
// others go out.
func (a *attempt) divide(files []file) ([]int, error) {
	const around = 1 << 10 // bytes of a file's own header, at most
	m, err := a.letter.compose(part{n: 1, of: 99})
	if err != nil {
		return nil, err
	}
	head, limit := m.size, a.together()
	var counts []int
	var size int64
	alone := true
	for _, f := range files {
		more := around + smtp.Base64Size(f.size)
		if alone || f.private || limit > 0 && size+more > limit {
			counts, size = append(counts, 0), head
		}
		counts[len(counts)-1]++
		size += more
		alone = f.private
	}
	if counts == nil {
		return []int{0}, nil
	}
	return counts, nil
}
