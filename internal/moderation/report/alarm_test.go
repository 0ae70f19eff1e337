package report_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/store/pagination"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// alarms returns the alarms in the history of r, each with the hour at which it was raised.
func (n *fixture) alarms(t *testing.T, r *ent.Report) (list []string) {
	t.Helper()
	rows, err := n.Client(system).ReportEvent.Query().Where(reportevent.ReportID(r.ID),
		reportevent.EventIn("DUE_SOON", "OVERDUE", "ESCALATE")).Order(reportevent.ByID()).All(system)
	check.NoError(t, err)
	for _, e := range rows {
		list = append(list, e.At.Time().Format("01-02 15h ")+e.Event)
	}
	return list
}

// until advances the clock hour by hour and raises alarms after each.
func (n *fixture) until(t *testing.T, moment string) {
	t.Helper()
	end, err := instant.Parse(moment + ":00+08:00")
	check.NoError(t, err)
	for n.Clock() < end {
		n.Set(min(end, n.Clock().Add(time.Hour)))
		_, err := n.reports.RaiseAlarms(system)
		check.NoError(t, err)
	}
}

// at sets the clock to a moment in Shanghai.
func (n *fixture) at(t *testing.T, moment string) {
	t.Helper()
	i, err := instant.Parse(moment + ":00+08:00")
	check.NoError(t, err)
	n.Set(i)
}

// TestAlarms files on a Monday at noon, with three working days until Thursday night.
func TestAlarms(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.at(t, "2026-03-02T12:00")
		r := n.file(t, n.article, kind.KindVIOLATION)
		n.until(t, "2026-03-12T12:00")
		want := []string{"03-05 00h DUE_SOON", "03-06 00h OVERDUE", "03-07 00h ESCALATE"}
		if got := n.alarms(t, r); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		found, err := n.reports.List(moderator, &report.Filter{Alarm: new(kind.AlarmESCALATED)}, pagination.Request{})
		check.NoError(t, err)
		if len(found.Edges) != 1 || found.Edges[0].Node.ID != r.ID {
			t.Errorf("the filter finds %d", len(found.Edges))
		}
		steps, err := n.reports.PublicHistory(anonymous, report.CaseOf(r, n.Clock()))
		check.NoError(t, err)
		if len(steps) != 1 {
			t.Errorf("the reporter is shown the alarms of the staff: %v", steps)
		}
	})
}

// TestAlarmsOverAWeekend checks that a report due on Monday night is due soon from Monday
// morning, and is escalated after Tuesday.
func TestAlarmsOverAWeekend(t *testing.T) {
	t.Parallel()
	n := open(t, storetest.SQLite(t))
	n.at(t, "2026-03-04T12:00")
	r := n.file(t, n.article, kind.KindVIOLATION)
	n.until(t, "2026-03-12T12:00")
	want := []string{"03-09 00h DUE_SOON", "03-10 00h OVERDUE", "03-11 00h ESCALATE"}
	if got := n.alarms(t, r); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestAlarmsOfNewDeadline requests material after the first alarm, decides in time, and
// handles an appeal: each deadline has its own alarms.
func TestAlarmsOfNewDeadline(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.at(t, "2026-03-02T12:00")
		r := n.file(t, n.article, kind.KindVIOLATION)
		n.until(t, "2026-03-05T10:00")
		_, err := n.reports.Review(moderator, report.ReviewInput{Report: r.ID, Decision: report.AskMaterial, Reason: "请说明是哪一段。"})
		check.NoError(t, err)
		n.until(t, "2026-03-10T10:00")
		_, err = n.reports.AddMaterial(anonymous, report.MaterialInput{Receipt: r.Receipt, Statement: new("第二段的电话号码。")})
		check.NoError(t, err)
		n.until(t, "2026-03-11T10:00")
		_, err = n.reports.Review(moderator, report.ReviewInput{Report: r.ID, Decision: report.Reject, Reason: "没有问题。"})
		check.NoError(t, err)
		n.until(t, "2026-03-20T10:00")
		_, err = n.reports.ActByReceipt(anonymous, report.Appeal, report.ReceiptInput{Receipt: r.Receipt, Statement: new("请再看一次。")})
		check.NoError(t, err)
		n.until(t, "2026-03-28T10:00")
		want := []string{"03-05 00h DUE_SOON", "03-11 00h DUE_SOON", "03-25 00h DUE_SOON", "03-26 00h OVERDUE", "03-27 00h ESCALATE"}
		if got := n.alarms(t, r); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// TestAlarmsAfterAnOutage checks that after a week without a running program only the last
// alarm is raised, and once, although several replicas look.
func TestAlarmsAfterAnOutage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.at(t, "2026-03-02T12:00")
		r := n.file(t, n.article, kind.KindVIOLATION)
		n.at(t, "2026-03-12T12:00")
		var machines sync.WaitGroup
		for range 4 {
			machines.Go(func() {
				if _, err := n.reports.RaiseAlarms(system); err != nil {
					t.Error(err)
				}
			})
		}
		machines.Wait()
		if got := n.alarms(t, r); !slices.Equal(got, []string{"03-12 12h ESCALATE"}) {
			t.Errorf("%q", got)
		}
	})
}

// outbox records the alerts.
type outbox struct {
	mu   sync.Mutex
	list []string
}

func (o *outbox) Write(_ context.Context, _ *ent.Client, kind string, data any) error {
	text, err := json.Marshal(data)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list = append(o.list, kind+" "+string(text))
	return err
}

// TestAlerts checks that alerts report what moderators have to do, not what they did, and
// contain nothing about the reporter.
func TestAlerts(t *testing.T) {
	t.Parallel()
	n := open(t, storetest.SQLite(t))
	n.at(t, "2026-03-02T12:00")
	r := n.file(t, n.article, kind.KindCOPYRIGHT)
	n.until(t, "2026-03-06T10:00")
	_, err := n.reports.Review(moderator, report.ReviewInput{Report: r.ID, Decision: report.Accept, Reason: "正在核实。"})
	check.NoError(t, err)
	var kinds []string
	for _, text := range n.alerts.list {
		word, data, _ := strings.Cut(text, " ")
		kinds = append(kinds, word)
		for _, private := range []string{r.Receipt, "林晓", "lin@example.com", "北街", "图片", "203.0.113"} {
			if strings.Contains(data, private) {
				t.Errorf("an alert contains %q: %s", private, text)
			}
		}
		if !strings.Contains(data, `"report":"`+r.ID+`"`) || !strings.Contains(data, `"dueAt":"2026-03-05T23:59:59.999999+08:00"`) {
			t.Error(text)
		}
	}
	if want := []string{"report.filed", "report.due_soon", "report.overdue"}; !slices.Equal(kinds, want) {
		t.Errorf("alerts %q, want %q", kinds, want)
	}
}
