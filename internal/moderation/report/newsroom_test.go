package report_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/article"
	"github.com/tonggao/tonggao/ent/comment"
	kind "github.com/tonggao/tonggao/ent/report"
	articles "github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	comments "github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/fault"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/foundation/workday"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/store/audit"
	"github.com/tonggao/tonggao/internal/store/changefeed"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// newsroom is a store with something to report, and the service under test.
type newsroom struct {
	*storetest.Store
	reports  *report.Service
	measures *takedown.Service
	audit    *audit.Log
	articles *articles.Service
	days     int // that the site promises
	told     noticed

	publisher, category, article, draft, comment, waiting string // ids
}

var (
	system    = viewer.AsSystem(context.Background())
	anonymous = viewer.With(context.Background(), viewer.Viewer{Role: viewer.Anonymous, Address: "203.0.113.77"})
	moderator = as(viewer.Moderator)
)

func as(role viewer.Role) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: "tok_" + string(role)})
}

func newNewsroom(t *testing.T, s *storetest.Store) *newsroom {
	t.Helper()
	n := &newsroom{Store: s, days: 3}
	log := changefeed.New(s.Store)
	n.audit = audit.New(s.Store)
	n.articles = articles.New(s.Store, log, category.New(s.Store, log))
	n.measures = takedown.New(s.Store, n.audit, &n.told, n.articles, comments.New(comments.Options{Store: s.Store, Log: log, Audit: n.audit}))
	n.reports = report.New(report.Options{Store: s.Store, Calendar: workday.Official(), Takedowns: n.measures, Audit: n.audit, Alerts: &n.told,
		Terms: func(context.Context) (report.Terms, error) {
			return report.Terms{Handle: n.days, Material: 15, Court: 15}, nil
		}})
	c, now := s.Client(system), s.Clock()
	n.category, n.publisher = typeid.New(typeid.Category, now), typeid.New(typeid.Publisher, now)
	n.article, n.draft = typeid.New(typeid.Article, now), typeid.New(typeid.Article, now)
	n.comment, n.waiting = typeid.New(typeid.Comment, now), typeid.New(typeid.Comment, now)
	must(t, c.Category.Create().SetID(n.category).SetSlug("hy").SetName("行业动态").SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	must(t, c.Publisher.Create().SetID(n.publisher).SetName("青禾社区").SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	for slot, a := range []struct {
		id    string
		state article.Status
	}{{n.article, article.StatusPUBLISHED}, {n.draft, article.StatusDRAFT}} {
		must(t, c.Article.Create().SetID(a.id).SetSlug(a.id).SetTitle("溪口镇新开一家社区食堂").SetStatus(a.state).
			SetListedAt(now).SetPublishedAt(now).SetCreatedAt(now).SetUpdatedAt(now).SetSearchSlot(int64(slot)).
			SetCategoryID(n.category).SetPublisherID(n.publisher).Exec(system))
		must(t, c.Body.Create().SetID(a.id).SetArticleID(a.id).SetDocument(document).SetHash("h").Exec(system))
	}
	for id, state := range map[string]comment.Status{n.comment: comment.StatusAPPROVED, n.waiting: comment.StatusPENDING} {
		must(t, c.Comment.Create().SetID(id).SetArticleID(n.article).SetText("好").SetStatus(state).
			SetCreatedAt(now).SetUpdatedAt(now).Exec(system))
	}
	return n
}

// document is the body of the articles.
const document = `{"version":1,"blocks":[{"type":"paragraph","children":[{"text":"每天中午开饭。"}]}]}`

// complete is all that any kind of report has to state.
var complete = &report.EvidenceInput{Claimant: ptr("林晓"), Address: ptr("溪口镇北街 3 号"), WorkTitle: ptr("溪口的早晨"),
	Proof: ptr("原始照片在我的相机里。"), Truthful: ptr(true)}

// file files a report, which must succeed, with all that its kind must state.
func (n *newsroom) file(t *testing.T, target string, k kind.Kind) *ent.Report {
	t.Helper()
	n.Advance(5 * time.Second) // ids of different stores can be a few seconds ahead of their clocks
	r, err := n.reports.File(anonymous, report.FileInput{Target: target, Kind: k, Statement: "图片是我拍的，没有问过我。",
		Contact: ptr("lin@example.com"), Evidence: complete})
	must(t, err)
	return r
}

// complaints is the fields that err complains of, such as "target UNKNOWN".
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

func restoreInput(item string) takedown.Input {
	return takedown.Input{Item: item, Reason: "核实后恢复。"}
}
