package picture

import (
	"cmp"
	"image"
	"image/color"
	"slices"
)

// paletteSize is enough for the flat colours of any scene and for the softest of
// their edges; with more the file grows and the eye sees no difference.
const paletteSize = 96

// reduce gives the picture a palette of its most frequent colours. A flat
// illustration has a few dozen; the rest are the soft edges between them, where
// the nearest colour is near enough.
func reduce(pixels *image.RGBA) *image.Paletted {
	count := map[color.RGBA]int{}
	for y := range Height {
		for x := range Width {
			count[pixels.RGBAAt(x, y)]++
		}
	}
	colours := make([]color.RGBA, 0, len(count))
	for c := range count {
		colours = append(colours, c)
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(
			cmp.Compare(count[b], count[a]),
			cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B),
		)
	})
	palette := make(color.Palette, min(len(colours), paletteSize))
	for i := range palette {
		palette[i] = colours[i]
	}
	index := make(map[color.RGBA]uint8, len(colours))
	for _, c := range colours {
		index[c] = uint8(palette.Index(c))
	}
	reduced := image.NewPaletted(pixels.Rect, palette)
	for y := range Height {
		for x := range Width {
			reduced.SetColorIndex(x, y, index[pixels.RGBAAt(x, y)])
		}
	}
	return reduced
}
