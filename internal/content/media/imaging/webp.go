package imaging

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// webp copies the pixels and their transparency. The picture may have its size twice, and
// decoders use both: they must agree.
func (f *found) webp(data []byte) error {
	data = data[12:]
	var opacity, pixels []byte
	var canvas [2]int
	kind := ""
	for kind == "" {
		head, err := cut(&data, 8)
		if err != nil {
			return err
		}
		size := binary.LittleEndian.Uint32(head[4:])
		if size > 1<<31-2 {
			return errTruncated
		}
		body, err := cut(&data, int(size))
		if err != nil {
			return err
		}
		if size%2 == 1 && len(data) > 0 {
			data = data[1:]
		}
		switch name := string(head[:4]); name {
		case "VP8X":
			if len(body) != 10 {
				return errors.New("its header is broken")
			}
			canvas = [2]int{1 + little24(body[4:]), 1 + little24(body[7:])}
		case "ANIM", "ANMF":
			return errors.New("it is an animation, and only GIF is accepted as one")
		case "ALPH":
			opacity = body
		case "VP8 ", "VP8L":
			kind, pixels = name, body
		}
	}
	if err := f.webpSize(kind, pixels); err != nil {
		return err
	}
	if canvas != [2]int{} && canvas != [2]int{f.width, f.height} {
		return fmt.Errorf("its header says %d x %d pixels, it has %d x %d", canvas[0], canvas[1], f.width, f.height)
	}
	f.turn = webpTurn(data)
	f.writeWebP(kind, pixels, opacity)
	return nil
}

func (f *found) webpSize(kind string, b []byte) error {
	switch {
	case kind == "VP8 " && len(b) >= 10 && string(b[3:6]) == "\x9d\x01\x2a":
		f.width, f.height = int(binary.LittleEndian.Uint16(b[6:])&0x3fff), int(binary.LittleEndian.Uint16(b[8:])&0x3fff)
		f.perPixel = 1.5 + 5 // transparency is decoded as a picture of its own
	case kind == "VP8L" && len(b) >= 5 && b[0] == 0x2f:
		bits := binary.LittleEndian.Uint32(b[1:])
		f.width, f.height = 1+int(bits&0x3fff), 1+int(bits>>14&0x3fff)
		f.perPixel = 4 + 4
	default:
		return errors.New("its header is broken")
	}
	return nil
}

// webpTurn returns the orientation in the EXIF after the pixels.
func webpTurn(data []byte) int {
	for len(data) >= 8 {
		name, size := string(data[:4]), int64(binary.LittleEndian.Uint32(data[4:]))
		if data = data[8:]; size > int64(len(data)) {
			break
		}
		if name == "EXIF" {
			return orientation(data[:size])
		}
		data = data[min(size+size%2, int64(len(data))):]
	}
	return 1
}

func (f *found) writeWebP(kind string, pixels, opacity []byte) {
	var chunks []byte
	add := func(name string, body []byte) {
		chunks = binary.LittleEndian.AppendUint32(append(chunks, name...), uint32(len(body)))
		if chunks = append(chunks, body...); len(body)%2 == 1 {
			chunks = append(chunks, 0)
		}
	}
	if kind == "VP8 " && opacity != nil {
		size := binary.LittleEndian.AppendUint32(nil, uint32(f.width-1))[:3]
		size = append(size, binary.LittleEndian.AppendUint32(nil, uint32(f.height-1))[:3]...)
		add("VP8X", append([]byte{1 << 4, 0, 0, 0}, size...))
		add("ALPH", opacity)
	}
	add(kind, pixels)
	f.clean.WriteString("RIFF")
	f.clean.Write(binary.LittleEndian.AppendUint32(nil, uint32(4+len(chunks))))
	f.clean.WriteString("WEBP")
	f.clean.Write(chunks)
}

func little24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
