// Package photo knows what a file from a camera tells about itself without being decoded, and makes
// the copy of it that may be shown in public.
//
// The surprising rule: a public copy is made from a list of what may stay, never from a list of what
// must go. Cameras repeat a position, a serial number or a face's name in places that nobody has
// written down (maker notes, boxes of their own, a second EXIF inside a video's thumbnail), so
// whatever is not known to be harmless is blanked, and a file that cannot be followed loses more, not less.
package photo

// Content types by which a file may be served. They are fixed strings: what a camera, or somebody
// who pretends to be one, calls a file never becomes a content type.
const (
	JPEG  = "image/jpeg"
	SRW   = "image/x-samsung-srw"
	MP4   = "video/mp4"
	AVI   = "video/x-msvideo"
	Other = "application/octet-stream"
)

// HeadSize is how many bytes from a file's start Type looks at.
const HeadSize = 12

// Type tells the content type of a file by its first HeadSize bytes: JPEG, MP4, AVI (the cameras of
// 2009), SRW, or Other. Every TIFF counts as SRW, the only TIFF that these cameras write. Of the files
// that begin with ftyp, those are MP4 whose brand is one of videos: pictures (HEIC, AVIF) and brands
// that nobody here knows are Other.
func Type(head []byte) string {
	has := func(at int, magic string) bool {
		return len(head) >= at+len(magic) && string(head[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "\xff\xd8\xff"):
		return JPEG
	case has(4, "ftyp") && isVideo(head):
		return MP4
	case has(0, "RIFF") && has(8, "AVI "):
		return AVI
	case has(0, "II*\x00"), has(0, "MM\x00*"):
		return SRW
	}
	return Other
}

// isVideo tells whether the major brand of a ftyp box (ISO 14496-12; the registered brands are those
// of mp4ra.org) is one of videos.
func isVideo(head []byte) bool {
	if len(head) < HeadSize {
		return false
	}
	switch brand := string(head[8:HeadSize]); brand {
	case "mp41", "mp42", "mp71", "avc1", "qt  ", "M4V ", "M4VH", "M4VP", "MSNV", "mmp4", "dash", "XAVC", "f4v ":
		return true
	default:
		return brand[:3] == "iso" || brand[:3] == "3gp" || brand[:3] == "3g2"
	}
}
