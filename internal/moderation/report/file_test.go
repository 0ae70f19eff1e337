package report_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/workday"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestFile files a report and checks what is stored.
func TestFile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r, err := n.reports.File(anonymous, report.FileInput{
			Target: n.article, Kind: kind.KindCOPYRIGHT, Statement: " 图片是我拍的，\r\n没有问过我。 ", Contact: new(" lin@example.com "), Evidence: complete,
		})
		check.NoError(t, err)
		if r.Status != kind.StatusFILED || r.Kind != kind.KindCOPYRIGHT || r.Target != n.article || r.FiledAt != n.Clock() {
			t.Errorf("filed %v", r)
		}
		if !canonical.MatchString(r.Receipt) {
			t.Errorf("the receipt is %s", r.Receipt)
		}
		// Filed on Monday, 2 March 2026: three working days later is Thursday.
		if want := "2026-03-05T23:59:59.999999+08:00"; r.DueAt.String() != want {
			t.Errorf("due %s, want %s", r.DueAt, want)
		}
		stored, err := n.Client(system).Report.Get(system, r.ID)
		check.NoError(t, err)
		evidence, err := report.EvidenceOf(stored)
		check.NoError(t, err)
		if stored.Statement != "图片是我拍的，\n没有问过我。" || evidence.Contact != "lin@example.com" || stored.OriginAddress != "203.0.113.77" {
			t.Errorf("stored %q, %q, %q", stored.Statement, evidence.Contact, stored.OriginAddress)
		}
		if !strings.Contains(stored.Snapshot, "每天中午开饭。") || len(stored.SnapshotHash) != 64 {
			t.Errorf("kept of what is reported: %s, %s", stored.Snapshot, stored.SnapshotHash)
		}
		logged, err := n.Client(system).Change.Query().Count(system)
		check.NoError(t, err)
		if logged != 0 {
			t.Error("a report, which no reader can notice, is in the change log")
		}
	})
}

// TestFileAgain answers a repeated request with the receipt for a minute, and not after that.
func TestFileAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		in := report.FileInput{Target: n.article, Kind: kind.KindOTHER, Statement: "这篇文章的时间写错了。", IdempotencyKey: new("5f0c1d9e-0000-4000-8000-000000000001")}
		first, err := n.reports.File(anonymous, in)
		check.NoError(t, err)
		n.Set(n.Clock().Add(time.Minute))
		again, err := n.reports.File(anonymous, in)
		check.NoError(t, err)
		if again.ID != first.ID || again.Receipt != first.Receipt {
			t.Errorf("a retry files %s after %s", again.ID, first.ID)
		}
		n.Set(n.Clock().Add(time.Second))
		if _, err := n.reports.File(anonymous, in); !fault.Is(err, fault.Conflict) {
			t.Errorf("after a minute: %v", err)
		}
	})
}

// TestFileRefuses checks targets, kinds, and texts.
func TestFileRefuses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		const statement = "标题和内容不符。"
		for name, c := range map[string]struct {
			ctx  context.Context
			in   report.FileInput
			want string
		}{
			"an article":              {anonymous, report.FileInput{Target: n.article}, ""},
			"a comment":               {anonymous, report.FileInput{Target: n.comment}, ""},
			"a publisher":             {anonymous, report.FileInput{Target: n.publisher}, ""},
			"a category":              {anonymous, report.FileInput{Target: n.category}, "target UNKNOWN"},
			"a draft":                 {anonymous, report.FileInput{Target: n.draft}, "target UNKNOWN"},
			"a draft, by an editor":   {as(viewer.Editor), report.FileInput{Target: n.draft}, ""},
			"a comment that waits":    {anonymous, report.FileInput{Target: n.waiting}, "target UNKNOWN"},
			"that, by a moderator":    {moderator, report.FileInput{Target: n.waiting}, ""},
			"nothing there":           {anonymous, report.FileInput{Target: typeid.New(typeid.Article, n.Clock())}, "target UNKNOWN"},
			"no id":                   {anonymous, report.FileInput{Target: "\x00"}, "target UNKNOWN"},
			"the shortest":            {anonymous, report.FileInput{Target: n.article, Statement: "字太小了。"}, ""},
			"too short":               {anonymous, report.FileInput{Target: n.article, Statement: " 不好看。 "}, "statement INVALID"},
			"nothing said":            {anonymous, report.FileInput{Target: n.article, Statement: "\n\t "}, "statement REQUIRED"},
			"the longest":             {anonymous, report.FileInput{Target: n.article, Statement: strings.Repeat("长", 5000), Contact: new(strings.Repeat("长", 200))}, ""},
			"too long":                {anonymous, report.FileInput{Target: n.article, Statement: strings.Repeat("长", 5001), Contact: new(strings.Repeat("长", 201))}, "statement TOO_LONG, contact TOO_LONG"},
			"several lines":           {anonymous, report.FileInput{Target: n.article, Statement: "第一，\n\t标题不对。"}, ""},
			"control characters":      {anonymous, report.FileInput{Target: n.article, Statement: "标题\x1b不对。", Contact: new("电话\n地址")}, "statement INVALID, contact INVALID"},
			"a broken text":           {anonymous, report.FileInput{Target: n.article, Statement: "标题\xff不对。"}, "statement INVALID"},
			"no kind":                 {anonymous, report.FileInput{Target: n.article, Kind: "SPAM"}, "kind INVALID"},
			"all of it wrong at once": {anonymous, report.FileInput{Target: "x", Kind: "SPAM", Statement: "-", Contact: new("\x00")}, "statement INVALID, kind INVALID, contact INVALID, target UNKNOWN"},
		} {
			if c.in.Kind == "" {
				c.in.Kind = kind.KindVIOLATION
			}
			if c.in.Statement == "" {
				c.in.Statement = statement
			}
			r, err := n.reports.File(c.ctx, c.in)
			if got := check.Problems(err); got != c.want || (err == nil) != (c.want == "") || (r == nil) != (err != nil) {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
		}
	})
}

func TestDeadlineFollowsTheSite(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		for _, c := range []struct {
			filed string
			days  int
			due   string
		}{
			{"2026-09-30T23:30:00+08:00", 3, "2026-10-10"},
			{"2026-10-03T08:00:00+08:00", 1, "2026-10-08"},
			{"2026-10-09T08:00:00+08:00", 5, "2026-10-15"},
		} {
			filed, err := instant.Parse(c.filed)
			check.NoError(t, err)
			n.Set(filed)
			n.days = c.days
			if r := n.file(t, n.article, kind.KindRUMOUR); r.DueAt.String() != c.due+"T23:59:59.999999+08:00" {
				t.Errorf("filed %s, %d days: due %s", c.filed, c.days, r.DueAt)
			}
		}
	})
}

func TestFileNeedsTheSite(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		gone := errors.New("no settings")
		broken := report.New(report.Options{Store: s.Store, Calendar: workday.Official(), Audit: n.Audit,
			Terms: func(context.Context) (report.Terms, error) { return report.Terms{}, gone }})
		_, err := broken.File(anonymous, report.FileInput{Target: n.article, Kind: kind.KindOTHER, Statement: "标题和内容不符。"})
		if !errors.Is(err, gone) {
			t.Errorf("got %v", err)
		}
	})
}

func TestReceiptsDiffer(t *testing.T) {
	t.Parallel()
	n := open(t, storetest.SQLite(t))
	seen := map[string]bool{}
	for range 100 {
		seen[n.file(t, n.article, kind.KindOTHER).Receipt] = true
	}
	if len(seen) != 100 {
		t.Errorf("100 reports have %d receipts", len(seen))
	}
}

func TestStatus(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r := n.file(t, n.article, kind.KindPRIVACY)
		typed := strings.ToLower(strings.ReplaceAll(r.Receipt, "-", " "))
		got, err := n.reports.Status(anonymous, typed)
		check.NoError(t, err)
		if got.Status != kind.StatusFILED || got.Kind != kind.KindPRIVACY || got.FiledAt != r.FiledAt || got.DueAt != r.DueAt || len(got.Missing) != 0 {
			t.Errorf("got %+v", *got)
		}
		n.Set(r.DueAt)
		if got, err = n.reports.Status(anonymous, r.Receipt); err != nil || got.Overdue {
			t.Errorf("in the last microsecond: %+v, %v", got, err)
		}
		n.Set(r.DueAt + 1)
		if got, err = n.reports.Status(anonymous, r.Receipt); err != nil || !got.Overdue {
			t.Errorf("after it: %+v, %v", got, err)
		}
		check.NoError(t, n.Client(system).Report.UpdateOneID(r.ID).SetStatus(kind.StatusUPHELD).Exec(system))
		if got, err = n.reports.Status(anonymous, r.Receipt); err != nil || got.Overdue || got.Status != kind.StatusUPHELD {
			t.Errorf("decided: %+v, %v", got, err)
		}
	})
}

// TestStatusUnknown checks that the answer is the same for an unknown receipt and for text
// that is not a receipt.
func TestStatusUnknown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		n.file(t, n.article, kind.KindPRIVACY)
		messages := map[string]bool{}
		for _, receipt := range []string{"R-0000-0000-0000-0000", "", "R", "\x00", n.article, strings.Repeat("9", 5000)} {
			statements := n.Count(func() {
				_, err := n.reports.Status(moderator, receipt)
				if !fault.Is(err, fault.NotFound) {
					t.Fatalf("%.20q: %v", receipt, err)
				}
				messages[err.Error()] = true
			})
			if statements != 1 {
				t.Errorf("%.20q took %d statements", receipt, statements)
			}
		}
		if len(messages) != 1 {
			t.Errorf("the answers differ: %v", messages)
		}
	})
}
