// Package imaging inspects uploaded pictures, which are hostile input: their real type,
// the memory that decoding them takes, and metadata. It makes a clean copy of each, and
// thumbnails.
//
// Decode reads the structure only and decides everything that does not need the pixels;
// what it accepts is written again, segment by segment, so that the decoder, the storage
// and the clients get only parts of the kinds listed here: no location, no camera, no
// comment, nothing after the end. The invariant: no pixel is decoded before it is known how
// many there are, and how much memory they take.
package imaging

import (
	"bytes"
	"fmt"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// Type is the kind of a picture, by its content.
type Type string

// The types that are accepted.
const (
	JPEG Type = "image/jpeg"
	PNG  Type = "image/png"
	GIF  Type = "image/gif"
	WebP Type = "image/webp"
)

// Extension returns how the names of files of that type end.
func (t Type) Extension() string {
	switch t {
	case JPEG:
		return "jpg"
	case PNG:
		return "png"
	case GIF:
		return "gif"
	}
	return "webp"
}

// Valid reports whether t is one of the types.
func (t Type) Valid() bool { return t == JPEG || t == PNG || t == GIF || t == WebP }

// Limits bound what a picture may be.
type Limits struct {
	Pixels int64 // width times height
	Memory int64 // bytes that decoding and scaling may take
}

// Bounds that operators cannot change: no picture that is meant to be viewed exceeds them.
const (
	maxSide   = 30_000 // pixels
	maxScans  = 64     // of a progressive JPEG; encoders make about 10
	maxFrames = 1_000  // of an animation
	maxMoving = 10     // times the pixels of a still picture, all frames of an animation together
	maxColour = 64 << 10
)

// Picture is an inspected picture.
type Picture struct {
	Type          Type
	Width, Height int // as it is displayed: upright
	Animated      bool
	Clean         []byte // the picture without metadata
	Memory        int64  // bytes that Files takes, about

	turn   int    // the orientation of EXIF, 1 to 8
	colour []byte // the segments of a JPEG that describe its colours
}

// found collects the results of an inspection.
type found struct {
	clean         bytes.Buffer
	width, height int
	perPixel      float64 // bytes of memory that a pixel takes while it is decoded
	frames        int
	moving        int64 // pixels of all frames together
	turn          int
	colour        []byte
}

// Decode inspects data and makes a clean copy of it.
func Decode(data []byte, limits Limits) (Picture, error) {
	t, inspect := recognise(data)
	if inspect == nil {
		return Picture{}, fault.New(fault.BadUserInput, "this is not a picture of a supported type: send a JPEG, PNG, GIF or WebP; its content decides, not its name")
	}
	f := &found{turn: 1, frames: 1}
	if err := inspect(f, data); err != nil {
		return Picture{}, fault.Wrap(err, fault.BadUserInput, "the %s cannot be read: %v; save it again and send it whole", t.name(), err)
	}
	if err := f.check(limits); err != nil {
		return Picture{}, err
	}
	p := Picture{Type: t, Width: f.width, Height: f.height, Animated: f.frames > 1, Clean: f.clean.Bytes(),
		turn: f.turn, colour: f.colour}
	if f.turn >= 5 {
		p.Width, p.Height = p.Height, p.Width
	}
	p.Memory = f.memory()
	if p.Memory > limits.Memory {
		return Picture{}, fault.New(fault.TooExpensive, "the %s takes %d MiB to decode; at most %d: save it smaller, or as a plain JPEG (not progressive, not interlaced)",
			t.name(), p.Memory>>20, limits.Memory>>20)
	}
	return p, nil
}

func (t Type) name() string {
	return map[Type]string{JPEG: "JPEG", PNG: "PNG", GIF: "GIF", WebP: "WebP"}[t]
}

// recognise returns the type of data, by its first bytes, and the function that inspects it.
func recognise(data []byte) (Type, func(*found, []byte) error) {
	starts := func(magic string) bool { return bytes.HasPrefix(data, []byte(magic)) }
	switch {
	case starts("\xff\xd8\xff"):
		return JPEG, (*found).jpeg
	case starts(pngMagic):
		return PNG, (*found).png
	case starts("GIF87a"), starts("GIF89a"):
		return GIF, (*found).gif
	case starts("RIFF") && len(data) >= 12 && string(data[8:12]) == "WEBP":
		return WebP, (*found).webp
	}
	return "", nil
}

// check returns an error if the picture exceeds the limits.
func (f *found) check(limits Limits) error {
	pixels := int64(f.width) * int64(f.height)
	switch {
	case pixels <= 0:
		return fault.New(fault.BadUserInput, "the picture has no pixels")
	case f.width > maxSide || f.height > maxSide:
		return fault.New(fault.TooExpensive, "the picture has %d x %d pixels; at most %d on a side: save it smaller", f.width, f.height, maxSide)
	case pixels > limits.Pixels:
		return fault.New(fault.TooExpensive, "the picture has %d x %d pixels; at most %.1f million: save it smaller", f.width, f.height, float64(limits.Pixels)/1e6)
	case f.frames > maxFrames:
		return fault.New(fault.TooExpensive, "the animation has more than %d frames; make it shorter", maxFrames)
	case f.moving > limits.Pixels*maxMoving:
		return fault.New(fault.TooExpensive, "the frames of the animation have %.0f million pixels; at most %.0f million: make it smaller or shorter",
			float64(f.moving)/1e6, float64(limits.Pixels*maxMoving)/1e6)
	}
	return nil
}

// memory returns how many bytes decoding, turning and scaling the picture take.
func (f *found) memory() int64 {
	pixels := float64(f.width) * float64(f.height)
	bytes := pixels * f.perPixel
	if f.turn > 1 {
		bytes += pixels * 5
	}
	long, widest := int64(max(f.width, f.height)), int64(widths[len(widths)-1])
	return int64(bytes) + long*(2*4*widest+32*band) + 32*band*widest + int64(2*f.clean.Len())
}

// cut removes n bytes from the front of data and returns them.
func cut(data *[]byte, n int) ([]byte, error) {
	if n < 0 || len(*data) < n {
		return nil, errTruncated
	}
	head := (*data)[:n:n]
	*data = (*data)[n:]
	return head, nil
}

var errTruncated = fmt.Errorf("its end is missing")
