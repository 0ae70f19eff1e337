package miniprogram_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/comment"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

// portal32 starts the program with 32 articles in one category, none in another.
func portal32(t *testing.T) (*apptest.Program, []*ent.Article) {
	t.Helper()
	p := apptest.Start(t, storetest.SQLite(t))
	news := p.Category("行业新闻", "news", nil)
	p.Category("招标公告", "tender", nil)
	return p, p.Many(32, 0, []*ent.Category{news}, []*ent.Publisher{p.Publisher("澜江日报", true)})
}

// shows waits until the page shows the words.
func shows(b *browsertest.Browser, words string) { b.WaitText("body", words) }

// TestListPage scrolls through the list, changes the category, and loses the network once.
func TestListPage(t *testing.T) {
	t.Parallel()
	p, _ := portal32(t)
	b := phone(t, p)
	cards := func() (n int) {
		b.Evaluate(`within("card").length`, &n)
		return n
	}
	var bones int
	await(t, b, `(() => { const opened = open("pages/list/list", {}); const n = within("bones").length; return opened.then(() => n) })()`, &bones)
	if bones != 5 {
		t.Errorf("while it loads, the list shows %d blocks of a skeleton, want 5", bones)
	}
	for _, want := range []int{15, 30, 32, 32} {
		if got := cards(); got != want {
			t.Errorf("the list shows %d articles, want %d", got, want)
		}
		await(t, b, `shown.instance.onReachBottom()`, nil)
	}
	shows(b, "没有更多了")
	b.Evaluate(`tap("column", "招标公告")`, nil)
	shows(b, "这里还没有文章。")
	if got := cards(); got != 0 {
		t.Errorf("the empty category shows %d articles", got)
	}
	b.Evaluate(`offline(1); tap("column", "全部")`, nil)
	shows(b, "网络不通，请检查后重试。")
	b.Evaluate(`tap("again")`, nil)
	shows(b, "第14篇")
	b.Evaluate(`tap("card", "第3篇")`, nil)
	b.Until(`calls.some((c) => c.name === "navigateTo" && c.options.url.startsWith("/pages/article/article?id=art_"))`)
	clean(t, b)
}

// TestSearchPage searches, also with no result and with words from a link.
func TestSearchPage(t *testing.T) {
	t.Parallel()
	p, _ := portal32(t)
	b := phone(t, p)
	await(t, b, `open("pages/search/search", {}).then(() => {})`, nil)
	b.Evaluate(`enter("words", "走进院子", "confirm")`, nil)
	shows(b, "第14篇")
	await(t, b, `shown.instance.onReachBottom()`, nil)
	shows(b, "第29篇")
	b.Evaluate(`enter("words", "查无此事", "confirm")`, nil)
	shows(b, "没有找到，换几个词试试。")
	await(t, b, `open("pages/search/search", { words: encodeURIComponent("第7篇") }).then(() => {})`, nil)
	shows(b, "第7篇")
	clean(t, b)
}

// TestArticlePage shows a long article in parts, changes the font size, previews a picture,
// shares, and shows an article that does not exist.
func TestArticlePage(t *testing.T) {
	t.Parallel()
	p, articles := portal32(t)
	long := strings.Repeat("养老服务走进院子，饭菜端到桌上，医生按时来。\n\n", 6000) + "![图](https://portal.example.cn/a.jpg)\n\n最后一句。"
	a := p.Article(article.CreateInput{Title: "长文", Category: articles[0].CategoryID, Publisher: &articles[0].PublisherID,
		Body: article.BodyInput{Markdown: &long}}, p.Store.Clock())
	b := phone(t, p)
	var shown struct {
		Text    string
		Largest int
	}
	await(t, b, `article("`+a.ID+`")`, &shown)
	var parts int
	b.Evaluate(`shown.data.parts.length`, &parts)
	want := strings.ReplaceAll(strings.ReplaceAll(long, "\n", ""), "![图](https://portal.example.cn/a.jpg)", "")
	if parts < 2 || terminalcheck.Squeeze(shown.Text) != want || shown.Largest > render.PartBytes*3/2 {
		t.Errorf("%d parts, %d characters of %d, %d bytes in one setData", parts, len(terminalcheck.Squeeze(shown.Text)), len(want), shown.Largest)
	}
	for _, want := range []string{"20px", "24px", "24px"} {
		b.Evaluate(`tap("tool", "放大")`, nil)
		b.Until(`within("body")[0].style.fontSize === "` + want + `"`)
	}
	await(t, b, `article("`+articles[0].ID+`")`, nil) // the size stays
	b.Until(`within("body")[0].style.fontSize === "24px"`)
	await(t, b, `article("`+a.ID+`")`, nil)
	b.Evaluate(`tap("thumb")`, nil)
	b.Until(`calls.some((c) => c.name === "previewImage" && c.options.current === "https://portal.example.cn/a.jpg" && c.options.urls.length === 1)`)
	b.Until(`shown.instance.onShareAppMessage().title === "长文"`)
	await(t, b, `article("art_00000000000000000000000000")`, nil)
	shows(b, "内容不存在，或者已经撤下。")
	clean(t, b)
}

// TestCommentsPage lists comments with replies, and sends one.
func TestCommentsPage(t *testing.T) {
	t.Parallel()
	p, articles := portal32(t)
	top := p.Comment(comment.AddInput{Article: articles[0].ID, Text: "写得实在。"}, true)
	p.Comment(comment.AddInput{Article: articles[0].ID, Text: "同感。", Parent: &top.ID}, true)
	for i := range 11 {
		p.Comment(comment.AddInput{Article: articles[0].ID, Text: fmt.Sprintf("补充第%d点。", i)}, true)
	}
	b := phone(t, p)
	await(t, b, `open("pages/comments/comments", { id: "`+articles[0].ID+`" }).then(() => {})`, nil)
	b.Until(`within("depth1")[0].innerText.includes("同感。")`)
	shows(b, "补充第8点。")
	await(t, b, `shown.instance.onReachBottom()`, nil)
	shows(b, "补充第10点。")

	b.Evaluate(`tap("send")`, nil)
	shows(b, "请填写。")
	b.Evaluate(`tap("answer")`, nil)
	shows(b, "回复 匿名读者")
	b.Evaluate(`enter("text", "请问地址在哪里？"); enter("name", "老邓")`, nil)
	b.Until(`shown.data.text === "请问地址在哪里？" && shown.data.name === "老邓"`)
	b.Evaluate(`tap("send")`, nil)
	shows(b, "已收到，审核通过后显示。")
	var waiting struct {
		Comments struct {
			Edges []struct {
				Node struct {
					Text, Author string
					Parent       struct{ ID string }
				}
			}
		}
	}
	p.MustAsk(p.Token(viewer.Moderator, ""), `{ comments(filter: { status: PENDING }) { edges { node { text author parent { id } } } } }`, nil, &waiting)
	if n := waiting.Comments.Edges; len(n) != 1 || n[0].Node.Text != "请问地址在哪里？" || n[0].Node.Author != "老邓" || n[0].Node.Parent.ID != top.ID {
		t.Errorf("waiting: %+v", n)
	}
	clean(t, b)
}

// TestReportPage files a report, and follows it by its receipt.
func TestReportPage(t *testing.T) {
	t.Parallel()
	p, articles := portal32(t)
	b := phone(t, p)
	await(t, b, `open("pages/report/report", { target: "`+articles[0].ID+`" })`+`.then(() => {})`, nil)
	b.Evaluate(`tap("send")`, nil)
	b.Until(`within("wrong").length === 1`)
	b.Evaluate(`enter("statement", "文中的数字没有出处。"); enter("kind", "2", "change")`, nil)
	b.Until(`shown.data.statement && shown.data.kind === 2`)
	b.Evaluate(`tap("send")`, nil)
	shows(b, "已收到举报，回执号：")
	await(t, b, `open("pages/report/report", {})`+`.then(() => {})`, nil) // another day
	b.Evaluate(`tap("ask")`, nil)
	shows(b, "还缺：权利人")
	shows(b, "请补充材料")
	shows(b, "类型：侵犯著作权")
	b.Evaluate(`enter("asked", "0000")`, nil)
	b.Evaluate(`tap("ask")`, nil)
	shows(b, "没有这个回执号，请核对。")
	clean(t, b)
}

// clean checks that neither the browser nor the simulation reported a problem.
func clean(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	if problems := b.Problems(); problems != nil {
		t.Error(problems)
	}
	var refused []string
	if b.Evaluate("refused", &refused); len(refused) > 0 {
		t.Error(refused)
	}
}
