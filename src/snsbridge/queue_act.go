package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"snsbridge/src/control"
)

func retryVerb(ctx context.Context, env environ, args []string) error {
	t := newTalk(env, "retry", "try deliveries now: retry ID..., or retry --all")
	many := map[string]*bool{
		"all":     t.Bool("all", false, "everything that waits or has failed"),
		"waiting": t.Bool("waiting", false, "everything that waits: the uplink is there again"),
		"failed":  t.Bool("failed", false, "everything that has failed"),
	}
	ids, err := t.parse(args, 0, -1)
	if err != nil {
		return err
	}
	what, options := "", 0
	for name, on := range many {
		if *on {
			what, options = name, options+1
		}
	}
	if options > 1 || (options == 0) == (len(ids) == 0) {
		return usageError("either name items, or use one of --all, --waiting and --failed")
	}
	p := paper{env.stdout}
	if what != "" {
		return ask(ctx, t, func(ctx context.Context, c *control.Client) (control.Retried, error) {
			return c.RetryMany(ctx, what)
		}, func(n control.Retried) { p.put("", "%s", retriedText(n.Retried)) })
	}
	for _, id := range ids {
		err := ask(ctx, t, func(ctx context.Context, c *control.Client) (control.Item, error) {
			return c.Retry(ctx, id)
		}, func(it control.Item) { showItem(p, it, time.Now()) })
		if err != nil {
			return err
		}
	}
	return nil
}

func retriedText(n int) string {
	if n == 0 {
		return "There is nothing to retry."
	}
	return "Tried again now: " + fmt.Sprint(n) + "."
}

func deleteVerb(ctx context.Context, env environ, args []string) error {
	t := newTalk(env, "delete", "delete items with their photos: delete ID...")
	yes := t.Bool("yes", false, "do not ask")
	ids, err := t.parse(args, 1, -1)
	if err != nil {
		return err
	}
	if !*yes && !terminal(env.stdin) {
		return withHint(fmt.Errorf("delete asks before it deletes, and there is no terminal"), "add --yes if you are sure")
	}
	p := paper{env.stdout}
	in := bufio.NewReader(env.stdin)
	for _, id := range ids {
		if !*yes {
			c, err := t.client()
			if err != nil {
				return err
			}
			it, err := c.Show(ctx, id)
			if err != nil {
				return t.explain(err)
			}
			showItem(paper{env.stderr}, it, time.Now())
			if !confirm(in, env.stderr, "Delete this? [y/N] ") {
				fmt.Fprintln(env.stderr, "It is kept.")
				continue
			}
		}
		err := ask(ctx, t, func(ctx context.Context, c *control.Client) (control.Removed, error) {
			return c.Remove(ctx, id)
		}, func(r control.Removed) { p.put("", "Deleted %s.", r.Removed) })
		if err != nil {
			return err
		}
	}
	return nil
}

// confirm asks a question, and takes only a clear yes for one.
func confirm(in *bufio.Reader, out io.Writer, question string) bool {
	fmt.Fprint(out, question)
	answer, _ := in.ReadString('\n')
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes"
}

func terminal(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	fi, err := f.Stat()
	return err == nil && fi.Mode()&os.ModeCharDevice != 0
}

func editVerb(ctx context.Context, env environ, args []string) error {
	t := newTalk(env, "edit", "change an item: edit ID [OPTION...]; a draft that is complete then goes out")
	var e control.Edit
	text := func(name string, at **string, what string) {
		t.Func(name, what, func(s string) error { *at = &s; return nil })
	}
	text("title", &e.Title, "`TEXT` of the subject")
	text("text", &e.Text, "the `TEXT`")
	text("warning", &e.Warning, "content warning, a `TEXT`; empty: none")
	text("language", &e.Language, "`LANGUAGE` of the text, such as en")
	text("visibility", &e.Visibility, "`WHO` sees it: public, unlisted, private or direct; empty: as in the settings")
	t.Func("alt", "`NUMBER=TEXT`: what can be seen in the photo with this number; may be repeated", func(s string) error {
		number, text, ok := strings.Cut(s, "=")
		n, err := strconv.Atoi(number)
		if !ok || err != nil {
			return fmt.Errorf("write NUMBER=TEXT, such as 1=A mountain")
		}
		if e.Alts == nil {
			e.Alts = map[int]string{}
		}
		e.Alts[n] = text
		return nil
	})
	t.Func("target", "send it to `TARGET` instead; OLD=NEW if there are several", func(s string) error {
		old, target, ok := strings.Cut(s, "=")
		if !ok {
			old, target = "", s
		}
		if e.Targets == nil {
			e.Targets = map[string]string{}
		}
		e.Targets[old] = target
		return nil
	})
	numbers := func(name string, at *[]int, what string) {
		t.Func(name, what, func(s string) (err error) { *at, err = numbersOf(s); return err })
	}
	numbers("order", &e.Order, "the photos that stay, `NUMBER,NUMBER...` in their new order")
	numbers("remove", &e.Remove, "delete the photos `NUMBER,NUMBER...` for good")
	t.BoolVar(&e.Hold, "hold", false, "do not send it yet, complete or not")
	t.BoolVar(&e.Still, "still", false, "change it, and send or hold nothing")
	from := t.String("from", "", "read the changes, as JSON, from `FILE`; - is the input")
	ids, err := t.parse(args, 1, 1)
	if err != nil {
		return err
	}
	if *from != "" {
		if err := readEdit(env, *from, &e); err != nil {
			return err
		}
	}
	return ask(ctx, t, func(ctx context.Context, c *control.Client) (control.Item, error) {
		return c.Edit(ctx, ids[0], e)
	}, func(it control.Item) { showAll(paper{env.stdout}, it, time.Now()) })
}

// numbersOf reads a list such as 3,1,2.
func numbersOf(s string) (list []int, err error) {
	for word := range strings.SplitSeq(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil {
			return nil, fmt.Errorf("write NUMBER,NUMBER, such as 3,1,2")
		}
		list = append(list, n)
	}
	return list, nil
}

// readEdit reads changes from a file: a web page's texts are longer than a
// command line may be.
func readEdit(env environ, name string, e *control.Edit) error {
	in := env.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	dec := json.NewDecoder(io.LimitReader(in, 1<<20))
	dec.DisallowUnknownFields()
	if err := dec.Decode(e); err != nil {
		return fmt.Errorf("the changes in %s cannot be read: %w", name, err)
	}
	return nil
}

func pauseVerb(ctx context.Context, env environ, args []string) error {
	t := newTalk(env, "pause", "send nothing to a target until it is resumed: pause TARGET")
	reason := t.String("reason", "", "`TEXT` that status shows")
	words, err := t.parse(args, 1, 1)
	if err != nil {
		return err
	}
	return ask(ctx, t, func(ctx context.Context, c *control.Client) (control.Target, error) {
		return c.Pause(ctx, words[0], *reason)
	}, func(tg control.Target) { showTarget(paper{env.stdout}, tg, time.Now()) })
}

func resumeVerb(ctx context.Context, env environ, args []string) error {
	t := newTalk(env, "resume", "end a pause: resume TARGET")
	words, err := t.parse(args, 1, 1)
	if err != nil {
		return err
	}
	return ask(ctx, t, func(ctx context.Context, c *control.Client) (control.Target, error) {
		return c.Resume(ctx, words[0])
	}, func(tg control.Target) { showTarget(paper{env.stdout}, tg, time.Now()) })
}
