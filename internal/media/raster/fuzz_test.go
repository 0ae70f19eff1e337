package raster_test

import (
	"bytes"
	"testing"

	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/media/raster"
	"github.com/tonggao/tonggao/internal/media/sample"
)

// FuzzLook asserts of every file: it is refused with a code that clients know, or
// its clean copy is of the same type, size and no longer, is itself clean, and
// becomes files of the sizes that they say.
func FuzzLook(f *testing.F) {
	for _, h := range sample.Hostiles() {
		if len(h.Data) < 64<<10 {
			f.Add(h.Data)
		}
	}
	photo := sample.JPEG(20, 10)
	for _, data := range [][]byte{photo, sample.Turned(photo, 6), sample.PNG(20, 10, true), sample.GIF(20, 10, 2), sample.WebP()} {
		f.Add(data)
	}
	small := raster.Limits{Pixels: 100_000, Memory: 16 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := raster.Look(data, small)
		if err != nil {
			if fault.Is(err, fault.Internal) {
				t.Fatalf("a refusal without words: %v", err)
			}
			return
		}
		if int64(p.Width)*int64(p.Height) > small.Pixels || p.Memory > small.Memory || len(p.Clean) > len(data)+32 {
			t.Fatalf("let through: %d x %d, %d bytes of %d, memory %d", p.Width, p.Height, len(p.Clean), len(data), p.Memory)
		}
		again, err := raster.Look(p.Clean, small)
		if err != nil || again.Type != p.Type || !bytes.Equal(again.Clean, p.Clean) {
			t.Fatalf("the clean copy is not clean: %v", err)
		}
		list, err := p.Files()
		if err != nil {
			if fault.Is(err, fault.Internal) {
				t.Fatalf("a refusal without words: %v", err)
			}
			return
		}
		for _, file := range list {
			seen, err := raster.Look(file.Data, small)
			if err != nil || seen.Width != file.Width || seen.Height != file.Height || seen.Type != file.Type {
				t.Fatalf("a file of %d x %d: %v, %d x %d", file.Width, file.Height, err, seen.Width, seen.Height)
			}
		}
	})
}
