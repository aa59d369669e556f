package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTimeZone: OpenWrt keeps its time zone as a rule of POSIX in /etc/TZ, which
// Go's library does not look at.
func TestTimeZone(t *testing.T) {
	for _, tt := range []struct{ tz, january, july, reason string }{
		{"CET-1CEST,M3.5.0,M10.5.0/3\n", "13:00 CET", "14:00 CEST", "Berlin, as OpenWrt writes it"},
		{"AEST-10AEDT,M10.1.0,M4.1.0/3", "23:00 AEDT", "22:00 AEST", "Sydney: summer is in January"},
		{"EST5EDT,M3.2.0,M11.1.0", "07:00 EST", "08:00 EDT", "New York: without an hour it is two o'clock"},
		{"<+0330>-3:30", "15:30 +0330", "15:30 +0330", "Tehran: half an hour, a name in brackets"},
		{"KST-9", "21:00 KST", "21:00 KST", "Seoul: no summer time"},
		{"GMT0", "12:00 GMT", "12:00 GMT", "OpenWrt's default"},
		{"UTC", "12:00 UTC", "12:00 UTC", "without a number, which is no rule"},
		{"Europe/Berlin", "12:00 UTC", "12:00 UTC", "a name: there is no list of them"},
		{"\x00\n<", "12:00 UTC", "12:00 UTC", "broken"},
		{"", "12:00 UTC", "12:00 UTC", "empty"},
	} {
		file := filepath.Join(t.TempDir(), "TZ")
		if err := os.WriteFile(file, []byte(tt.tz), 0o600); err != nil {
			t.Fatal(err)
		}
		zone := timeZone(file)
		for month, want := range map[time.Month]string{time.January: tt.january, time.July: tt.july} {
			if got := time.Date(2026, month, 15, 12, 0, 0, 0, time.UTC).In(zone).Format("15:04 MST"); got != want {
				t.Errorf("%s: %q in %v is %s, want %s", tt.reason, tt.tz, month, got, want)
			}
		}
	}
	if zone := timeZone(filepath.Join(t.TempDir(), "TZ")); zone != time.UTC {
		t.Errorf("without the file it is %v", zone)
	}
}
