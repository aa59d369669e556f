package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"snsbridge/src/config"
	"snsbridge/src/control"
)

// sockets are where a bridge is looked for that nobody named: without any
// settings in this folder, and as the router's package runs it. Before these,
// a config.toml in this folder is asked.
var sockets = []string{"photos/.spool/control.sock", "/var/run/snsbridge/control.sock"}

// talk is a verb that talks to the running bridge.
type talk struct {
	flags
	env    environ
	file   *string
	socket *string
	json   *bool
}

func newTalk(env environ, verb, what string) *talk {
	fl := newFlags(verb, what)
	return &talk{
		flags: fl, env: env,
		file:   fl.String("config", "", "settings `FILE` of the bridge"),
		socket: fl.String("socket", "", "control socket of the bridge, a `PATH`"),
		json:   fl.Bool("json", false, "for programs"),
	}
}

// parse reads options and arguments in any order and returns the arguments.
func (t *talk) parse(args []string, min, max int) ([]string, error) {
	var words []string
	for {
		if err := t.flags.parse(t.env, args, -1); err != nil {
			return nil, err
		}
		rest := t.Args()
		ended := len(rest) < len(args) && args[len(args)-len(rest)-1] == "--"
		if len(rest) == 0 || ended {
			words = append(words, rest...)
			break
		}
		words, args = append(words, rest[0]), rest[1:]
	}
	switch {
	case len(words) < min:
		return nil, usageError("%s: missing argument", t.Name())
	case max >= 0 && len(words) > max:
		return nil, usageError("too many arguments: %q", words[max:])
	}
	return words, nil
}

// client returns the client of the bridge that is meant.
func (t *talk) client() (*control.Client, error) {
	switch {
	case *t.socket != "":
		return &control.Client{Socket: *t.socket}, nil
	case *t.file != "":
		c, err := config.Load(*t.file)
		if err != nil {
			return nil, withHint(err, "correct the settings, or name the socket: --socket PATH")
		}
		return &control.Client{Socket: c.ControlSocket}, nil
	}
	if c, err := config.Load("config.toml"); err == nil {
		if _, err := os.Lstat(c.ControlSocket); err == nil {
			return &control.Client{Socket: c.ControlSocket}, nil
		}
	}
	for _, path := range sockets {
		if _, err := os.Lstat(path); err == nil {
			return &control.Client{Socket: path}, nil
		}
	}
	return &control.Client{Socket: sockets[len(sockets)-1]}, nil
}

// print writes an answer for programs.
func (t *talk) print(v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = t.env.stdout.Write(control.PrintableJSON(append(b, '\n')))
	return err
}

// explain makes an error of the bridge fit for a terminal, and for programs
// that read only the output.
func (t *talk) explain(err error) error {
	var e *control.Error
	if !errors.As(err, &e) {
		return err
	}
	if *t.json {
		if err := t.print(map[string]*control.Error{"error": e}); err != nil {
			return err
		}
	}
	plain := errors.New(control.Printable(e.Message))
	if e.Hint == "" {
		return plain
	}
	return withHint(plain, control.Printable(e.Hint))
}

// ask calls fn with the client, and writes its answer in the way that is
// wanted.
func ask[T any](ctx context.Context, t *talk, fn func(context.Context, *control.Client) (T, error), show func(T)) error {
	c, err := t.client()
	if err != nil {
		return err
	}
	v, err := fn(ctx, c)
	if err != nil {
		return t.explain(err)
	}
	if *t.json {
		return t.print(v)
	}
	show(v)
	return nil
}
