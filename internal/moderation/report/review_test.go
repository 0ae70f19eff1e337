package report_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// decide applies a moderator's decision.
func (n *fixture) decide(t *testing.T, r *ent.Report, decision report.Event) {
	t.Helper()
	_, err := n.reports.Review(moderator, report.ReviewInput{Report: r.ID, Decision: decision, Reason: "核实过了。"})
	check.NoError(t, err)
}

// status returns the stored status of r.
func (n *fixture) status(t *testing.T, r *ent.Report) kind.Status {
	t.Helper()
	row, err := n.Client(system).Report.Get(system, r.ID)
	check.NoError(t, err)
	return row.Status
}

// shown reports whether the public sees the article.
func (n *fixture) shown(t *testing.T) bool {
	t.Helper()
	rows, err := n.Articles.ByIDs(anonymous, []string{n.article})
	check.NoError(t, err)
	return rows[n.article] != nil
}

// TestReviewGroup checks that a decision applies to all open reports of the same kind about
// the same target, and to no other; material is requested from one reporter only.
func TestReviewGroup(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		first, second := n.file(t, n.article, kind.KindVIOLATION), n.file(t, n.article, kind.KindVIOLATION)
		otherKind, otherTarget := n.file(t, n.article, kind.KindRUMOUR), n.file(t, n.comment, kind.KindVIOLATION)
		if second.LeaderID != first.ID || otherKind.LeaderID != "" || otherTarget.LeaderID != "" {
			t.Fatalf("the leaders are %q, %q, %q", second.LeaderID, otherKind.LeaderID, otherTarget.LeaderID)
		}
		expect := func(what string, want ...kind.Status) {
			t.Helper()
			got := []kind.Status{n.status(t, first), n.status(t, second), n.status(t, otherKind), n.status(t, otherTarget)}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", what, got, want)
			}
		}
		n.decide(t, second, report.AskMaterial)
		expect("material requested", kind.StatusFILED, kind.StatusNEEDS_MATERIAL, kind.StatusFILED, kind.StatusFILED)
		n.decide(t, second, report.TakeDown)
		expect("taken down", kind.StatusMEASURES_TAKEN, kind.StatusMEASURES_TAKEN, kind.StatusFILED, kind.StatusFILED)
		if n.shown(t) {
			t.Error("the article is still shown")
		}
		_, err := n.reports.File(anonymous, report.FileInput{Target: n.article, Kind: kind.KindVIOLATION, Statement: "图片是我拍的，没有问过我。"})
		check.Equal(t, "a report of what is taken down", check.Problems(err), "target UNKNOWN")
		histories, err := n.reports.Histories(moderator, []string{first.ID, second.ID})
		check.NoError(t, err)
		var events []string
		for _, e := range histories[first.ID] {
			events = append(events, e.Event)
		}
		check.Equal(t, "the history of the leader", strings.Join(events, " "), "FILED JOINED TAKE_DOWN")
		if n, err := n.reports.Histories(anonymous, []string{first.ID}); len(n) != 0 || err != nil {
			t.Errorf("the public reads histories: %v, %v", n, err)
		}
	})
}

// TestRestoreWaitsForOthers checks that an article stays down while another report needs it
// down, and that a takedown that a moderator made earlier is used, not repeated.
func TestRestoreWaitsForOthers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		_, err := n.takedowns.TakeDown(moderator, takedown.Input{Item: n.article, Reason: "先行处置。"})
		check.NoError(t, err)
		check.NoError(t, n.lift(t))
		copyright, rumour := n.file(t, n.article, kind.KindCOPYRIGHT), n.file(t, n.article, kind.KindRUMOUR)
		n.decide(t, copyright, report.TakeDown)
		n.decide(t, rumour, report.TakeDown)
		n.decide(t, copyright, report.Restore)
		if n.shown(t) {
			t.Error("it is shown, and the report of a rumour needs it down")
		}
		n.decide(t, rumour, report.Restore)
		if !n.shown(t) {
			t.Error("it is not shown, and no report needs it down")
		}
		n.decide(t, rumour, report.Reopen)
		n.decide(t, rumour, report.Uphold)
		if !n.shown(t) {
			t.Error("a report that is upheld takes nothing down")
		}
	})
}

// lift restores the article.
func (n *fixture) lift(t *testing.T) error {
	t.Helper()
	_, err := n.takedowns.Restore(moderator, restoreInput(n.article))
	return err
}

// TestReviewRefuses checks roles, ids, reasons and decisions that the table does not have.
func TestReviewRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r := n.file(t, n.article, kind.KindOTHER)
		for name, c := range map[string]struct {
			ctx  context.Context
			in   report.ReviewInput
			want string
		}{
			"no token":             {anonymous, report.ReviewInput{Report: r.ID, Decision: report.Accept, Reason: "核实。"}, "UNAUTHENTICATED"},
			"an editor":            {as(viewer.Editor), report.ReviewInput{Report: r.ID, Decision: report.Accept, Reason: "核实。"}, "FORBIDDEN"},
			"no reason":            {moderator, report.ReviewInput{Report: r.ID, Decision: report.Accept}, "reason REQUIRED"},
			"NUL":                  {moderator, report.ReviewInput{Report: r.ID, Decision: report.Accept, Reason: "核\x00实"}, "reason INVALID"},
			"an escape sequence":   {moderator, report.ReviewInput{Report: r.ID, Decision: report.Accept, Reason: "\x1b[31m核实"}, "reason INVALID"},
			"a direction override": {moderator, report.ReviewInput{Report: r.ID, Decision: report.Accept, Reason: "核\u202e实"}, "reason INVALID"},
			"a long reason":        {moderator, report.ReviewInput{Report: r.ID, Decision: report.Accept, Reason: strings.Repeat("长", 2001)}, "reason TOO_LONG"},
			"an article":           {moderator, report.ReviewInput{Report: n.article, Decision: report.Accept, Reason: "核实。"}, "NOT_FOUND"},
			"an unknown report":    {moderator, report.ReviewInput{Report: typeid.New(typeid.Report, n.Clock()), Decision: report.Accept, Reason: "核实。"}, "NOT_FOUND"},
			"a reporter's event":   {moderator, report.ReviewInput{Report: r.ID, Decision: report.Withdraw, Reason: "核实。"}, "CONFLICT"},
			"not in this state":    {moderator, report.ReviewInput{Report: r.ID, Decision: report.Restore, Reason: "核实。"}, "CONFLICT"},
		} {
			if _, err := n.reports.Review(c.ctx, c.in); check.Problems(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		_, err := n.reports.Review(moderator, report.ReviewInput{Report: r.ID, Decision: report.Appeal, Reason: "核实。"})
		if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "possible now: ACCEPT, ASK_MATERIAL, TAKE_DOWN, UPHOLD, REJECT") {
			t.Errorf("the error does not list what is possible: %v", err)
		}
		check.Equal(t, "the decisions", report.Decisions(r), []report.Event{report.Accept, report.AskMaterial, report.TakeDown, report.Uphold, report.Reject})
	})
}

// TestReviewAtTheSameTime checks that of several moderators who decide at the same time one
// succeeds.
func TestReviewAtTheSameTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r := n.file(t, n.article, kind.KindVIOLATION)
		got := check.Together(4, func(int) error {
			_, err := n.reports.Review(moderator, report.ReviewInput{Report: r.ID, Decision: report.TakeDown, Reason: "核实过了。"})
			return err
		})
		check.Equal(t, "four decisions", got, []string{"", "CONFLICT", "CONFLICT", "CONFLICT"})
		if n.status(t, r) != kind.StatusMEASURES_TAKEN || n.shown(t) {
			t.Errorf("%s, and the article is shown: %t", n.status(t, r), n.shown(t))
		}
	})
}

// TestCounter files a publisher's counter-notice: the case waits for the moderators again,
// and after 15 working days without a lawsuit the article is restored automatically.
func TestCounter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.at(t, "2026-03-02T12:00")
		publisher := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Publisher, TokenID: "tok_p", Publisher: n.publisher})
		other := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Publisher, TokenID: "tok_q", Publisher: typeid.New(typeid.Publisher, n.Clock())})
		in := report.CounterInput{Item: n.article, Statement: "照片是我们自己拍的。", Contact: new("p@example.com"), Evidence: complete}
		r := n.file(t, n.article, kind.KindPRIVACY)
		if err := n.reports.Counter(publisher, in); check.Problems(err) != "item NOT_ALLOWED" {
			t.Errorf("before the takedown: %v", err)
		}
		n.decide(t, r, report.TakeDown)
		bare := report.CounterInput{Item: n.article, Statement: "照片是我们自己拍的。"}
		for name, c := range map[string]struct {
			ctx  context.Context
			in   report.CounterInput
			want string
		}{
			"no token":          {anonymous, in, "UNAUTHENTICATED"},
			"a moderator":       {moderator, in, "FORBIDDEN"},
			"another publisher": {other, in, "NOT_FOUND"},
			"no evidence":       {publisher, bare, "claimant REQUIRED, contact REQUIRED, proof REQUIRED"},
			"NUL":               {publisher, report.CounterInput{Item: n.article, Statement: "照片是\x00我们拍的。", Contact: new("p@example.com"), Evidence: complete}, "statement INVALID"},
		} {
			if err := n.reports.Counter(c.ctx, c.in); check.Problems(err) != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		check.NoError(t, n.reports.Counter(publisher, in))
		if n.status(t, r) != kind.StatusCOUNTERED || n.shown(t) {
			t.Errorf("%s, and the article is shown: %t", n.status(t, r), n.shown(t))
		}
		for _, step := range []struct {
			moment string
			moved  int
		}{{"2026-03-23T23:00", 0}, {"2026-03-24T00:00", 1}} {
			n.at(t, step.moment)
			if moved, err := n.reports.RunTimers(system); moved != step.moved || err != nil {
				t.Errorf("at %s %d timers ran, %v", step.moment, moved, err)
			}
		}
		if n.status(t, r) != kind.StatusRESTORED || !n.shown(t) {
			t.Errorf("%s, and the article is shown: %t", n.status(t, r), n.shown(t))
		}
	})
}

// TestRepeatedNotice checks that a copyright notice cannot be repeated once the work was
// restored after a counter-notice, except about another work or by another person.
func TestRepeatedNotice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r := n.file(t, n.article, kind.KindCOPYRIGHT)
		n.decide(t, r, report.TakeDown)
		n.decide(t, r, report.Restore)
		file := func(contact string, e report.EvidenceInput) string {
			_, err := n.reports.File(anonymous, report.FileInput{Target: n.article, Kind: kind.KindCOPYRIGHT, Statement: "图片是我拍的，没有问过我。", Contact: &contact, Evidence: &e})
			return check.Problems(err)
		}
		other := *complete
		other.WorkTitle = new("溪口的傍晚")
		check.Equal(t, "the same again, written differently", file(" LIN@example.com", *complete), "target NOT_ALLOWED")
		check.Equal(t, "another work", file("lin@example.com", other), "")
		check.Equal(t, "another person", file("zhou@example.com", *complete), "")
	})
}

// TestActByReceipt checks the actions of the holder of a receipt.
func TestActByReceipt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r := n.file(t, n.article, kind.KindVIOLATION)
		act := func(event report.Event, receipt string, statement *string) string {
			_, err := n.reports.ActByReceipt(anonymous, event, report.ReceiptInput{Receipt: receipt, Statement: statement})
			return check.Problems(err)
		}
		check.Equal(t, "an unknown receipt", act(report.Withdraw, "R-0000-0000-0000-0000", nil), "NOT_FOUND")
		check.Equal(t, "an appeal before the decision", act(report.Appeal, r.Receipt, new("请再看一次。")), "CONFLICT")
		check.Equal(t, "an appeal without a statement", act(report.Appeal, r.Receipt, nil), "statement REQUIRED")
		check.Equal(t, "a short statement", act(report.Appeal, r.Receipt, new("不服")), "statement INVALID")
		check.Equal(t, "a control character", act(report.Withdraw, r.Receipt, new("误\a会")), "statement INVALID")
		check.Equal(t, "a withdrawal", act(report.Withdraw, strings.ToLower(r.Receipt), nil), "")
		check.Equal(t, "its status", n.status(t, r), kind.StatusWITHDRAWN)
		_, err := n.reports.AddMaterial(anonymous, report.MaterialInput{Receipt: r.Receipt, Statement: new("还有一张照片。")})
		check.Equal(t, "material for a closed case", check.Problems(err), "CONFLICT")
		_, err = n.reports.AddMaterial(anonymous, report.MaterialInput{Receipt: r.Receipt})
		check.Equal(t, "no material", check.Problems(err), "statement REQUIRED")
	})
}

// TestFigures counts the reports of a month by what became of them.
func TestFigures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.at(t, "2026-03-02T12:00")
		from := n.Clock()
		inTime, late := n.file(t, n.article, kind.KindVIOLATION), n.file(t, n.comment, kind.KindRUMOUR)
		n.file(t, n.publisher, kind.KindRUMOUR)
		n.decide(t, inTime, report.Reject)
		n.at(t, "2026-03-10T12:00")
		n.decide(t, late, report.Uphold)
		n.file(t, n.article, kind.KindOTHER)
		_, err := n.reports.RaiseAlarms(system)
		check.NoError(t, err)
		got, err := n.reports.Figures(moderator, from, n.Clock().Add(time.Hour))
		check.NoError(t, err)
		check.Equal(t, "the figures", *got, report.Figures{Received: 4, InTime: 1, Late: 1, Open: 1, Overdue: 1, ByOutcome: []report.Figure{
			{Kind: kind.KindOTHER, Status: kind.StatusFILED, Count: 1}, {Kind: kind.KindRUMOUR, Status: kind.StatusFILED, Count: 1},
			{Kind: kind.KindRUMOUR, Status: kind.StatusUPHELD, Count: 1}, {Kind: kind.KindVIOLATION, Status: kind.StatusREJECTED, Count: 1}}})
		waiting, dueSoon, overdue, escalated, err := n.reports.Waiting(system)
		check.NoError(t, err)
		check.Equal(t, "waiting, due soon, overdue, escalated", []int{waiting, dueSoon, overdue, escalated}, []int{2, 0, 1, 1})
		for name, c := range map[string]struct {
			ctx  context.Context
			days int
			want string
		}{"no token": {anonymous, 1, "UNAUTHENTICATED"}, "a reader": {as(viewer.Reader), 1, "FORBIDDEN"}, "backwards": {moderator, -1, "BAD_USER_INPUT"}, "two years": {moderator, 700, "BAD_USER_INPUT"}} {
			_, err := n.reports.Figures(c.ctx, from, from.Add(time.Duration(c.days)*24*time.Hour))
			check.Equal(t, name, check.Problems(err), c.want)
		}
	})
}
