package sim

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"
	"testing"
)

var draw = flag.Bool("draw", false, "paint scene.jpg and thumbnail.jpg anew")

// The pictures are painted here, in a test, because image/jpeg must not get into the daemon.
func TestDraw(t *testing.T) {
	for _, picture := range []struct {
		file          string
		now           []byte
		width, height int
		quality       int
		atMost        int // bytes in the binary
	}{
		{"scene.jpg", scene, sceneWidth, sceneHeight, 50, 8000},
		{"thumbnail.jpg", sceneThumbnail, 160, 120, 50, 2500},
	} {
		if *draw {
			var b bytes.Buffer
			if err := jpeg.Encode(&b, landscape(picture.width, picture.height), &jpeg.Options{Quality: picture.quality}); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(picture.file, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			picture.now = b.Bytes()
		}
		size, err := jpeg.DecodeConfig(bytes.NewReader(picture.now))
		if err != nil || size.Width != picture.width || size.Height != picture.height {
			t.Errorf("%s: got %dx%d, %v; want %dx%d", picture.file, size.Width, size.Height, err, picture.width, picture.height)
		}
		if len(picture.now) > picture.atMost {
			t.Errorf("%s: got %d bytes, want at most %d", picture.file, len(picture.now), picture.atMost)
		}
	}
}

// landscape is a low sun over three ranges of mountains, the last of them mirrored in a lake.
func landscape(width, height int) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for py := range height {
		for px := range width {
			x, y := float64(px)/float64(width), float64(py)/float64(height)
			const shore = 0.8
			if y < shore {
				m.Set(px, py, view(x, y, width, height))
				continue
			}
			ripple := 0.004 * math.Sin(y*260) * (y - shore) * 10
			deep := view(x+ripple, shore-(y-shore)*1.6, width, height)
			m.Set(px, py, mix(deep, color.RGBA{24, 44, 74, 255}, 0.35+0.9*(y-shore)))
		}
	}
	return m
}

func view(x, y float64, width, height int) color.RGBA {
	c := mix(color.RGBA{58, 92, 156, 255}, color.RGBA{255, 196, 138, 255}, smooth(y/0.62))
	dx, dy := (x-0.68)*float64(width)/float64(height), y-0.3
	far := math.Hypot(dx, dy)
	c = mix(c, color.RGBA{255, 226, 160, 255}, 0.75*math.Exp(-far*far*22))
	c = mix(c, color.RGBA{255, 250, 226, 255}, smooth((0.064-far)/0.006))
	for i, hills := range []struct {
		base, rise, jag float64
		top, foot       color.RGBA
	}{
		{0.50, 0.17, 0.030, color.RGBA{150, 142, 178, 255}, color.RGBA{214, 176, 172, 255}},
		{0.60, 0.15, 0.026, color.RGBA{92, 92, 136, 255}, color.RGBA{158, 132, 150, 255}},
		{0.74, 0.10, 0.018, color.RGBA{34, 52, 74, 255}, color.RGBA{62, 78, 92, 255}},
	} {
		p := float64(i)*1.9 + 0.6
		ridge := hills.base - hills.rise*peaks(x*4.1+p)*(0.8+0.2*math.Sin(x*7.7+2*p)) -
			hills.jag*peaks(x*17+p*3) - hills.jag*0.4*peaks(x*47+p*5)
		rock := mix(hills.top, hills.foot, smooth((y-ridge)/0.22))
		if snow := 0.41 - 0.03*peaks(x*43); i == 0 && y < snow {
			rock = mix(rock, color.RGBA{250, 238, 236, 255}, 0.8*smooth((snow-y)/0.05))
		}
		c = mix(c, rock, smooth((y-ridge)*float64(height)/1.5+0.5))
	}
	return c
}

// peaks is a row of sharp summits with rounded valleys, between 0 and 1.
func peaks(x float64) float64 { return 1 - math.Abs(math.Sin(x)) }

func smooth(t float64) float64 {
	t = max(0, min(1, t))
	return t * t * (3 - 2*t)
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	t = max(0, min(1, t))
	between := func(a, b uint8) uint8 { return uint8(float64(a) + (float64(b)-float64(a))*t + 0.5) }
	return color.RGBA{between(a.R, b.R), between(a.G, b.G), between(a.B, b.B), 255}
}
