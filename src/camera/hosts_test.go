package camera

import (
	"regexp"
	"slices"
	"testing"
)

func TestHosts(t *testing.T) {
	browser := []string{HostBrowser, HostBrowserWWW}
	checks := []string{HostGLD, HostMSN, HostYahoo}
	for _, c := range []struct {
		ids    []string
		want   [][]string
		reason string
	}{
		{[]string{"NX300"}, [][]string{browser, {HostGLD, HostEmail, HostSNS}}, "all is known"},
		{[]string{"NX500"}, [][]string{browser, {HostGLD, HostEmail}}, "e-mail only"},
		{[]string{"NX2000"}, [][]string{browser, {HostGLD, HostEmail, HostSNS}}, "an assumed GLD is trusted"},
		{[]string{"NX1000"}, [][]string{browser, checks, {HostEmail, HostSNS}}, "check unknown"},
		{[]string{"ST200F"}, [][]string{{HostYahoo, HostEmail, HostSNS}}, "a compact's browser is not known"},
		{[]string{"DV150F"}, [][]string{{HostMSN, HostEmail, HostSNS}}, "MSN is proven"},
		{[]string{"EX2F"}, [][]string{checks, {HostEmail, HostSNS}}, "an assumed Yahoo is not trusted"},
		{[]string{"DV180F"}, [][]string{checks, {HostEmail, HostSNS}}, "an assumed MSN is not trusted, services unknown"},
		{[]string{"NX3000"}, nil, "no client of the services"},
		{[]string{"ST200F", "NX3300", "NX500", "ST200F"}, [][]string{browser, {HostGLD, HostYahoo, HostEmail, HostSNS}}, "each once"},
		{nil, [][]string{browser, checks, {HostEmail, HostSNS}}, "none named: all models"},
	} {
		var list []Model
		for _, id := range c.ids {
			m, ok := Find(id)
			if !ok {
				t.Fatalf("no model %s", id)
			}
			list = append(list, m)
		}
		want := slices.Sorted(slices.Values(slices.Concat(c.want...)))
		if got := Hosts(list); !slices.Equal(got, want) {
			t.Errorf("Hosts(%q)\n got %q\nwant %q (%s)", c.ids, got, want, c.reason)
		}
		if len(list) == 1 && !slices.Equal(list[0].Hosts(), want) {
			t.Errorf("%s.Hosts()\n got %q\nwant %q (%s)", c.ids[0], list[0].Hosts(), want, c.reason)
		}
	}
}

func TestHostNamesAreValid(t *testing.T) {
	valid := regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$`)
	for _, host := range Hosts(nil) {
		if !valid.MatchString(host) {
			t.Errorf("%q is not a host name in lower case", host)
		}
	}
}
