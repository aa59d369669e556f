package config

import (
	"cmp"
	"os"
	"slices"
	"strings"
)

// Hotspot is a Wi-Fi of the router that cameras could join, without its pass
// phrase.
type Hotspot struct {
	Name       string   // SSID; "": it is not set
	Networks   []string // as in /etc/config/network
	Band       string   // 2g, 5g, 6g or 60g; "": it is not said
	Channel    string   // "auto", or a number
	Encryption string   // as in /etc/config/wireless: "psk2+ccmp", "sae-mixed"
	Hidden     bool
	Disabled   bool // it, or its radio
	Protected  bool // clients must protect management frames (802.11w)
	Roaming    bool // 802.11r
	KeyLength  int  // characters of the pass phrase
	KeySigns   bool // there are signs in it, such as & or a blank
	KeyForeign bool // there are letters in it that ASCII has not
}

// Hotspots reads the router's access points, those of the named networks
// only, from its settings for Wi-Fi.
func Hotspots(file string, networks []string) ([]Hotspot, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	sections, err := readUCI(file, string(b))
	if err != nil {
		return nil, err
	}
	radios := map[string]*uciSection{}
	for _, s := range sections {
		if s.typ == "wifi-device" {
			radios[s.name] = s
		}
	}
	list := []Hotspot{}
	for _, s := range sections {
		radio := radios[s.text("device")]
		if s.typ != "wifi-iface" || radio == nil || cmp.Or(s.text("mode"), "ap") != "ap" {
			continue
		}
		h := Hotspot{
			Name: s.text("ssid"), Networks: strings.Fields(s.text("network")), Encryption: cmp.Or(s.text("encryption"), "none"),
			Band: bandOf(radio), Channel: cmp.Or(radio.text("channel"), "auto"),
			Hidden: s.text("hidden") == "1", Disabled: s.text("disabled") == "1" || radio.text("disabled") == "1",
			Protected: s.text("ieee80211w") == "2", Roaming: s.text("ieee80211r") == "1",
			KeyLength: len([]rune(s.text("key"))),
		}
		h.KeySigns, h.KeyForeign = signs(s.text("key"))
		if slices.ContainsFunc(h.Networks, func(n string) bool { return slices.Contains(networks, n) }) {
			list = append(list, h)
		}
	}
	return list, nil
}

// text returns an option's value, those of a list with blanks between, "" if
// it is not set.
func (s *uciSection) text(option string) string {
	o := s.option(option)
	if o == nil {
		return ""
	}
	return strings.Join(o.values, " ")
}

// bandOf returns a radio's band: option band since 21.02, hwmode before.
func bandOf(radio *uciSection) string {
	switch mode := strings.TrimPrefix(radio.text("hwmode"), "11"); {
	case radio.text("band") != "":
		return radio.text("band")
	case mode == "b", mode == "g":
		return "2g"
	case mode == "a":
		return "5g"
	case mode == "ad":
		return "60g"
	}
	return ""
}

// signs tells whether there is more than letters and digits in a pass phrase.
func signs(key string) (ascii, foreign bool) {
	for _, r := range key {
		plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		foreign = foreign || r >= 0x7f
		ascii = ascii || r < 0x7f && !plain
	}
	return ascii, foreign
}
