package sim

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"snsbridge/src/camera"
)

// Check finds out, as this model's firmware does, whether the Wi-Fi leads to the internet or to a hotspot's login page.
// An answer that does not pass is asked for again, twice at most. A model whose check is not known, or that makes
// none, passes unasked, with an empty Answer.
func (c Camera) Check(ctx context.Context) (Answer, error) {
	host := map[camera.Check]string{
		camera.GLD:        camera.HostGLD,
		camera.GLDLiteral: camera.HostGLD,
		camera.Yahoo:      camera.HostYahoo,
		camera.MSN:        camera.HostMSN,
	}[c.Model.Check]
	if host == "" {
		return Answer{}, nil
	}
	var answer Answer
	var err error
	for range 3 {
		answer, err = c.send(ctx, c.plain("GET", host, "/"))
		if err == nil {
			err = c.passes(answer)
		}
		if err == nil || answer.Status == 0 { // without an answer, asking again is no use
			break
		}
	}
	shows := "takes the network for a hotspot that wants a login"
	if c.Model.Generation.Kind() == "mirrorless" {
		shows = "opens its browser on samsungimaging.com, for the login to a hotspot"
	}
	return c.verdict("hotspot check", shows, answer, err)
}

func (c Camera) passes(a Answer) error {
	switch c.Model.Check {
	case camera.GLDLiteral:
		for _, literal := range []string{`ETag: "`, `Server: nginx/`, `Content-Length: 0`} {
			if !bytes.Contains(a.Raw, []byte(literal)) {
				return fmt.Errorf("%q: %w", literal, ErrMissing)
			}
		}
		return a.ok()
	case camera.Yahoo:
		return c.passesPortal(a, "yahoo.")
	case camera.MSN:
		return c.passesPortal(a, "msn.")
	}
	return a.ok()
}

// passesPortal wants a redirect with the word near the beginning of its target, or a cookie for the word's domain.
// Known from the firmware of a WB850F, for yahoo; that msn is alike is assumed.
func (c Camera) passesPortal(a Answer, word string) error {
	redirect, cookie := false, false
	for _, location := range a.headers("Location") {
		at := strings.Index(location, word)
		redirect = redirect || a.Status/100 == 3 && at >= 0 && at <= 11 // http://www. is 11 bytes long, https://www. 12
	}
	for _, set := range a.headers("Set-Cookie") {
		cookie = cookie || a.Status == 200 && strings.Contains(set, "Domain=."+word)
	}
	switch {
	case cookie && !c.Odd.OnlyRedirect:
		return nil
	case redirect && !c.Odd.OnlyCookie && !refusesRedirect(c.Model):
		return nil
	case cookie:
		return fmt.Errorf("%w: it wants a redirect, not a cookie", ErrMissing)
	case redirect:
		return fmt.Errorf("%w: it wants a cookie, not a redirect", ErrMissing)
	}
	return fmt.Errorf("%w: neither a redirect to %q nor a cookie for %q", ErrMissing, word, "."+word)
}
