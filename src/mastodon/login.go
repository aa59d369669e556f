package mastodon

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	api "github.com/mattn/go-mastodon"

	"snsbridge/src/spool"
)

const codeHint = "Begin again and copy the whole code: it is good for one use, within minutes."

const noRedirect = "urn:ietf:wg:oauth:2.0:oob" // the server shows the code to the person

// What our token may do: post, see whose it is, and look whether a post whose
// answer was lost is there.
const rights = "write:media write:statuses read:accounts read:statuses"

// Login is a login that waits for a person to bring the code. It can be kept
// meanwhile: whoever has it still needs the code.
type Login struct {
	BaseURL string
	Address string // to be opened in a browser
	ID      string // of the program, as the server knows it
	Secret  string // the same
}

// URL completes what a person typed ("photog.social",
// "https://photog.social/@me") to the address of a server.
func URL(typed string) (string, error) {
	s := strings.TrimSpace(typed)
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil {
		return "", fmt.Errorf("%q is not a server address", typed)
	}
	if _, err := parseURL(u.Scheme + "://" + u.Host); err != nil {
		return "", err
	}
	return u.Scheme + "://" + u.Host, nil
}

// loginFailure puts the next step of a login in the place of a post's.
func (m *Account) loginFailure(ctx context.Context, what, hint string, err error) error {
	err = m.failure(ctx, what, err)
	var e *spool.Error
	if r, ok := asRefusal(err); ok && r.status < 500 && errors.As(err, &e) {
		e.Hint = hint
	}
	return err
}

// Login registers a program of that name at the server m.BaseURL and returns
// the address at which its owner allows it to post. m needs no token for it.
func (m *Account) Login(ctx context.Context, program, website string) (Login, error) {
	if _, err := parseURL(m.BaseURL); err != nil {
		return Login{}, err
	}
	limits, err := m.askLimits(ctx)
	if err != nil {
		return Login{}, m.loginFailure(ctx, "ask for the limits", "Check the address: is it a server for Mastodon apps?", err)
	}
	scopes := rights
	if limits.pixelfed {
		scopes = "read write" // it knows no finer ones and refuses them at the login
	}
	app, err := api.RegisterApp(ctx, &api.AppConfig{
		Client:       http.Client{Transport: &call{m: m}},
		Server:       m.BaseURL,
		ClientName:   program,
		RedirectURIs: noRedirect,
		Scopes:       scopes,
		Website:      website,
	})
	if err != nil {
		return Login{}, m.loginFailure(ctx, "register", "Check the address: is it a server for Mastodon apps?", err)
	}
	address, err := url.Parse(app.AuthURI)
	if err != nil || app.ClientID == "" || app.ClientSecret == "" {
		return Login{}, fmt.Errorf("register: %w", errAnswer)
	}
	// The library takes this from an answer that newer servers write otherwise.
	q := address.Query()
	q.Set("redirect_uri", noRedirect)
	address.RawQuery = q.Encode()
	return Login{m.BaseURL, address.String(), app.ClientID, app.ClientSecret}, nil
}

// Finish exchanges the code for a token and tries it. account is the name of
// its owner at the server.
func (m *Account) Finish(ctx context.Context, l Login, code string) (token, account string, err error) {
	code = strings.TrimSpace(code)
	if code == "" {
		return "", "", errors.New("there is no code")
	}
	lib := api.NewClient(&api.Config{Server: l.BaseURL, ClientID: l.ID, ClientSecret: l.Secret})
	lib.Client = http.Client{Transport: &call{m: m}}
	if err := lib.GetUserAccessToken(ctx, code, noRedirect); err != nil {
		return "", "", m.loginFailure(ctx, "exchange the code", codeHint, err)
	}
	token = lib.Config.AccessToken
	if token == "" {
		return "", "", fmt.Errorf("exchange the code: %w", errAnswer)
	}
	try := &Account{BaseURL: l.BaseURL, Token: token, UserAgent: m.UserAgent, Transport: m.transport(), Timeout: m.Timeout, Now: m.Now}
	me, err := try.whoAmI(ctx)
	if err != nil {
		return "", "", m.loginFailure(ctx, "try the token", codeHint, err)
	}
	return token, me.Acct, nil
}
