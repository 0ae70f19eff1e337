package media_test

import (
	"context"
	"io"
	"strconv"
	"testing"

	"github.com/tonggao/tonggao/internal/content/media"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestSlotsOfStrangers receives 8 files of strangers at once, 2 of a network, and next to them
// what others send.
func TestSlotsOfStrangers(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	n := media.New(media.Options{Store: s.Store, Audit: audit.New(s.Store), Limits: media.Limits{Bytes: 1 << 20, Pixels: 1 << 20}})
	ended := make(chan error)
	var slow []*io.PipeWriter
	begin := func(network string) {
		r, w := io.Pipe()
		slow = append(slow, w)
		go func() {
			in, err := n.ReceiveFrom(t.Context(), network, r)
			if err == nil {
				in.Discard()
			}
			ended <- err
		}()
		_, _ = w.Write([]byte("x")) // until the file is being received
	}
	for i := range 8 {
		begin(strconv.Itoa(i / 2))
	}
	if _, err := n.ReceiveFrom(t.Context(), "0", nil); !fault.Is(err, fault.Limited) {
		t.Errorf("a third of one network: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := n.ReceiveFrom(gone, "4", nil); !fault.Is(err, fault.Unavailable) {
		t.Errorf("a ninth: %v", err)
	}
	r, w := io.Pipe()
	go func() { _, _ = w.Write([]byte("picture")); _ = w.Close() }()
	in, err := n.Receive(t.Context(), r)
	if err != nil {
		t.Fatal("an editor waits:", err)
	}
	in.Discard()
	for _, w := range slow {
		_ = w.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	begin("0")
	_ = slow[8].Close()
	if err := <-ended; err != nil {
		t.Error("after the others:", err)
	}
}
