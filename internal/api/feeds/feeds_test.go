package feeds_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/site"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

var feedFiles = []string{"rss.xml", "atom.xml", "feed.json"}

// TestFeeds reads each form of each feed with an independent parser.
func TestFeeds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithBaseURL)
		p.GivePages()
		top := p.Category("行业新闻", "news", nil)
		leaf, other := p.Category("行业动态", "industry", top), p.Category("生活", "life", nil)
		region, house := p.Region("临澜市", "linlan"), p.Publisher("林小满", false)
		text, cover := "![院子](/media/yard.jpg \"院子\")\n\n看 <b>这里</b>。", "/media/cover.jpg"
		shown := p.Article(article.CreateInput{Title: "甲 <乙> & 丙", Category: leaf.ID, Publisher: &house.ID, Region: &region.ID,
			Tags: []string{"助 餐/点"}, Cover: &cover, Sponsored: true, AIGenerated: true, Body: article.BodyInput{Markdown: &text}}, s.Clock().Add(-time.Hour))
		p.Article(article.CreateInput{Title: "不上订阅", Category: leaf.ID, Publisher: &house.ID,
			Terminals: []terminal.Terminal{terminal.Web}}, s.Clock().Add(-time.Hour))
		p.Draft(article.CreateInput{Title: "草稿", Category: leaf.ID, Publisher: &house.ID})
		p.Article(article.CreateInput{Title: "别处", Category: other.ID, Publisher: &house.ID}, s.Clock().Add(-2*time.Hour))
		s.Client(apptest.System()).Article.UpdateOneID(shown.ID).SetTitle("甲 <乙> & 丙\v\ufffe").ExecX(apptest.System())
		for path, want := range map[string]int{"": 2, "category/news/": 1, "category/life/": 1, "region/linlan/": 1, "tag/%E5%8A%A9%20%E9%A4%90%2F%E7%82%B9/": 1} {
			for _, file := range feedFiles {
				response, body := p.Fetch("GET", "/feeds/"+path+file)
				parsed, err := gofeed.NewParser().ParseString(body)
				if err != nil || response.StatusCode != 200 {
					t.Fatalf("%s%s: %d, %v\n%s", path, file, response.StatusCode, err, body)
				}
				if len(parsed.Items) != want || parsed.FeedLink != apptest.BaseURL+"/feeds/"+path+file {
					t.Errorf("%s%s: %d items, want %d; self %s", path, file, len(parsed.Items), want, parsed.FeedLink)
				}
				if path != "category/life/" {
					checkItem(t, path+file, parsed.Items[0], shown)
				}
			}
		}
		for path, want := range map[string]int{"nothing.xml": 404, "category/none/rss.xml": 404, "region/none/atom.xml": 404, "rss.xml?after=x": 400} {
			if response, _ := p.Fetch("GET", "/feeds/"+path); response.StatusCode != want {
				t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
			}
		}
	})
}

// TestMediaOfFeeds has the videos and sounds of an article as enclosures.
func TestMediaOfFeeds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithBaseURL)
		p.GivePages()
		text := `<p>现场：</p><video src="https://media.example.org/opening.mp4"></video><audio src="https://media.example.org/interview"></audio>`
		p.Article(article.CreateInput{Title: "开张", Category: p.Category("行业新闻", "news", nil).ID, Publisher: &p.Publisher("青禾社区", true).ID,
			Body: article.BodyInput{HTML: &text}}, s.Clock().Add(-time.Hour))
		for file, want := range map[string][]string{
			"rss.xml":   {`<enclosure url="https://media.example.org/opening.mp4" length="0" type="video/mp4">`},
			"atom.xml":  {`rel="enclosure" href="https://media.example.org/opening.mp4" type="video/mp4"`, `rel="enclosure" href="https://media.example.org/interview" type="audio/mpeg"`},
			"feed.json": {`"attachments":[{"url":"https://media.example.org/opening.mp4","mime_type":"video/mp4"},{"url":"https://media.example.org/interview","mime_type":"audio/mpeg"}]`},
		} {
			_, body := p.Fetch("GET", "/feeds/"+file)
			for _, part := range want {
				if !strings.Contains(body, part) {
					t.Errorf("%s has no %s:\n%s", file, part, body)
				}
			}
		}
	})
}

func checkItem(t *testing.T, name string, item *gofeed.Item, a *ent.Article) {
	t.Helper()
	published := *a.PublishedAt
	if item.Title != "甲 <乙> & 丙" || item.GUID != "urn:x-tonggao:"+a.ID || item.Link != apptest.BaseURL+"/a/"+a.Slug ||
		!item.PublishedParsed.Equal(published.Time().Truncate(time.Second)) {
		t.Errorf("%s: %q %s %s %v", name, item.Title, item.GUID, item.Link, item.PublishedParsed)
	}
	if len(item.Authors) != 1 || item.Authors[0].Name != "林****" || len(item.Categories) != 2 {
		t.Errorf("%s: authors %v, categories %v", name, item.Authors[0], item.Categories)
	}
	for _, want := range []string{apptest.BaseURL + "/media/yard.jpg", "广告", "人工智能", "免责声明"} {
		if !strings.Contains(item.Content, want) {
			t.Errorf("%s: no %s in %s", name, want, item.Content)
		}
	}
}

// TestConditionalRequests answers 304 if nothing changed, and never if something did.
func TestConditionalRequests(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithBaseURL)
		p.GivePages()
		news, house := p.Category("行业新闻", "news", nil), p.Publisher("青禾养老网编辑部", true)
		list := p.Many(40, 0, []*ent.Category{news}, []*ent.Publisher{house})
		alter := map[string]func(){
			"update": func() {
				a, title := s.Client(apptest.System()).Article.GetX(apptest.System(), list[3].ID), "改了"
				must(t, func(ctx context.Context) error {
					_, err := p.Articles.Update(ctx, article.UpdateInput{Article: a.ID, Version: a.Version, Title: &title})
					return err
				})
			},
			"unpublish": func() {
				must(t, func(ctx context.Context) error {
					_, err := p.Articles.Unpublish(ctx, article.UnpublishInput{Article: list[5].ID})
					return err
				})
			},
			"facts": func() {
				name := "养老之家 " + s.Clock().String()
				must(t, func(ctx context.Context) error {
					_, err := p.Site.Update(ctx, site.UpdateInput{Name: &name})
					return err
				})
			},
			"schedule": func() {
				p.Article(article.CreateInput{Title: "到点", Category: news.ID, Publisher: &house.ID}, s.Clock().Add(90*time.Second))
			},
		}
		for _, file := range feedFiles {
			for name, do := range alter {
				must(t, p.Articles.LogDue) // logs what the last round scheduled now, not during this one
				s.Advance(time.Minute)
				path := "/feeds/category/news/" + file
				first, body := p.Fetch("GET", path, "Accept-Encoding", "gzip")
				tag, since := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
				if tag == "" || since == "" || first.Header.Get("Content-Encoding") != "gzip" || len(body) == 0 {
					t.Fatalf("%s: headers %v", file, first.Header)
				}
				head, nothing := p.Fetch("HEAD", path)
				if head.StatusCode != 200 || head.Header.Get("ETag") != tag || nothing != "" {
					t.Errorf("HEAD: %d %v", head.StatusCode, head.Header)
				}
				status := func(headers ...string) int {
					response, _ := p.Fetch("GET", path, headers...)
					return response.StatusCode
				}
				if a, b, c := status("If-None-Match", tag), status("If-Modified-Since", since), status("If-None-Match", `"x"`, "If-Modified-Since", since); a != 304 || b != 304 || c != 200 {
					t.Errorf("%s unchanged: %d %d %d", file, a, b, c)
				}
				do()
				if name == "schedule" {
					if a := status("If-None-Match", tag); a != 304 {
						t.Errorf("%s before its time: %d", file, a)
					}
					s.Advance(2 * time.Minute)
				}
				if a, b := status("If-None-Match", tag), status("If-Modified-Since", since); a != 200 || b != 200 {
					t.Errorf("%s after %s: %d %d", file, name, a, b)
				}
				if name == "unpublish" {
					must(t, func(ctx context.Context) error {
						_, err := p.Articles.Publish(ctx, article.PublishInput{Article: list[5].ID})
						return err
					})
				}
			}
		}
	})
}

// TestNoAddresses checks that feeds and the sitemap have no address of a page that no site serves.
func TestNoAddresses(t *testing.T) {
	t.Parallel()
	p := apptest.Start(t, storetest.SQLite(t), apptest.WithBaseURL)
	news, house := p.Category("行业新闻", "news", nil), p.Publisher("青禾养老网编辑部", true)
	a := p.Article(article.CreateInput{Title: "助餐点", Category: news.ID, Publisher: &house.ID}, p.Clock().Add(-time.Hour))
	for _, file := range feedFiles {
		_, body := p.Fetch("GET", "/feeds/"+file)
		parsed, err := gofeed.NewParser().ParseString(body)
		if err != nil || len(parsed.Items) != 1 || parsed.Items[0].Link != "" || parsed.Items[0].GUID != "urn:x-tonggao:"+a.ID {
			t.Errorf("%s: %v\n%s", file, err, body)
		}
	}
	if found := readSitemap(t, p); len(found.urls) != 0 {
		t.Errorf("the sitemap lists %v", found.urls)
	}
}

func must(t *testing.T, do func(context.Context) error) {
	t.Helper()
	if err := do(apptest.System()); err != nil {
		t.Fatal(err)
	}
}

// TestFeedPages walks through the pages of a feed, at a constant cost.
func TestFeedPages(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithBaseURL)
		p.GivePages()
		p.Many(70, 0, []*ent.Category{p.Category("行业新闻", "news", nil)}, []*ent.Publisher{p.Publisher("青禾养老网编辑部", true)})
		s.Advance(time.Minute)
		seen := map[string]bool{}
		path := "/feeds/category/news/feed.json"
		for pages := 1; ; pages++ {
			var tag, body string
			cold := s.Count(func() {
				var r *http.Response
				r, body = p.Fetch("GET", path)
				tag = r.Header.Get("ETag")
			})
			warm := s.Count(func() { p.Fetch("GET", path, "If-None-Match", tag) })
			if cold > 8 || warm >= cold+1 || warm > 6 {
				t.Errorf("page %d: %d statements, %d where nothing changed", pages, cold, warm)
			}
			feed, err := gofeed.NewParser().ParseString(body)
			if err != nil {
				t.Fatal(err)
			}
			for _, i := range feed.Items {
				seen[i.GUID] = true
			}
			next, found := strings.CutPrefix(jsonNext(body), apptest.BaseURL)
			if !found {
				if len(seen) != 70 || pages != 3 {
					t.Errorf("%d articles on %d pages", len(seen), pages)
				}
				return
			}
			path = next
		}
	})
}

func jsonNext(body string) string {
	_, rest, _ := strings.Cut(body, `"next_url":"`)
	next, _, _ := strings.Cut(rest, `"`)
	return next
}
