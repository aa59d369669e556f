package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
)

// flags are the options of a verb.
type flags struct {
	*flag.FlagSet
	what string
}

func newFlags(verb, what string) flags {
	fl := flag.NewFlagSet(verb, flag.ContinueOnError)
	fl.SetOutput(io.Discard)
	fl.Usage = func() {}
	return flags{fl, what}
}

// errHelp ends a verb of which only the help was wanted.
var errHelp = errors.New("help")

// parse reads the options; at most max arguments may follow, -1: any number.
func (fl flags) parse(env environ, args []string, max int) error {
	err := fl.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(env.stdout, "snsbridge %s: %s\n", fl.Name(), fl.what)
		fl.SetOutput(env.stdout)
		fl.PrintDefaults()
		return errHelp
	case err != nil:
		return usageError("%v", err)
	case max >= 0 && fl.NArg() > max:
		return usageError("too many arguments: %q", fl.Args()[max:])
	}
	return nil
}
