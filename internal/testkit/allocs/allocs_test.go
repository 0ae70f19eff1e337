package allocs_test

import (
	"testing"

	"github.com/tonggao/tonggao/internal/testkit/allocs"
)

var sink []byte

func TestBytes(t *testing.T) {
	const size = 10 << 20
	if got := allocs.Bytes(func() { sink = make([]byte, size) }); got < size || got > 2*size {
		t.Errorf("an allocation of %d bytes counts as %d", size, got)
	}
	if got := allocs.Bytes(func() {}); got > 1<<20 {
		t.Errorf("nothing counts as %d bytes", got)
	}
}
