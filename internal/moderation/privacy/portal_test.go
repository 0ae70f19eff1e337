package privacy_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/tonggao/tonggao/ent"
	kind "github.com/tonggao/tonggao/ent/report"
	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/check"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// fixture is a program with an article, on which a reader comments and which is reported.
type fixture struct {
	*apptest.Program
	t       *testing.T
	article *ent.Article
	reader  string // the id of the reader's token
}

var system = apptest.System()

// from returns a context of a viewer at an address.
func from(role viewer.Role, token, address string) context.Context {
	return viewer.With(context.Background(), viewer.Viewer{Role: role, TokenID: token, Address: address})
}

var moderator = from(viewer.Moderator, "tok_moderator", "198.51.100.1")

func open(t *testing.T, s *storetest.Store) *fixture {
	t.Helper()
	n := &fixture{Program: apptest.Start(t, s), t: t}
	house := n.Publisher("云渡颐园", true)
	a, err := n.Articles.Create(from(viewer.Editor, "tok_editor", "203.0.113.201"), article.CreateInput{Title: "软食不等于糊糊", CommentsOpen: true,
		Category: n.Category("行业新闻", "news", nil).ID, Publisher: &house.ID, Body: article.BodyInput{Markdown: new("细碎、软烂、能咽下。")}})
	check.NoError(t, err)
	n.article, err = n.Articles.Publish(system, article.PublishInput{Article: a.ID})
	check.NoError(t, err)
	_, token, err := n.Tokens.Create(system, token.CreateInput{Role: viewer.Reader, Name: "葛阿姨"})
	check.NoError(t, err)
	n.reader = token.ID
	return n
}

// comments adds a comment of the reader and approves it.
func (n *fixture) comments(text string, parent *string) *ent.Comment {
	n.t.Helper()
	row, err := n.Comments.Add(from(viewer.Reader, n.reader, "198.51.100.77"), comment.AddInput{Article: n.article.ID, Text: text, AuthorName: new("葛阿姨"), Parent: parent})
	check.NoError(n.t, err)
	row, err = n.Comments.Moderate(moderator, comment.ModerateInput{Comment: row.ID, Status: "APPROVED"})
	check.NoError(n.t, err)
	return row
}

// reports files a report with a name and a proof.
func (n *fixture) reports(target string) *ent.Report {
	n.t.Helper()
	r, err := n.Reports.File(from(viewer.Anonymous, "", "203.0.113.66"), report.FileInput{Target: target, Kind: kind.KindCOPYRIGHT, Statement: "这段话是我写的，没有问过我。",
		Contact: new("lin@example.com"), Evidence: &report.EvidenceInput{Claimant: new("林晓"), Address: new("溪口镇北街 3 号"), WorkTitle: new("溪口的早晨"), Proof: new("底稿在我手里。"), Truthful: new(true)}})
	check.NoError(n.t, err)
	_, err = n.Reports.AddMaterial(system, report.MaterialInput{Receipt: r.Receipt, Statement: new("我的电话是 555-0101。")})
	check.NoError(n.t, err)
	_, err = n.Reports.Attach(system, r.Receipt, []byte("%PDF-1.7 林晓的底稿"))
	check.NoError(n.t, err)
	return r
}

func (n *fixture) decide(r *ent.Report, decision report.Event) {
	n.t.Helper()
	_, err := n.Reports.Review(moderator, report.ReviewInput{Report: r.ID, Decision: decision, Reason: "核实过了。"})
	check.NoError(n.t, err)
}

// archive returns everything, as `tonggao export` writes it.
func (n *fixture) archive() string {
	n.t.Helper()
	var b bytes.Buffer
	check.NoError(n.t, n.Exporter().Export(system, &b, exporter.Position{}, func(int) {}))
	return b.String()
}

// imports imports an archive.
func (n *fixture) imports(text string) importer.Result {
	n.t.Helper()
	var result importer.Result
	check.NoError(n.t, n.Importer().NDJSON(system, "old", bytes.NewBufferString(text), &result, func(int) {}))
	return result
}

// address returns the stored origin address of an article, a comment or a report.
func (n *fixture) address(row any) string {
	n.t.Helper()
	c := n.Client(system)
	var err error
	switch is := row.(type) {
	case *ent.Article:
		is, err = c.Article.Get(system, is.ID)
		check.NoError(n.t, err)
		return is.OriginAddress
	case *ent.Comment:
		is, err = c.Comment.Get(system, is.ID)
		check.NoError(n.t, err)
		return is.OriginAddress
	case *ent.Report:
		is, err = c.Report.Get(system, is.ID)
		check.NoError(n.t, err)
		return is.OriginAddress
	}
	n.t.Fatalf("%T", row)
	return ""
}

func addInput(article, text string, parent *string) comment.AddInput {
	return comment.AddInput{Article: article, Text: text, Parent: parent}
}
