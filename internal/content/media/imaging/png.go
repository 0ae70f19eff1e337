package imaging

import (
	"encoding/binary"
	"errors"
	"slices"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngKept are the chunks that are copied. Those of an animation are not among them, which
// leaves its still picture.
var pngKept = []string{"IHDR", "PLTE", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "pHYs", "IDAT", "IEND"}

// png copies the chunks that the picture consists of.
func (f *found) png(data []byte) error {
	f.clean.WriteString(pngMagic)
	data = data[len(pngMagic):]
	for first := true; ; first = false {
		head, err := cut(&data, 8)
		if err != nil {
			return err
		}
		size, name := binary.BigEndian.Uint32(head), string(head[4:])
		if size > 1<<31-5 {
			return errTruncated
		}
		body, err := cut(&data, int(size)+4)
		if err != nil {
			return err
		}
		content := body[:size]
		if first != (name == "IHDR") || first && len(content) != 13 {
			return errors.New("its header is broken")
		}
		switch name {
		case "IHDR":
			if err := f.pngHeader(content); err != nil {
				return err
			}
		case "eXIf":
			f.turn = orientation(content)
		}
		if slices.Contains(pngKept, name) || name == "iCCP" && size <= maxColour {
			f.clean.Write(head)
			f.clean.Write(body)
		}
		if name == "IEND" {
			return nil
		}
	}
}

func (f *found) pngHeader(h []byte) error {
	width, height := binary.BigEndian.Uint32(h), binary.BigEndian.Uint32(h[4:])
	if width > 1<<31-1 || height > 1<<31-1 {
		return errors.New("its header is broken")
	}
	f.width, f.height = int(width), int(height)
	f.perPixel = 4
	if h[8] == 16 {
		f.perPixel = 8
	}
	if h[12] != 0 { // interlaced: each pass is a picture of its own
		f.perPixel *= 1.5
	}
	return nil
}
