package main

import (
	"bufio"
	"context"
	"fmt"
	"path/filepath"

	"snsbridge/src/mastodon"
)

func mastodonLoginVerb(ctx context.Context, env environ, args []string) error {
	fl := newFlags("mastodon-login", "log in at a server for Mastodon apps, and keep the token in a file: mastodon-login [OPTION...] SERVER")
	out := fl.String("out", "mastodon.secret", "`FILE` for the token, as TOKEN in the settings names it")
	code := fl.String("code", "", "the `CODE`, if there is one already; else it is asked for")
	if err := fl.parse(env, args, 1); err != nil {
		return err
	}
	if fl.NArg() == 0 {
		return usageError("which server? for example: snsbridge mastodon-login mastodon.social")
	}
	base, err := mastodon.URL(fl.Arg(0))
	if err != nil {
		return err
	}
	m := &mastodon.Account{BaseURL: base, UserAgent: "snsbridge"}
	login, err := m.Login(ctx, "snsbridge", "")
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "Open this address in a browser, allow snsbridge to post, and copy the code:\n\n  %s\n\n", login.Address)
	if *code == "" {
		fmt.Fprint(env.stdout, "Code: ")
		typed := make(chan string, 1)
		go func() {
			in := bufio.NewScanner(env.stdin)
			in.Scan()
			typed <- in.Text()
		}()
		select {
		case *code = <-typed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	token, account, err := m.Finish(ctx, login, *code)
	if err != nil {
		return err
	}
	file, err := filepath.Abs(*out)
	if err != nil {
		return err
	}
	if err := mastodon.WriteToken(file, token, login.BaseURL); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "Logged in as %s. The token is in %s; set TOKEN to that name.\n", account, file)
	return nil
}
