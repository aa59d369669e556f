package doctor

import (
	"testing"

	"snsbridge/src/config"
)

func TestHotspots(t *testing.T) {
	good := config.Hotspot{Name: "Travel", Band: "2g", Channel: "auto", Encryption: "psk2+ccmp", KeyLength: 12}
	for _, c := range []struct {
		reason string
		change func(*config.Hotspot)
		state  State
		code   string // of the link that is not ok, or of the whole
	}{
		{"as it should be", func(h *config.Hotspot) {}, OK, ""},
		{"psk2 leaves the cipher to the driver, which takes AES", func(h *config.Hotspot) { h.Encryption = "psk2" }, OK, ""},
		{"TKIP", func(h *config.Hotspot) { h.Encryption = "psk2+tkip+ccmp" }, Warning, "hotspot-tkip"},
		{"WPA and WPA2", func(h *config.Hotspot) { h.Encryption = "psk-mixed" }, Warning, "hotspot-tkip"},
		{"WPA2 and WPA3", func(h *config.Hotspot) { h.Encryption = "sae-mixed" }, Warning, "hotspot-mixed"},
		{"open", func(h *config.Hotspot) { h.Encryption, h.KeyLength = "none", 0 }, Warning, "hotspot-open"},
		{"WEP", func(h *config.Hotspot) { h.Encryption = "wep+shared" }, Warning, "hotspot-wep"},
		{"WPA3", func(h *config.Hotspot) { h.Encryption = "sae" }, Failed, "hotspot-wpa3"},
		{"RADIUS", func(h *config.Hotspot) { h.Encryption = "wpa2" }, Failed, "hotspot-enterprise"},
		{"802.11w required", func(h *config.Hotspot) { h.Protected = true }, Failed, "hotspot-protected"},
		{"802.11r", func(h *config.Hotspot) { h.Roaming = true }, Warning, "hotspot-roaming"},
		{"channel 13", func(h *config.Hotspot) { h.Channel = "13" }, Warning, "hotspot-channel"},
		{"channel 11", func(h *config.Hotspot) { h.Channel = "11" }, OK, ""},
		{"hidden", func(h *config.Hotspot) { h.Hidden = true }, Warning, "hotspot-hidden"},
		{"a name in Korean", func(h *config.Hotspot) { h.Name = "여행" }, Warning, "hotspot-name-foreign"},
		{"an umlaut to type", func(h *config.Hotspot) { h.KeyForeign = true }, Failed, "hotspot-key-foreign"},
		{"a sign to type", func(h *config.Hotspot) { h.KeySigns = true }, Warning, "hotspot-key-signs"},
		{"a key in digits", func(h *config.Hotspot) { h.KeyLength = 64 }, Failed, "hotspot-key-hex"},
		{"a novel", func(h *config.Hotspot) { h.KeyLength = 40 }, Warning, "hotspot-key-long"},
		{"two faults: the worse one counts", func(h *config.Hotspot) { h.Encryption, h.Hidden = "sae", true }, Failed, "hotspot-wpa3"},
		{"5 GHz", func(h *config.Hotspot) { h.Band = "5g" }, Skipped, "hotspot-band"},
		{"switched off", func(h *config.Hotspot) { h.Disabled = true }, Skipped, "hotspot-off"},
	} {
		h := good
		c.change(&h)
		r := Hotspots([]config.Hotspot{h})
		got := r.Checks[0]
		found := c.code == "" || got.Code == c.code
		for _, link := range got.Then {
			found = found || link.Code == c.code && link.State == c.state && link.Remedy != ""
		}
		whole := c.state
		if whole == Skipped {
			whole = Failed // no other Wi-Fi is there
		}
		if got.State != c.state || !found || r.State != whole {
			t.Errorf("%s: %s: %+v", c.reason, r.State, got)
		}
		if other := Hotspots([]config.Hotspot{h, good}); other.State != OK {
			t.Errorf("%s, and a good one: %s", c.reason, other.State)
		}
	}
}
