// Album paints photos as a camera would take them: JPEG files with EXIF and a
// thumbnail, for tests of pages and for the pictures in the README.
//
//	go run ./src/integration/testdata/album FOLDER
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

const (
	width, height = 1200, 800
	thumbHeight   = 120 // of the 160 x 120 that cameras write, with bars above and below
	swollen       = 4 << 20
)

// A scene is a sky with a sun or a moon over ranges of hills, or over water.
type scene struct {
	name        string
	orientation uint16
	high, low   color.RGBA // of the sky
	light       color.RGBA // of sun or moon
	x, y, size  float64    // where that stands
	far, near   color.RGBA // of hills
	ranges      int
	rough       float64 // 0 dunes, 1 rocks
	horizon     float64 // where the last range or the water begins
	water       bool
	stars       bool
}

func rgb(hex uint32) color.RGBA {
	return color.RGBA{uint8(hex >> 16), uint8(hex >> 8), uint8(hex), 255}
}

var scenes = []scene{
	{name: "evening at the sea", high: rgb(0x2b3f78), low: rgb(0xf7a668), light: rgb(0xffe9b0), x: .62, y: .47, size: .055, far: rgb(0x6a5578), near: rgb(0x2a2c4a), ranges: 2, rough: .35, horizon: .56, water: true},
	{name: "alps in the morning", high: rgb(0x4f86c6), low: rgb(0xf3e2d2), light: rgb(0xfff6de), x: .2, y: .2, size: .03, far: rgb(0xb8c4da), near: rgb(0x1f4a3a), ranges: 4, rough: 1, horizon: .8},
	{name: "dunes", high: rgb(0x7fb3d5), low: rgb(0xf6e3c0), light: rgb(0xffffff), x: .8, y: .16, size: .035, far: rgb(0xe9bd83), near: rgb(0xb4672e), ranges: 4, rough: 0, horizon: .85},
	{name: "full moon", high: rgb(0x070b1d), low: rgb(0x31406e), light: rgb(0xf5f1dc), x: .7, y: .24, size: .05, far: rgb(0x27345a), near: rgb(0x090d18), ranges: 3, rough: .6, horizon: .78, stars: true},
	{name: "lake in the forest", high: rgb(0x8ec5e8), low: rgb(0xe6f2ea), light: rgb(0xfffbe8), x: .35, y: .18, size: .03, far: rgb(0x7fa68b), near: rgb(0x1d4a2c), ranges: 3, rough: .75, horizon: .6, water: true},
	{name: "red rocks", orientation: 6, high: rgb(0x3b78b4), low: rgb(0xf2d9c4), light: rgb(0xfff3d0), x: .3, y: .22, size: .03, far: rgb(0xcf8a68), near: rgb(0x7a2e1c), ranges: 4, rough: .9, horizon: .82},
	{name: "fog over the valley", high: rgb(0xb9c7cf), low: rgb(0xf3ece0), light: rgb(0xfffdf3), x: .55, y: .3, size: .05, far: rgb(0xd3d8d6), near: rgb(0x4b6057), ranges: 5, rough: .5, horizon: .88},
	{name: "last light", high: rgb(0x251640), low: rgb(0xe8554f), light: rgb(0xffc98a), x: .45, y: .58, size: .07, far: rgb(0x7a2f55), near: rgb(0x140c20), ranges: 3, rough: .55, horizon: .76},
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: album FOLDER")
	}
	for i, s := range scenes {
		photo := encode(s.stored(uint64(i), width, height), 82)
		thumb := encode(letterbox(s.stored(uint64(i), 160, 107)), 70)
		taken := time.Date(2026, 11, 21, 9+i, 7*i, 0, 0, time.UTC)
		app1 := exif(thumb, max(s.orientation, 1), taken)
		file := append(append(append([]byte{}, photo[:2]...), app1...), photo[2:]...)
		file = append(file[:len(file)-2], comments(swollen+i*700_000)...)
		if err := os.WriteFile(filepath.Join(os.Args[1], fmt.Sprintf("SAM_%04d.JPG", 4711+i)), file, 0o644); err != nil {
			log.Fatal(err)
		}
	}
}

// comments are as many bytes as a camera's photo has more, and the photo's end.
func comments(n int) []byte {
	var b []byte
	for ; n > 0; n -= 65533 {
		c := max(0, min(n, 65533))
		b = binary.BigEndian.AppendUint16(append(b, 0xff, 0xfe), uint16(c+2))
		b = append(b, make([]byte, c)...)
	}
	return append(b, 0xff, 0xd9)
}

// stored is the scene as it is in the file: turned, if the camera was.
func (s scene) stored(seed uint64, w, h int) *image.RGBA {
	if s.orientation != 6 {
		return s.paint(seed, w, h)
	}
	upright := s.paint(seed, h, w)
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, upright.At(h-1-y, x))
		}
	}
	return m
}

func encode(m image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		log.Fatal(err)
	}
	return b.Bytes()
}

// letterbox puts black bars above and below, as cameras do in thumbnails.
func letterbox(m *image.RGBA) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, 160, thumbHeight))
	top := (thumbHeight - m.Bounds().Dy()) / 2
	for y := range thumbHeight {
		for x := range 160 {
			out.Set(x, y, color.RGBA{0, 0, 0, 255})
			if y >= top && y < top+m.Bounds().Dy() {
				out.Set(x, y, m.At(x, y-top))
			}
		}
	}
	return out
}

func (s scene) paint(seed uint64, w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	phase := rand.New(rand.NewPCG(seed, 7)).Float64() * 20
	for py := range h {
		for px := range w {
			x, y := (float64(px)+.5)/float64(w), (float64(py)+.5)/float64(h)
			c := color.RGBA{}
			if s.water && y > s.horizon {
				depth := (y - s.horizon) / (1 - s.horizon)
				wave := .012 * depth * math.Sin(y*420/(.3+depth)+6*math.Sin(x*9+phase))
				c = s.view(x+wave, 2*s.horizon-y*.92-.08*s.horizon, phase)
				c = mix(c, s.near, .25+.35*depth)
			} else {
				c = s.view(x, y, phase)
			}
			edge := math.Hypot(x-.5, y-.5)
			m.Set(px, py, mix(c, rgb(0), .35*edge*edge))
		}
	}
	return m
}

func (s scene) view(x, y, phase float64) color.RGBA {
	c := mix(s.high, s.low, smooth(y/s.horizon))
	if s.stars {
		cell := rand.New(rand.NewPCG(uint64(x*400), uint64(y*260)))
		if cell.Float64() < .006*(1-y) {
			c = mix(c, rgb(0xffffff), cell.Float64())
		}
	}
	dx, dy := (x-s.x)*1.5, y-s.y
	r := math.Hypot(dx, dy)
	c = mix(c, s.light, .65*math.Exp(-r*r/(s.size*s.size*18)))
	c = mix(c, s.light, smooth((s.size-r)/(.12*s.size)))
	for i := range s.ranges {
		depth := float64(i+1) / float64(s.ranges)
		base := s.horizon - .3*(1-depth)*(1-.3*s.rough)
		p := phase + 3.1*float64(i)
		ridge := base - .09*math.Sin(x*3.3+p) - .05*math.Sin(x*7.1+2*p)
		for k, amp := 13., .03*s.rough; amp > .001; k, amp = k*2.3, amp*.55 {
			ridge -= amp * (1 - 2*math.Abs(math.Sin(x*k+p*k)))
		}
		if y < ridge {
			continue
		}
		hill := mix(s.far, s.near, depth)
		haze := mix(hill, s.low, .45*(1-depth))
		c = mix(hill, haze, smooth((y-ridge)/.25))
		if s.rough == 1 && i < 2 && y-ridge < .07+.03*math.Sin(x*90+p) {
			c = mix(c, rgb(0xffffff), .8)
		}
		slope := .5 + .5*math.Sin(x*31+p+y*60)
		c = mix(c, rgb(0), .07*slope*depth)
	}
	return c
}

func smooth(t float64) float64 {
	t = max(0, min(1, t))
	return t * t * (3 - 2*t)
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	t = max(0, min(1, t))
	f := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*t + .5) }
	return color.RGBA{f(a.R, b.R), f(a.G, b.G), f(a.B, b.B), 255}
}

// exif is the segment that a camera writes: model, orientation, time and
// thumbnail.
func exif(thumb []byte, orientation uint16, taken time.Time) []byte {
	be := binary.BigEndian
	var values []byte
	entry := func(tag, kind uint16, count, value uint32) []byte {
		b := be.AppendUint16(nil, tag)
		b = be.AppendUint16(b, kind)
		b = be.AppendUint32(b, count)
		return be.AppendUint32(b, value)
	}
	const first, entries = 8, 4
	at := uint32(first + 2 + 12*entries + 4)
	text := func(tag uint16, s string) []byte {
		e := entry(tag, 2, uint32(len(s)+1), at+uint32(len(values)))
		values = append(append(values, s...), 0)
		return e
	}
	tiff := append([]byte("MM\x00*\x00\x00\x00\x08"), 0, entries)
	tiff = append(tiff, text(0x010f, "SAMSUNG")...)
	tiff = append(tiff, text(0x0110, "NX300")...)
	tiff = append(tiff, entry(0x0112, 3, 1, uint32(orientation)<<16)...)
	tiff = append(tiff, text(0x0132, taken.Format("2006:01:02 15:04:05"))...)
	second := at + uint32(len(values))
	tiff = be.AppendUint32(tiff, second)
	tiff = append(tiff, values...)
	tiff = append(tiff, 0, 2)
	tiff = append(tiff, entry(0x0201, 4, 1, second+2+24+4)...)
	tiff = append(tiff, entry(0x0202, 4, 1, uint32(len(thumb)))...)
	tiff = append(append(tiff, 0, 0, 0, 0), thumb...)
	app1 := append([]byte("Exif\x00\x00"), tiff...)
	return append(be.AppendUint16([]byte{0xff, 0xe1}, uint16(len(app1)+2)), app1...)
}
