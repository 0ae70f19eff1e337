package bench_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/content/media/imaging"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
)

// BenchmarkPicture looks at a photograph of 12 million pixels and makes its files.
func BenchmarkPicture(b *testing.B) {
	for name, data := range map[string][]byte{"upright": imagegen.JPEG(4000, 3000), "turned": imagegen.Turned(imagegen.JPEG(4000, 3000), 6)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, err := imaging.Decode(data, imaging.Limits{Pixels: 40_000_000, Memory: 512 << 20})
				if err != nil {
					b.Fatal(err)
				}
				if _, err := p.Files(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
