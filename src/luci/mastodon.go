package luci

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"

	"snsbridge/src/control"
	"snsbridge/src/durable"
	"snsbridge/src/mastodon"
	"snsbridge/src/spool"
)

// Begun is a login that waits for a person to bring the code.
type Begun struct {
	Server  string `json:"server"`
	Address string `json:"address"` // to be opened in a browser
	Handle  string `json:"handle"`  // to be brought with the code
}

// Finished is a login that came to its end. The token is in the file, and told
// to nobody.
type Finished struct {
	Server  string `json:"server"`
	Account string `json:"account"` // whose it is
	Token   string `json:"token"`   // the file, for the settings
}

// pending is what is kept between both. There is one: who begins another login
// has given up the first.
type pending struct {
	Handle string
	Login  mastodon.Login
}

func (s *Server) mastodonBegin(ctx context.Context, a arguments) (any, error) {
	base, err := mastodon.URL(a.Server)
	if err != nil {
		return nil, &control.Error{Code: "server", Message: err.Error(), Hint: "Write it as mastodon.social."}
	}
	login, err := (&mastodon.Account{BaseURL: base, UserAgent: "snsbridge"}).Login(ctx, "snsbridge", "")
	if err != nil {
		return nil, refusedAs("login-server", err)
	}
	p := pending{rand.Text(), login}
	b, err := json.Marshal(p)
	if err == nil {
		err = durable.WriteFile(s.Pending, b)
	}
	if err != nil {
		return nil, err
	}
	return Begun{base, login.Address, p.Handle}, nil
}

func (s *Server) mastodonFinish(ctx context.Context, a arguments) (any, error) {
	if !isName(a.Name) {
		return nil, &control.Error{Code: "name", Message: "the account has no name that could be one of a file", Hint: "Use letters, digits and _, at most 32."}
	}
	var p pending
	b, err := os.ReadFile(s.Pending)
	if err == nil {
		err = json.Unmarshal(b, &p)
	}
	if err != nil || p.Handle == "" || p.Handle != a.Handle {
		return nil, &control.Error{Code: "login-gone", Message: "this login was not begun, or another one was begun since", Hint: "Begin again."}
	}
	m := &mastodon.Account{BaseURL: p.Login.BaseURL, UserAgent: "snsbridge"}
	token, account, err := m.Finish(ctx, p.Login, a.Code)
	if err != nil {
		return nil, refusedAs("login-code", err)
	}
	file := filepath.Join(s.Tokens, a.Name+".token")
	if err := KeepToken(file, token, p.Login.BaseURL, s.Owner); err != nil {
		return nil, err
	}
	if err := os.Remove(s.Pending); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return Finished{p.Login.BaseURL, account, file}, nil
}

// refusedAs gives another code to what a server said no to: for a login that
// means something else than for a post.
func refusedAs(code string, err error) error {
	var e *spool.Error
	if errors.As(err, &e) && (e.Code == "refused" || e.Code == "login" || e.Code == "answer") {
		return &control.Error{Code: code, Message: err.Error(), Hint: e.Hint}
	}
	return err
}

// isName tells whether a text is the name of a section, of which nothing can
// leave a folder.
func isName(s string) bool {
	return s != "" && len(s) <= 32 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// KeepToken writes the token of a server's account into a file, whose folder is
// made, for a user of this machine and for nobody else. The user "" is the own
// one; any other takes root.
func KeepToken(file, token, base, owner string) error {
	dir := filepath.Dir(file)
	_, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(dir, 0o755); err == nil {
			err = os.Chmod(dir, 0o755) // rpcd's umask is 077, and the bridge must get in
		}
	}
	if err != nil {
		return err
	}
	if err := mastodon.WriteToken(file, token, base); err != nil {
		return err
	}
	if owner == "" {
		return nil
	}
	account, err := user.Lookup(owner)
	if err != nil {
		return err
	}
	uid, uerr := strconv.Atoi(account.Uid)
	gid, gerr := strconv.Atoi(account.Gid)
	if err := errors.Join(uerr, gerr); err != nil {
		return err
	}
	return os.Chown(file, uid, gid)
}
