package report_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/ent/takedown"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var allStates = []kind.Status{kind.StatusFILED, kind.StatusACCEPTED, kind.StatusNEEDS_MATERIAL, kind.StatusMEASURES_TAKEN,
	kind.StatusCOUNTERED, kind.StatusUPHELD, kind.StatusRESTORED, kind.StatusREJECTED, kind.StatusWITHDRAWN}

var allKinds = []kind.Kind{kind.KindILLEGAL_INFORMATION, kind.KindVIOLATION, kind.KindCOPYRIGHT, kind.KindPRIVACY,
	kind.KindDELETION_REQUEST, kind.KindIMPERSONATION, kind.KindRUMOUR, kind.KindOTHER}

// TestTable checks the table itself: every state of every kind can be reached and left, and
// no two rows contradict each other.
func TestTable(t *testing.T) {
	t.Parallel()
	for _, k := range allKinds {
		reached := map[kind.Status]bool{kind.StatusFILED: true, kind.StatusNEEDS_MATERIAL: true}
		for _, state := range allStates {
			if err := kind.StatusValidator(state); err != nil {
				t.Error(err)
			}
			ways := map[string]bool{}
			for _, line := range report.Table {
				step, err := report.Next(state, k, line.Event, line.By)
				if err != nil {
					continue
				}
				if step.To != state {
					ways[fmt.Sprint(line.Event, line.By)] = true
				}
				reached[step.To] = true
			}
			if len(ways) == 0 {
				t.Errorf("%s: no transition leaves %s", k, state)
			}
		}
		for _, state := range allStates {
			if !reached[state] {
				t.Errorf("%s: nothing leads to %s", k, state)
			}
		}
	}
	for i, a := range report.Table {
		for _, b := range report.Table[i+1:] {
			both := slices.ContainsFunc(a.From, func(s kind.Status) bool { return slices.Contains(b.From, s) })
			if both && a.Event == b.Event && a.By == b.By {
				t.Errorf("two lines for %s by %s", a.Event, a.By)
			}
		}
	}
}

// TestHistories compares random histories with the table; `make histories` runs 10,000.
func TestHistories(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		before := n.look(t)
		for seed := range uint64(effort.N(40)) {
			h := history{fixture: n, t: t, before: before, random: rand.New(rand.NewPCG(seed, 7))}
			h.walk()
			if t.Failed() {
				t.Fatalf("the history of seed %d", seed)
			}
		}
		head, err := n.Audit.Verify(system, func(int64) {})
		check.NoError(t, err)
		events, err := n.Client(system).ReportEvent.Query().Count(system)
		check.NoError(t, err)
		if head.Lines < int64(events) {
			t.Errorf("%d steps have %d lines in the audit", events, head.Lines)
		}
	})
}

// history is one random walk of one case on the fixture's article.
type history struct {
	*fixture
	t      *testing.T
	before string // the article as it was
	random *rand.Rand
	report *ent.Report
}

// walk files a report and tries actions on it.
func (h *history) walk() {
	h.Advance(time.Duration(h.random.Int64N(int64(72 * time.Hour))))
	k := allKinds[h.random.IntN(len(allKinds))]
	in := report.FileInput{Target: h.article, Kind: k, Statement: "图片是我拍的，没有问过我。"}
	if h.random.IntN(2) == 0 {
		in.Contact, in.Evidence = new(fmt.Sprintf("lin%d@example.com", h.random.Uint64())), complete
	}
	r, err := h.reports.File(anonymous, in)
	check.NoError(h.t, err)
	if short := len(r.Missing) > 0; short != (r.Status == kind.StatusNEEDS_MATERIAL) || short && in.Evidence != nil {
		h.t.Errorf("filed as %s, missing %v", r.Status, r.Missing)
	}
	h.report = r
	for range 4 + h.random.IntN(8) {
		if h.random.IntN(3) == 0 {
			h.Advance(time.Duration(h.random.Int64N(int64(30 * 24 * time.Hour))))
		}
		h.step()
	}
	h.close()
}

// step tries one action of any actor, allowed or not, and checks the result.
func (h *history) step() {
	h.alarm()
	old, events := h.read(), h.events()
	line := report.Table[h.random.IntN(len(report.Table))]
	expected, wrong := report.Next(old.Status, old.Kind, line.Event, line.By)
	if line.By == report.Clock {
		moved, err := h.reports.RunTimers(system)
		check.NoError(h.t, err)
		now := h.read()
		if (moved > 0) != (now.Version > old.Version) || moved > 0 && (old.WakesAt == nil || *old.WakesAt > h.Clock()) {
			h.t.Errorf("the clock moved %d cases from %s to %s", moved, old.Status, now.Status)
		}
		h.check(old, now, events, moved)
		return
	}
	err := h.do(line)
	now := h.read()
	var invalid fault.Invalid
	switch {
	case errors.As(err, &invalid) && line.By == report.Publisher:
		wrong = err // nothing of the publisher is down
	case line.Event == report.AddMaterial || line.Event == report.Complete:
		wrong = nil // one of the two, as the case needs
		if _, cannot := report.Next(old.Status, old.Kind, report.AddMaterial, report.Reporter); cannot != nil {
			wrong = cannot
		}
	}
	if (err == nil) != (wrong == nil) {
		h.t.Errorf("%s by %s on %s (%s): %v, and the table says %v", line.Event, line.By, old.Status, old.Kind, err, wrong)
	}
	taken := 0
	if err == nil {
		taken = 1
		if line.Event != report.AddMaterial && line.Event != report.Complete && now.Status != expected.To {
			h.t.Errorf("%s led from %s to %s, not %s", line.Event, old.Status, now.Status, expected.To)
		}
	}
	h.check(old, now, events, taken)
}

// alarm raises the alarms that are due: at most one of this case, later than the one before,
// which changes no state.
func (h *history) alarm() {
	old, events := h.read(), h.events()
	raised, err := h.reports.RaiseAlarms(system)
	check.NoError(h.t, err)
	now := h.read()
	order := []kind.Alarm{kind.AlarmNONE, kind.AlarmDUE_SOON, kind.AlarmOVERDUE, kind.AlarmESCALATED}
	rose := slices.Index(order, now.Alarm) - slices.Index(order, old.Alarm)
	if raised > 1 || (raised == 1) != (rose > 0) || rose < 0 || h.events() != events+raised {
		h.t.Errorf("%d alarms took it from %s to %s, with %d lines of history", raised, old.Alarm, now.Alarm, h.events()-events)
	}
	if now.Version != old.Version || now.Status != old.Status || now.DueAt != old.DueAt || raised > 0 && !report.IsOpen(now.Status) {
		h.t.Errorf("an alarm moved the case from %s to %s", old, now)
	}
	if late := report.Overdue(now, h.Clock()); late && now.Alarm != kind.AlarmOVERDUE && now.Alarm != kind.AlarmESCALATED {
		h.t.Errorf("it is overdue, and the last alarm is %s", now.Alarm)
	}
}

// do tries the event of a row of the table.
func (h *history) do(line report.Transition) (err error) {
	publisher := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Publisher, TokenID: "tok_p", Publisher: h.publisher})
	switch line.By {
	case report.Moderator:
		_, err = h.reports.Review(moderator, report.ReviewInput{Report: h.report.ID, Decision: line.Event, Reason: "核实过了。"})
	case report.Publisher:
		err = h.reports.Counter(publisher, report.CounterInput{Item: h.article, Statement: "照片是我们自己拍的。", Contact: new("p@example.com"), Evidence: complete})
	case report.Reporter:
		switch line.Event {
		case report.AddMaterial:
			_, err = h.reports.AddMaterial(anonymous, report.MaterialInput{Receipt: h.report.Receipt, Statement: new("补充一句话。")})
		case report.Complete:
			_, err = h.reports.AddMaterial(anonymous, report.MaterialInput{Receipt: h.report.Receipt, Contact: new(h.report.ID + "@example.com"), Evidence: complete})
		default:
			_, err = h.reports.ActByReceipt(anonymous, line.Event, report.ReceiptInput{Receipt: h.report.Receipt, Statement: new("说明一下情况。")})
		}
	}
	return err
}

// check checks the invariants after an action; taken is how many transitions it caused.
func (h *history) check(old, now *ent.Report, events, taken int) {
	if got := h.events() - events; got != taken {
		h.t.Errorf("%d steps have %d lines of history", taken, got)
	}
	if now.Version != old.Version+taken {
		h.t.Errorf("%d steps made version %d of %d", taken, now.Version, old.Version)
	}
	if now.DueAt < old.DueAt {
		h.t.Errorf("the deadline jumped back from %s to %s", old.DueAt, now.DueAt)
	}
	standing := old.Status == kind.StatusNEEDS_MATERIAL || old.DecidedAt != nil
	if now.DueAt != old.DueAt && !standing && now.Status != kind.StatusCOUNTERED {
		h.t.Errorf("the deadline jumped from %s to %s while it ran, from %s to %s", old.DueAt, now.DueAt, old.Status, now.Status)
	}
	if report.IsOpen(now.Status) && now.DecidedAt != nil || (now.Status == kind.StatusNEEDS_MATERIAL) != (now.WakesAt != nil && now.Status != kind.StatusCOUNTERED) {
		h.t.Errorf("%s with decided %v, wakes %v", now.Status, now.DecidedAt, now.WakesAt)
	}
	seen, err := h.Articles.ByIDs(anonymous, []string{h.article})
	check.NoError(h.t, err)
	held, err := h.Client(system).Takedown.Query().Where(takedown.Item(h.article), takedown.LiftedAtIsNil()).Count(system)
	check.NoError(h.t, err)
	if held > 1 || (held == 1) == (seen[h.article] != nil) {
		h.t.Errorf("%d measures hold the article, and it is seen: %v", held, seen[h.article] != nil)
	}
	if now.Status == kind.StatusMEASURES_TAKEN && held != 1 {
		h.t.Errorf("%s, and nothing is down", now.Status)
	}
	if held == 0 {
		if is := h.look(h.t); is != h.before {
			h.t.Errorf("restored is %s, and was %s", is, h.before)
		}
	}
}

// close restores the article.
func (h *history) close() {
	held, err := h.Client(system).Takedown.Query().Where(takedown.Item(h.article), takedown.LiftedAtIsNil()).Exist(system)
	check.NoError(h.t, err)
	if held {
		_, err := h.takedowns.Restore(moderator, restoreInput(h.article))
		check.NoError(h.t, err)
	}
	check.NoError(h.t, h.Client(system).Report.UpdateOneID(h.report.ID).SetStatus(kind.StatusWITHDRAWN).ClearWakesAt().ClearAlarmAt().Exec(system))
}

// read reads the report.
func (h *history) read() *ent.Report {
	r, err := h.Client(system).Report.Get(system, h.report.ID)
	check.NoError(h.t, err)
	return r
}

// events counts the events of the report.
func (h *history) events() int {
	n, err := h.Client(system).ReportEvent.Query().Where(reportevent.ReportID(h.report.ID)).Count(system)
	check.NoError(h.t, err)
	return n
}

// look returns the article without its version, which counts entries of the change feed.
func (n *fixture) look(t *testing.T) string {
	t.Helper()
	a, err := n.Client(system).Article.Get(system, n.article)
	check.NoError(t, err)
	b, err := n.Client(system).Body.Get(system, n.article)
	check.NoError(t, err)
	a.Version = 0
	return a.String() + b.String()
}
