package comment_test

import (
	"context"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	status "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/portal"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// fixture is a portal with a few articles and the service under test.
type fixture struct {
	*portal.Portal
	comments *comment.Service

	open, other, closed, draft, scheduled string // ids of articles
}

var (
	system    = portal.System()
	anonymous = portal.Anonymous("203.0.113.77")
	reader    = portal.As(viewer.Reader)
	moderator = portal.As(viewer.Moderator)
)

func as(role viewer.Role, token string) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: token, Address: "198.51.100.9"})
}

func open(t *testing.T, s *storetest.Store) *fixture {
	t.Helper()
	n := &fixture{Portal: portal.New(t, s), comments: comment.New(comment.Options{Store: s.Store, Log: changefeed.New(s.Store), Audit: audit.New(s.Store)})}
	write := func(status article.Status, listed time.Duration, open bool) string {
		row, err := n.NewArticle(status).SetListedAt(n.Clock().Add(listed)).SetCommentsOpen(open).Save(system)
		check.NoError(t, err)
		return row.ID
	}
	n.open, n.other = write(article.StatusPUBLISHED, -time.Hour, true), write(article.StatusPUBLISHED, -time.Hour, true)
	n.closed = write(article.StatusPUBLISHED, -time.Hour, false)
	n.draft = write(article.StatusDRAFT, -time.Hour, true)
	n.scheduled = write(article.StatusPUBLISHED, time.Hour, true)
	return n
}

// add adds a comment, which must succeed.
func (n *fixture) add(t *testing.T, ctx context.Context, articleID, text string, parent *string) *ent.Comment {
	t.Helper()
	n.Advance(time.Millisecond)
	row, err := n.comments.Add(ctx, comment.AddInput{Article: articleID, Text: text, Parent: parent})
	check.NoError(t, err)
	return row
}

// approved adds a comment and approves it.
func (n *fixture) approved(t *testing.T, articleID, text string, parent *string) *ent.Comment {
	t.Helper()
	row := n.add(t, anonymous, articleID, text, parent)
	row, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: row.ID, Status: status.StatusAPPROVED})
	check.NoError(t, err)
	return row
}

// counted returns comment_count of an article.
func (n *fixture) counted(t *testing.T, articleID string) int {
	t.Helper()
	a, err := n.Client(system).Article.Get(system, articleID)
	check.NoError(t, err)
	return a.CommentCount
}
