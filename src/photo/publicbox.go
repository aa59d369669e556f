package photo

import (
	"fmt"
	"slices"
)

// tree is what may stay in a container: the names of boxes, and what may stay in each. A nil tree
// keeps the whole box.
type tree map[string]tree

// format is what differs between MP4 and AVI.
type format struct {
	next   func(w *window, pos, end int64) (box, bool, error)
	keep   tree
	filler string // the name that makes players skip a box
	name   int64  // where in a box its name stands
	// The box that tells the kind of a track, where in its contents, and the kinds that may stay.
	track string
	kind  int64
	kinds []string
}

var mp4Format = format{
	next: mp4Box,
	keep: tree{
		"ftyp": nil, "mdat": nil, "mfra": nil, "sidx": nil, "styp": nil,
		"moof": {"mfhd": nil, "traf": nil},
		"moov": {"mvhd": nil, "iods": nil, "mvex": nil, "trak": {
			"tkhd": nil, "edts": nil, "tref": nil, "mdia": {"mdhd": nil, "hdlr": nil, "minf": nil},
		}},
	},
	filler: "free", name: 4,
	track: "hdlr", kind: 8, kinds: []string{"vide", "soun"},
}

var aviFormat = format{
	next: aviBox,
	keep: tree{
		"RIFFAVI ": {"LISTmovi": nil, "idx1": nil, "LISThdrl": {
			"avih": nil, "LISTodml": nil, "LISTstrl": {"strh": nil, "strf": nil, "indx": nil},
		}},
		"RIFFAVIX": {"LISTmovi": nil, "idx1": nil},
	},
	filler: "JUNK", name: 0,
	track: "strh", kind: 0, kinds: []string{"vids", "auds"},
}

// container turns every box between pos and end that is not in keep into free space.
func (p *patches) container(w *window, f format, pos, end int64, keep tree) error {
	for range maxBoxes {
		if pos >= end {
			return nil
		}
		b, ok, err := f.next(w, pos, end)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		b.end = min(b.end, end)
		inside, stays := keep[b.name]
		switch {
		case !stays:
			p.replace(pos+f.name, pos+f.name+4, []byte(f.filler))
			p.blank(b.data, b.end)
		case inside != nil:
			err = p.container(w, f, b.data+int64(len(b.name)-4), b.end, inside)
		case b.name == f.track:
			err = f.checkTrack(w, b)
		}
		if err != nil {
			return err
		}
		pos = b.end
	}
	p.blank(pos, end)
	return nil
}

// checkTrack refuses a track whose samples may be anything.
func (f format) checkTrack(w *window, b box) error {
	h, err := w.from(b.data+f.kind, 4)
	if err != nil {
		return err
	}
	kind := h[:min(len(h), 4)]
	if b.end < b.data+f.kind+4 || !slices.Contains(f.kinds, string(kind)) {
		return fmt.Errorf("%w (a track of kind %q)", ErrPrivate, kind)
	}
	return nil
}
