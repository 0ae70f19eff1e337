package serve_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/examples/wap/serve"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// site starts the mobile site over the demo portal.
func site(t testing.TB, s *storetest.Store) (*apptest.Program, string) {
	t.Helper()
	p := apptest.Start(t, s, func(c *config.Config) { c.Demo = true })
	target, err := url.Parse(p.URL)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := serve.New("..", target)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return p, server.URL
}

// phone opens a browser as wide as a small phone.
func phone(t testing.TB) *browsertest.Browser {
	t.Helper()
	b := browsertest.Start(t)
	b.Viewport(360, 740)
	return b
}

// subject returns an article with comments.
func subject(t testing.TB, p *apptest.Program) (id, slug string) {
	t.Helper()
	var data struct {
		Articles struct {
			Edges []struct {
				Node struct {
					ID, Slug     string
					CommentCount int
				}
			}
		}
	}
	p.MustAsk("", `{ articles(first: 40) { edges { node { id slug commentCount } } } }`, nil, &data)
	for _, edge := range data.Articles.Edges {
		if edge.Node.CommentCount > 1 {
			return edge.Node.ID, edge.Node.Slug
		}
	}
	t.Fatal("no article of the demo has comments")
	return "", ""
}

// TestList scrolls through the pages of the list, opens an article and goes back.
func TestList(t *testing.T) {
	t.Parallel()
	_, home := site(t, storetest.SQLite(t))
	b := phone(t)
	b.Open(home)
	b.Wait(".cards > li")
	b.Evaluate(`scrollTo(0, document.body.scrollHeight)`, nil)
	b.Until(`document.querySelectorAll(".cards > li").length > 12`)
	var before, twice int
	b.Evaluate(`document.querySelector(".cards > li:nth-child(13)").scrollIntoView({behavior: "instant"}), Math.round(scrollY)`, &before)
	b.Evaluate(`(l => l.length - new Set(l).size)([...document.querySelectorAll(".cards h2 a")].map(a => a.href))`, &twice)
	if twice != 0 {
		t.Errorf("%d articles are listed twice", twice)
	}
	b.Evaluate(`document.querySelector(".cards > li:nth-child(13) h2 a").click()`, nil)
	b.Wait("#body")
	b.Until(`scrollY === 0 && document.title === document.querySelector("h1").lastChild.textContent`)
	b.Evaluate(`history.back()`, nil)
	b.Until(fmt.Sprintf(`document.querySelector(".cards") && Math.abs(scrollY - %d) < 2`, before))
	b.AssertClean(home)
}

// TestArticle checks the elements around the text, and changes the font size.
func TestArticle(t *testing.T) {
	t.Parallel()
	p, home := site(t, storetest.SQLite(t))
	_, slug := subject(t, p)
	b := phone(t)
	b.Open(home + "/a/" + slug)
	b.Wait("#body")
	for _, text := range []string{"发布日期：", "浏览次数：", "发布人：", "导读：", "违规举报", "上一篇：", "下一篇：", "条相关评论", "首页"} {
		b.WaitText("article", text)
	}
	b.Wait(".comments .remark")
	size := func() (px float64) {
		b.Evaluate(`parseFloat(getComputedStyle(document.querySelector("#body")).fontSize)`, &px)
		return px
	}
	normal := size()
	b.Click("#larger")
	if larger := size(); larger <= normal {
		t.Errorf("larger is %v px, normal %v px", larger, normal)
	}
	b.Open(home + "/a/" + slug)
	b.Wait("#body")
	if larger := size(); larger <= normal {
		t.Errorf("after a reload it is %v px, normal %v px", larger, normal)
	}
	b.Click("#smaller")
	b.Click("#smaller")
	if smaller := size(); smaller >= normal {
		t.Errorf("smaller is %v px, normal %v px", smaller, normal)
	}
	b.AssertClean(home)
}

// TestRegionAndSearch chooses a region, then searches.
func TestRegionAndSearch(t *testing.T) {
	t.Parallel()
	_, home := site(t, storetest.SQLite(t))
	b := phone(t)
	b.Open(home)
	b.Until(`document.querySelector("#region").options.length > 1 && document.querySelector(".cards")`)
	b.Evaluate(`(r => { r.selectedIndex = 1; r.dispatchEvent(new Event("change")) })(document.querySelector("#region"))`, nil)
	b.Until(`location.search.startsWith("?region=") && document.querySelector("h1")?.textContent.endsWith("资讯") && !document.querySelector("h1").textContent.startsWith("最新")`)
	b.Type(".search input", "养老\r")
	b.Until(`location.pathname === "/search" && document.querySelector(".cards > li, .end")`)
	b.WaitText("h1", "“养老”的搜索结果")
	b.Open(home + "/a/nothing-of-this-name")
	b.WaitText("[role=alert]", "没有这篇文章")
	b.AssertClean(home)
}

// TestCommentAndReport comments, reports, and follows the report by its receipt.
func TestCommentAndReport(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p, home := site(t, s)
		id, slug := subject(t, p)
		b := phone(t)
		b.Open(home + "/a/" + slug)
		b.Wait("#comment")
		b.Type("#comment textarea", "写得很清楚，谢谢。")
		b.Click("#comment form button, #comment > button")
		b.WaitText("#comment .result", "等待审核")
		b.Click("#report")
		b.Wait("#file")
		b.Type("#file textarea", "文中的电话号码不是这家机构的。")
		b.Click("#file button")
		b.Wait("#receipt")
		b.Click("#follow")
		b.WaitText("#status .result", "已收到，等待处理")

		b.Open(home + "/report/" + id + "?kind=COPYRIGHT") // the evidence that the law requires can be added later
		b.Wait("#file [name=workTitle]")
		b.Type("#file textarea[name=statement]", "文章第二段照抄了本人的作品。")
		b.Type("#file [name=contact]", "13900000000")
		b.Type("#file [name=claimant]", "周见山")
		b.Type("#file [name=workTitle]", "河边的食堂")
		b.Type("#file [name=proof]", "见 2025 年 3 月出版的样刊。")
		b.Click("#file button")
		b.Wait("#receipt")
		b.Click("#follow")
		b.WaitText("#status .result", "侵犯著作权：需要补充材料")
		b.Type("#material [name=address]", "临澜市河西路 8 号")
		b.Click("#material [name=truthful]")
		b.Click("#material button")
		b.WaitText("#material .result", "材料已经补齐")
		b.Evaluate(`{ const some = new DataTransfer(); some.items.add(new File(["%PDF-1.7 样刊"], "样刊.pdf")); document.querySelector("#files input").files = some.files }`, nil)
		b.Click("#files button")
		b.WaitText("#files .result", "已收到 1 个文件")
		b.AssertClean(home)
	})
}

// TestAccessible checks every page with axe.
func TestAccessible(t *testing.T) {
	t.Parallel()
	p, home := site(t, storetest.SQLite(t))
	id, slug := subject(t, p)
	b := phone(t)
	for path, ready := range map[string]string{
		"/": ".cards > li", "/a/" + slug: ".comments .remark", "/report/" + id: "#file", "/status": "#status",
		"/search?q=%E5%85%BB%E8%80%81": ".cards > li, .end", "/a/nothing": "[role=alert]",
	} {
		b.Open(home + path)
		b.Wait(ready)
		b.Until(`document.querySelector("#region").options.length > 1`)
		b.Accessible(path)
	}
	b.AssertClean(home)
}

// TestHeaders checks content type, compression and content security policy.
func TestHeaders(t *testing.T) {
	t.Parallel()
	handler, err := serve.New("..", &url.URL{Scheme: "http", Host: "127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	for path, kind := range map[string]string{"/": "text/html", "/a/b": "text/html", "/main.js": "text/javascript", "/style.css": "text/css"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "gzip, br")
		handler.ServeHTTP(w, r)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) ||
			w.Header().Get("Content-Encoding") != "gzip" || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	if _, err := serve.New("nowhere", &url.URL{}); err == nil {
		t.Error("a site without files is served")
	}
}
