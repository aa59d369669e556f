package sim

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"time"
)

//go:generate go test -run ^TestDraw$ . -draw

var (
	//go:embed scene.jpg
	scene []byte
	//go:embed thumbnail.jpg
	sceneThumbnail []byte
)

const (
	sceneWidth  = 480
	sceneHeight = 320
)

// Photo is a made-up shot of mountains: a JPEG that any viewer opens, with what a camera notes in it (make, model,
// time, place, serial number, thumbnail), swollen by comments to the size that is wanted. The bytes follow from the
// fields alone.
type Photo struct {
	Model string // as in EXIF, such as NX300
	Taken time.Time
	Size  int64 // bytes; 0 is as small as it can be, about 11 KB
	Seed  uint64
}

// Serial is the camera body's serial number that the photo gives away.
func (p Photo) Serial() string { return fmt.Sprintf("A2M5C90F%08d", p.Seed%100000000) }

// File gives the photo as a file that is made up while it is read. It fails when Size is too small to hold a picture,
// and when Model is too long for EXIF.
func (p Photo) File() (File, error) {
	if len(p.Model) > 255 {
		return File{}, fmt.Errorf("photo: model name of %d bytes; 255 are the most", len(p.Model))
	}
	head := append(scene[:2:2], exif(p, sceneThumbnail)...)
	smallest := int64(len(head) + 4 + len(scene) - 2)
	size := p.Size
	if size == 0 {
		size = smallest
	}
	if size < smallest {
		return File{}, fmt.Errorf("photo: cannot be made in %d bytes; %d are the fewest", size, smallest)
	}
	return File{
		Name: fmt.Sprintf("SAM_%04d.JPG", p.Seed%10000),
		Type: "image/jpeg",
		Size: size,
		Open: func() (io.ReadCloser, error) {
			filler := &comments{noise: noise(p.Seed, "photo"), size: size - smallest + 4}
			return io.NopCloser(io.MultiReader(bytes.NewReader(head), filler, bytes.NewReader(scene[2:]))), nil
		},
	}, nil
}
