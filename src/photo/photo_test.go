package photo

import "testing"

func TestType(t *testing.T) {
	for _, c := range []struct{ why, head, want string }{
		{"photo with EXIF", "\xff\xd8\xff\xe1\x12\x34Exif\x00\x00", JPEG},
		{"photo with JFIF", "\xff\xd8\xff\xe0", JPEG},
		{"video of the NX series", "\x00\x00\x00\x18ftypmp42", MP4},
		{"motion JPEG of 2009", "RIFF\x00\x00\x00\x00AVI LIST", AVI},
		{"sound is not a video", "RIFF\x00\x00\x00\x00WAVEfmt ", Other},
		{"raw, little-endian", "II*\x00\x08\x00\x00\x00", SRW},
		{"raw, big-endian", "MM\x00*\x00\x00\x00\x08", SRW},
		{"nothing", "", Other},
		{"a page named .JPG must not be served as one", "<!DOCTYPE html>", Other},
		{"nor markup that starts a script", "<svg onload=alert(1)>", Other},
		{"a PNG is made by no camera", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0d", Other},
		{"two bytes are not enough", "\xff\xd8", Other},
		{"video of a phone", "\x00\x00\x00\x14ftyp3gp4", MP4},
		{"video of QuickTime", "\x00\x00\x00\x14ftypqt  ", MP4},
		{"video of 2012", "\x00\x00\x00\x14ftypisom", MP4},
		{"HEIC is a picture", "\x00\x00\x00\x18ftypheic", Other},
		{"so is its other brand", "\x00\x00\x00\x18ftypmif1", Other},
		{"and AVIF", "\x00\x00\x00\x18ftypavif", Other},
		{"a sequence of HEIC pictures", "\x00\x00\x00\x18ftypmsf1", Other},
		{"ftyp without its brand", "\x00\x00\x00\x18ftypmp4", Other},
		{"ftyp cut", "\x00\x00\x00\x18fty", Other},
	} {
		if got := Type([]byte(c.head)); got != c.want {
			t.Errorf("%s: Type(%q) = %q, want %q", c.why, c.head, got, c.want)
		}
	}
}
