package report_test

import (
	"strings"
	"testing"
	"time"

	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// pauses lists cases worked out manually with the calendar of 2026 and three working days:
// when a report is filed, when material is requested, when it arrives, the last day of the
// deadline, and why. The day of filing, and that of the material, does not count.
const pauses = `
2026-03-02T10:00:00 2026-03-02T15:00:00 2026-03-09T09:00:00 2026-03-12 asked on the first day: nothing is used up
2026-03-02T10:00:00 2026-03-03T09:00:00 2026-03-09T09:00:00 2026-03-11 one day used up
2026-03-02T10:00:00 2026-03-04T18:00:00 2026-03-09T09:00:00 2026-03-10 two days used up
2026-03-02T10:00:00 2026-03-05T23:59:59 2026-03-09T09:00:00 2026-03-10 asked on the last day: one day is left nevertheless
2026-03-02T10:00:00 2026-03-03T09:00:00 2026-03-03T09:05:00 2026-03-05 it arrives at once: as if it had not been requested
2026-03-06T10:00:00 2026-03-07T12:00:00 2026-03-08T12:00:00 2026-03-11 asked and answered at a weekend
2026-02-12T10:00:00 2026-02-13T10:00:00 2026-02-18T10:00:00 2026-02-25 it arrives during the Spring Festival
2026-02-12T10:00:00 2026-02-14T10:00:00 2026-02-28T10:00:00 2026-03-02 from one make-up Saturday to the next
2026-09-29T10:00:00 2026-09-30T10:00:00 2026-10-07T22:00:00 2026-10-09 it arrives in the last night of the National Day
2026-09-29T10:00:00 2026-10-08T10:00:00 2026-10-09T23:30:00 2026-10-10 the day left is a make-up Saturday
2026-09-18T10:00:00 2026-09-19T10:00:00 2026-09-23T10:00:00 2026-09-29 a make-up Sunday before Mid-Autumn is not used up
2026-12-30T10:00:00 2026-12-31T10:00:00 2027-01-09T10:00:00 2027-01-12 into a year without data, which has weekends only
2026-03-02T23:59:59 2026-03-03T00:00:01 2026-03-04T23:59:59 2026-03-06 at night, around midnight
`

func TestDeadlinesPause(t *testing.T) {
	t.Parallel()
	moment := func(t *testing.T, text string) instant.Instant {
		i, err := instant.Parse(text + "+08:00")
		check.NoError(t, err)
		return i
	}
	for line := range strings.Lines(strings.TrimSpace(pauses)) {
		words := strings.SplitN(strings.TrimSpace(line), " ", 5)
		t.Run(words[4], func(t *testing.T) {
			t.Parallel()
			s := storetest.SQLite(t)
			s.Set(moment(t, words[0]).Add(-5 * time.Second)) // filing takes that long
			n := open(t, s)
			r := n.file(t, n.article, kind.KindVIOLATION)
			first, receipt := r.DueAt, r.Receipt
			n.Set(moment(t, words[1]))
			r, err := n.reports.Review(moderator, report.ReviewInput{Report: r.ID, Decision: report.AskMaterial, Reason: "请说明是哪一段。"})
			check.NoError(t, err)
			if r.DueAt != first {
				t.Errorf("while it is asked for, the deadline is %s and was %s", r.DueAt, first)
			}
			n.Set(moment(t, words[2]))
			if report.Overdue(r, n.Clock()) {
				t.Error("it is overdue while the reporter has to act")
			}
			r, err = n.reports.AddMaterial(anonymous, report.MaterialInput{Receipt: receipt, Statement: new("第二段的电话号码。")})
			check.NoError(t, err)
			if want := moment(t, words[3]+"T23:59:59.999999"); r.DueAt != want || r.Status != kind.StatusACCEPTED {
				t.Errorf("%s, due %s; want %s", r.Status, r.DueAt, want)
			}
		})
	}
}
