package serve_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/tonggao/tonggao/examples/wap/serve"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// mostPages bounds how many pages TestLinksResolve opens.
const mostPages = 60

// TestLinksResolve follows every link from the front page, as a crawler does: each page answers
// 200, has a title of its own, a description, and structured data that can be read.
func TestLinksResolve(t *testing.T) {
	t.Parallel()
	_, home := reading(t)
	v, queue, seen, titles := visit(t, home), []string{"/"}, map[string]bool{"/": true}, map[string]string{}
	for count := 0; len(queue) > 0 && count < mostPages; count++ {
		path := queue[0]
		queue = queue[1:]
		d := v.open(path)
		if strings.HasPrefix(path, "/feeds/") || path == "/sitemap.xml" {
			if d.status != http.StatusServiceUnavailable { // the test's API has no --base-url, and reports it
				t.Errorf("%s: %d", path, d.status)
			}
			continue
		}
		if d.status != http.StatusOK {
			t.Errorf("%s: %d", path, d.status)
		}
		for _, next := range d.links() {
			if !seen[next] && !strings.HasPrefix(next, "/view") {
				seen[next] = true
				queue = append(queue, next)
			}
		}
		if !strings.HasPrefix(path, "/a/") && !strings.HasPrefix(path, "/c/") {
			continue
		}
		title := textOf(d.find(func(n *html.Node) bool { return n.Data == "title" }))
		if canonical := d.meta("canonical"); d.meta("robots") == "" && titles[title] != "" && titles[title] != canonical {
			t.Errorf("%s and %s have the title %s", titles[title], canonical, title)
		} else if canonical != "" {
			titles[title] = canonical
		}
		if d.meta("description") == "" || len(structured(t, d)) == 0 {
			t.Errorf("%s has no description or no structured data", path)
		}
	}
	if len(titles) < 10 {
		t.Errorf("only %d pages were found", len(titles))
	}
}

// structured returns the structured data of a page.
func structured(t *testing.T, d document) (list []map[string]any) {
	t.Helper()
	script := d.find(func(n *html.Node) bool { return attribute(n, "type") == "application/ld+json" })
	if script == nil {
		return nil
	}
	text := textOf(script)
	if json.Unmarshal([]byte(text), &list) == nil {
		return list
	}
	var one map[string]any
	if err := json.Unmarshal([]byte(text), &one); err != nil {
		t.Errorf("%s: %v in %s", d.at, err, text)
	}
	return []map[string]any{one}
}

// TestArticleIsComplete compares the article page, read without JavaScript, with the API.
func TestArticleIsComplete(t *testing.T) {
	t.Parallel()
	p, home := reading(t)
	_, slug := subject(t, p)
	var data struct {
		Article struct {
			Title, Lead, PublishedAt string
			Publisher                struct{ Name string }
			Body                     struct{ Text string }
			Breadcrumb               []struct{ Name string }
			Comments                 struct {
				Edges []struct{ Node struct{ Text string } }
			}
		}
	}
	p.MustAsk("", `query ($slug: String!) { article(slug: $slug) { title lead publishedAt publisher { name } body { text } breadcrumb { name }
		comments(first: 10) { edges { node { text } } } } }`, map[string]any{"slug": slug}, &data)
	a, d := data.Article, visit(t, home).open("/a/"+slug)
	page := strings.Join(strings.Fields(textOf(d.root)), "")
	pieces := []string{a.Title, a.Lead, a.Publisher.Name}
	for _, line := range strings.Split(a.Body.Text, "\n") {
		line = strings.TrimLeft(line, "•0123456789. ")            // the mark of an item
		if !strings.ContainsAny(line, "|[!#") && len(line) > 20 { // not a table or a picture
			pieces = append(pieces, line)
		}
	}
	for _, edge := range a.Comments.Edges {
		pieces = append(pieces, edge.Node.Text)
	}
	for _, piece := range pieces {
		if !strings.Contains(page, strings.Join(strings.Fields(piece), "")) {
			t.Errorf("the page lacks %s", piece)
		}
	}
	for name, want := range map[string]string{"description": a.Lead, "og:title": a.Title, "og:type": "article", "canonical": "http://127.0.0.1:8081/a/" + slug} {
		if got := d.meta(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	found := structured(t, d)
	if len(found) != 2 || found[0]["@type"] != "NewsArticle" || found[0]["headline"] != a.Title || found[0]["datePublished"] != a.PublishedAt ||
		found[1]["@type"] != "BreadcrumbList" || len(found[1]["itemListElement"].([]any)) != len(a.Breadcrumb)+1 {
		t.Errorf("structured data: %v", found)
	}
	if size := len(d.text) + len(visit(t, home).open("/style.css").text) + len(visit(t, home).open("/site.js").text); size >= 60_000 {
		t.Errorf("the page is %d bytes, without compression and without pictures", size)
	}
}

// TestStatuses checks the status and the message of pages that cannot be shown.
func TestStatuses(t *testing.T) {
	t.Parallel()
	p, home := site(t, storetest.SQLite(t))
	editor, moderator := p.Token(viewer.Editor, ""), p.Token(viewer.Moderator, "")
	knowing := httptest.NewServer(newSite(t, serve.Options{API: p.URL, Token: editor}))
	t.Cleanup(knowing.Close)
	var list struct {
		Articles struct {
			Edges []struct{ Node struct{ ID, Slug string } }
		}
	}
	p.MustAsk("", `{ articles(first: 3) { edges { node { id slug } } } }`, nil, &list)
	gone, down := list.Articles.Edges[0].Node, list.Articles.Edges[1].Node
	p.MustAsk(editor, `mutation ($id: ID!) { unpublishArticle(input: {article: $id}) { article { id } } }`, map[string]any{"id": gone.ID}, new(any))
	p.MustAsk(moderator, `mutation ($id: ID!) { takeDown(input: {item: $id, reason: "侵犯隐私"}) { takedown { id } } }`, map[string]any{"id": down.ID}, new(any))
	for _, c := range []struct {
		home, path string
		status     int
		text       string
	}{
		{home, "/a/" + gone.Slug, 404, "没有这篇文章"}, {home, "/a/" + down.Slug, 404, "没有这篇文章"},
		{knowing.URL, "/a/" + gone.Slug, 410, "撤下"}, {knowing.URL, "/a/" + down.Slug, 451, "移除"},
		{knowing.URL, "/a/nothing-of-this-name", 404, "没有这篇文章"},
		{home, "/c/nothing", 404, "没有这个栏目"}, {home, "/?region=nothing", 404, "没有这个地区"}, {home, "/nothing", 404, "没有这个页面"},
		{home, "/report/art_01h455vb4pex5vsknk084sn02q", 404, "不存在"}, {home, "/status?receipt=R-1", 404, "没有这个回执编号"},
		{home, "/?after=zzz", 400, ""}, {home, `/search?q=%22`, 400, "搜索"}, {home, "/search?q=", 200, "请输入"},
	} {
		d := visit(t, c.home).open(c.path)
		if d.status != c.status || !strings.Contains(textOf(d.root), c.text) || d.status >= 400 && d.meta("robots") == "" {
			t.Errorf("%s: %d, want %d with %q: %s", c.path, d.status, c.status, c.text, textOf(d.root))
		}
	}
	away := httptest.NewServer(newSite(t, serve.Options{API: "http://127.0.0.1:1"}))
	t.Cleanup(away.Close)
	if d := visit(t, away.URL).open("/"); d.status != http.StatusBadGateway || !strings.Contains(d.text, "稍后再试") {
		t.Errorf("without the API: %d", d.status)
	}
}

// TestSearchMessage shows the API's own message about words that it cannot search for.
func TestSearchMessage(t *testing.T) {
	t.Parallel()
	p, home := reading(t)
	answer := p.Ask("", `{ search(query: "\"") { totalCount } }`, nil)
	if len(answer.Errors) == 0 {
		t.Fatal("the API searches for a quotation mark")
	}
	d := visit(t, home).open("/search?q=%22")
	if note := d.find(func(n *html.Node) bool { return attribute(n, "class") == "note" }); note == nil || len(textOf(note)) < 10 {
		t.Errorf("no message in %s", d.text)
	}
	if box := d.find(func(n *html.Node) bool { return attribute(n, "name") == "q" }); attribute(box, "value") != `"` {
		t.Error("the box of the search lacks the words")
	}
}

// TestView stores the size of the text and the version for the elderly, and returns to this
// site only.
func TestView(t *testing.T) {
	t.Parallel()
	_, home := reading(t)
	v := visit(t, home)
	for _, c := range []struct{ ask, at, mark string }{
		{"/view?view=elder2&back=/status", "/status", `data-size="2" class="elder"`}, {"/view?view=0&back=/", "/", `data-size="0">`},
		{"/view?view=9&back=/", "/", `data-size="1">`}, {"/view?view=1&back=https://evil.example/", "/", `data-size="1">`},
		{"/view?view=1&back=//evil.example/", "/", `data-size="1">`}, {`/view?view=1&back=/%5Cevil.example/`, "/", `data-size="1">`},
	} {
		if d := v.open(c.ask); d.at != c.at || d.status != 200 || !strings.Contains(d.text, c.mark) {
			t.Errorf("%s: %d at %s", c.ask, d.status, d.at)
		}
	}
}

// TestFrontPage shows headlines, covers, what is read most, and marks where the reader is.
func TestFrontPage(t *testing.T) {
	t.Parallel()
	_, home := reading(t)
	v := visit(t, home)
	d := v.open("/?region=linlan")
	if option := d.find(func(n *html.Node) bool { return n.Data == "option" && has(n, "selected") }); option == nil || attribute(option, "value") != "linlan" {
		t.Error("the region is not marked")
	}
	for _, place := range all(d.root, "time") {
		if len(attribute(place, "datetime")) < 20 {
			t.Errorf("a time is %q", attribute(place, "datetime"))
		}
	}
	d = v.open("/c/industry?region=linlan")
	current := d.find(func(n *html.Node) bool { return has(n, "aria-current") })
	if current == nil || attribute(current, "href") != "/c/news?region=linlan" {
		t.Error("the section is not marked")
	}
	d = v.open("/")
	for class, least := range map[string]int{"top": 1, "hot": 1, "pictured": 3} {
		count := 0
		for n := range d.root.Descendants() {
			if n.Type == html.ElementNode && attribute(n, "class") == class {
				count++
			}
		}
		if count < least {
			t.Errorf("%d of %s", count, class)
		}
	}
	for _, fact := range []string{"ICP备", "联系方式", "12377"} {
		if !strings.Contains(textOf(d.root), fact) {
			t.Errorf("the footer lacks %s", fact)
		}
	}
	first, second := d, v.open(attribute(d.find(func(n *html.Node) bool { return attribute(n, "rel") == "next" }), "href"))
	for _, link := range second.links() {
		if strings.HasPrefix(link, "/a/") && strings.Contains(textOf(first.find(func(n *html.Node) bool { return n.Data == "main" })), link) {
			t.Errorf("%s is on both pages", link)
		}
	}
}
