package control

import (
	"fmt"
	"slices"
	"strings"

	"snsbridge/src/spool"
)

// files puts an item's files in another order, and takes some out for good.
// Every file is named in one of the two lists or, without an order, stays where
// it is: none is lost because a page did not know of it. The last one cannot be
// taken out: that is to delete the item.
func (s *Server) files(it *spool.Item, order, remove []int) error {
	if len(order) == 0 && len(remove) == 0 {
		return nil
	}
	for _, j := range it.Jobs {
		if j.State != spool.Done && s.begun(j) {
			return wrong(fmt.Sprintf("a part of %s has been sent to %s already", it.ID, j.Target), "Wait until it has been sent, or delete the rest: snsbridge delete "+it.ID)
		}
	}
	all := order
	if len(order) == 0 {
		for n := range it.Files {
			if !slices.Contains(remove, n+1) {
				all = append(all, n+1)
			}
		}
		order = all
	}
	all = slices.Concat(order, remove)
	slices.Sort(all)
	for i, n := range all {
		switch {
		case n < 1 || n > len(it.Files):
			return noFile(it, n)
		case i > 0 && all[i-1] == n:
			return wrong(fmt.Sprintf("file %d is named twice", n), "Name each once: those that stay in their order, and those to remove.")
		}
	}
	if len(all) != len(it.Files) {
		return wrong(fmt.Sprintf("the order names %d of %d files", len(all), len(it.Files)), "Name each once: those that stay in their order, and those to remove.")
	}
	if len(order) == 0 {
		return wrong("nothing would be left of "+it.ID, "Delete it as a whole: snsbridge delete "+it.ID)
	}
	files := make([]spool.File, len(order))
	for i, n := range order {
		files[i] = it.Files[n-1]
	}
	var names []string
	for _, n := range remove {
		names = append(names, it.Files[n-1].Name)
	}
	it.Files = files
	if len(names) > 0 {
		s.Log.Info("taken out by a person", "item", it.ID, "files", strings.Join(names, " "))
	}
	return nil
}

func (s *Server) begun(j spool.Job) bool {
	if s.Begun == nil {
		return len(j.Marks) > 0
	}
	return s.Begun(j)
}

func noFile(it *spool.Item, n int) error {
	return wrong(fmt.Sprintf("there is no file number %d", n), fmt.Sprintf("The item has %d files.", len(it.Files)))
}
