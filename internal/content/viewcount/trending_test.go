package viewcount_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestTrending ranks articles by their views in some days.
func TestTrending(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		names := map[string]string{n.articles[0]: "a", n.articles[1]: "b", n.articles[2]: "c", n.draft: "d"}
		read := func(counts ...int) { // views of a, b, c
			for i, times := range counts {
				n.record(t, n.articles[i], times)
			}
			check.NoError(t, n.Flush(anonymous))
			n.Advance(24 * time.Hour)
		}
		read(9, 0, 0) // four days ago, and so on
		read(0, 0, 1)
		read(1, 3, 1)
		check.NoError(t, n.Record(editor, n.draft))
		read(0, 0, 2)
		n.record(t, n.articles[0], 1)
		n.record(t, n.articles[1], 1)
		check.NoError(t, n.Flush(anonymous))

		for _, c := range []struct {
			days, limit int
			want        string
		}{
			{1, 20, "ab"},
			{2, 20, "cabd"}, // the draft too: the caller leaves it out
			{3, 20, "bcad"},
			{4, 20, "bcad"}, // b and c have the same: the older first
			{5, 20, "abcd"},
			{366, 2, "ab"},
			{366, 0, ""},
			{366, -1, ""},
		} {
			ids, err := n.Trending(anonymous, c.days, c.limit)
			check.NoError(t, err)
			var got strings.Builder
			for _, id := range ids {
				got.WriteString(names[id])
			}
			if got.String() != c.want {
				t.Errorf("%d days, at most %d: %s, want %s", c.days, c.limit, got.String(), c.want)
			}
		}
		for _, days := range []int{0, -1, 367} {
			if _, err := n.Trending(anonymous, days, 20); !fault.Is(err, fault.BadUserInput) {
				t.Errorf("%d days: %v", days, err)
			}
		}
	})
}

// TestTrendingCache checks that a ranking is cached for a minute.
func TestTrendingCache(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		trending := func(days int) (ids []string, statements int) {
			statements = n.Count(func() {
				var err error
				ids, err = n.Trending(anonymous, days, 20)
				check.NoError(t, err)
			})
			return ids, statements
		}
		n.record(t, n.articles[1], 1)
		check.NoError(t, n.Flush(anonymous))
		first, statements := trending(7)
		if statements != 1 || !slices.Equal(first, n.articles[1:2]) {
			t.Errorf("%d statements, %v", statements, first)
		}
		n.record(t, n.articles[0], 2)
		check.NoError(t, n.Flush(anonymous))
		n.Advance(time.Minute - time.Microsecond)
		if again, statements := trending(7); statements != 0 || !slices.Equal(again, first) {
			t.Errorf("within the minute: %d statements, %v", statements, again)
		}
		if _, statements := trending(30); statements != 1 {
			t.Errorf("over other days: %d statements", statements)
		}
		n.Advance(time.Microsecond)
		if ids, statements := trending(7); statements != 1 || !slices.Equal(ids, n.articles[:2]) {
			t.Errorf("after it: %d statements, %v", statements, ids)
		}
	})
}
