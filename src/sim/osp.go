package sim

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"snsbridge/src/camera"
)

// Time asks Samsung's server for the time, as the ST1000 does before it goes on. Known from a server of 2012 that an
// owner of one wrote.
func (c Camera) Time(ctx context.Context) (time.Time, error) {
	answer, err := c.send(ctx, c.plain("GET", camera.HostEmail, "/security/sso/initialize/time"))
	var now time.Time
	if err == nil {
		now, err = answer.time()
	}
	_, err = c.verdict("time", "goes no further", answer, err)
	return now, err
}

func (a Answer) time() (time.Time, error) {
	if err := a.ok(); err != nil {
		return time.Time{}, err
	}
	const element = "currentServerTime>"
	_, rest, _ := strings.Cut(string(a.Raw), "<"+element)
	digits, _, found := strings.Cut(rest, "</"+element)
	ms, err := strconv.ParseInt(digits, 10, 64)
	if !found || err != nil {
		return time.Time{}, fmt.Errorf("<%s: %w", element, ErrMissing)
	}
	return time.UnixMilli(ms), nil
}

// ServiceProviders asks for the sites that there are: the ST1000's second request. What it wants to hear is not known,
// so any answer is good.
func (c Camera) ServiceProviders(ctx context.Context) (Answer, error) {
	answer, err := c.send(ctx, c.plain("GET", camera.HostEmail, "/social/columbus/serviceproviders/list?DUID="+c.duid()))
	return c.verdict("list of sites", "goes no further", answer, err)
}

// AllShare logs in at AllShare Play, as an NX300 does. What it wants to hear is not known, so any answer is good.
func (c Camera) AllShare(ctx context.Context) (Answer, error) {
	body := "<userAuthRequest><loginID>" + c.escape(c.user()) + "</loginID><password>" + c.escape(c.Password) +
		"</password><duid></duid><mobileCountryCode></mobileCountryCode><tncAccepted>Y</tncAccepted></userAuthRequest>"
	answer, err := c.send(ctx, c.plain("POST", camera.HostEmail, "/security/sso/userprofiles/authentication/emailid", piece{text: body}))
	return c.verdict("AllShare login", "says that the login failed", answer, err)
}
