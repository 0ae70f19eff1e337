package imaging

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
)

// The markers of JPEG that matter here (ITU-T T.81, table B.1).
const (
	markSOF0, markSOF1, markSOF2 = 0xc0, 0xc1, 0xc2
	markDHT, markDQT, markDRI    = 0xc4, 0xdb, 0xdd
	markSOS, markEOI             = 0xda, 0xd9
	markAPP0, markAPP1, markAPP2 = 0xe0, 0xe1, 0xe2
	markAPP14                    = 0xee
)

// jpeg copies the segments that the picture consists of. It refuses what encoders do not
// write, so that no file can be read in two ways.
func (f *found) jpeg(data []byte) error {
	f.clean.Write(data[:2])
	data = data[2:]
	scans := 0
	for {
		mark, err := marker(&data)
		if err != nil {
			return err
		}
		if mark == markEOI {
			if scans == 0 || f.width == 0 {
				return errors.New("it has no pixels")
			}
			f.clean.Write([]byte{0xff, markEOI})
			return nil
		}
		segment, err := jpegSegment(&data)
		if err != nil {
			return err
		}
		keep, err := f.jpegPart(mark, segment)
		if err != nil {
			return err
		}
		if keep {
			writeJPEG(&f.clean, mark, segment)
		}
		if mark == markSOS {
			if scans++; scans > maxScans {
				return fmt.Errorf("it has more than %d scans", maxScans)
			}
			n := entropy(data)
			f.clean.Write(data[:n])
			data = data[n:]
		}
	}
}

// marker reads the code of the next segment.
func marker(data *[]byte) (byte, error) {
	if head, err := cut(data, 1); err != nil || head[0] != 0xff {
		return 0, cmp.Or(err, errors.New("it has data between its parts"))
	}
	for {
		head, err := cut(data, 1)
		if err != nil || head[0] != 0xff { // 0xff may pad the space before a marker
			return append(head, 0)[0], err
		}
	}
}

// jpegSegment reads the content of a segment, after its marker.
func jpegSegment(data *[]byte) ([]byte, error) {
	size, err := cut(data, 2)
	if err != nil {
		return nil, err
	}
	return cut(data, int(binary.BigEndian.Uint16(size))-2)
}

func writeJPEG(to *bytes.Buffer, mark byte, segment []byte) {
	to.Write([]byte{0xff, mark, byte((len(segment) + 2) >> 8), byte(len(segment) + 2)})
	to.Write(segment)
}

// entropy returns how many bytes of compressed pixels come before the next marker.
func entropy(data []byte) int {
	for i := 0; i+1 < len(data); i++ {
		if data[i] == 0xff && data[i+1] != 0 && (data[i+1] < 0xd0 || data[i+1] > 0xd7) {
			return i
		}
	}
	return len(data)
}

// jpegPart reads a segment and reports whether the clean copy has it.
func (f *found) jpegPart(mark byte, segment []byte) (keep bool, err error) {
	starts := func(name string) bool { return bytes.HasPrefix(segment, []byte(name)) }
	switch {
	case mark == markSOF0, mark == markSOF1, mark == markSOF2:
		return true, f.jpegFrame(mark, segment)
	case mark == markDHT, mark == markDQT, mark == markDRI, mark == markSOS:
		return true, nil
	case mark == markAPP0:
		return starts("JFIF\x00"), nil
	case mark == markAPP14:
		return starts("Adobe"), nil
	case mark == markAPP2 && starts("ICC_PROFILE\x00"):
		if len(f.colour)+len(segment) > maxColour {
			return false, nil
		}
		var b bytes.Buffer
		writeJPEG(&b, mark, segment)
		f.colour = append(f.colour, b.Bytes()...)
		return true, nil
	case mark == markAPP1 && starts("Exif\x00\x00"):
		f.turn = orientation(segment[6:])
		return false, nil
	case mark > markAPP0 && mark <= 0xef, mark == 0xfe:
		return false, nil
	}
	return false, fmt.Errorf("it is of a rare kind (marker %02X)", mark)
}

// jpegFrame reads the size, and how much memory a pixel takes: its samples, and for a
// progressive picture the coefficients of each, which are kept until the end.
func (f *found) jpegFrame(mark byte, s []byte) error {
	if f.width > 0 {
		return errors.New("it has two sizes")
	}
	if len(s) < 6 || len(s) != 6+3*int(s[5]) || s[5] == 0 || s[5] > 4 {
		return errors.New("its header is broken")
	}
	f.height, f.width = int(binary.BigEndian.Uint16(s[1:])), int(binary.BigEndian.Uint16(s[3:]))
	if f.width == 0 || f.height == 0 {
		return errors.New("it has no size")
	}
	most, samples := 1, 0
	for i := 6; i < len(s); i += 3 {
		h, v := int(s[i+1]>>4), int(s[i+1]&15)
		if h < 1 || h > 4 || v < 1 || v > 4 {
			return errors.New("its header is broken")
		}
		most, samples = max(most, h*v), samples+h*v
	}
	f.perPixel = max(1, float64(samples)/float64(most))
	if s[5] == 4 {
		f.perPixel += 4 // put together from four planes
	}
	if mark == markSOF2 {
		f.perPixel += 4 * float64(samples) / float64(most)
	}
	if s[5] != 3 {
		f.colour = nil
	}
	return nil
}

// orientation reads the orientation from EXIF, which is a TIFF file. It returns 1, for
// upright, where that is broken or missing.
func orientation(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	switch {
	case len(tiff) < 8:
		return 1
	case string(tiff[:2]) == "MM":
		order = binary.BigEndian
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[at+2:]
	for range order.Uint16(tiff[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == 0x0112 {
			if turn := int(order.Uint16(entries[8:])); turn >= 1 && turn <= 8 {
				return turn
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}
