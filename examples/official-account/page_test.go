package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/body"
	"github.com/tonggao/tonggao/internal/body/render"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
	"github.com/tonggao/tonggao/internal/testkit/terminalcheck"
)

const allArticles = `query($after: Cursor) {
  articles(first: 50, after: $after) {
    edges { node { id body { document } } }
    pageInfo { hasNextPage endCursor }
  }
}`

// TestEveryArticle takes all demo articles: the text that the
// platform keeps is the document's, and of pictures it names each.
func TestEveryArticle(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.Demo, c.BaseURL = true, terminalcheck.Site })
	count := 0
	for after := any(nil); ; {
		var page struct {
			Articles struct {
				Edges []struct {
					Node struct {
						ID   string
						Body struct{ Document json.RawMessage }
					}
				}
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		p.MustAsk("", allArticles, map[string]any{"after": after}, &page)
		for _, edge := range page.Articles.Edges {
			count++
			compare(t, p.URL, edge.Node.ID, edge.Node.Body.Document)
		}
		if !page.Articles.PageInfo.HasNextPage {
			break
		}
		after = page.Articles.PageInfo.EndCursor
	}
	if count < 150 {
		t.Errorf("only %d articles", count)
	}
}

func compare(t *testing.T, api, id string, document json.RawMessage) {
	t.Helper()
	d, err := body.Parse(document)
	if err != nil {
		t.Fatal(err)
	}
	a, err := client{api}.article(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Body.OfficialAccountParts) != 1 {
		t.Fatalf("%s has %d parts", a.Title, len(a.Body.OfficialAccountParts))
	}
	content, lost := keep(a.Body.OfficialAccountParts[0])
	got := terminalcheck.HTMLText(content)
	want := terminalcheck.DocumentText(d, render.Losses(d, terminal.OfficialAccount, render.Options{BaseURL: terminalcheck.Site}))
	before, after, found := strings.Cut(got, want)
	if notice := before + after; !found || notice != "" && len(a.Labels) == 0 || len([]rune(notice)) > 60 { // the text may contain the labels
		t.Errorf("%s keeps\n%s\nwant\n%s", a.Title, got, want)
	}
	for _, line := range lost {
		if !strings.HasPrefix(line, "图片在粘贴时由后台转存") {
			t.Errorf("%s: %s", a.Title, line)
		}
	}
}

// TestPrint prints the draft of an article and what to know about it.
func TestPrint(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.Demo, c.BaseURL = true, terminalcheck.Site })
	var out, notes bytes.Buffer
	if err := run(t.Context(), []string{"--api", p.URL, "--thumb", "m1", "vacant-beds-quarter"}, &out, &notes); err != nil {
		t.Fatalf("%v\n%s", err, notes.String())
	}
	var sent struct{ Articles []map[string]any }
	if err := json.Unmarshal(out.Bytes(), &sent); err != nil || len(sent.Articles) != 1 || sent.Articles[0]["thumb_media_id"] != "m1" {
		t.Errorf("%v: %s", err, out.String())
	}
	for _, want := range []string{"公众号文章只能链接到公众号平台", "用接口发稿要先以 media/uploadimg 上传：" + terminalcheck.Site + "/media/demo/chart.png"} {
		if !strings.Contains(notes.String(), want) {
			t.Errorf("%q is not in\n%s", want, notes.String())
		}
	}
	if err := run(t.Context(), []string{"--api", p.URL, "no-such-article"}, &out, &notes); err == nil || !strings.Contains(err.Error(), "no-such-article") {
		t.Errorf("an article that is not there: %v", err)
	}
	if err := run(t.Context(), []string{"--api", p.URL, "one", "two"}, &out, &notes); err == nil {
		t.Error("two articles were accepted")
	}
}

// portal starts the program with the base URL of a server in front of it, so that its
// pictures have complete addresses that answer.
func portal(t *testing.T) *apptest.Program {
	t.Helper()
	front := httptest.NewUnstartedServer(nil)
	base := "http://" + front.Listener.Addr().String()
	p := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.Demo, c.BaseURL = true, base })
	behind, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	front.Config.Handler = httputil.NewSingleHostReverseProxy(behind)
	front.Start()
	t.Cleanup(front.Close)
	return p
}

// TestPages finds an article, opens it on a phone and on a wide screen, and copies it: the
// clipboard has exactly what the server gave, with the pictures.
func TestPages(t *testing.T) {
	t.Parallel()
	p := portal(t)
	pages := httptest.NewServer(site{client: client{p.URL}}.handler())
	t.Cleanup(pages.Close)
	b := browsertest.Start(t)
	b.Viewport(375, 812)
	b.Open(pages.URL)
	b.Type("#q", "空床")
	b.Click("form button")
	b.WaitText("li a", "八十六家民办机构空床调查")
	b.Accessible("the list")
	b.Click("li a")
	b.WaitText(".content", "家属来看房，第一句话问的就是太阳。")
	b.Until("document.querySelectorAll('.content img').length > 0 && [...document.images].every(i => i.complete && i.naturalWidth > 0)")
	b.Accessible("the article")
	fits(b, t, 375)
	screenshot(t, b, "official-account.png")
	b.Viewport(1280, 900)
	fits(b, t, 1280)
	screenshot(t, b, "official-account-wide.png")
	b.Click("button[data-copy=html-1]")
	b.WaitText("#status", "已复制")
	if got, want := clipboard(b), officialAccountHTML(t, p, "vacant-beds-quarter"); got != want || !strings.Contains(want, "/media/demo/chart.png") {
		t.Errorf("the clipboard has\n%s\nwant\n%s", got, want)
	}
	for _, problem := range b.Problems() {
		t.Errorf("the page has a problem: %s", problem)
	}
	for _, address := range b.Outside(pages.URL) {
		if !strings.Contains(address, "/media/") {
			t.Errorf("the page asked for %s", address)
		}
	}
}

// clipboard returns the HTML that a paste brings.
func clipboard(b *browsertest.Browser) (got string) {
	var ready bool
	b.Evaluate(`(() => { const box = document.createElement('div'); box.contentEditable = 'true'; document.body.append(box);
		box.addEventListener('paste', e => { e.preventDefault(); window.pasted = e.clipboardData.getData('text/html'); });
		box.focus(); return true })()`, &ready)
	b.Do("paste", chromedp.ActionFunc(func(ctx context.Context) error {
		return input.DispatchKeyEvent(input.KeyDown).WithKey("v").WithCode("KeyV").WithModifiers(input.ModifierCtrl).WithCommands([]string{"paste"}).Do(ctx)
	}))
	b.Until("window.pasted !== undefined")
	b.Evaluate("window.pasted", &got)
	return got
}

func officialAccountHTML(t *testing.T, p *apptest.Program, slug string) string {
	t.Helper()
	var got struct {
		Article struct {
			Body struct{ OfficialAccountHTML string }
		}
	}
	p.MustAsk("", "query($slug: String) { article(slug: $slug) { body { officialAccountHtml } } }", map[string]any{"slug": slug}, &got)
	return got.Article.Body.OfficialAccountHTML
}

func fits(b *browsertest.Browser, t *testing.T, width int) {
	t.Helper()
	var wide bool
	if b.Evaluate(fmt.Sprintf("document.documentElement.scrollWidth > %d", width), &wide); wide {
		t.Errorf("the page is wider than %d pixels", width)
	}
}

func screenshot(t *testing.T, b *browsertest.Browser, name string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if *update {
		file = filepath.Join("../../docs/pictures", name)
	}
	b.Screenshot(file)
	if info, err := os.Stat(file); err != nil || info.Size() < 10_000 || info.Size() > 250_000 {
		t.Errorf("the picture %s: %v, %v", name, info, err)
	}
}

// TestLongArticle shows an article beyond the limit of the platform in parts, each with a
// button and a draft of its own.
func TestLongArticle(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	category, publisher, editor := p.Category("行业新闻", "news", nil), p.Publisher("青禾社区", true), p.Token(viewer.Editor, "")
	var text strings.Builder
	for i := range 60 {
		fmt.Fprintf(&text, "## 第 %d 节\n\n%s\n\n", i+1, strings.Repeat("院子里的桂花开了，值班的人记下了时间。", 50))
	}
	var created struct {
		CreateArticle struct{ Article struct{ ID string } }
	}
	p.MustAsk(editor, "mutation($in: CreateArticleInput!) { createArticle(input: $in) { article { id } } }", map[string]any{"in": map[string]any{
		"title": "一年的值班记录", "category": category.ID, "publisher": publisher.ID, "body": map[string]any{"markdown": text.String()}}}, &created)
	p.MustAsk(editor, "mutation($id: ID!) { publishArticle(input: {article: $id}) { article { id } } }", map[string]any{"id": created.CreateArticle.Article.ID}, new(any))
	pages := site{client: client{p.URL}}.handler()
	page := get(t, pages, "/articles/"+created.CreateArticle.Article.ID, http.StatusOK)
	var sent struct{ Articles []draft }
	if err := json.Unmarshal([]byte(get(t, pages, "/articles/"+created.CreateArticle.Article.ID+"/draft.json", http.StatusOK)), &sent); err != nil {
		t.Fatal(err)
	}
	if len(sent.Articles) < 3 || sent.Articles[1].Title != fmt.Sprintf("一年的值班记录（2/%d）", len(sent.Articles)) {
		t.Errorf("%d drafts", len(sent.Articles))
	}
	all := ""
	for i, d := range sent.Articles {
		all += d.Content
		if utf8.RuneCountInString(d.Content) >= contentCharacters || !strings.Contains(page, fmt.Sprintf("复制第 %d 篇", i+1)) {
			t.Errorf("part %d has %d characters", i+1, utf8.RuneCountInString(d.Content))
		}
	}
	if n := strings.Count(all, "桂花"); n != 60*50 {
		t.Errorf("the parts have %d of 3000 sentences", n)
	}
	if !strings.Contains(page, fmt.Sprintf("分成 %d 篇", len(sent.Articles))) {
		t.Error("the page does not say that the article is divided")
	}
}

// TestErrorPages answers for an article that does not exist and for an API that is away.
func TestErrorPages(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t))
	pages := site{client: client{p.URL}}.handler()
	get(t, pages, "/articles/no-such-article", http.StatusNotFound)
	get(t, pages, "/articles/no-such-article/draft.json", http.StatusNotFound)
	get(t, pages, "/nothing", http.StatusNotFound)
	if page := get(t, pages, "/?q="+url.QueryEscape("<b>没这词"), http.StatusOK); !strings.Contains(page, "没有找到") || strings.Contains(page, "<b>没这词") {
		t.Errorf("%s", page)
	}
	away := httptest.NewServer(nil)
	away.Close()
	if page := get(t, site{client: client{away.URL}}.handler(), "/", http.StatusBadGateway); !strings.Contains(page, "接口没有应答") {
		t.Errorf("%s", page)
	}
}

func get(t *testing.T, h http.Handler, path string, status int) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	if w.Code != status {
		t.Fatalf("GET %s: %d, want %d: %s", path, w.Code, status, w.Body)
	}
	return w.Body.String()
}

// TestServe serves until it is interrupted.
func TestServe(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, http.NotFoundHandler()) }()
	resp, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if cancel(); <-ended != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("status %d", resp.StatusCode)
	}
}
