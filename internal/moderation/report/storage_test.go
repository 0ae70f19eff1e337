package report_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/workday"
	"github.com/tonggao/tonggao/internal/moderation/captcha"
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
			_, err := n.reports.Attach(as(viewer.Reader), receipt, []byte("%PDF-1.7 "+name+strings.Repeat("证", 30)))
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

// TestFilesAreAskedFor accepts a file of a client without a token where the portal has a
// captcha, and otherwise only after a moderator asked for material.
func TestFilesAreAskedFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r := n.file(t, n.article, kind.KindVIOLATION)
		attach := func(ctx context.Context, reports *report.Service, name string) error {
			if err := reports.Admit(ctx, r.Receipt); err != nil {
				return err
			}
			_, err := reports.Attach(ctx, r.Receipt, []byte("%PDF-1.7 "+name))
			return err
		}
		for what, err := range map[string]error{"admitted": n.reports.Admit(anonymous, r.Receipt), "attached": attach(anonymous, n.reports, "一")} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s without being asked for: %v", what, err)
			}
		}
		if _, err := n.reports.Attach(anonymous, r.Receipt, []byte("%PDF-1.7 一")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("attached without being admitted: %v", err)
		}
		check.NoError(t, attach(as(viewer.Reader), n.reports, "二"))
		guarded := report.New(report.Options{Store: s.Store, Calendar: workday.Official(), Takedowns: n.takedowns, Audit: n.Audit, Alerts: &n.alerts,
			Terms: n.terms, Captcha: captcha.New(nil, time.Second, slog.New(slog.DiscardHandler))})
		check.NoError(t, attach(anonymous, guarded, "三"))
		n.decide(t, r, report.AskMaterial)
		check.NoError(t, attach(anonymous, n.reports, "四"))
	})
}
