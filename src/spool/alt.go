package spool

import "strings"

// AltTexts splits what was typed on a camera: the post, then a "~" before the
// text of each picture for those who cannot see it. Owners of these cameras
// know the custom from the Flask implementation.
func AltTexts(typed string) (post string, alts []string) {
	parts := strings.Split(typed, "~")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	alts = parts[1:]
	for len(alts) > 0 && alts[len(alts)-1] == "" { // many a sentence ends with "~"
		alts = alts[:len(alts)-1]
	}
	return parts[0], alts
}
