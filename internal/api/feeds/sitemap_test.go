package feeds_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/content/category"
	"github.com/tonggao/tonggao/internal/foundation/terminal"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestSitemap finds every public article once in the parts of the index, and no others; the
// lastmod of a part changes only with its articles.
func TestSitemap(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithBaseURL)
		p.GivePages()
		news, house := p.Category("行业新闻", "news", nil), p.Publisher("青禾养老网编辑部", true)
		var list []*ent.Article
		for i := range 6 {
			list = append(list, p.Article(article.CreateInput{Title: fmt.Sprintf("第%d篇", i), Category: news.ID, Publisher: &house.ID},
				s.Clock().Add(-time.Duration(i)*40*24*time.Hour)))
		}
		before := readSitemap(t, p)
		if len(before.parts) != 6 || len(before.urls) != 6 || !before.urls[apptest.BaseURL+"/a/"+list[4].Slug] {
			t.Fatalf("%v", before)
		}
		s.Advance(time.Hour)
		title := "改了"
		must(t, func(ctx context.Context) error {
			_, err := p.Articles.Unpublish(ctx, article.UnpublishInput{Article: list[4].ID})
			return err
		})
		must(t, func(ctx context.Context) error {
			_, err := p.Articles.Update(ctx, article.UpdateInput{Article: list[2].ID, Version: list[2].Version, Title: &title})
			return err
		})
		after, moved := readSitemap(t, p), 0
		for part, changed := range after.parts {
			if before.parts[part] != changed {
				moved++
			}
		}
		if moved != 1 || len(after.parts) != 5 || len(after.urls) != 5 || after.urls[apptest.BaseURL+"/a/"+list[4].Slug] {
			t.Errorf("%d parts moved: %v", moved, after)
		}
		for part := range before.parts {
			want := 404
			if _, there := after.parts[part]; there {
				want = 200
			}
			if r, _ := p.Fetch("GET", strings.TrimPrefix(part, apptest.BaseURL)); r.StatusCode != want {
				t.Errorf("%s: %d, want %d", part, r.StatusCode, want)
			}
		}
		for _, path := range []string{"/sitemaps/web/x.xml", "/sitemaps/app/1-0.xml", "/sitemaps/web/1-9.xml", "/sitemaps/web/-1-0.xml"} {
			if r, _ := p.Fetch("GET", path); r.StatusCode != 404 {
				t.Errorf("%s: %d", path, r.StatusCode)
			}
		}
		if _, text := p.Fetch("GET", "/robots.txt"); !strings.Contains(text, "Sitemap: "+apptest.BaseURL+"/sitemap.xml\n") {
			t.Errorf("robots.txt: %s", text)
		}
		must(t, func(ctx context.Context) error {
			_, err := p.Categories.Update(ctx, category.UpdateInput{Category: news.ID, Terminals: []terminal.Terminal{terminal.App}})
			return err
		})
		s.Advance(time.Hour)
		if off := readSitemap(t, p); len(off.parts)+len(off.urls) != 0 {
			t.Errorf("what is off the terminal is named: %v", off)
		}
	})
}

// TestSitemapConditionalRequests answers 304 if nothing changed, and does not count the whole
// site again for every request.
func TestSitemapConditionalRequests(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithBaseURL)
		p.GivePages()
		news, house := p.Category("行业新闻", "news", nil), p.Publisher("青禾养老网编辑部", true)
		list := p.Many(20, 0, []*ent.Category{news}, []*ent.Publisher{house})
		var part string
		for part = range readSitemap(t, p).parts {
			part = strings.TrimPrefix(part, apptest.BaseURL)
		}
		for _, path := range []string{"/sitemap.xml", part} {
			s.Advance(2 * time.Minute)
			first, _ := p.Fetch("GET", path)
			tag := first.Header.Get("ETag")
			if r, _ := p.Fetch("GET", path, "If-None-Match", tag); tag == "" || r.StatusCode != 304 {
				t.Errorf("%s unchanged: %d", path, r.StatusCode)
			}
			must(t, func(ctx context.Context) error {
				a := s.Client(ctx).Article.GetX(ctx, list[0].ID)
				title := a.Title + "改"
				_, err := p.Articles.Update(ctx, article.UpdateInput{Article: a.ID, Version: a.Version, Title: &title})
				return err
			})
			if n := s.Count(func() { p.Fetch("GET", "/sitemap.xml") }); n > 2 {
				t.Errorf("the index was made again at once, in %d statements", n)
			}
			s.Advance(2 * time.Minute)
			if r, _ := p.Fetch("GET", path, "If-None-Match", tag); r.StatusCode != 200 {
				t.Errorf("%s changed: %d", path, r.StatusCode)
			}
			if n := s.Count(func() { p.Fetch("GET", path) }); n > 5 {
				t.Errorf("%s: %d statements", path, n)
			}
		}
	})
}

type sitemap struct {
	parts map[string]string // lastmod by address
	urls  map[string]bool
}

func readSitemap(t *testing.T, p *apptest.Program) sitemap {
	t.Helper()
	type locations struct {
		Of []struct {
			Loc     string `xml:"loc"`
			LastMod string `xml:"lastmod"`
		} `xml:",any"`
	}
	read := func(path string) (list locations) {
		response, text := p.Fetch("GET", path)
		if err := xml.Unmarshal([]byte(text), &list); err != nil || response.StatusCode != 200 {
			t.Fatalf("%s: %d %v %s", path, response.StatusCode, err, text)
		}
		return list
	}
	m := sitemap{map[string]string{}, map[string]bool{}}
	for _, part := range read("/sitemap.xml").Of {
		m.parts[part.Loc] = part.LastMod
		for _, u := range read(strings.TrimPrefix(part.Loc, apptest.BaseURL)).Of {
			if m.urls[u.Loc] {
				t.Errorf("%s is named twice", u.Loc)
			}
			m.urls[u.Loc] = true
		}
	}
	return m
}
