package config

import (
	"slices"
	"strings"
	"testing"
)

func TestMACs(t *testing.T) {
	const mac = "00:16:6c:0a:b0:cd"
	for _, spelling := range []string{mac, "00:16:6C:0A:B0:CD", "00-16-6C-0A-B0-CD", "0016.6c0a.b0cd", "00166C0AB0CD", "0:16:6c:a:b0:cd", " 00 16 6c 0a b0 cd "} {
		c := load(t, "UPLOAD_FOLDER = \"@\"\nCAMERA_MACS = [\""+spelling+"\", \""+mac+"\"]")
		if !slices.Equal(c.CameraMACs, []string{mac}) {
			t.Errorf("%q became %q, want %s once", spelling, c.CameraMACs, mac)
		}
		if !c.MayCome(mac) || c.MayCome("00:16:6c:0a:b0:ce") || c.MayCome("") {
			t.Errorf("%q lets others in, or not this one", spelling)
		}
		var b strings.Builder
		if err := c.WriteTOML(&b, false); err != nil || !strings.Contains(b.String(), `CAMERA_MACS = ["`+mac+`"]`) {
			t.Errorf("the settings are written as\n%s%v", &b, err)
		}
	}
	for _, wrong := range []string{"01:16:6c:0a:b0:cd", "00:00:00:00:00:00", "00:16:6c:0a:b0:cd:ef", "00:16:6c:0a:b0", "000:16:6c:0a:b0:c", "00/16/6c/0a/b0/cd", "::::::", "é0:16:6c:0a:b0:cd"} {
		if got, ok := parseMAC(wrong); ok {
			t.Errorf("%q is taken as %s", wrong, got)
		}
	}
	if c := load(t, `UPLOAD_FOLDER = "@"`); !c.MayCome(mac) || !c.MayCome("") {
		t.Error("without the setting somebody is refused")
	}
}
