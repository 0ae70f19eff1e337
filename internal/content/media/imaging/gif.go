package imaging

import (
	"encoding/binary"
	"errors"
)

// gif copies the frames and their timing.
func (f *found) gif(data []byte) error {
	screen, err := cut(&data, 13)
	if err != nil {
		return err
	}
	f.width, f.height = int(binary.LittleEndian.Uint16(screen[6:])), int(binary.LittleEndian.Uint16(screen[8:]))
	f.perPixel, f.frames = 1+4, 0
	f.clean.Write(screen)
	if err := f.gifColours(&data, screen[10]); err != nil {
		return err
	}
	for {
		kind, err := cut(&data, 1)
		if err != nil {
			return err
		}
		switch kind[0] {
		case ';':
			if f.frames == 0 {
				return errors.New("it has no pixels")
			}
			f.clean.WriteByte(';')
			return nil
		case '!':
			err = f.gifExtension(&data)
		case ',':
			err = f.gifFrame(&data)
		default:
			err = errors.New("it has data between its parts")
		}
		if err != nil || f.frames > maxFrames {
			return err
		}
	}
}

// gifColours copies the colour table that flags announce.
func (f *found) gifColours(data *[]byte, flags byte) error {
	if flags&0x80 == 0 {
		return nil
	}
	table, err := cut(data, 3<<(flags&7+1))
	f.clean.Write(table)
	return err
}

// gifExtension copies the timing and the number of loops; it drops comments, texts and the
// data of applications.
func (f *found) gifExtension(data *[]byte) error {
	label, err := cut(data, 1)
	if err != nil {
		return err
	}
	blocks, err := gifBlocks(data)
	if err != nil {
		return err
	}
	timing := label[0] == 0xf9 && len(blocks) == 6
	loops := label[0] == 0xff && len(blocks) == 17 && (string(blocks[1:12]) == "NETSCAPE2.0" || string(blocks[1:12]) == "ANIMEXTS1.0")
	if timing || loops {
		f.clean.Write([]byte{'!', label[0]})
		f.clean.Write(blocks)
	}
	return nil
}

func (f *found) gifFrame(data *[]byte) error {
	d, err := cut(data, 9)
	if err != nil {
		return err
	}
	at := func(i int) int { return int(binary.LittleEndian.Uint16(d[i:])) }
	if at(0)+at(4) > f.width || at(2)+at(6) > f.height {
		return errors.New("a frame is larger than the picture")
	}
	f.frames++
	f.moving += int64(at(4)) * int64(at(6))
	f.clean.WriteByte(',')
	f.clean.Write(d)
	if err := f.gifColours(data, d[8]); err != nil {
		return err
	}
	size, err := cut(data, 1)
	if err != nil {
		return err
	}
	blocks, err := gifBlocks(data)
	f.clean.Write(size)
	f.clean.Write(blocks)
	return err
}

// gifBlocks returns a sequence of blocks, including the empty one at its end.
func gifBlocks(data *[]byte) ([]byte, error) {
	n := 0
	for {
		if n >= len(*data) {
			return nil, errTruncated
		}
		size := int((*data)[n])
		n += 1 + size
		if size == 0 {
			return cut(data, n)
		}
	}
}
