package report_test

import (
	"strings"
	"testing"

	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/workday"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestFilesOfInstallation refuses files while those of undecided reports have as many bytes as
// they may; a decision frees their part.
func TestFilesOfInstallation(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.reports = report.New(report.Options{Store: s.Store, Calendar: workday.Official(), Takedowns: n.takedowns, Audit: n.Audit, Alerts: &n.alerts,
			Terms: n.terms, FileBytes: 200})
		first, second := n.file(t, n.article, kind.KindVIOLATION), n.file(t, n.comment, kind.KindOTHER)
		attach := func(receipt, name string) error {
			_, err := n.reports.Attach(anonymous, receipt, []byte("%PDF-1.7 "+name+strings.Repeat("证", 30)))
			return err
		}
		check.NoError(t, attach(first.Receipt, "一"))
		if err := attach(second.Receipt, "二"); !fault.Is(err, fault.Unavailable) {
			t.Errorf("beyond the limit: %v", err)
		}
		if bytes, limit := n.reports.Files(); bytes != 102 || limit != 200 {
			t.Errorf("%d bytes of %d", bytes, limit)
		}
		n.decide(t, first, report.Reject)
		check.NoError(t, attach(second.Receipt, "二"))
	})
}
