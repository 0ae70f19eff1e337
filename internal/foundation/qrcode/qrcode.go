// Package qrcode draws texts as QR codes, in SVG and in PNG.
//
// Both pictures show the same modules, surrounded by the quiet zone of four modules that
// scanners need.
package qrcode

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

const (
	quiet = 4 // modules around the code
	scale = 8 // pixels a module
)

// Code is an encoded QR code.
type Code struct{ modules barcode.Barcode }

// Encode encodes a text with error correction level M: 15 % of the code may be damaged.
func Encode(text string) (Code, error) {
	modules, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return Code{}, fmt.Errorf("encode %d bytes as a QR code: %w", len(text), err)
	}
	return Code{modules}, nil
}

// side returns the width of the picture in modules, with the quiet zone.
func (c Code) side() int { return c.modules.Bounds().Dx() + 2*quiet }

// black reports whether a module of the picture is black.
func (c Code) black(x, y int) bool {
	at := image.Pt(x-quiet, y-quiet)
	return at.In(c.modules.Bounds()) && c.modules.At(at.X, at.Y) == color.Black
}

// SVG returns the picture as SVG: one path, with a rectangle for each run of black modules.
func (c Code) SVG() string {
	var b strings.Builder
	side := c.side()
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, side, side, side, side)
	for y := range side {
		for x := 0; x < side; x++ {
			from := x
			for c.black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
			}
		}
	}
	b.WriteString(`"/></svg>`)
	return b.String()
}

// DataURI returns the picture as PNG in a data URI.
func (c Code) DataURI() (string, error) {
	side := c.side() * scale
	picture := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y := range side {
		for x := range side {
			if c.black(x/scale, y/scale) {
				picture.Pix[y*picture.Stride+x] = 1
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return "", fmt.Errorf("encode a QR code as PNG: %w", err)
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}
