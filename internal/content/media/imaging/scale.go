package imaging

import (
	"bytes"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"

	"github.com/tonggao/tonggao/internal/foundation/fault"
)

// widths are those of the smaller copies: for thumbnails, phones and desktops.
var widths = []int{320, 640, 1280}

// band is how many rows or columns are scaled at once: the scaler needs eight times the
// memory of the pixels.
const band = 64

const quality = 82

// File is one file of a picture.
type File struct {
	Type          Type
	Width, Height int
	Data          []byte
}

// Files decodes the picture and returns its files: first the picture itself, then smaller
// copies, the smallest first. Animations have no copies, and no copy is heavier than the
// picture.
func (p Picture) Files() ([]File, error) {
	pixels, err := p.decode()
	if err != nil {
		return nil, fault.Wrap(err, fault.BadUserInput, "the %s is damaged: %v; save it again and send it whole", p.Type.name(), err)
	}
	own := File{Type: p.Type, Width: p.Width, Height: p.Height, Data: p.Clean}
	if p.turn > 1 {
		pixels = turned(pixels, p.turn)
		if own, err = p.encode(pixels); err != nil {
			return nil, err
		}
	}
	files := []File{own}
	if p.Animated {
		return files, nil
	}
	for i := len(widths) - 1; i >= 0; i-- {
		if widths[i] >= p.Width {
			continue
		}
		pixels = scaled(pixels, widths[i], max(1, (p.Height*widths[i]+p.Width/2)/p.Width))
		smaller, err := p.encode(pixels)
		if err != nil {
			return nil, err
		}
		if len(smaller.Data) < len(own.Data) {
			files = append(files, smaller)
		}
	}
	for i, j := 1, len(files)-1; i < j; i, j = i+1, j-1 {
		files[i], files[j] = files[j], files[i]
	}
	return files, nil
}

// decode returns the pixels; it fails where there are not as many as the header says.
func (p Picture) decode() (pixels image.Image, err error) {
	r := bytes.NewReader(p.Clean)
	switch p.Type {
	case JPEG:
		pixels, err = jpeg.Decode(r)
	case PNG:
		pixels, err = png.Decode(r)
	case GIF:
		pixels, err = gif.Decode(r)
	case WebP:
		pixels, err = webp.Decode(r)
	}
	if err != nil {
		return nil, err
	}
	width, height := p.Width, p.Height
	if p.turn >= 5 {
		width, height = height, width
	}
	whole := image.Rect(0, 0, width, height)
	if p.Type == GIF && pixels.Bounds() != whole { // the first frame is a part of the picture
		canvas := image.NewRGBA(whole)
		draw.Draw(canvas, pixels.Bounds(), pixels, pixels.Bounds().Min, draw.Src)
		return canvas, nil
	}
	if pixels.Bounds() != whole {
		return nil, fmt.Errorf("its header says %d x %d pixels, it has %d x %d", width, height, pixels.Bounds().Dx(), pixels.Bounds().Dy())
	}
	return pixels, nil
}

// encode returns the pixels as a JPEG, or as a PNG where some are transparent.
func (p Picture) encode(pixels image.Image) (File, error) {
	f := File{Type: JPEG, Width: pixels.Bounds().Dx(), Height: pixels.Bounds().Dy()}
	var b bytes.Buffer
	if o, ok := pixels.(interface{ Opaque() bool }); ok && !o.Opaque() {
		f.Type = PNG
		if err := png.Encode(&b, pixels); err != nil {
			return File{}, fmt.Errorf("write a PNG: %w", err)
		}
	} else if err := jpeg.Encode(&b, pixels, &jpeg.Options{Quality: quality}); err != nil {
		return File{}, fmt.Errorf("write a JPEG: %w", err)
	}
	f.Data = b.Bytes()
	if f.Type == JPEG && len(p.colour) > 0 {
		f.Data = append(append(append(make([]byte, 0, b.Len()+len(p.colour)), f.Data[:2]...), p.colour...), f.Data[2:]...)
	}
	return f, nil
}

// scaled returns the picture in another size: scaled horizontally in bands of rows, then
// vertically in bands of columns, to bound the memory for large pictures.
func scaled(from image.Image, width, height int) *image.RGBA {
	b := from.Bounds()
	across := image.NewRGBA(image.Rect(0, 0, width, b.Dy()))
	scaler := draw.CatmullRom.NewScaler(width, band, b.Dx(), band) // except for the last band, which is thinner
	for y := 0; y < b.Dy(); y += band {
		rows := image.Rect(0, y, width, min(y+band, b.Dy()))
		scaler.Scale(across, rows, from, image.Rect(b.Min.X, b.Min.Y+rows.Min.Y, b.Max.X, b.Min.Y+rows.Max.Y), draw.Src, nil)
	}
	down := image.NewRGBA(image.Rect(0, 0, width, height))
	scaler = draw.CatmullRom.NewScaler(band, height, band, b.Dy())
	for x := 0; x < width; x += band {
		columns := image.Rect(x, 0, min(x+band, width), height)
		scaler.Scale(down, columns, across, image.Rect(columns.Min.X, 0, columns.Max.X, b.Dy()), draw.Src, nil)
	}
	return down
}

// turned returns the picture upright, given EXIF's orientation.
func turned(from image.Image, turn int) *image.RGBA {
	b := from.Bounds()
	w, h := b.Dx(), b.Dy()
	size := image.Rect(0, 0, w, h)
	if turn >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	to := image.NewRGBA(size)
	rows := image.NewRGBA(image.Rect(0, 0, w, band))
	for top := 0; top < h; top += band {
		draw.Draw(rows, image.Rect(0, 0, w, min(band, h-top)), from, image.Pt(b.Min.X, b.Min.Y+top), draw.Src)
		for y := top; y < min(top+band, h); y++ {
			for x := range w {
				tx, ty := turnedPoint(turn, x, y, w, h)
				copy(to.Pix[to.PixOffset(tx, ty):][:4], rows.Pix[rows.PixOffset(x, y-top):][:4])
			}
		}
	}
	return to
}

// turnedPoint returns where the pixel at x, y goes.
func turnedPoint(turn, x, y, w, h int) (int, int) {
	switch turn {
	case 2:
		return w - 1 - x, y
	case 3:
		return w - 1 - x, h - 1 - y
	case 4:
		return x, h - 1 - y
	case 5:
		return y, x
	case 6:
		return h - 1 - y, x
	case 7:
		return h - 1 - y, w - 1 - x
	case 8:
		return y, w - 1 - x
	}
	return x, y
}
