package serve_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/examples/wap/serve"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/browsertest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// newSite returns the site over an API.
func newSite(t testing.TB, o serve.Options) *serve.Site {
	t.Helper()
	site, err := serve.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// site starts the mobile site over the demo portal.
func site(t testing.TB, s *storetest.Store) (*apptest.Program, string) {
	t.Helper()
	p := apptest.Start(t, s, func(c *config.Config) { c.Demo = true })
	server := httptest.NewServer(newSite(t, serve.Options{API: p.URL}))
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
	_, home := reading(t)
	b := phone(t)
	b.Open(home)
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
	b.Until(`scrollY === 0`)
	b.Back()
	b.Wait(".cards")
	b.Until(fmt.Sprintf(`Math.abs(scrollY - %d) < 2`, before))
	b.AssertClean(home)
}

// TestArticle checks the elements around the text, and changes the font size.
func TestArticle(t *testing.T) {
	t.Parallel()
	p, home := reading(t)
	_, slug := subject(t, p)
	b := phone(t)
	b.Open(home + "/a/" + slug)
	for _, text := range []string{"发布日期：", "浏览次数：", "发布人：", "导读：", "违规举报", "上一篇：", "下一篇：", "条相关评论", "首页"} {
		b.WaitText("article", text)
	}
	size := func(selector string) (px float64) {
		b.Evaluate(`parseFloat(getComputedStyle(document.querySelector("`+selector+`")).fontSize)`, &px)
		return px
	}
	all := []string{"#body", ".lead", "h1", ".meta"}
	before := map[string]float64{}
	for _, selector := range all {
		before[selector] = size(selector)
	}
	b.Click("#larger")
	b.Until(`document.documentElement.dataset.size === "2"`)
	b.Open(home + "/a/" + slug) // the size is kept
	for _, selector := range all {
		if now := size(selector); now <= before[selector] {
			t.Errorf("%s: larger is %v px, normal %v px", selector, now, before[selector])
		}
	}
	b.Click("#smaller")
	b.Click("#smaller")
	b.Until(`document.documentElement.dataset.size === "0"`)
	if now := size("#body"); now >= before["#body"] {
		t.Errorf("smaller is %v px, normal %v px", now, before["#body"])
	}
	b.AssertClean(home)
}

// TestElder checks the version for the elderly: text of 18 to 30 px and nothing smaller, and
// targets of at least 44 px.
func TestElder(t *testing.T) {
	t.Parallel()
	p, home := reading(t)
	id, slug := subject(t, p)
	b := phone(t)
	for view, want := range map[string]float64{"elder0": 18, "elder3": 30} {
		for _, path := range []string{"/", "/a/" + slug, "/report/" + id} {
			b.Open(home + "/view?view=" + view + "&back=" + path)
			b.Wait("main h1")
			var smallest, body float64
			b.Evaluate(`Math.min(...[...document.querySelectorAll("body *")].filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
				.map(e => parseFloat(getComputedStyle(e).fontSize)))`, &smallest)
			b.Evaluate(`parseFloat(getComputedStyle(document.documentElement).fontSize)`, &body)
			if smallest < 18 || body != want {
				t.Errorf("%s %s: the smallest text has %v px, the text %v px", view, path, smallest, body)
			}
			var small []string
			b.Evaluate(`[...document.querySelectorAll("button, select, nav a, .elderly, .sizes a, .hot a, .report a, .acts a, .more, input:not([type=hidden]):not([type=checkbox])")]
				.filter(e => e.checkVisibility() && !e.closest(".trap") && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 80))`, &small)
			if len(small) > 0 {
				t.Errorf("%s %s: too small to tap: %v", view, path, small)
			}
			b.Accessible(view + path)
		}
	}
	b.AssertClean(home)
}

// TestRegionAndSearch chooses a region, then searches by keyboard.
func TestRegionAndSearch(t *testing.T) {
	t.Parallel()
	_, home := reading(t)
	b := phone(t)
	b.Open(home)
	b.Evaluate(`(r => { r.selectedIndex = 1; r.dispatchEvent(new Event("change", {bubbles: true})) })(document.querySelector("#region"))`, nil)
	b.Wait(`.sections a[href="/?region=linlan"]`)
	b.WaitText("h1", "临澜市资讯")
	b.Type(".search input", "养老\r")
	b.Wait(`input[value="养老"]`)
	b.WaitText("h1", "“养老”的搜索结果")
	b.AssertClean(home)
}

// TestKeyboard skips the navigation and opens the next page without a pointer.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	_, home := reading(t)
	b := phone(t)
	b.Open(home + "/c/news")
	b.Press("\t\r")
	b.Until(`document.activeElement.id === "main"`)
	b.Evaluate(`document.querySelector(".more").focus({preventScroll: true})`, nil)
	b.Press("\r")
	b.Until(`document.querySelectorAll(".cards > li").length > 12`)
	b.AssertClean(home)
}

// TestCommentAndReport comments without a reload, reports, and follows the report by its receipt.
func TestCommentAndReport(t *testing.T) {
	t.Parallel()
	p, home := site(t, storetest.SQLite(t))
	id, slug := subject(t, p)
	b := phone(t)
	b.Open(home + "/a/" + slug)
	b.Evaluate(`window.kept = true`, nil)
	b.Click(".reply")
	b.WaitText("#comment .to", "回复：")
	b.Type("#comment textarea", "写得很清楚，谢谢。")
	b.Click("#comment > button")
	b.WaitText("#talk .note", "等待审核")
	b.Until(`window.kept === true`)
	b.Click("#report")
	b.Wait("#file")
	b.Until(`document.querySelector(".proofs").hidden`)
	b.Type("#file textarea[name=statement]", "文中的电话号码不是这家机构的。")
	b.Click("#file > button")
	b.Wait("#receipt")
	b.Click("#follow")
	b.Wait(".result")
	b.WaitText(".result", "已收到，等待处理")

	b.Open(home + "/report/" + id + "?kind=COPYRIGHT") // the evidence that the law requires can be added later
	b.Until(`!document.querySelector("[name=workTitle]").closest("label").hidden`)
	b.Type("#file textarea[name=statement]", "文章第二段照抄了本人的作品。")
	b.Type("#file [name=contact]", "13900000000")
	b.Type("#file [name=claimant]", "周见山")
	b.Type("#file [name=workTitle]", "河边的食堂")
	b.Type("#file [name=proof]", "见 2025 年 3 月出版的样刊。")
	b.Click("#file > button")
	b.Wait("#receipt")
	b.Until(`!document.querySelector("#copy").hidden`)
	receipt := b.Text("#receipt")
	b.Click("#follow")
	b.Wait(".result")
	b.WaitText(".result", "侵犯著作权：需要补充材料")
	b.Type("#material [name=address]", "临澜市河西路 8 号")
	b.Click("#material [name=truthful]")
	b.Click("#material > button")
	b.Wait(".note")
	b.WaitText(".note", "材料已收到")
	p.AskForFiles(receipt)
	b.Evaluate(`{ const some = new DataTransfer(); some.items.add(new File(["%PDF-1.7 样刊"], "样刊.pdf")); document.querySelector("#files [type=file]").files = some.files }`, nil)
	b.Click("#files > button")
	b.Wait("#files .meta")
	b.WaitText("#files", "已收到 1 个文件")
	b.AssertClean(home)
}

// TestAccessible checks every page with axe, at the widths of small phones, tablets and desktops.
func TestAccessible(t *testing.T) {
	t.Parallel()
	p, home := reading(t)
	id, slug := subject(t, p)
	for _, width := range []int64{320, 360, 768, 1280} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			b := browsertest.Start(t)
			b.Viewport(width, 800)
			for _, path := range []string{"/", "/c/news", "/a/" + slug, "/report/" + id, "/status", "/search?q=%E5%85%BB%E8%80%81"} {
				b.Open(home + path)
				b.Wait("main h1")
				b.Accessible(fmt.Sprint(width, path))
			}
			b.AssertClean(home)
		})
	}
}

// TestHeaders checks content type, compression and content security policy.
func TestHeaders(t *testing.T) {
	t.Parallel()
	handler := newSite(t, serve.Options{API: "http://127.0.0.1:1"})
	for path, kind := range map[string]string{"/": "text/html", "/a/b": "text/html", "/site.js": "text/javascript", "/style.css": "text/css"} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "gzip, br")
		handler.ServeHTTP(w, r)
		if !strings.HasPrefix(w.Header().Get("Content-Type"), kind) || w.Header().Get("Content-Encoding") != "gzip" ||
			kind == "text/html" && !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %d %v", path, w.Code, w.Header())
		}
	}
	for _, address := range []string{"", "127.0.0.1:8080", "/api"} {
		if _, err := serve.New(serve.Options{API: address}); err == nil {
			t.Errorf("the address %q is accepted", address)
		}
	}
}
