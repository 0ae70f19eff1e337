package changefeed_test

import (
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestTrim removes old entries while one reader starts, one is in the middle of its
// snapshot, and one comes back too late.
func TestTrim(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s, 7)
		for range 80 {
			n.Act()
		}
		n.Must(n.Articles.LogDue(system))
		copying, late := &replica{items: map[string]held{}}, changefeed.Cursor{Position: 3}
		_, err := copying.read(integrator, n.Log, 5, false)
		n.Must(err)
		s.Advance(time.Hour)
		before, err := s.Client(system).Change.Query().Count(system)
		n.Must(err)
		n.Must(n.Log.Trim(system, s.Clock()))
		after, err := s.Client(system).Change.Query().Count(system)
		n.Must(err)
		if after >= before {
			t.Errorf("%d entries of %d are left", after, before)
		}
		if _, err := n.Log.Page(integrator, late, 10, changefeed.Filter{}); fault.CodeOf(err) != fault.BadUserInput {
			t.Errorf("a reader that is too late receives %v", err)
		}
		for range 20 {
			n.Act()
		}
		n.Advance(time.Hour)
		n.Must(n.Articles.LogDue(system))
		n.drain(copying) // it was in the middle when the log was trimmed
		n.compare(copying)
		anew := &replica{items: map[string]held{}}
		n.drain(anew)
		n.compare(anew)
	})
}
