package comment_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/change"
	status "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/instant"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// newsroom is a store with a few articles and the service under test.
type newsroom struct {
	*storetest.Store
	comments *comment.Service

	open, other, closed, draft, scheduled string // ids of articles
}

var (
	system    = viewer.AsSystem(context.Background())
	anonymous = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Anonymous, Address: "203.0.113.77"})
	reader    = as(viewer.Reader, "tok_reader")
	moderator = as(viewer.Moderator, "tok_moderator")
)

func as(role viewer.Role, token string) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: token, Address: "198.51.100.9"})
}

func newNewsroom(t *testing.T, s *storetest.Store) *newsroom {
	t.Helper()
	n := &newsroom{Store: s, comments: comment.New(comment.Options{Store: s.Store, Log: changefeed.New(s.Store), Audit: audit.New(s.Store)})}
	c, now := s.Client(system), s.Clock()
	category, publisher := typeid.New(typeid.Category, now), typeid.New(typeid.Publisher, now)
	must(t, c.Category.Create().SetID(category).SetSlug("hy").SetName("行业动态").SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	must(t, c.Publisher.Create().SetID(publisher).SetName("青禾社区").SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	slot := int64(0)
	write := func(state article.Status, listed instant.Instant, open bool) string {
		id := typeid.New(typeid.Article, now)
		slot++
		must(t, c.Article.Create().SetID(id).SetSlug(id).SetTitle("溪口镇新开一家社区食堂").SetStatus(state).
			SetListedAt(listed).SetPublishedAt(listed).SetCreatedAt(now).SetUpdatedAt(now).SetCommentsOpen(open).
			SetSearchSlot(slot).SetCategoryID(category).SetPublisherID(publisher).Exec(system))
		return id
	}
	hour := instant.Instant(3_600_000_000)
	n.open, n.other = write(article.StatusPUBLISHED, now-hour, true), write(article.StatusPUBLISHED, now-hour, true)
	n.closed = write(article.StatusPUBLISHED, now-hour, false)
	n.draft = write(article.StatusDRAFT, now-hour, true)
	n.scheduled = write(article.StatusPUBLISHED, now+hour, true)
	return n
}

// add adds a comment, which must succeed.
func (n *newsroom) add(t *testing.T, ctx context.Context, articleID, text string, parent *string) *ent.Comment {
	t.Helper()
	n.Advance(1_000_000) // a millisecond
	row, err := n.comments.Add(ctx, comment.AddInput{Article: articleID, Text: text, Parent: parent})
	must(t, err)
	return row
}

// approved adds a comment that everybody sees.
func (n *newsroom) approved(t *testing.T, articleID, text string, parent *string) *ent.Comment {
	t.Helper()
	row := n.add(t, anonymous, articleID, text, parent)
	row, err := n.comments.Moderate(moderator, comment.ModerateInput{Comment: row.ID, Status: status.StatusAPPROVED})
	must(t, err)
	return row
}

// counted is comment_count of an article.
func (n *newsroom) counted(t *testing.T, articleID string) int {
	t.Helper()
	a, err := n.Client(system).Article.Get(system, articleID)
	must(t, err)
	return a.CommentCount
}

// logged is what the change log tells of an item.
func (n *newsroom) logged(t *testing.T, id string) []*ent.Change {
	t.Helper()
	rows, err := n.Client(system).Change.Query().Where(change.ItemID(id)).Order(ent.Asc(change.FieldID)).All(system)
	must(t, err)
	return rows
}

// complaints is the fields that err complains of, such as "text REQUIRED".
func complaints(err error) string {
	var bad fault.Invalid
	errors.As(err, &bad)
	list := make([]string, len(bad))
	for i, f := range bad {
		list[i] = strings.Join(f.Field, ".") + " " + f.Code
	}
	return strings.Join(list, ", ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func ptr[T any](v T) *T { return &v }
