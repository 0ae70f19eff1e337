// Package imagegen generates pictures for tests.
package imagegen

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
)

// Pixels returns a picture with soft colours and a little noise. The top left quarter is
// red; the bottom right one is transparent if shining is set.
func Pixels(width, height int, shining bool) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	random := rand.New(rand.NewPCG(1, 2))
	for y := range height {
		for x := range width {
			c := color.NRGBA{uint8(x * 255 / width), uint8(y * 255 / height), uint8(random.IntN(40)), 255}
			switch {
			case 2*x < width && 2*y < height:
				c = color.NRGBA{230, 20, 20, 255}
			case shining && 2*x >= width && 2*y >= height:
				c.A = 0
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

// JPEG returns a photograph.
func JPEG(width, height int) []byte {
	var b bytes.Buffer
	must(jpeg.Encode(&b, Pixels(width, height, false), &jpeg.Options{Quality: 90}))
	return b.Bytes()
}

// PNG returns a drawing.
func PNG(width, height int, shining bool) []byte {
	var b bytes.Buffer
	must(png.Encode(&b, Pixels(width, height, shining)))
	return b.Bytes()
}

// GIF returns an animation.
func GIF(width, height, frames int) []byte {
	g := &gif.GIF{}
	for i := range frames {
		m := image.NewPaletted(image.Rect(0, 0, width, height), color.Palette{color.Black, color.White, color.NRGBA{200, 30, 30, 255}})
		for j := range m.Pix {
			m.Pix[j] = uint8((i + j) % 3)
		}
		g.Image, g.Delay = append(g.Image, m), append(g.Delay, 10)
	}
	var b bytes.Buffer
	must(gif.EncodeAll(&b, g))
	return b.Bytes()
}

func must(err error) {
	if err != nil {
		panic("imagegen: " + err.Error()) // writes to memory do not fail
	}
}

// Turned returns a JPEG with EXIF that has the orientation and the place of the photograph.
func Turned(jpeg []byte, turn byte) []byte {
	tiff := []byte("II*\x00\x08\x00\x00\x00\x02\x00" +
		"\x12\x01\x03\x00\x01\x00\x00\x00" + string([]byte{turn, 0, 0, 0}) +
		"\x25\x88\x04\x00\x01\x00\x00\x00\x26\x00\x00\x00\x00\x00\x00\x00")
	return WithSegment(jpeg, 0xe1, append([]byte("Exif\x00\x00"), append(tiff, Secret...)...))
}

// Secret is the place in the EXIF of Turned. Cleaned pictures must not contain it.
const Secret = "GPS 29.35N 117.07E secret place"

// WithSegment inserts a segment at the start of a JPEG.
func WithSegment(jpeg []byte, mark byte, body []byte) []byte {
	b := append([]byte{}, jpeg[:2]...)
	b = append(b, 0xff, mark, byte((len(body)+2)>>8), byte(len(body)+2))
	return append(append(b, body...), jpeg[2:]...)
}
