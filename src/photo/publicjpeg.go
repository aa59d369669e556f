package photo

import "bytes"

// keptAPP are the application segments that decoders need, and how many bytes of them: 0 is all.
var keptAPP = []struct {
	marker byte
	id     string
	keep   int64
}{
	{mAPP0, "JFIF\x00", 12},       // as far as the thumbnail
	{mAPP2, "ICC_PROFILE\x00", 0}, // the colours are wrong without it
	{mAPP0 + 14, "Adobe", 12},     // tells RGB from YCbCr
}

// jpeg blanks all but the picture. The three bytes that make it a JPEG stay, whatever follows them.
func (p *patches) jpeg(w *window) error {
	const magic = 3
	walk := segments{w: w, pos: 2}
	coded, exif := false, false
	for {
		from := walk.pos
		s, err := walk.next()
		if err != nil {
			return err
		}
		if !coded {
			p.blank(max(from, magic), s.start)
		} else if !followsScan(s.marker) {
			if err := p.behind(w, from, s); err != nil {
				return err
			}
		}
		if s.marker == 0 || s.marker == mEOI {
			p.blank(max(s.start, s.end, magic), p.size)
			return nil
		}
		coded = s.marker == mSOS
		if s.marker >= mSOF0 && s.marker <= mEXP && s.marker != mJPG {
			continue
		}
		if s.marker == mAPP1 && !exif {
			b, err := readEXIF(w, s)
			if err != nil {
				return err
			}
			if exif = b != nil; exif {
				p.replace(s.data, s.end, publicEXIF(b))
				continue
			}
		}
		keep, err := keptBytes(w, s)
		if err != nil {
			return err
		}
		p.blank(s.data+keep, s.end)
	}
}

// followsScan tells the markers that can stand behind the coded data of a scan: the end of the picture,
// or another scan with its tables. Any other belongs to something behind a picture without an end.
func followsScan(marker byte) bool {
	const mDQT, mDNL = 0xdb, 0xdc
	switch marker {
	case mEOI, mSOS, mDHT, mDRI, mDQT, mDNL:
		return true
	}
	return false
}

// behind blanks what lies between the coded data of the picture and a segment that cannot follow it.
// Where the codes end early, what is left is no picture either.
// from is where that data begins.
func (p *patches) behind(w *window, from int64, next segment) error {
	if p.scan == nil { // once: any number of segments can follow
		sc, err := readScan(w, 0)
		if err != nil {
			return err
		}
		p.scan = &sc
	}
	switch sc := p.scan; {
	case sc.known && sc.end >= from:
		p.blank(sc.end, next.start)
	case next.marker == 0:
		return ErrPrivate // nobody knows where its picture ends
	}
	return nil
}

// keptBytes tells how many bytes of an application segment or comment stay.
func keptBytes(w *window, s segment) (int64, error) {
	n := s.end - s.data
	b, err := w.from(s.data, 12)
	if err != nil {
		return 0, err
	}
	b = b[:min(int64(len(b)), n)]
	for _, k := range keptAPP {
		switch {
		case k.marker != s.marker || !bytes.HasPrefix(b, []byte(k.id)):
		case k.keep == 0:
			return n, nil
		default:
			return min(k.keep, n), nil
		}
	}
	return 0, nil
}
