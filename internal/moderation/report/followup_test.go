package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/audit"
	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestManyDuplicates files many reports of a long article: one of them holds its snapshot. A
// decision hides the article and decides the first duplicates at once, and all others follow
// in the order of the decisions, except for the one that was decided on its own. The long form
// is `make duplicates`.
func TestManyDuplicates(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		text := strings.Repeat("每天中午开饭。", effort.N(8<<10)/len("每天中午开饭。"))
		check.NoError(t, n.Client(system).Body.UpdateOneID(n.article).
			SetDocument(`{"version":1,"blocks":[{"type":"paragraph","children":[{"text":"`+text+`"}]}]}`).Exec(system))
		reports := make([]*ent.Report, effort.N(40))
		for i := range reports {
			reports[i] = n.file(t, n.article, kind.KindVIOLATION)
		}
		first, last := reports[0], reports[len(reports)-1]
		if held := n.Client(system).Report.Query().Where(kind.SnapshotNEQ("")).IDsX(system); len(held) != 1 || held[0] != first.ID {
			t.Errorf("%d reports hold a snapshot", len(held))
		}
		snapshots, err := n.reports.Snapshots(moderator, []*ent.Report{first, last})
		check.NoError(t, err)
		if !strings.Contains(string(snapshots[last.ID]), text) || string(snapshots[last.ID]) != string(snapshots[first.ID]) {
			t.Errorf("the snapshots are %.100s, %.100s", snapshots[first.ID], snapshots[last.ID])
		}
		if snapshots, err = n.reports.Snapshots(anonymous, []*ent.Report{last}); err != nil || len(snapshots[last.ID]) > 0 {
			t.Errorf("the public reads a snapshot: %s, %v", snapshots[last.ID], err)
		}

		begin := time.Now()
		n.decide(t, first, report.TakeDown)
		t.Logf("the decision on %d reports of %d bytes took %s", len(reports), len(text), time.Since(begin))
		if n.shown(t) {
			t.Error("the article is still shown")
		}
		n.expectStates(t, "at once", map[kind.Status]int{kind.StatusMEASURES_TAKEN: 21, kind.StatusFILED: len(reports) - 21})
		n.Advance(time.Second)
		n.decide(t, last, report.Reject)
		n.Advance(time.Second)
		n.decide(t, first, report.Restore)
		if !n.shown(t) {
			t.Error("the article is still hidden")
		}
		begin = time.Now()
		followed, err := n.reports.FollowUp(system)
		check.NoError(t, err)
		t.Logf("%d reports followed in %s", followed, time.Since(begin))
		n.expectStates(t, "in the end", map[kind.Status]int{kind.StatusRESTORED: len(reports) - 1, kind.StatusREJECTED: 1})
		n.expectFollowed(t, reports)
		if again, err := n.reports.FollowUp(system); again != 0 || err != nil {
			t.Errorf("once more: %d, %v", again, err)
		}
	})
}

// expectStates compares the number of reports in each state.
func (n *fixture) expectStates(t *testing.T, when string, want map[kind.Status]int) {
	t.Helper()
	var rows []struct {
		Status kind.Status
		Count  int
	}
	check.NoError(t, n.Client(system).Report.Query().GroupBy(kind.FieldStatus).Aggregate(ent.Count()).Scan(system, &rows))
	got := map[kind.Status]int{}
	for _, row := range rows {
		got[row.Status] = row.Count
	}
	check.Equal(t, when, fmt.Sprint(got), fmt.Sprint(want))
}

// expectFollowed checks the history of a report that followed in the background: it names who
// decided and when. The audit log has one entry for all of them.
func (n *fixture) expectFollowed(t *testing.T, reports []*ent.Report) {
	t.Helper()
	id := reports[len(reports)-2].ID
	histories, err := n.reports.Histories(moderator, []string{reports[0].ID, id})
	check.NoError(t, err)
	var events []string
	for _, e := range histories[id] {
		events = append(events, e.Event)
	}
	check.Equal(t, "the history of a duplicate", strings.Join(events, " "), "FILED TAKE_DOWN RESTORE")
	decision, followed := histories[reports[0].ID][len(reports)], histories[id][1]
	if followed.Actor != decision.Actor || followed.At != decision.At || followed.Reason != decision.Reason {
		t.Errorf("it followed %v as %v", decision, followed)
	}
	entries := n.Client(system).Audit.Query().Where(audit.Action("REPORT_TAKE_DOWN"), audit.DetailContains("duplicates")).AllX(system)
	if len(entries) != 1 || !strings.Contains(entries[0].Detail, fmt.Sprintf(`"duplicates":"%d"`, len(reports)-22)) {
		t.Errorf("the audit log has %v", entries)
	}
}

// TestCounterManyReports files a counter-notice against many reports: the first get its
// material, and the rest follows.
func TestCounterManyReports(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		reports := make([]*ent.Report, 30)
		for i := range reports {
			reports[i] = n.file(t, n.article, kind.KindRUMOUR)
		}
		n.decide(t, reports[0], report.TakeDown)
		_, err := n.reports.FollowUp(system)
		check.NoError(t, err)
		n.Advance(time.Second)
		owner := viewer.With(t.Context(), viewer.Viewer{Role: viewer.Publisher, TokenID: "tok_1", Publisher: n.publisher})
		check.NoError(t, n.reports.Counter(owner, report.CounterInput{Item: n.article, Statement: "照片由我们自己拍摄。", Contact: new("office@example.com"), Evidence: complete}))
		n.expectStates(t, "at once", map[kind.Status]int{kind.StatusCOUNTERED: 20, kind.StatusMEASURES_TAKEN: 10})
		_, err = n.reports.FollowUp(system)
		check.NoError(t, err)
		n.expectStates(t, "in the end", map[kind.Status]int{kind.StatusCOUNTERED: 30})
	})
}
