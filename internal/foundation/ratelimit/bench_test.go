package ratelimit_test

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/ratelimit"
)

// BenchmarkTake measures requests from more sources than there are buckets, and from one
// that is refused.
func BenchmarkTake(b *testing.B) {
	networks := make([]netip.Prefix, 150_000)
	for i := range networks {
		var ip [4]byte
		binary.BigEndian.PutUint32(ip[:], 0x0b000000+uint32(i))
		networks[i] = ratelimit.Network(netip.AddrFrom4(ip))
	}
	now := time.Unix(1_700_000_000, 0)
	for name, sources := range map[string][]netip.Prefix{"150000 sources": networks, "one source": networks[:1]} {
		b.Run(name, func(b *testing.B) {
			l := ratelimit.New[netip.Prefix](100, 300)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				l.Take(sources[i%len(sources)], now)
			}
		})
	}
}
