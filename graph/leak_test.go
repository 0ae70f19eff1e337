package graph_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	entcomment "github.com/tonggao/tonggao/ent/comment"
	"github.com/tonggao/tonggao/internal/api/token"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/typeid"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/moderation/report"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/effort"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// The clients in addition to one per role: a publisher that owns the hidden articles, and
// one that owns none.
const (
	owner    = "PUBLISHER, the owner"
	stranger = "PUBLISHER, another"
)

var (
	staff      = []string{"EDITOR", "MODERATOR", "ADMIN", owner}
	moderators = []string{"MODERATOR", "ADMIN"}
	noRole     []string
)

// A vault is a portal with something hidden in each kind of item.
type vault struct{ *leakPortal }

// TestNothingLeaks queries every field of the schema by every ID, slug, word, filter and
// order, with every role. A role that may not see a secret finds it in no answer, and a
// role that may see it finds it, which proves that the search reaches it. The queries are
// generated from the schema, so new fields are included automatically. Objects of objects
// are queried by those that may see least; by all, with TONGGAO_TEST_EFFORT.
func TestNothingLeaks(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		v := fillVault(t, apptest.Start(t, s, func(c *config.Config) { c.CostLimit = 1 << 30 }))
		leaves, objects := leakQueries(v.leakPortal, 0), leakQueries(v.leakPortal, 1)
		if missing := objects.Missing(); len(missing) > 0 {
			t.Errorf("fields that no query reaches: %v", missing)
		}
		t.Run("ask", func(t *testing.T) {
			sqlite, full := strings.HasPrefix(s.URL, "sqlite:"), effort.N(1) > 1
			for who, token := range v.TokenOf {
				least := who == "ANONYMOUS" || who == stranger
				if !sqlite && !full && !least && who != owner {
					continue // the rules are the same on both engines
				}
				t.Run(who, func(t *testing.T) {
					t.Parallel()
					if full || sqlite && least {
						v.search(t, who, token, objects.List)
					} else {
						v.search(t, who, token, leaves.List)
					}
				})
			}
		})
		for _, secret := range v.Secrets {
			if strings.Contains(v.Log.String(), secret.Value) {
				t.Errorf("the log contains %s (%s)", secret.What, secret.Value)
			}
		}
		for who, token := range v.TokenOf {
			if token != "" && strings.Contains(v.Log.String(), token) {
				t.Errorf("the log contains the token of %s", who)
			}
		}
	})
}

// search runs all queries as one client and looks for every secret in the answers.
func (v vault) search(t *testing.T, who, token string, queries []string) {
	var all strings.Builder
	for _, q := range queries {
		a := v.Ask(token, q, nil)
		if a.Code() == "INTERNAL" || a.Code() == "TOO_EXPENSIVE" {
			t.Fatalf("%.300s\nanswered %.500s", q, a.Body)
		}
		all.WriteString(a.Body)
	}
	for _, secret := range v.Secrets {
		found, may := strings.Contains(all.String(), secret.Value), slices.Contains(secret.SeenBy, who)
		if found && !may {
			t.Errorf("sees %s (%s)", secret.What, secret.Value)
		}
		if !found && may {
			t.Errorf("does not find %s (%s), so the search does not reach it", secret.What, secret.Value)
		}
	}
}

// fillVault hides something in each kind of item of p.
func fillVault(t *testing.T, p *apptest.Program) vault {
	v := vault{newLeakPortal(t, p)}
	news := p.Category("行业新闻", "news", nil)
	private := p.Publisher(v.Hide("a private name", "zqnamexyz secretname", staff), false)
	other := p.Publisher("另一家", true)
	region := p.Region("临澜市", "linlan")
	shown := p.Article(article.CreateInput{Title: "看得见的", Category: news.ID, Publisher: &private.ID, Region: &region.ID, Tags: []string{"共同"}}, p.Store.Clock().Add(-time.Hour))
	v.IDs = append(v.IDs, news.ID, private.ID, other.ID, region.ID, shown.ID)
	v.Slugs = append(v.Slugs, "news", shown.Slug)
	v.hideArticles(news, private)
	v.hideRevision(shown)
	v.hideComments(shown)
	v.hideTokens(private, other)
	v.hideWebhook()
	v.hidePictures(private)
	return v
}

// hideArticles hides a draft, a scheduled article and an unpublished one.
func (v vault) hideArticles(news *ent.Category, private *ent.Publisher) {
	for _, state := range []string{"draft", "scheduled", "unpublished"} {
		word := func(field string) string { return v.Hide(field+" of a "+state+" article", "zq"+state+field, staff) }
		body, subtitle, lead, author := word("body"), word("subtitle"), word("lead"), word("author")
		source := &article.SourceInput{Name: word("source")}
		a := v.Draft(article.CreateInput{Title: word("title"), Category: news.ID, Publisher: &private.ID, Subtitle: &subtitle,
			Lead: &lead, Author: &author, Source: source, Tags: []string{"共同", word("tag")}, Body: article.BodyInput{Markdown: &body}})
		v.Hide("the slug of a "+state+" article", a.Slug, staff)
		v.IDs, v.Slugs = append(v.IDs, a.ID), append(v.Slugs, a.Slug)
		at := v.Store.Clock().Add(-30 * time.Minute)
		if state == "scheduled" {
			at = v.Store.Clock().Add(time.Hour)
		}
		if state != "draft" {
			v.Do(func(ctx context.Context) (err error) {
				_, err = v.Articles.Publish(ctx, article.PublishInput{Article: a.ID, At: &at})
				return err
			})
		}
		c := v.Comment(comment.AddInput{Article: a.ID, Text: v.Hide("a comment under a "+state+" article", "zqunder"+state, staff)}, true)
		v.IDs = append(v.IDs, c.ID)
		if state == "unpublished" {
			v.Do(func(ctx context.Context) (err error) {
				_, err = v.Articles.Unpublish(ctx, article.UnpublishInput{Article: a.ID})
				return err
			})
		}
	}
}

// hideRevision hides an earlier title of a published article.
func (v vault) hideRevision(a *ent.Article) {
	old, now := v.Hide("an earlier title", "zqearliertitle", staff), "看得见的"
	for i, title := range []string{old, now} {
		v.Do(func(ctx context.Context) (err error) {
			_, err = v.Articles.Update(ctx, article.UpdateInput{Article: a.ID, Version: a.Version + i, Title: &title})
			return err
		})
	}
	saves, err := v.Articles.Revisions(apptest.System(), []string{a.ID}, 10)
	if err != nil {
		v.T.Fatal(err)
	}
	for _, r := range saves[a.ID] {
		v.IDs = append(v.IDs, r.ID)
	}
}

// hideComments hides comments, a report and network addresses.
func (v vault) hideComments(a *ent.Article) {
	for _, status := range []entcomment.Status{entcomment.StatusPENDING, entcomment.StatusREJECTED} {
		name := v.Hide("the author of a "+string(status)+" comment", "zqauthor"+strings.ToLower(string(status)), moderators)
		c := v.Comment(comment.AddInput{Article: a.ID, Text: v.Hide("a "+string(status)+" comment", "zqcomment"+strings.ToLower(string(status)), moderators), AuthorName: &name}, false)
		v.IDs = append(v.IDs, c.ID)
		if status == entcomment.StatusREJECTED {
			reason := v.Hide("a moderator's reason", "zqreason", moderators)
			v.Do(func(ctx context.Context) (err error) {
				_, err = v.Comments.Moderate(ctx, comment.ModerateInput{Comment: c.ID, Status: status, Reason: &reason})
				return err
			})
		}
	}
	from4 := viewer.With(context.Background(), viewer.Viewer{Role: viewer.Reader, Address: v.Hide("an IPv4 address", "203.0.113.77", noRole)})
	c, err := v.Comments.Add(from4, comment.AddInput{Article: a.ID, Text: "带地址的评论"})
	if err != nil {
		v.T.Fatal(err)
	}
	v.Do(func(ctx context.Context) (err error) {
		_, err = v.Comments.Moderate(ctx, comment.ModerateInput{Comment: c.ID, Status: entcomment.StatusAPPROVED})
		return err
	})
	v.Hide("an IPv6 address", "cafe:beef::77", noRole)
	v.Do(func(ctx context.Context) error {
		return v.Store.Client(ctx).Article.UpdateOneID(a.ID).SetOriginAddress("2001:db8:1:cafe:beef::77").Exec(ctx)
	})
	contact := v.Hide("a reporter's contact", "zqcontact@example.com", noRole)
	r, err := v.Reports.File(from4, report.FileInput{Target: a.ID, Kind: "COPYRIGHT", Statement: v.Hide("a report's statement", "zqstatement", moderators), Contact: &contact})
	if err != nil {
		v.T.Fatal(err)
	}
	v.Hide("a receipt", r.Receipt, noRole)
	v.IDs = append(v.IDs, c.ID, r.ID)
}

// hidePictures hides who uploaded a picture.
func (v vault) hidePictures(private *ent.Publisher) {
	by := viewer.Viewer{Role: viewer.Publisher, Publisher: private.ID, Name: v.Hide("who uploaded a picture", "zquploader", staff)}
	in, err := v.Pictures.Receive(apptest.System(), bytes.NewReader(imagegen.JPEG(400, 300)))
	if err != nil {
		v.T.Fatal(err)
	}
	defer in.Discard()
	p, err := v.Pictures.Add(viewer.With(context.Background(), by), in, v.Hide("what a picture shows that no article uses", "zqalt", staff))
	if err != nil {
		v.T.Fatal(err)
	}
	v.Hide("the address of a picture that no article uses", p.Hash, staff)
	v.IDs = append(v.IDs, p.ID)
}

// hideTokens creates a token per role and hides what the database stores of them.
func (v vault) hideTokens(private, other *ent.Publisher) {
	v.TokenOf["ANONYMOUS"] = ""
	for _, role := range viewer.Roles() {
		who, in := string(role), token.CreateInput{Role: role, Name: "令牌 " + string(role)}
		if role == viewer.Publisher {
			in.Publisher, who = other.ID, stranger
		}
		v.token(who, in)
	}
	v.token(owner, token.CreateInput{Role: viewer.Publisher, Name: "令牌", Publisher: private.ID})
}

func (v vault) token(who string, in token.CreateInput) {
	secret, row, err := v.Tokens.Create(apptest.System(), in)
	if err != nil {
		v.T.Fatal(err)
	}
	sum := sha256.Sum256([]byte(secret))
	v.Hide("the hash of a token", hex.EncodeToString(sum[:]), noRole)
	v.TokenOf[who], v.IDs = secret, append(v.IDs, row.ID)
}

// hideWebhook hides an integrator's webhook, its secret and the answer of its receiver.
func (v vault) hideWebhook() {
	owner, err := v.Tokens.Authenticate(apptest.System(), "Bearer "+v.TokenOf["INTEGRATOR"])
	if err != nil {
		v.T.Fatal(err)
	}
	may := []string{"INTEGRATOR", "ADMIN"}
	w := pausedWebhook(viewer.With(context.Background(), owner), v.T, v.Program, v.Hide("the name of a webhook", "zqhookname", may),
		v.Hide("the address of a webhook", "https://zqhook.example.com/zqpath", may))
	v.Hide("a sealed secret", w.Secret, noRole)
	ctx := apptest.System()
	a, err := v.Store.Client(ctx).WebhookAttempt.Create().SetID(typeid.New(typeid.Attempt, v.Store.Clock())).SetWebhookID(w.ID).SetEvent("chg_1").
		SetType("article.updated").SetNumber(1).SetAt(v.Store.Clock()).SetMilliseconds(1).SetOutcome("SET_ASIDE").
		SetAnswer("zqanswer").Save(ctx)
	if err != nil {
		v.T.Fatal(err)
	}
	v.Hide("the answer of a receiver", string(a.Answer), may)
	v.IDs = append(v.IDs, w.ID, a.ID)
}

// TestHiddenIsLikeMissing queries a hidden item and one that never existed: the answers and
// the number of statements are the same.
func TestHiddenIsLikeMissing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		draft := p.Draft(article.CreateInput{Title: "草稿", Category: p.Category("行业新闻", "news", nil).ID, Publisher: &p.Publisher("另一家", true).ID})
		const never = "art_01aaaaaaaaaaaaaaaaaaaaaaaa"
		reader := p.Token(viewer.Reader, "")
		for _, form := range []string{
			`{ node(id: "%s") { id } }`, `{ nodes(ids: ["%s"]) { id } }`, `{ article(id: "%s") { title } }`,
			`{ comments(filter: { article: "%s" }) { totalCount edges { node { id } } } }`,
			`mutation { addComment(input: { article: "%s", text: "你好" }) { comment { id } userErrors { code field message } } }`,
			`mutation { fileReport(input: { target: "%s", kind: OTHER, statement: "有问题的内容" }) { receipt userErrors { code field message } } }`,
			`mutation { recordView(input: { article: "%s" }) { recorded userErrors { code message } } }`,
			`mutation { publishArticle(input: { article: "%s" }) { article { id } userErrors { code message } } }`,
			`mutation { updateArticle(input: { article: "%s", version: 1, title: "改" }) { article { id } userErrors { code message } } }`,
			`mutation { deleteArticle(input: { id: "%s" }) { deletedId userErrors { code message } } }`,
		} {
			for _, token := range []string{"", reader} {
				var answers [2]string
				var statements [2]int
				for i, id := range []string{draft.ID, never} {
					statements[i] = s.Count(func() {
						answers[i] = strings.ReplaceAll(p.Ask(token, fmt.Sprintf(form, id), nil).Body, id, "ID")
					})
				}
				if answers[0] != answers[1] || statements[0] != statements[1] {
					t.Errorf("%s\nhidden:  %s in %d statements\nmissing: %s in %d", form, answers[0], statements[0], answers[1], statements[1])
				}
			}
		}
	})
}

// TestCountsDoNotLeak compares what the public sees before and after hidden items are added:
// no count and no neighbour changes.
func TestCountsDoNotLeak(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s)
		news, publisher := p.Category("行业新闻", "news", nil), p.Publisher("另一家", true)
		shown := p.Many(4, 2, []*ent.Category{news}, []*ent.Publisher{publisher})
		const everything = `{ articles { totalCount pageInfo { hasNextPage } edges { node { title commentCount
				previous { title } next { title } related { title } comments { totalCount edges { node { text replies { totalCount } } } }
				publisher { articleCount } category { articleCount articles { totalCount edges { node { title } } } } } } }
			search(query: "养老") { totalCount edges { node { title } } } trending { title } comments { totalCount edges { node { text } } } }`
		before := p.Ask("", everything, nil).Body
		for _, in := range []article.CreateInput{{Title: "草稿说养老", Tags: []string{"养老"}}, {Title: "定时的养老", Tags: []string{"养老"}}} {
			in.Category, in.Publisher = news.ID, &publisher.ID
			hidden := p.Draft(in)
			if strings.HasPrefix(in.Title, "定时") {
				at := s.Clock().Add(time.Hour)
				if _, err := p.Articles.Publish(apptest.System(), article.PublishInput{Article: hidden.ID, At: &at}); err != nil {
					t.Fatal(err)
				}
			}
			p.Comment(comment.AddInput{Article: hidden.ID, Text: "草稿下的评论"}, true)
		}
		p.Comment(comment.AddInput{Article: shown[0].ID, Text: "等待中的评论"}, false)
		if after := p.Ask("", everything, nil).Body; after != before {
			t.Errorf("before: %s\nafter:  %s", before, after)
		}
	})
}
