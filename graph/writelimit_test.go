package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/graph"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/portal"
)

// TestWriteLimitOfBytes writes for a day as much as is accepted: an address stores no more than
// its bytes, and neither others nor staff are limited by it.
func TestWriteLimitOfBytes(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_700_000_000, 0)
	const most = 1 << 20
	l := graph.NewWriteLimit(0, most, func() time.Time { return now })
	one, other := portal.Anonymous("203.0.113.1"), portal.Anonymous("203.0.113.2")
	text, stored := strings.Repeat("饭", 10_000), 0
	for begin := now; now.Sub(begin) < 24*time.Hour; now = now.Add(time.Minute) {
		for l.Take(one, &text, nil) == nil {
			stored += len(text)
		}
		for l.Store(one, 5_000) == nil {
			stored += 5_000
		}
	}
	if stored > most || stored < most/2 {
		t.Errorf("%d bytes were stored in a day, of %d", stored, most)
	}
	if err := l.Store(one, most); !fault.Is(err, fault.Limited) {
		t.Errorf("beyond the limit: %v", err)
	}
	if err := l.Take(other, &text); err != nil {
		t.Errorf("another address: %v", err)
	}
	if err := l.Store(portal.As(viewer.Editor), 100*most); err != nil {
		t.Errorf("an editor: %v", err)
	}
	if err := graph.NewWriteLimit(0, 0, nil).Take(one, &text); err != nil {
		t.Errorf("without limits: %v", err)
	}
}
