package changes_test

import (
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/changes"
	"github.com/tonggao/tonggao/internal/fault"
	"github.com/tonggao/tonggao/internal/storetest"
)

// TestTrim takes away what is old under readers who are new, who are in the middle
// of their copy, and who come back too late.
func TestTrim(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s, 7)
		for range 80 {
			n.act()
		}
		n.need(n.articles.Due(system))
		copying, late := &replica{items: map[string]held{}}, changes.Cursor{Position: 3}
		_, err := copying.read(integrator, n.log, 5, false)
		n.need(err)
		s.Advance(time.Hour)
		before, err := s.Client(system).Change.Query().Count(system)
		n.need(err)
		n.need(n.log.Trim(system, s.Clock()))
		after, err := s.Client(system).Change.Query().Count(system)
		n.need(err)
		if after >= before {
			t.Errorf("%d entries of %d are left", after, before)
		}
		if _, err := n.log.Page(integrator, late, 10, changes.Filter{}); fault.CodeOf(err) != fault.BadUserInput {
			t.Errorf("a reader who is too late is told %v", err)
		}
		for range 20 {
			n.act()
		}
		n.Advance(time.Hour)
		n.need(n.articles.Due(system))
		n.drain(copying) // it was in the middle when the log was trimmed
		n.compare(copying)
		anew := &replica{items: map[string]held{}}
		n.drain(anew)
		n.compare(anew)
	})
}
