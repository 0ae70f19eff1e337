// Package picture draws the pictures of the demo portal.
//
// Each picture is a flat illustration made of a few shapes, drawn in pure Go
// when it is first asked for, so that the demo has pictures without carrying
// files, without asking anybody, and without a question of rights. It draws
// the names it knows and refuses all others.
//
// Invariant: a name always gives the same bytes, at most MaxBytes of them.
package picture

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image/png"
	"maps"
	"math/rand/v2"
	"slices"
)

// The size of every picture in pixels.
const (
	Width  = 800
	Height = 500
)

// MaxBytes bounds a picture: a reader on a slow phone loads it too.
const MaxBytes = 20 << 10

// scene draws one picture. The generator varies what may vary, such as where
// the clouds stand; its seed is the picture's name.
type scene func(*canvas, *rand.Rand)

var scenes = map[string]scene{
	"bed":         bed,
	"bridge":      bridge,
	"bus":         bus,
	"calligraphy": calligraphy,
	"chart":       chart,
	"checkers":    checkers,
	"choir":       choir,
	"classroom":   classroom,
	"clinic":      clinic,
	"corridor":    corridor,
	"garden":      garden,
	"handrail":    handrail,
	"kitchen":     kitchen,
	"lantern":     lantern,
	"lobby":       lobby,
	"market":      market,
	"mountain":    mountain,
	"noodles":     noodles,
	"riverside":   riverside,
	"street":      street,
	"tablet":      tablet,
	"wheelchair":  wheelchair,
	"window":      window,
	"workshop":    workshop,
}

// Names returns the names of all pictures in alphabetical order.
func Names() []string {
	return slices.Sorted(maps.Keys(scenes))
}

// PNG draws the picture of the name.
func PNG(name string) ([]byte, error) {
	draw, known := scenes[name]
	if !known {
		return nil, fmt.Errorf("draw picture %q: no such name", name)
	}
	seed := fnv.New64a()
	seed.Write([]byte(name))
	c := newCanvas()
	draw(c, rand.New(rand.NewPCG(seed.Sum64(), 0)))

	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&file, reduce(c.pixels)); err != nil {
		return nil, fmt.Errorf("draw picture %q: %w", name, err)
	}
	return file.Bytes(), nil
}
