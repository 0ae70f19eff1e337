package soak_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tonggao/tonggao/ent"
	entarticle "github.com/tonggao/tonggao/ent/article"
	entaudit "github.com/tonggao/tonggao/ent/audit"
	"github.com/tonggao/tonggao/ent/change"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	entreport "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/ent/reportevent"
	entschema "github.com/tonggao/tonggao/ent/schema"
	enttakedown "github.com/tonggao/tonggao/ent/takedown"
	entwebhook "github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/mediaurl"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/moderation/takedown"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
)

// world is the content that a pair of moves works on; each run has a new one.
type world struct {
	p        *apptest.Program
	number   int64
	id       map[string]string // of its items, by name
	receipts map[string]string // of its reports
	tokens   map[string]string // secrets, by the name of the viewer
	version  int               // of the article
	undo     string            // a decision on the comment
}

var worlds atomic.Int64

// slug returns a slug that no other world has.
func (w *world) slug(name string) string { return fmt.Sprintf("%sw%d", name, w.number) }

// newWorld writes a world: three articles (one a draft, one taken down), comments, reports.
func newWorld(t *testing.T, p *apptest.Program) *world {
	t.Helper()
	w := &world{p: p, number: worlds.Add(1), id: map[string]string{}, receipts: map[string]string{}, tokens: map[string]string{}}
	for _, name := range []string{"category", "sibling", "empty"} {
		w.id[name] = p.Category(name, w.slug(name), nil).ID
	}
	w.id["publisher"], w.id["idle"] = p.Publisher("青螺渡报", true).ID, p.Publisher("白沙报", false).ID
	w.id["vacant"] = p.Region("南山", w.slug("vacant")).ID
	w.id["reader"] = w.token(t, "reader", token.CreateInput{Role: viewer.Reader, Name: "读者"})
	w.id["ownpub"] = w.token(t, "publisher", token.CreateInput{Role: viewer.Publisher, Name: "报社", Publisher: w.id["publisher"]})
	w.token(t, "integrator", token.CreateInput{Role: viewer.Integrator, Name: "同步"})
	for _, role := range []viewer.Role{viewer.Editor, viewer.Moderator, viewer.Admin} {
		w.tokens[strings.ToLower(string(role))] = p.Token(role, "")
	}
	w.articles(t)
	w.comments(t)
	w.reports(t)
	answer := p.Ask(w.tokens["integrator"], "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { __typename } }",
		map[string]any{"input": map[string]any{"url": "https://example.com/old", "name": w.slug("old")}})
	check.Equal(t, "the code of createWebhook", answer.Code(), "")
	w.id["webhook"] = p.Client(apptest.System()).Webhook.Query().Where(entwebhook.Name(w.slug("old"))).OnlyIDX(apptest.System())
	return w
}

// token creates a token of a viewer and returns its id.
func (w *world) token(t *testing.T, name string, in token.CreateInput) string {
	t.Helper()
	secret, row, err := w.p.Tokens.Create(apptest.System(), in)
	check.NoError(t, err)
	w.tokens[name] = secret
	return row.ID
}

// articles writes the articles and their picture.
func (w *world) articles(t *testing.T) {
	t.Helper()
	p, system, now := w.p, apptest.System(), w.p.Clock()
	hash := fmt.Sprintf("%040x", w.number)
	w.id["picture"] = typeid.New(typeid.Picture, now)
	check.NoError(t, p.Client(system).Picture.Create().SetID(w.id["picture"]).SetHash(hash).SetCreatedAt(now).
		SetFiles([]entschema.PictureFile{{Type: "image/png", Width: 10, Height: 10, Bytes: 10}}).Exec(system))
	markdown := "![食堂](" + mediaurl.Path(mediaurl.Name(hash, 10, "png")) + ")\n\n菜单贴在门口。"
	own := article.CreateInput{Title: "白沙镇食堂", Category: w.id["category"], Publisher: new(w.id["publisher"]), Body: article.BodyInput{Markdown: &markdown}}
	a := p.Article(own, now)
	w.id["article"], w.version = a.ID, a.Version
	w.id["draft"] = p.Draft(own).ID
	w.id["down"] = p.Article(own, now).ID
}

// comments writes the comments: one is visible, by a decision that can be undone.
func (w *world) comments(t *testing.T) {
	t.Helper()
	reader := viewer.With(t.Context(), viewer.Viewer{Role: viewer.Reader, TokenID: w.id["reader"]})
	for _, name := range []string{"comment", "pending"} {
		row, err := w.p.Comments.Add(reader, comment.AddInput{Article: w.id["article"], Text: "饭菜软烂，老人吃得下。" + w.slug(name)})
		check.NoError(t, err)
		w.id[name] = row.ID
	}
	done, err := w.p.Comments.ModerateMany(apptest.System(), comment.BulkInput{Comments: []string{w.id["comment"]}, Status: entcomment.StatusAPPROVED})
	check.NoError(t, err)
	w.undo = done.Undo
}

// reports files the reports: two open ones about the article, one each that was rejected,
// countered, and because of which an article is down.
func (w *world) reports(t *testing.T) {
	t.Helper()
	p, system := w.p, apptest.System()
	for _, in := range []struct {
		name, target string
		kind         entreport.Kind
		status       entreport.Status
	}{
		{"report", "article", entreport.KindOTHER, entreport.StatusFILED}, {"second", "article", entreport.KindVIOLATION, entreport.StatusFILED},
		{"rejected", "idle", entreport.KindOTHER, entreport.StatusREJECTED}, {"countered", "idle", entreport.KindPRIVACY, entreport.StatusCOUNTERED},
		{"measures", "down", entreport.KindOTHER, entreport.StatusMEASURES_TAKEN},
	} {
		row, err := p.Reports.File(system, report.FileInput{Target: w.id[in.target], Kind: in.kind, Statement: "这篇文章不属实。"})
		check.NoError(t, err)
		w.id[in.name], w.receipts[in.name] = row.ID, row.Receipt
		check.NoError(t, p.Client(system).Report.UpdateOneID(row.ID).SetStatus(in.status).Exec(system))
	}
	_, err := p.Takedowns.TakeDown(system, takedown.Input{Item: w.id["down"], Reason: "等待核实"})
	check.NoError(t, err)
}

var anyID = regexp.MustCompile(`\b([a-z]{3})_[0-9a-z]{20,}`)

// state returns the rows of the world with names in place of ids, one a line, sorted; the
// entries of the change log in the order of each item.
func (w *world) state(t *testing.T) string {
	t.Helper()
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	c, ctx, ids := w.p.Client(apptest.System()), apptest.System(), []string{}
	for name, id := range w.id {
		ids = append(ids, id)
		for _, there := range []bool{exists(c.Category.Get(ctx, id)), exists(c.Publisher.Get(ctx, id)), exists(c.Region.Get(ctx, id)), exists(c.Picture.Get(ctx, id))} {
			if there {
				add("%s exists", name)
			}
		}
	}
	for _, a := range c.Article.Query().Where(entarticle.PublisherIDIn(w.id["publisher"], w.id["idle"])).WithRegion().AllX(ctx) {
		add("article %s %s v%d %s in %s by %s, %d comments, region %v", a.ID, a.Status, a.Version, a.Title, a.CategoryID, a.PublisherID, a.CommentCount, a.RegionID != nil)
	}
	for _, m := range c.Comment.Query().Where(entcomment.ArticleIDIn(ids...)).AllX(ctx) {
		add("comment %s %s %s reason %s of %s", m.ID, m.Status, m.Text, m.Reason, m.TokenID)
	}
	for _, m := range c.Takedown.Query().Where(enttakedown.ItemIn(ids...)).AllX(ctx) {
		add("takedown of %s, before %s, in force %v", m.Item, m.Before, m.LiftedAt == nil)
	}
	reports := c.Report.Query().Where(entreport.TargetIn(ids...)).AllX(ctx)
	for _, r := range reports {
		add("report %s on %s %s v%d leads %v", r.ID, r.Target, r.Status, r.Version, r.LeaderID == "")
		ids = append(ids, r.ID)
	}
	for _, e := range c.ReportEvent.Query().Where(reportevent.ReportIDIn(ids...)).AllX(ctx) {
		add("event %s of %s, %s to %s", e.Event, e.ReportID, e.From, e.To)
	}
	for _, e := range c.Audit.Query().Where(entaudit.ItemIn(ids...)).AllX(ctx) {
		add("audit %s %s", e.Action, e.Item)
	}
	for _, h := range c.Webhook.Query().Where(entwebhook.NameIn(w.slug("old"), w.slug("new"))).AllX(ctx) {
		defer func() { _ = c.Webhook.DeleteOneID(h.ID).Exec(ctx) }() // an installation has a limited number
		add("webhook %s %s %s, previous secret %v, replays %v", h.ID, h.Name, h.State, h.PreviousSecret != "", h.ReplayUntil != 0)
	}
	for _, row := range c.Token.Query().AllX(ctx) {
		if slices.Contains(ids, row.ID) {
			add("token %s revoked %v trust %s", row.ID, row.RevokedAt != nil, row.Trust)
		}
	}
	for _, row := range c.Tombstone.Query().AllX(ctx) {
		if slices.Contains(ids, row.ID) {
			add("tombstone %s", row.ID)
		}
	}
	logged := map[string][]string{}
	for _, e := range c.Change.Query().Where(change.Or(change.ItemIDIn(ids...), change.OwnerIDIn(ids...))).Order(ent.Asc(change.FieldID)).AllX(ctx) {
		logged[e.ItemID] = append(logged[e.ItemID], fmt.Sprintf("%s v%d place %s was %s content %v purge %v", e.Kind, e.Version, e.Place, e.Was, e.Payload != "", e.Purge))
	}
	for item, entries := range logged {
		add("log of %s: %s", item, strings.Join(entries, "; "))
	}
	text := strings.Join(lines, "\n")
	for name, id := range w.id {
		text = strings.ReplaceAll(text, id, name)
	}
	lines = strings.Split(strings.ReplaceAll(anyID.ReplaceAllString(text, "new $1"), w.slug(""), ""), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func exists[T any](_ T, err error) bool { return err == nil }
