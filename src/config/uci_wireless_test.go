package config

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestHotspots(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wireless")
	if err := os.WriteFile(file, []byte(`
config wifi-device 'radio0'
	option band '2g'
	option channel '13'

config wifi-device 'radio1'
	option hwmode '11a'
	option disabled '1'

config wifi-iface 'default_radio0'
	option device 'radio0'
	option network 'lan'
	option mode 'ap'
	option ssid 'Travel'
	option encryption 'psk2+ccmp'
	option key 'pass phrase 1'

config wifi-iface
	option device 'radio1'
	option network 'wan lan'
	option ssid 'Fast'
	option encryption 'sae'
	option ieee80211w '2'
	option ieee80211r '1'
	option hidden '1'
	option key 'größe'

config wifi-iface
	option device 'radio0'
	option network 'wwan'
	option mode 'sta'
	option ssid 'Hotel'

config wifi-iface
	option device 'radio0'
	option network 'office'
	option ssid 'none of ours'

config wifi-iface
	option device 'gone'
	option network 'lan'
	option ssid 'without a radio'
`), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Hotspots(file, []string{"lan", "guest"})
	want := []Hotspot{
		{Name: "Travel", Networks: []string{"lan"}, Band: "2g", Channel: "13", Encryption: "psk2+ccmp", KeyLength: 13, KeySigns: true},
		{Name: "Fast", Networks: []string{"wan", "lan"}, Band: "5g", Channel: "auto", Encryption: "sae", Hidden: true, Disabled: true, Protected: true, Roaming: true, KeyLength: 5, KeyForeign: true},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v\nwant %+v", got, err, want)
	}
	if _, err := Hotspots(file+"s", nil); !os.IsNotExist(err) {
		t.Errorf("without a file: %v", err)
	}
}
