package privacy_test

import (
	"encoding/json"
	"strings"
	"testing"

	entaudit "github.com/tonggao/tonggao/ent/audit"
	"github.com/tonggao/tonggao/ent/change"
	"github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/ent/token"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/redact"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestExport checks that an export holds all data of one person, and no other's.
func TestExport(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		said := n.comments("软食食谱已收藏。", nil)
		_, err := n.Comments.Withdraw(from(viewer.Reader, n.reader, "198.51.100.77"), said.ID)
		check.NoError(t, err)
		filed := n.reports(n.article.ID)
		is, err := n.Privacy.ExportReader(system, n.reader)
		check.NoError(t, err)
		if is.Token.Name != "葛阿姨" || len(is.Comments) != 1 || is.Comments[0].Text != "软食食谱已收藏。" || is.Comments[0].Address != "198.51.100.77" || is.Report != nil {
			t.Errorf("the reader: %+v", is)
		}
		is, err = n.Privacy.ExportReporter(system, filed.Receipt)
		check.NoError(t, err)
		text, err := json.Marshal(is)
		check.NoError(t, err)
		for _, own := range []string{"林晓", "lin@example.com", "北街", "没有问过我", "555-0101", "203.0.113.66", filed.Receipt} {
			if !strings.Contains(string(text), own) {
				t.Errorf("the reporter's copy lacks %s: %s", own, text)
			}
		}
		if is.Report == nil || len(is.Report.Files) != 1 || !strings.Contains(string(is.Report.Files[0].Content), "林晓的底稿") {
			t.Errorf("the reporter's files: %+v", is.Report)
		}
		if _, err := n.Privacy.ExportReader(system, "tok_00000000000000000000000000"); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown token: %v", err)
		}
		lines, err := s.Client(system).Audit.Query().Where(entaudit.Action("EXPORT_PERSON")).Order(entaudit.ByID()).Select(entaudit.FieldItem).Strings(system)
		check.NoError(t, err)
		if len(lines) != 2 || lines[0] != n.reader || !strings.HasPrefix(lines[1], "rep_") {
			t.Errorf("the audit log records exports of %q", lines)
		}
	})
}

// TestEraseReader checks that nothing remains of a reader's comments but empty ones that
// keep the place of replies: not in the database, not in the change feed, and not after an
// import of an old archive. Consumers of the feed are asked to purge.
func TestEraseReader(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		said, taken := n.comments("软食食谱已收藏，邻居也要。", nil), n.comments("收藏又撤回的食谱。", nil)
		_, err := n.Comments.Withdraw(from(viewer.Reader, n.reader, "198.51.100.77"), taken.ID)
		check.NoError(t, err)
		down := n.comments("都是骗人的食谱。", nil)
		_, err = n.Takedowns.TakeDown(moderator, takedown.Input{Item: down.ID, Reason: "造谣。"})
		check.NoError(t, err)
		answer, err := n.Comments.Add(from(viewer.Moderator, "tok_moderator", ""), addInput(n.article.ID, "谢谢。", &said.ID))
		check.NoError(t, err)
		old := n.archive()

		f, err := n.Privacy.EraseReader(system, n.reader)
		check.NoError(t, err)
		if f.Comments != 2 || len(f.Held) != 1 || f.Held[0] != down.ID {
			t.Fatalf("%+v", f)
		}
		c := n.Store.Client(system)
		row := c.Comment.GetX(system, said.ID)
		if row.Status != comment.StatusWITHDRAWN || row.Text != redact.Erased || row.Author != "" || row.TokenID != "" || row.OriginAddress != "" {
			t.Errorf("%v", row)
		}
		if is := c.Comment.GetX(system, answer.ID); is.ParentID == nil || *is.ParentID != said.ID {
			t.Errorf("the answer: %v", is)
		}
		if is := c.Token.Query().Where(token.ID(n.reader)).OnlyX(system); is.Name != "" || is.RevokedAt == nil {
			t.Errorf("the token: %v", is)
		}
		for _, id := range []string{said.ID, taken.ID} {
			entries := c.Change.Query().Where(change.ItemID(id)).Order(change.ByID()).AllX(system)
			last := entries[len(entries)-1]
			if last.Kind != "DELETED" || !last.Purge {
				t.Errorf("the last entry for consumers is %v", last)
			}
			for _, e := range entries {
				if e.Payload != "" {
					t.Errorf("the change log keeps %s", e.Payload)
				}
			}
		}
		if r := n.imports(old); r.Skipped != 2 || len(r.Rejected) > 0 || c.Comment.GetX(system, said.ID).Text != redact.Erased {
			t.Errorf("the old archive: %s %v", r, r.Rejected)
		}

		// Once the takedown is lifted, a second request erases the rest.
		_, err = n.Takedowns.Restore(moderator, takedown.Input{Item: down.ID, Reason: "查清了。"})
		check.NoError(t, err)
		if f, err = n.Privacy.EraseReader(system, n.reader); err != nil || f.Comments != 1 || len(f.Held) > 0 {
			t.Errorf("%+v, %v", f, err)
		}
		if text := n.archive(); strings.Contains(text, "食谱") || strings.Contains(text, "葛阿姨") || strings.Contains(text, "198.51.100.77") {
			t.Error("something is kept")
		}
		if _, err := n.Audit.Verify(system, func(int64) {}); err != nil {
			t.Error(err)
		}
	})
}

// TestEraseReporter checks that a reporter is erased once the case is closed, not before.
func TestEraseReporter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		r := n.reports(n.article.ID)
		if err := n.Privacy.EraseReporter(system, r.Receipt); !fault.Is(err, fault.Conflict) {
			t.Fatalf("an open case: %v", err)
		}
		n.decide(r, report.TakeDown)
		if err := n.Privacy.EraseReporter(system, r.Receipt); !fault.Is(err, fault.Conflict) {
			t.Fatalf("while it is down because of the case: %v", err)
		}
		n.decide(r, report.Restore)
		check.NoError(t, n.Privacy.EraseReporter(system, r.Receipt))
		for _, private := range []string{"林晓", "lin@example.com", "北街", "没有问过我", "底稿", "555-0101", "203.0.113.66"} {
			if strings.Contains(n.archive(), private) {
				t.Errorf("%s is kept", private)
			}
		}
		if is, err := n.Reports.Status(system, r.Receipt); err != nil || is.Status != "RESTORED" {
			t.Errorf("the case itself: %+v, %v", is, err)
		}
		// The hash that recognises a repeated notice of the same work stays.
		if n.Store.Client(system).Report.GetX(system, r.ID).Notifier == "" {
			t.Error("the notice is no longer known")
		}
	})
}

// TestEraseReaderRefusesStaff checks that only readers are erased: what others write
// belongs to the portal.
func TestEraseReaderRefusesStaff(t *testing.T) {
	t.Parallel()
	s := storetest.SQLite(t)
	n := open(t, s)
	_ = n.Token(viewer.Editor, "")
	editor := s.Client(system).Token.Query().Where(token.Role("EDITOR")).OnlyX(system)
	if f, err := n.Privacy.EraseReader(system, editor.ID); !fault.Is(err, fault.BadUserInput) || f.Comments != 0 || len(f.Held) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
	if s.Client(system).Token.GetX(system, editor.ID).RevokedAt != nil {
		t.Error("the token was ended")
	}
}

// TestEraseMyselfAtOnce lets a reader ask to be erased several times at the same moment, each
// request authenticated before the first one revoked the token: one erases.
func TestEraseMyselfAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		reader := viewer.With(system, viewer.Viewer{Role: viewer.Reader, TokenID: n.reader})
		answers := make([]error, 4)
		check.Together(len(answers), func(i int) error {
			_, answers[i] = n.Privacy.EraseMyself(reader, privacy.EraseInput{Sure: true})
			return nil
		})
		refused := 0
		for _, err := range answers {
			if fault.Is(err, fault.Unauthenticated) {
				refused++
			} else {
				check.NoError(t, err)
			}
		}
		check.Equal(t, "erasures", len(answers)-refused, 1)
		check.Equal(t, "entries of the audit log", s.Client(system).Audit.Query().Where(entaudit.Action("FORGET")).CountX(system), 1)
	})
}
