package photo

import "io"

// Verdict is what a file's own format says about its end.
type Verdict int

const (
	Unknown Verdict = iota // the format does not tell, or more follows than it knows of
	Whole                  // everything is there
	Cut                    // bytes are missing, or the file cannot be followed to its end
)

// String returns the verdict in lower case.
func (v Verdict) String() string {
	switch v {
	case Whole:
		return "whole"
	case Cut:
		return "cut"
	}
	return "unknown"
}

// Complete tells whether a file is there to its end, for an upload that ended without a delimiter or
// with a wrong length. It leans towards Cut and Unknown: a file cut anywhere is never called Whole,
// with two exceptions that no format can tell: what is cut exactly behind the end of a JPEG's picture (a
// trailer or preview that no index announces), and behind the last of an MP4's boxes that it needs.
//
// A JPEG is Whole if the marker of its end follows a scan's data (the one of the EXIF's
// thumbnail does not count), and then only zeros or further whole JPEGs, and every picture is there that
// a multi-picture index (CIPA DC-007) lists. Without that marker it is Unknown if every block of its picture
// is there. An MP4, if ftyp, moov and mdat are there and
// the last box ends with the file; what is no box behind these leaves it Unknown. An AVI, if its RIFF chunks and then zeros fill the file.
//
// A JPEG is read from start to end. Errors are of r only.
func Complete(r io.ReaderAt, size int64) (Verdict, error) {
	w := newWindow(r, size, searchBuffer)
	head, err := w.from(0, HeadSize)
	if err != nil {
		return Unknown, err
	}
	switch Type(head) {
	case JPEG:
		return completeJPEG(w)
	case MP4:
		return completeMP4(w)
	case AVI:
		return completeAVI(w)
	}
	return Unknown, nil
}

func completeJPEG(w *window) (Verdict, error) {
	listed := int64(0)
	for pos := int64(0); pos < w.size; {
		b, err := w.from(pos, HeadSize)
		if err != nil {
			return Unknown, err
		}
		if Type(b) != JPEG {
			return Unknown, nil
		}
		end, last, err := pictureEnd(w, pos)
		if err != nil {
			return Unknown, err
		}
		if end == 0 {
			if sc, err := readScan(w, pos); err != nil || !sc.whole {
				return Cut, err
			}
			return Unknown, nil // the picture is there, the marker of its end is not
		}
		listed = max(listed, last)
		if pos, err = skipZeros(w, end); err != nil {
			return Unknown, err
		}
	}
	if listed > w.size {
		return Cut, nil
	}
	return Whole, nil
}

// pictureEnd returns where the JPEG that begins at pos ends, 0 if it does not, and where the last one
// ends that its index lists.
func pictureEnd(w *window, pos int64) (end, listed int64, err error) {
	walk := segments{w: w, pos: pos + 2}
	scans := 0
	for {
		s, err := walk.next()
		switch {
		case err != nil || s.marker == 0:
			return 0, 0, err
		case s.marker == mEOI && scans == 0:
			return 0, 0, nil
		case s.marker == mEOI:
			return s.end, listed, nil
		case s.marker == mSOS:
			scans++
		case s.marker == mAPP2:
			last, err := indexEnd(w, s, pos)
			if err != nil {
				return 0, 0, err
			}
			listed = max(listed, last)
		}
	}
}

// indexEnd returns where the last picture ends that the multi-picture index in s lists; 0 if s is none.
// Offsets count from the index's own TIFF header, save the first picture's, which is 0 and means pos.
func indexEnd(w *window, s segment, pos int64) (int64, error) {
	const id = "MPF\x00"
	n := min(s.end, w.size) - s.data - int64(len(id))
	head, err := w.from(s.data, len(id))
	if err != nil || n < 0 || string(head[:len(id)]) != id {
		return 0, err
	}
	b := make([]byte, n)
	if err := readFull(w.r, b, s.data+int64(len(id))); err != nil {
		return 0, err
	}
	t, d := openTIFF(b)
	list, ok := t.field(d, 0xb002)
	if !ok {
		return 0, nil
	}
	last := int64(0)
	for e := list.value; len(e) >= 16; e = e[16:] {
		start := pos
		if off := t.order.Uint32(e[8:]); off != 0 {
			start = s.data + int64(len(id)) + int64(off)
		}
		last = max(last, start+int64(t.order.Uint32(e[4:])))
	}
	return last, nil
}

func skipZeros(w *window, pos int64) (int64, error) {
	for pos < w.size {
		b, err := w.from(pos, 1)
		if err != nil {
			return 0, err
		}
		for i, c := range b {
			if c != 0 {
				return pos + int64(i), nil
			}
		}
		pos += int64(len(b))
	}
	return pos, nil
}

func completeMP4(w *window) (Verdict, error) {
	moov, mdat := false, false
	pos := int64(0)
	for range maxBoxes {
		if pos == w.size {
			if moov && mdat {
				return Whole, nil
			}
			return Cut, nil
		}
		b, ok, err := mp4Box(w, pos, w.size)
		switch {
		case err != nil:
			return Unknown, err
		case moov && mdat && (!ok || b.end > w.size && !isBoxName(b.name)):
			return Unknown, nil // a line end, or another scrap behind a video
		case !ok || b.end > w.size:
			return Cut, nil
		case b.open:
			return Unknown, nil
		}
		moov = moov || b.name == "moov"
		mdat = mdat || b.name == "mdat"
		pos = b.end
	}
	return Unknown, nil
}

// isBoxName tells whether a name is one of a box that a video can have beside moov and mdat.
func isBoxName(name string) bool {
	switch name {
	case "mdat", "moov", "moof", "mfra", "free", "skip", "wide", "udta", "meta", "uuid", "sidx", "styp", "pdin", "ssix", "prft", "emsg":
		return true
	}
	return false
}

func completeAVI(w *window) (Verdict, error) {
	pos := int64(0)
	for range maxBoxes {
		b, ok, err := aviBox(w, pos, w.size)
		if err != nil {
			return Unknown, err
		}
		if !ok || b.name != "RIFFAVI " && b.name != "RIFFAVIX" {
			break
		}
		if b.open {
			return Unknown, nil
		}
		if b.end > w.size {
			return Cut, nil
		}
		pos = b.end
	}
	pos, err := skipZeros(w, pos)
	if err != nil || pos < w.size {
		return Unknown, err
	}
	return Whole, nil
}
