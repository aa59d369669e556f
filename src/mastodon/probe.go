package mastodon

import (
	"context"
	"errors"
	"net/http"
)

// formTrust is how many attempts in a row may end because the server answered
// 5xx to a form without a file. A server may do so to every such form.
const formTrust = 6

// probe asks something small before megabytes are sent to a server that was in
// trouble, or that did not give the limits it should give to everybody: whose
// the token is, and whether the upload of nothing is refused for what it is.
func (a *attempt) probe(ctx context.Context) error {
	if a.d.Trouble == 0 && a.limits.known {
		return nil
	}
	_, err := a.m.whoAmI(ctx)
	r, refused := asRefusal(err)
	switch {
	case err == nil, errors.Is(err, errAnswer):
	case !refused,
		r.status < 400, r.status == http.StatusUnauthorized,
		r.troubled() && r.status != http.StatusNotImplemented:
		return a.m.failure(ctx, "ask whose the account is", err)
	}
	if a.d.Trouble == 0 || !a.lacksFile() {
		return nil
	}
	path := mediaV2
	if a.m.onlyV1() {
		path = mediaV1
	}
	_, err = a.m.ask(ctx, http.MethodPost, path, nil)
	r, refused = asRefusal(err)
	switch {
	case err == nil, errors.Is(err, errAnswer):
	case !refused,
		r.status == http.StatusTooManyRequests,
		r.troubled() && r.status != http.StatusNotImplemented && a.d.Trouble < formTrust:
		return a.m.failure(ctx, "ask whether files are taken", err)
	}
	return nil
}

// lacksFile tells whether a file has to be uploaded.
func (a *attempt) lacksFile() bool {
	for n, p := range a.parts {
		if a.id(n) != "" {
			continue
		}
		for _, f := range a.files(p) {
			if id, _, _ := a.uploaded(f); id == "" {
				return true
			}
		}
	}
	return false
}
