package doctor

import (
	"strconv"
	"strings"

	"snsbridge/src/config"
)

// Hotspots tells of each Wi-Fi whether cameras can join it. They were made for
// the Wi-Fi of 2009 to 2015: 2.4 GHz, on most of them alone, WPA2 at best, and a
// pass phrase is typed on them letter by letter.
func Hotspots(list []config.Hotspot) Report {
	r := Report{State: Failed, Checks: []Result{}}
	for _, h := range list {
		result := hotspot(h)
		switch {
		case result.State == OK, r.State == Failed && result.State == Warning:
			r.State = result.State
		}
		r.Checks = append(r.Checks, result)
	}
	return r
}

// hotspot judges one Wi-Fi: it is as good as the worst that is found.
func hotspot(h config.Hotspot) Result {
	r := Result{ID: "hotspot:" + h.Name, Title: h.Name, Then: []Result{}}
	switch {
	case h.Disabled:
		r.Finding = skipped("hotspot-off", "is switched off", "")
		return r
	case h.Band == "5g", h.Band == "6g", h.Band == "60g":
		r.Finding = skipped("hotspot-band", "is not at 2.4 GHz, the only band of most cameras: only NX1, NX30, NX300 and NX300M support 5 GHz", "Let other cameras join a Wi-Fi at 2.4 GHz.")
		return r
	}
	r.Finding = ok("cameras can join it")
	for _, c := range []struct {
		id, title string
		finding   Finding
	}{
		{"hotspot-encryption", "Encryption", encryption(h)},
		{"hotspot-key", "Pass phrase", passPhrase(h)},
		{"hotspot-name", "Name", ssid(h)},
		{"hotspot-radio", "Radio", radio(h)},
	} {
		r.Then = append(r.Then, Result{ID: c.id, Title: c.title, Finding: c.finding, Then: []Result{}})
		switch {
		case c.finding.State == Failed:
			r.Finding = failed("hotspot-closed", "cameras cannot join it", "Change what is marked, on the page for wireless networks.")
		case c.finding.State == Warning && r.State == OK:
			r.Finding = warning("hotspot-doubtful", "some cameras may not join it", "If yours does not, change what is marked, on the page for wireless networks.")
		}
	}
	return r
}

const wpa2 = "Choose WPA2-PSK with CCMP (AES)."

func encryption(h config.Hotspot) Finding {
	mode, cipher, _ := strings.Cut(h.Encryption, "+")
	switch {
	case h.Protected:
		return failed("hotspot-protected", "wants protected management frames (802.11w), which these cameras do not know", "Make 802.11w optional, or switch it off.")
	case mode == "psk2" && !strings.Contains(cipher, "tkip"):
		return ok("WPA2-PSK with AES")
	case mode == "psk2", mode == "psk", mode == "psk-mixed":
		return warning("hotspot-tkip", "allows the old and weak cipher TKIP", wpa2)
	case mode == "sae-mixed":
		return warning("hotspot-mixed", "offers WPA3 beside WPA2, which confuses some old devices", wpa2)
	case mode == "none", mode == "owe":
		return warning("hotspot-open", "has no pass phrase: everybody near can see the photos and send some", wpa2)
	case mode == "wep":
		return warning("hotspot-wep", "WEP does not protect anything", wpa2)
	case mode == "sae":
		return failed("hotspot-wpa3", "wants WPA3, which these cameras do not know", wpa2)
	}
	return failed("hotspot-enterprise", "has an encryption that these cameras do not know: "+h.Encryption, wpa2, "encryption", h.Encryption)
}

const (
	keyHex  = 64 // characters of a key that is no pass phrase
	keyLong = 20 // characters that nobody likes to type on a camera
)

func passPhrase(h config.Hotspot) Finding {
	const easy = "Choose one of letters and digits."
	switch {
	case h.KeyLength == 0:
		return skipped("hotspot-key-none", "there is none", "")
	case h.KeyForeign:
		return failed("hotspot-key-foreign", "uses characters that camera keyboards lack", easy)
	case h.KeyLength >= keyHex:
		return failed("hotspot-key-hex", "is a key of 64 digits, which cameras do not take", easy)
	case h.KeySigns:
		return warning("hotspot-key-signs", "has signs or blanks, which must be on the camera's keyboard", easy)
	case h.KeyLength > keyLong:
		return warning("hotspot-key-long", "is long to type on a camera", "Twelve letters and digits are safe enough.")
	}
	return ok("letters and digits")
}

func ssid(h config.Hotspot) Finding {
	foreign := strings.ContainsFunc(h.Name, func(r rune) bool { return r < ' ' || r >= 0x7f })
	switch {
	case h.Hidden:
		return warning("hotspot-hidden", "is hidden: cameras list only what shows itself", "Show it.")
	case foreign, strings.TrimSpace(h.Name) != h.Name:
		return warning("hotspot-name-foreign", "has characters that a camera may not show", "Use letters and digits of ASCII.")
	}
	return ok("can be read on a camera")
}

func radio(h config.Hotspot) Finding {
	if n, err := strconv.Atoi(h.Channel); err == nil && n > 11 {
		return warning("hotspot-channel", "is on channel "+h.Channel+", which cameras made for America do not see", "Choose channel 1, 6 or 11.", "channel", h.Channel)
	}
	if h.Roaming {
		return warning("hotspot-roaming", "fast roaming (802.11r) is on, which confuses some old devices", "Switch it off.")
	}
	return ok("2.4 GHz")
}
