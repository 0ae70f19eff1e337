package soak_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tonggao/tonggao/ent"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	entreport "github.com/tonggao/tonggao/ent/report"
	entschema "github.com/tonggao/tonggao/ent/schema"
	entsetting "github.com/tonggao/tonggao/ent/setting"
	enttoken "github.com/tonggao/tonggao/ent/token"
	entwebhook "github.com/tonggao/tonggao/ent/webhook"
	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/content/publisher"
	"github.com/tonggao/tonggao/internal/content/region"
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
	address  string            // the slug of the article
	since    map[string]int64  // the last row of each log before the world was made
}

var worlds atomic.Int64

// slug returns a slug that no other world has.
func (w *world) slug(name string) string { return fmt.Sprintf("%sw%d", name, w.number) }

// newWorld writes a world, in one transaction: three articles (one a draft, one taken down),
// comments, reports. The settings that all worlds share are as at the beginning.
func newWorld(t *testing.T, p *apptest.Program, staff map[string]string) *world {
	t.Helper()
	w := &world{p: p, number: worlds.Add(1), id: map[string]string{}, receipts: map[string]string{}, tokens: maps.Clone(staff)}
	w.since = map[string]int64{"changes": last(t, p, "changes"), "audits": last(t, p, "audits")}
	check.NoError(t, p.Store.Tx(apptest.System(), func(ctx context.Context, c *ent.Client) error {
		for _, name := range []string{"category", "sibling", "empty"} {
			row, err := p.Categories.Create(ctx, category.CreateInput{Name: name, Slug: new(w.slug(name))})
			check.NoError(t, err)
			w.id[name] = row.ID
		}
		for name, public := range map[string]bool{"publisher": true, "idle": false} {
			row, err := p.Publishers.Create(ctx, publisher.CreateInput{Name: name, Public: public})
			check.NoError(t, err)
			w.id[name] = row.ID
		}
		row, err := p.Regions.Create(ctx, region.CreateInput{Name: "南山", Slug: new(w.slug("vacant"))})
		check.NoError(t, err)
		w.id["vacant"] = row.ID
		w.id["reader"] = w.token(t, ctx, "reader", token.CreateInput{Role: viewer.Reader, Name: "读者"})
		w.id["trusted"] = w.token(t, ctx, "trusted", token.CreateInput{Role: viewer.Reader, Name: "老读者"})
		check.NoError(t, c.Token.UpdateOneID(w.id["trusted"]).SetTrust(enttoken.TrustTRUSTED).Exec(ctx))
		w.id["ownpub"] = w.token(t, ctx, "publisher", token.CreateInput{Role: viewer.Publisher, Name: "报社", Publisher: w.id["publisher"]})
		w.articles(t, ctx, c)
		w.comments(t, ctx)
		w.reports(t, ctx, c)
		_, err = c.Setting.Delete().Where(entsetting.IDIn(shared...)).Exec(ctx)
		return err
	}))
	answer := p.Ask(w.tokens["integrator"], "mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { __typename } }",
		map[string]any{"input": map[string]any{"url": "https://example.com/old", "name": w.slug("old")}})
	check.Equal(t, "the code of createWebhook", answer.Code(), "")
	w.id["webhook"] = p.Client(apptest.System()).Webhook.Query().Where(entwebhook.Name(w.slug("old"))).OnlyIDX(apptest.System())
	return w
}

// staffOf creates a token for each role that has no items of its own, by the name of the viewer.
func staffOf(p *apptest.Program) map[string]string {
	tokens := map[string]string{}
	for _, role := range []viewer.Role{viewer.Editor, viewer.Moderator, viewer.Admin, viewer.Integrator} {
		tokens[strings.ToLower(string(role))] = p.Token(role, "")
	}
	return tokens
}

// shared are the settings that mutations write, which worlds share.
var shared = []string{"site", "words:pairs"}

// token creates a token of a viewer and returns its id.
func (w *world) token(t *testing.T, ctx context.Context, name string, in token.CreateInput) string {
	t.Helper()
	secret, row, err := w.p.Tokens.Create(ctx, in)
	check.NoError(t, err)
	w.tokens[name] = secret
	return row.ID
}

// articles writes the articles and their picture.
func (w *world) articles(t *testing.T, ctx context.Context, c *ent.Client) {
	t.Helper()
	p, now := w.p, w.p.Clock()
	w.id["picture"] = typeid.New(typeid.Picture, now)
	check.NoError(t, c.Picture.Create().SetID(w.id["picture"]).SetHash(w.hash()).SetCreatedAt(now).
		SetFiles([]entschema.PictureFile{{Type: "image/png", Width: 10, Height: 10, Bytes: 10}}).Exec(ctx))
	markdown := "![食堂](" + mediaurl.Path(mediaurl.Name(w.hash(), 10, "png")) + ")\n\n菜单贴在门口。"
	for _, name := range []string{"article", "draft", "down"} {
		row, err := p.Articles.Create(ctx, article.CreateInput{Title: "白沙镇食堂", Category: w.id["category"], Publisher: new(w.id["publisher"]),
			Body: article.BodyInput{Markdown: &markdown}, CommentsOpen: true})
		check.NoError(t, err)
		if name != "draft" {
			row, err = p.Articles.Publish(ctx, article.PublishInput{Article: row.ID, At: &now})
			check.NoError(t, err)
		}
		w.id[name] = row.ID
		if name == "article" {
			w.version, w.address = row.Version, row.Slug
		}
	}
}

// hash returns the hash of the picture.
func (w *world) hash() string { return fmt.Sprintf("%040x", w.number) }

// comments writes the comments: one is visible, by a decision that can be undone.
func (w *world) comments(t *testing.T, ctx context.Context) {
	t.Helper()
	reader := viewer.With(ctx, viewer.Viewer{Role: viewer.Reader, TokenID: w.id["reader"]})
	for _, name := range []string{"comment", "pending"} {
		row, err := w.p.Comments.Add(reader, comment.AddInput{Article: w.id["article"], Text: "饭菜软烂，老人吃得下。" + w.slug(name)})
		check.NoError(t, err)
		w.id[name] = row.ID
	}
	done, err := w.p.Comments.ModerateMany(ctx, comment.BulkInput{Comments: []string{w.id["comment"]}, Status: entcomment.StatusAPPROVED})
	check.NoError(t, err)
	w.undo = done.Undo
}

// reports files the reports: two open ones about the article, one each that was rejected,
// countered, and because of which an article is down.
func (w *world) reports(t *testing.T, ctx context.Context, c *ent.Client) {
	t.Helper()
	for _, in := range []struct {
		name, target string
		kind         entreport.Kind
		status       entreport.Status
	}{
		{"report", "article", entreport.KindOTHER, entreport.StatusFILED}, {"second", "article", entreport.KindVIOLATION, entreport.StatusFILED},
		{"rejected", "idle", entreport.KindOTHER, entreport.StatusREJECTED}, {"countered", "idle", entreport.KindPRIVACY, entreport.StatusCOUNTERED},
		{"measures", "down", entreport.KindOTHER, entreport.StatusMEASURES_TAKEN},
	} {
		row, err := w.p.Reports.File(ctx, report.FileInput{Target: w.id[in.target], Kind: in.kind, Statement: "这篇文章不属实。"})
		check.NoError(t, err)
		w.id[in.name], w.receipts[in.name] = row.ID, row.Receipt
		check.NoError(t, c.Report.UpdateOneID(row.ID).SetStatus(in.status).Exec(ctx))
	}
	_, err := w.p.Takedowns.TakeDown(ctx, takedown.Input{Item: w.id["down"], Reason: "等待核实"})
	check.NoError(t, err)
}

// tables are those of the database, parents first, with the columns of which one has an id
// or a name of the world's ("seq": rows written since it began; "-": no mutation writes
// there), and columns that differ in every run.
var tables = []struct{ name, columns, without string }{
	{"categories", "id parent_id", ""}, {"publishers", "id name", ""}, {"regions", "id slug", ""}, {"pictures", "id", ""},
	{"tokens", "id", "hash"}, {"articles", "id publisher_id", "search_slot"}, {"bodies", "article_id", "hash"}, {"revisions", "article_id", ""},
	{"taggings", "article_id", "id"}, {"picture_uses", "article_id", "id"}, {"view_days", "article_id", "id"}, {"comments", "article_id", ""},
	{"reports", "target", "receipt snapshot snapshot_hash"}, {"case_events", "report_id", ""}, {"measures", "item", ""}, {"graves", "id", ""},
	{"batches", "id", ""}, {"webhooks", "id name", "position base entry secret lease lease_until due_at failures replay_until"}, {"settings", "name", ""},
	{"changes", "seq", "seq position"}, {"audits", "seq", "seq position hash"},
	{"attachments", "-", ""}, {"claims", "-", ""}, {"notices", "-", ""}, {"webhook_attempts", "-", ""},
}

// varies matches what differs in every run: new ids, encrypted texts.
var varies = regexp.MustCompile(`\b([a-z]{3}_)?[0-9a-z]{20,}\b|\bs1\.[^ ]+`)

// state returns the rows of the world, one a line and sorted, with names in place of ids;
// the entries of a log about one item in their order.
func (w *world) state(t *testing.T, programs []*apptest.Program) string {
	t.Helper()
	for _, p := range programs {
		check.NoError(t, p.Views.Flush(apptest.System()))
	}
	names := append(slices.Collect(maps.Values(w.id)), w.undo, w.slug("region"), "河湾报"+w.slug(""), w.slug("new"))
	names = append(names, shared...)
	var lines []string
	logged := map[string]string{}
	for _, table := range tables {
		for _, row := range w.rows(t, table.name, table.columns, names) {
			names = append(names, row["id"])
			about := cmp.Or(row["item_id"], row["item"])
			for _, column := range strings.Fields(table.without) {
				delete(row, column)
			}
			line := ""
			for _, column := range slices.Sorted(maps.Keys(row)) {
				line += " " + column + "=" + strings.ReplaceAll(row[column], "\n", " ")
			}
			if table.columns == "seq" {
				logged[table.name+" "+about] += line + ";"
			} else {
				lines = append(lines, table.name+line)
			}
		}
	}
	for about, entries := range logged {
		lines = append(lines, about+":"+entries)
	}
	// An installation has a limited number of webhooks.
	_, err := w.p.Client(apptest.System()).Webhook.Delete().Where(entwebhook.NameIn(w.slug("old"), w.slug("new"))).Exec(apptest.System())
	check.NoError(t, err)
	text := strings.Join(lines, "\n")
	for name, id := range w.id {
		text = strings.ReplaceAll(text, id, name)
	}
	text = strings.NewReplacer(w.hash(), "hash", w.slug(""), "").Replace(text)
	lines = strings.Split(varies.ReplaceAllString(text, "new"), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// rows returns the world's rows of a table, as texts by column.
func (w *world) rows(t *testing.T, table, columns string, names []string) (list []map[string]string) {
	t.Helper()
	if columns == "-" {
		return nil
	}
	var where []string
	for column := range strings.FieldsSeq(columns) {
		where = append(where, column+" IN ('"+strings.Join(names, "','")+"')")
	}
	if columns == "seq" {
		where = []string{fmt.Sprintf("seq > %d ORDER BY seq", w.since[table])}
	}
	rows, err := w.p.Client(apptest.System()).QueryContext(apptest.System(), "SELECT * FROM "+table+" WHERE "+strings.Join(where, " OR "))
	check.NoError(t, err)
	defer rows.Close()
	named, err := rows.Columns()
	check.NoError(t, err)
	for rows.Next() {
		values, row := make([]sql.NullString, len(named)), map[string]string{}
		into := make([]any, len(named))
		for i := range values {
			into[i] = &values[i]
		}
		check.NoError(t, rows.Scan(into...))
		for i, name := range named {
			row[name] = values[i].String
		}
		list = append(list, row)
	}
	check.NoError(t, rows.Err())
	return list
}

// last returns the greatest seq of a log.
func last(t *testing.T, p *apptest.Program, table string) (seq int64) {
	t.Helper()
	rows, err := p.Client(apptest.System()).QueryContext(apptest.System(), "SELECT coalesce(max(seq), 0) FROM "+table)
	check.NoError(t, err)
	defer rows.Close()
	rows.Next()
	check.NoError(t, rows.Scan(&seq))
	return seq
}
