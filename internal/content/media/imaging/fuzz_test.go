package imaging_test

import (
	"bytes"
	"testing"

	"github.com/tonggao/tonggao/internal/content/media/imaging"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
)

// FuzzDecode asserts of every file: it is refused with a code that clients know, or its
// clean copy has the same type and size, is not longer, is itself clean, and gets files of
// the announced sizes.
func FuzzDecode(f *testing.F) {
	for _, h := range hostiles() {
		if len(h.data) < 64<<10 {
			f.Add(h.data)
		}
	}
	photo := imagegen.JPEG(20, 10)
	for _, data := range [][]byte{photo, imagegen.Turned(photo, 6), imagegen.PNG(20, 10, true), imagegen.GIF(20, 10, 2), webP()} {
		f.Add(data)
	}
	small := imaging.Limits{Pixels: 100_000, Memory: 16 << 20}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := imaging.Decode(data, small)
		if err != nil {
			if fault.Is(err, fault.Internal) {
				t.Fatalf("an internal error: %v", err)
			}
			return
		}
		if int64(p.Width)*int64(p.Height) > small.Pixels || p.Memory > small.Memory || len(p.Clean) > len(data)+32 {
			t.Fatalf("accepted: %d x %d, %d bytes of %d, memory %d", p.Width, p.Height, len(p.Clean), len(data), p.Memory)
		}
		again, err := imaging.Decode(p.Clean, small)
		if err != nil || again.Type != p.Type || !bytes.Equal(again.Clean, p.Clean) {
			t.Fatalf("the clean copy is not clean: %v", err)
		}
		list, err := p.Files()
		if err != nil {
			if fault.Is(err, fault.Internal) {
				t.Fatalf("an internal error: %v", err)
			}
			return
		}
		for _, file := range list {
			seen, err := imaging.Decode(file.Data, small)
			if err != nil || seen.Width != file.Width || seen.Height != file.Height || seen.Type != file.Type {
				t.Fatalf("a file of %d x %d: %v, %d x %d", file.Width, file.Height, err, seen.Width, seen.Height)
			}
		}
	})
}
