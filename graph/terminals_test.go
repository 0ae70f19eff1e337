package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// A kiosk is a portal with articles that the mini-program does not show: one that excludes
// it, one in a category that does, and one two levels below such a category.
type kiosk struct {
	*apptest.Program
	shown, off, filed, nested *ent.Article
	remark                    *ent.Comment
	hidden                    *ent.Category
}

func newKiosk(t *testing.T, s *storetest.Store) kiosk {
	p := apptest.Start(t, s, func(c *config.Config) { c.BaseURL = "https://portal.example.cn" })
	p.GivePages()
	news := p.Category("行业新闻", "news", nil)
	hidden := p.Category("医药秘方", "drugs", news)
	deep := p.Category("秘方之下", "deep", p.Category("秘方", "secret", hidden))
	if _, err := p.Categories.Update(apptest.System(), category.UpdateInput{Category: hidden.ID, Terminals: []terminal.Terminal{terminal.Web, terminal.WAP}}); err != nil {
		t.Fatal(err)
	}
	publisher, region := p.Publisher("青禾养老网编辑部", true), p.Region("临澜市", "linlan")
	hour := 0
	write := func(title, category string, on ...terminal.Terminal) *ent.Article {
		hour--
		a := p.Article(article.CreateInput{Title: title, Category: category, Publisher: &publisher.ID, Region: &region.ID,
			Tags: []string{"养老"}, Terminals: on, Sponsored: true, AIGenerated: true}, s.Clock().Add(time.Duration(hour)*time.Hour))
		return a
	}
	k := kiosk{Program: p, hidden: hidden}
	k.off = write("养老秘方一", news.ID, terminal.Web)
	k.shown = write("养老新闻", news.ID)
	write("养老旧闻", news.ID)
	k.filed = write("养老秘方二", hidden.ID)
	k.nested = write("养老秘方三", deep.ID)
	for _, a := range []*ent.Article{k.off, k.shown, k.filed, k.nested} {
		k.remark = p.Comment(comment.AddInput{Article: a.ID, Text: "评" + a.Title}, true)
		if err := p.Views.Record(apptest.System(), a.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Views.Flush(apptest.System()); err != nil {
		t.Fatal(err)
	}
	return k
}

// everyPath returns a query that reaches articles in every way.
func (k kiosk) everyPath() string {
	list := `{ totalCount edges { node { title category { name } breadcrumb { name } } } }`
	return fmt.Sprintf(`{ articles %[1]s
		tag: articles(filter: { tag: "养老" }) %[1]s
		search(query: "养老") %[1]s
		trending { title }
		shown: article(id: %[2]q) { title previous { title } next { title } related { title } commentCount }
		off: article(id: %[3]q) { title } filed: article(slug: %[4]q) { title } nested: node(id: %[5]q) { ... on Article { title } }
		remark: node(id: %[6]q) { ... on Comment { text } }
		hidden: category(id: %[7]q) { name articles { totalCount } }
		categories { name articleCount articles %[1]s children { name articleCount children { name } } }
		regions { name articleCount articles %[1]s }
		comments { totalCount edges { node { text article { title } } } } }`,
		list, k.shown.ID, k.off.ID, k.filed.Slug, k.nested.ID, k.remark.ID, k.hidden.ID)
}

// TestHiddenOnTerminal checks, for every role, that no query on the mini-program reaches an
// article that the mini-program does not show.
func TestHiddenOnTerminal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		k := newKiosk(t, s)
		for _, role := range append(viewer.Roles(), viewer.Anonymous) {
			token := k.Token(role, k.shown.PublisherID)
			a := k.AskOn("MINI_PROGRAM", token, k.everyPath(), nil)
			if len(a.Errors) > 0 || strings.Contains(a.Body, "秘") {
				t.Errorf("%s on the mini-program: %s", role, a.Body)
			}
			for _, want := range []string{`"articles":{"totalCount":2,`, `"search":{"totalCount":2,`, `"tag":{"totalCount":2,`, `"articleCount":2`, `"comments":{"totalCount":1,`} {
				if !strings.Contains(a.Body, want) {
					t.Errorf("%s on the mini-program: no %s in %s", role, want, a.Body)
				}
			}
			for _, on := range []string{"", "WEB"} {
				if a := k.AskOn(on, token, k.everyPath(), nil); len(a.Errors) > 0 || !strings.Contains(a.Body, `"articles":{"totalCount":5,`) || strings.Count(a.Body, "养老秘方三") < 5 {
					t.Errorf("%s on %q: %s", role, on, a.Body)
				}
			}
		}
		if a := k.AskOn("FAX", "", `{ site { name } }`, nil); a.Code() != "BAD_USER_INPUT" {
			t.Errorf("an unknown terminal: %s", a.Body)
		}
	})
}

// TestTerminalArguments filters single fields by terminal.
func TestTerminalArguments(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		k := newKiosk(t, s)
		a := k.Ask("", fmt.Sprintf(`{ articles(filter: { terminal: FEED }) { totalCount edges { node { title } } }
			search(query: "养老", filter: { terminal: FEED }) { totalCount edges { node { title } } } trending(terminal: FEED) { title }
			categories { articleCount(terminal: FEED) articles(terminal: FEED) { totalCount edges { node { title } } } }
			regions { articleCount(terminal: FEED) articles(terminal: FEED) { totalCount edges { node { title } } } }
			publisher(id: %q) { articleCount(terminal: FEED) articles(terminal: FEED) { totalCount edges { node { title } } } }
			article(id: %q) { related(terminal: FEED) { title } previous(terminal: FEED) { title } next(terminal: FEED) { title } } }`,
			k.shown.PublisherID, k.shown.ID), nil)
		if len(a.Errors) > 0 || strings.Contains(a.Body, "秘") || strings.Count(a.Body, `"totalCount":2`) != 5 || strings.Count(a.Body, `"articleCount":2`) != 3 {
			t.Error(a.Body)
		}
		a = k.Ask("", fmt.Sprintf(`{ nested: article(id: %q) { web: url mini: url(terminal: MINI_PROGRAM) feed: qrCode(terminal: FEED) { url } qrCode(terminal: WEB) { url scene svg png } }
			off: article(id: %q) { wap: url(terminal: WAP) } }`, k.nested.ID, k.off.ID), nil)
		for _, want := range []string{`"web":"/a/` + k.nested.Slug, `"mini":null`, `"feed":null`, `"wap":null`, `"url":"https://portal.example.cn/a/` + k.nested.Slug, `"scene":"` + k.nested.ID, `<svg`, `data:image/png;base64,`} {
			if len(a.Errors) > 0 || !strings.Contains(strings.ReplaceAll(a.Body, `\u003c`, "<"), want) {
				t.Errorf("no %s in %s", want, a.Body)
			}
		}
	})
}

// TestCommentsOff turns comments off on the mini-program.
func TestCommentsOff(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		k := newKiosk(t, s)
		if _, err := k.Site.Update(apptest.System(), site.UpdateInput{CommentsOff: []terminal.Terminal{terminal.MiniProgram}}); err != nil {
			t.Fatal(err)
		}
		s.Advance(5 * time.Second) // ids of different stores can be a few seconds ahead of their clocks
		remark := k.Comment(comment.AddInput{Article: k.shown.ID, Text: "说一句"}, true)
		ask := fmt.Sprintf(`{ article(id: %q) { commentCount commentsOpen mini: commentsOpen(terminal: MINI_PROGRAM) comments { totalCount edges { node { text } } } }
			node(id: %q) { ... on Comment { text } } comments { totalCount } }`, k.shown.ID, remark.ID)
		for on, want := range map[string]string{
			"MINI_PROGRAM": `{"article":{"commentCount":0,"commentsOpen":false,"mini":false,"comments":{"totalCount":0,"edges":[]}},"node":null,"comments":{"totalCount":0}}`,
			"WAP":          `{"article":{"commentCount":2,"commentsOpen":true,"mini":false,"comments":{"totalCount":2,"edges":[{"node":{"text":"评养老新闻"}},{"node":{"text":"说一句"}}]}},"node":{"text":"说一句"},"comments":{"totalCount":4}}`,
		} {
			if a := k.AskOn(on, "", ask, nil); string(a.Data) != want {
				t.Errorf("on %s: %s", on, a.Body)
			}
		}
		add := fmt.Sprintf(`mutation { addComment(input: { article: %q, text: "好" }) { comment { text } userErrors { code field message } } }`, k.shown.ID)
		if a := k.AskOn("MINI_PROGRAM", "", add, nil); !strings.Contains(a.Body, "NOT_ALLOWED") || !strings.Contains(a.Body, "comments are disabled on this terminal") {
			t.Error(a.Body)
		}
		if a := k.AskOn("WAP", "", add, nil); !strings.Contains(a.Body, `"userErrors":[]`) {
			t.Error(a.Body)
		}
	})
}

// TestLabels checks that every form of a body shows the labels.
func TestLabels(t *testing.T) {
	t.Parallel()
	k := newKiosk(t, storetest.SQLite(t))
	var got struct {
		Article struct {
			LabelTexts []string
			Body       map[string]any
		}
	}
	k.MustAsk("", fmt.Sprintf(`{ article(id: %q) { labelTexts body { web: html wap: html(terminal: WAP) mini: html(terminal: MINI_PROGRAM)
		app: html(terminal: APP) feed: html(terminal: FEED) miniProgramNodes officialAccountHtml markdown text } } }`, k.shown.ID), nil, &got)
	for form, text := range got.Article.Body {
		for _, label := range got.Article.LabelTexts {
			if strings.Count(fmt.Sprint(text), label) != 1 {
				t.Errorf("%s without %s: %v", form, label, text)
			}
		}
	}
	if len(got.Article.LabelTexts) != 2 || len(got.Article.Body) != 9 {
		t.Error(got)
	}
	plain := false
	if _, err := k.Articles.Update(apptest.System(), article.UpdateInput{Article: k.shown.ID, Version: 2, Sponsored: &plain}); err != nil {
		t.Fatal(err)
	}
	if a := k.Ask("", fmt.Sprintf(`{ article(id: %q) { body { html } } }`, k.shown.ID), nil); strings.Contains(a.Body, "广告") || !strings.Contains(a.Body, "人工智能") {
		t.Errorf("the cache returns a body with other labels: %s", a.Body)
	}
}

// TestTerminalListsUseIndexes checks the plans of lists on a terminal.
func TestTerminalListsUseIndexes(t *testing.T) {
	t.Parallel()
	k := newKiosk(t, storetest.SQLite(t))
	for _, order := range []string{"PUBLISHED_DESC", "VIEWS_DESC", "UPDATED_DESC"} {
		for _, filter := range []string{"", fmt.Sprintf("region: %q,", *k.shown.RegionID), fmt.Sprintf("category: %q,", k.shown.CategoryID)} {
			for _, plan := range plans(k.Program, "", fmt.Sprintf(`{ articles(filter: { %s terminal: MINI_PROGRAM }, orderBy: %s) { edges { node { title } } } }`, filter, order)) {
				if plan.scansTable("articles") || plan.has("`articles`") && plan.sorts() && !plan.perParent() {
					t.Errorf("%s %s:\n%s", filter, order, plan)
				}
			}
		}
	}
}
