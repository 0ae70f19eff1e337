package graph

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tonggao/tonggao/internal/store/changefeed"
)

// TestHeldPage sends a page to clients that stop reading at each of its events: while an
// event waits longer than holdTime nothing else is held, and the cursor to continue from is
// that of the event.
func TestHeldPage(t *testing.T) {
	t.Parallel()
	page := []changefeed.Edge{{Cursor: "a"}, {Cursor: "b"}, {Cursor: "c"}}
	for stops, want := range map[int]struct {
		sent []string
		last string
	}{0: {[]string{"a"}, "a"}, 1: {[]string{"a", "b"}, "b"}, 2: {[]string{"a", "b", "c"}, ""}, 3: {[]string{"a", "b", "c"}, ""}} {
		synctest.Test(t, func(t *testing.T) {
			held := &heldPage{edges: slices.Clone(page)}
			var sent []string
			last, err := held.send(func(e *changefeed.Edge) error {
				if len(sent) == stops {
					time.Sleep(holdTime + time.Millisecond)
					if held.mu.Lock(); len(held.edges) > 0 {
						t.Errorf("%d events are held", len(held.edges))
					}
					held.mu.Unlock()
				}
				sent = append(sent, e.Cursor)
				return nil
			})
			if err != nil || last != want.last || !slices.Equal(sent, want.sent) {
				t.Errorf("a stop at %d: sent %v, continue after %q, %v", stops, sent, last, err)
			}
		})
	}
}
