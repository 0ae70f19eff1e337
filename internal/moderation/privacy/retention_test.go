package privacy_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent/reportevent"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/store/idempotency"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

const day = 24 * time.Hour

// erases runs the retention job with 184 days.
func (n *fixture) erases(want privacy.Erased) {
	n.t.Helper()
	got, err := n.Privacy.EraseExpired(system, n.Clock().Add(-184*day))
	check.NoError(n.t, err)
	if got != want {
		n.t.Errorf("erased %+v, want %+v", got, want)
	}
}

// TestRun runs the retention job: expired idempotency keys are deleted in its first round.
func TestRun(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		keys := func() int { return s.Client(system).IdempotencyKey.Query().CountX(system) }
		_, err := idempotency.Claim(system, s.Client(system), s.Clock(), "addComment", new("5f0c1d9e-0000-4000-8000-000000000001"), "好吃", "cmt_1")
		check.NoError(t, err)
		s.Advance(2 * idempotency.Retention)
		if keys() != 1 {
			t.Fatal("there is no key")
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- n.Privacy.Run(ctx, 184*day, slog.New(slog.DiscardHandler)) }()
		check.Eventually(t, "the expired key is deleted", func() bool { return keys() == 0 })
		cancel()
		check.NoError(t, <-ended)
	})
}

// TestEraseExpired checks that after six months only the public part of an address stays,
// and nothing of the reporter of a decided report. Younger data stays, and items that are
// taken down or reported keep theirs until the hold ends.
func TestEraseExpired(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		said, down, reported := n.comments("软食食谱已收藏。", nil), n.comments("都是骗人的。", nil), n.comments("这段话不是你写的。", nil)
		closed, open := n.reports(n.article.ID), n.reports(reported.ID)
		n.decide(closed, report.Reject)
		_, err := n.Takedowns.TakeDown(moderator, takedown.Input{Item: down.ID, Reason: "造谣。"})
		check.NoError(t, err)
		n.erases(privacy.Erased{})
		if got := n.address(said); got != "198.51.100.77" {
			t.Errorf("after a moment: %q", got)
		}

		n.Advance(183 * day)
		late := n.comments("今天才看到。", nil)
		n.Advance(2 * day)
		n.erases(privacy.Erased{Addresses: 2, Reports: 1})
		n.erases(privacy.Erased{})
		for row, want := range map[any]string{n.article: "203.0.113.***", said: "198.51.100.***", closed: "203.0.113.***",
			down: "198.51.100.77", reported: "198.51.100.77", open: "203.0.113.66", late: "198.51.100.77"} {
			if got := n.address(row); got != want {
				t.Errorf("%T: %q is kept, want %q", row, got, want)
			}
		}
		is, err := n.Store.Client(system).Report.Get(system, closed.ID)
		check.NoError(t, err)
		evidence, err := report.EvidenceOf(is)
		check.NoError(t, err)
		if evidence != (report.Evidence{WorkTitle: "溪口的早晨", Truthful: true}) {
			t.Errorf("of who reported there stays %+v", evidence)
		}
		if left, err := n.Store.Client(system).ReportEvent.Query().Where(reportevent.ReportID(closed.ID), reportevent.MaterialNEQ("")).Count(system); err != nil || left > 0 {
			t.Errorf("%d steps keep what was handed in, %v", left, err)
		}
		if of, err := n.Reports.Attachments(system, []string{closed.ID, open.ID}); err != nil || len(of[closed.ID]) != 0 || len(of[open.ID]) != 1 {
			t.Errorf("the files: %v, %v", of, err)
		}
		if status, err := n.Reports.Status(system, closed.Receipt); err != nil || status.Status != "REJECTED" {
			t.Errorf("the case: %+v, %v", status, err)
		}

		n.decide(open, report.Reject)
		_, err = n.Takedowns.Restore(moderator, takedown.Input{Item: down.ID, Reason: "查清了。"})
		check.NoError(t, err)
		n.erases(privacy.Erased{Addresses: 2})
		n.Advance(185 * day)
		n.erases(privacy.Erased{Addresses: 1, Reports: 1})
		if _, err := n.Audit.Verify(system, func(int64) {}); err != nil {
			t.Error(err)
		}
	})
}

// TestEraseExpiredAfterAppeal checks that material added by an appeal after a year is erased
// in its turn.
func TestEraseExpiredAfterAppeal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r := n.reports(n.article.ID)
		n.decide(r, report.Reject)
		n.Advance(365 * day)
		n.erases(privacy.Erased{Addresses: 1, Reports: 1})
		_, err := n.Reports.ActByReceipt(system, report.Appeal, report.ReceiptInput{Receipt: r.Receipt, Statement: new("请再看一次，我是林晓。")})
		check.NoError(t, err)
		_, err = n.Reports.AddMaterial(system, report.MaterialInput{Receipt: r.Receipt, Contact: new("lin@example.com")})
		check.NoError(t, err)
		n.Advance(365 * day)
		n.erases(privacy.Erased{})
		n.decide(r, report.Reject)
		n.Advance(185 * day)
		n.erases(privacy.Erased{Reports: 1})
		if text := n.archive(); strings.Contains(text, "林晓") || strings.Contains(text, "lin@example.com") {
			t.Error("the later material is kept")
		}
	})
}

// TestEraseExpiredInBatches erases more than fits into one transaction, and starts the next
// run where the last ended.
func TestEraseExpiredInBatches(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	n := open(t, s)
	for i := range 450 {
		n.Advance(20 * time.Second)
		n.comments(fmt.Sprintf("第 %d 份食谱收藏了。", i+1), nil)
	}
	n.Advance(200 * day)
	n.erases(privacy.Erased{Addresses: 451})
	if statements := s.Count(func() { n.erases(privacy.Erased{}) }); statements > 12 {
		t.Errorf("%d statements when there is nothing to do", statements)
	}
}

// TestImportKeepsErased imports an archive from before the erasure.
func TestImportKeepsErased(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		said := n.comments("软食食谱已收藏。", nil)
		closed := n.reports(n.article.ID)
		n.decide(closed, report.Reject)
		old := n.archive()
		n.Advance(200 * day)
		n.erases(privacy.Erased{Addresses: 2, Reports: 1})
		before := n.archive()
		if r := n.imports(old); r.Created+r.Updated+len(r.Rejected) > 0 {
			t.Errorf("the import: %s %v", r, r.Rejected)
		}
		if after := n.archive(); after != before {
			t.Error("the import changed something")
		}
		for _, private := range []string{"198.51.100.77", "203.0.113.66", "林晓", "lin@example.com", "555-0101"} {
			if !strings.Contains(old, private) || strings.Contains(n.archive(), private) {
				t.Errorf("%s: before %v, after %v", private, strings.Contains(old, private), strings.Contains(n.archive(), private))
			}
		}

		// On another installation, where nothing was erased, retention erases it at once.
		empty := storetest.SQLite(t)
		other := &fixture{Program: apptest.Start(t, empty), t: t}
		other.Set(n.Clock())
		other.erases(privacy.Erased{})
		if r := other.imports(old); len(r.Rejected) > 0 {
			t.Fatalf("the import elsewhere: %s %v", r, r.Rejected)
		}
		if got := other.address(said); got != "198.51.100.77" {
			t.Errorf("an archive is whole: %q", got)
		}
		other.erases(privacy.Erased{Addresses: 2, Reports: 1})
	})
}
