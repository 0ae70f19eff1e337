package report_test

import (
	"testing"

	"github.com/tonggao/tonggao/ent"
	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestListRoles checks that only moderators find reports.
func TestListRoles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r := n.file(t, n.article, kind.KindOTHER)
		if _, err := n.reports.List(anonymous, nil, pagination.Request{}); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("anonymous: %v", err)
		}
		for _, role := range viewer.Roles() {
			may := role == viewer.Moderator || role == viewer.Admin
			_, err := n.reports.List(as(role), nil, pagination.Request{})
			if (err == nil) != may || !may && !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s lists: %v", role, err)
			}
			found, err := n.reports.ByIDs(as(role), []string{r.ID})
			check.NoError(t, err)
			if (found[r.ID] != nil) != may {
				t.Errorf("%s finds it by id: %v", role, !may)
			}
		}
	})
}

// TestListFilters checks each filter, and their combination.
func TestListFilters(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		names := map[string]string{}
		add := func(name string, days int, target string, k kind.Kind) *ent.Report {
			n.days = days
			r := n.file(t, target, k)
			names[r.ID] = name
			return r
		}
		late := add("a", 1, n.article, kind.KindCOPYRIGHT)
		add("b", 9, n.article, kind.KindRUMOUR)
		add("c", 5, n.comment, kind.KindCOPYRIGHT)
		done := add("d", 1, n.publisher, kind.KindOTHER)
		check.NoError(t, n.Client(system).Report.UpdateOneID(done.ID).SetStatus(kind.StatusREJECTED).Exec(system))
		n.Set(late.DueAt + 1)

		for want, f := range map[string]*report.Filter{
			"adcb": nil,
			"acb":  {Status: new(kind.StatusFILED)},
			"d":    {Status: new(kind.StatusREJECTED)},
			"ac":   {Kind: new(kind.KindCOPYRIGHT)},
			"ab":   {Target: &n.article},
			"a":    {Overdue: new(true)},
			"dcb":  {Overdue: new(false)},
			"c":    {Kind: new(kind.KindCOPYRIGHT), Overdue: new(false)},
			"":     {Status: new(kind.StatusUPHELD), Target: new(typeid.New(typeid.Article, n.Clock()))},
		} {
			list, err := n.reports.List(moderator, f, pagination.Request{})
			check.NoError(t, err)
			count, err := list.TotalCount(moderator)
			check.NoError(t, err)
			got := ""
			for _, e := range list.Edges {
				got += names[e.Node.ID]
				if report.Overdue(e.Node, n.Clock()) != (names[e.Node.ID] == "a") {
					t.Errorf("%s is overdue: %v", names[e.Node.ID], names[e.Node.ID] != "a")
				}
			}
			if got != want || count != len(want) {
				t.Errorf("%+v: got %q and the count %d, want %q", f, got, count, want)
			}
		}
		if _, err := n.reports.List(moderator, &report.Filter{Target: new("\x00")}, pagination.Request{}); !fault.Is(err, fault.BadUserInput) {
			t.Errorf("a target that is no id: %v", err)
		}
	})
}

// TestListPages checks that pages have no gaps and no duplicates, at one statement each.
func TestListPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		var want []string
		for range 7 { // all due at the same moment
			want = append(want, n.file(t, n.article, kind.KindOTHER).ID)
		}
		var got []string
		r := pagination.Request{First: new(3)}
		for pages := 1; ; pages++ {
			var list *report.Connection
			statements := n.Count(func() {
				var err error
				list, err = n.reports.List(moderator, nil, r)
				check.NoError(t, err)
			})
			for _, e := range list.Edges {
				got = append(got, e.Node.ID)
			}
			if statements != 1 || pages > 3 {
				t.Fatalf("page %d took %d statements", pages, statements)
			}
			if !list.PageInfo.HasNextPage {
				break
			}
			r.After = list.PageInfo.EndCursor()
		}
		if len(got) != len(want) {
			t.Fatalf("paged through %d of %d", len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("place %d: %s, want %s", i, got[i], want[i])
			}
		}
	})
}
