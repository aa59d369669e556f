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
// 2009), SRW, or Other. Every TIFF counts as SRW, the only TIFF that these cameras write.
func Type(head []byte) string {
	has := func(at int, magic string) bool {
		return len(head) >= at+len(magic) && string(head[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "\xff\xd8\xff"):
		return JPEG
	case has(4, "ftyp"):
		return MP4
	case has(0, "RIFF") && has(8, "AVI "):
		return AVI
	case has(0, "II*\x00"), has(0, "MM\x00*"):
		return SRW
	}
	return Other
}
