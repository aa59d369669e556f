package sim

import (
	"strings"

	"snsbridge/src/camera"
)

// What is known of single models beyond the table, and matters to nobody but a camera.

// asksTime: a server of 2012, written by an owner of an ST1000, had to tell it the time first.
func asksTime(m camera.Model) bool { return m.ID == "ST1000" }

// refusesRedirect: users' reports on the WB37F, gathered in samsung-nx-emailservice; its sister models are assumed
// to do the same.
func refusesRedirect(m camera.Model) bool {
	return m.ID == "WB35F" || m.ID == "WB36F" || m.ID == "WB37F"
}

// refusesAddress: two of the oldest cameras judge the server by its address.
func refusesAddress(m camera.Model, addr string) bool {
	return m.Refuses192 == camera.Yes && strings.HasPrefix(addr, "192.168.")
}

// isOAuth: sites at which people log in by the camera's browser.
func isOAuth(site string) bool {
	return site == "flickr" || site == "dropbox" || site == "skydrive"
}
