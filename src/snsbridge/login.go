package main

import (
	"bufio"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"snsbridge/src/config"
	"snsbridge/src/luci"
	"snsbridge/src/mastodon"
)

func mastodonLoginVerb(ctx context.Context, env environ, args []string) error {
	fl := newFlags("mastodon-login", "log in at a server for Mastodon apps, and keep the token in a file: mastodon-login [OPTION...] SERVER")
	out := fl.String("out", "", "`FILE` for the token, as TOKEN in the settings names it (without it mastodon.secret; on a router /etc/snsbridge/NAME.token)")
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
	k := keeping{file: "mastodon.secret", next: "set TOKEN to that name, and add a rule, such as facebook = \"mastodon\" in [ACTIONS]: without one nothing is posted there."}
	if isRouter() {
		k = keepingOnRouter(*out, login.BaseURL)
	} else if *out != "" {
		k.file = *out
	}
	file, err := filepath.Abs(k.file)
	if err != nil {
		return err
	}
	if err := luci.KeepToken(file, token, login.BaseURL, k.owner); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "Logged in as %s. The token is in %s; %s\n", account, file, k.next)
	return nil
}

// keeping is how a token is kept.
type keeping struct {
	file  string
	owner string // user of this machine; "": the own one
	next  string // for a person: what to do then
}

// keepingOnRouter is for an account at a server. If the settings have one there
// whose token is in a file, it is that file: somebody logs in again. Else it is
// a new account with the server's name, or the name of the file that was asked
// for.
func keepingOnRouter(file, base string) keeping {
	again := keeping{file, routerUser, "now run /etc/init.d/snsbridge restart."}
	if u, err := config.LoadUCI(routerFile); err == nil {
		var known []string
		for _, m := range u.Config.Mastodon {
			if at, err := mastodon.URL(m.BaseURL); err == nil && at == base && filepath.IsAbs(m.Token) {
				known = append(known, m.Token)
			}
		}
		if file == "" && len(known) == 1 {
			again.file = known[0]
		}
		if slices.Contains(known, again.file) {
			return again
		}
	}
	_, name, _ := strings.Cut(base, "://")
	if file != "" {
		if abs, err := filepath.Abs(file); err == nil {
			file = abs
		}
		name = strings.TrimSuffix(filepath.Base(file), ".token")
	}
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
	if file == "" {
		file = tokenFolder + "/" + name + ".token"
	}
	quoted := "'" + strings.ReplaceAll(file, "'", `'\''`) + "'"
	return keeping{file, routerUser, fmt.Sprintf(`tell the settings:

  uci set snsbridge.%[1]s=mastodon
  uci set snsbridge.%[1]s.base_url='%[2]s'
  uci set snsbridge.%[1]s.token=%[3]s

and, for what cameras send to Facebook to be posted there, or another site:

  uci add snsbridge rule
  uci set snsbridge.@rule[-1].match=facebook
  uci set snsbridge.@rule[-1].action=mastodon
  uci set snsbridge.@rule[-1].account=%[1]s

Then:

  uci commit snsbridge
  /etc/init.d/snsbridge reload

Without a rule nothing is posted there: snsbridge config lists them.`, name, base, quoted)}
}
