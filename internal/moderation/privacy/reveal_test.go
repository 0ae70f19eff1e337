package privacy_test

import (
	"context"
	"strings"
	"testing"

	entaudit "github.com/tonggao/tonggao/ent/audit"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/privacy"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestReveal reveals an article, a comment and a report, and checks that each reveal, and
// no refused one, has an audit entry with the reason but without the data.
func TestReveal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		n := open(t, s)
		c, r := n.comments("软食食谱已收藏。", nil), n.reports(n.article.ID)
		for item, address := range map[string]string{n.article.ID: "203.0.113.201", c.ID: "198.51.100.77", r.ID: "203.0.113.66"} {
			p, err := n.Privacy.Reveal(moderator, privacy.Input{Item: item, Reason: " 警方来函，\r\n编号 7 "})
			check.NoError(t, err)
			if p.Item != item || p.Address != address || (p.Report != nil) != (item == r.ID) {
				t.Errorf("%s: %+v", item, p)
			}
			if p.Report != nil {
				evidence, err := report.EvidenceOf(p.Report)
				check.NoError(t, err)
				check.Equal(t, "the claimant", string(evidence.Claimant), "林晓")
			}
		}
		for _, refused := range []struct {
			name         string
			ctx          context.Context
			item, reason string
			want         string
		}{
			{"no token", from(viewer.Anonymous, "", ""), r.ID, "想知道", "UNAUTHENTICATED"},
			{"a reader", from(viewer.Reader, n.reader, ""), r.ID, "想知道", "FORBIDDEN"},
			{"an editor", from(viewer.Editor, "tok_editor", ""), r.ID, "想知道", "FORBIDDEN"},
			{"no reason", moderator, r.ID, " ", "reason REQUIRED"},
			{"an invisible reason", moderator, r.ID, "\u200b", "reason REQUIRED"},
			{"a long reason", moderator, r.ID, strings.Repeat("长", 2001), "reason TOO_LONG"},
			{"NUL", moderator, r.ID, "a\x00b", "reason INVALID"},
			{"an escape sequence", moderator, r.ID, "a\x1b[31mb", "reason INVALID"},
			{"a direction override", moderator, r.ID, "a\u202eb", "reason INVALID"},
			{"not an id", moderator, "x", "警方来函", "item UNKNOWN"},
			{"a publisher", moderator, typeid.New(typeid.Publisher, n.Clock()), "警方来函", "item UNKNOWN"},
			{"an unknown comment", moderator, typeid.New(typeid.Comment, n.Clock()), "警方来函", "item UNKNOWN"},
		} {
			p, err := n.Privacy.Reveal(refused.ctx, privacy.Input{Item: refused.item, Reason: refused.reason})
			if got := check.Problems(err); got != refused.want || p != nil {
				t.Errorf("%s: %+v, %q, want %q", refused.name, p, got, refused.want)
			}
		}
		entries, err := s.Client(system).Audit.Query().Where(entaudit.Action("REVEAL")).All(system)
		check.NoError(t, err)
		for _, e := range entries {
			if !strings.Contains(e.Detail, `"reason":"警方来函，\n编号 7"`) || strings.Contains(e.Detail, "203.0.113") || strings.Contains(e.Detail, "林晓") {
				t.Errorf("the audit entry is %s", e.Detail)
			}
		}
		check.Equal(t, "audit entries", len(entries), 3)
	})
}
