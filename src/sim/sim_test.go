package sim

import (
	"strings"
	"testing"
)

func TestString(t *testing.T) {
	c := Camera{Model: model(t, "NXmini"), Addr: "10.23.42.99:80", Password: "secret"}
	if got, want := c.String(), "pretend NX mini of Camera@samsungcamera.com, sending to 10.23.42.99:80"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if strings.Contains(c.String(), "secret") {
		t.Error("gives the password away")
	}
}
