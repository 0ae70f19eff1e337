package server_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// TestRequestsThatAreNotText sends NUL and bytes that are not UTF-8 in every part of the
// address and in the headers that are read, to every path of the program.
func TestRequestsThatAreNotText(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		p := apptest.Start(t, s, apptest.WithBaseURL)
		for _, path := range []string{
			"/graphql?query={site{name}}&operationName=X", "/graphql?X={site{name}}", "/upload?alt=X", "/media/X", "/media/X/700.png",
			"/attachments/X", "/attachments/att_1?until=X", "/attachments/att_1?signature=X",
			"/feeds/X", "/feeds/tag/X/rss.xml", "/feeds/region/X/atom.xml", "/feeds/category/X/feed.json", "/feeds/category/news/X",
			"/feeds/rss.xml?after=X", "/sitemap.xml?X", "/sitemaps/X/1-0.xml", "/sitemaps/web/X", "/robots.txt?a=X",
			"/desk/X", "/desk?X=1", "/graphiql/X", "/?query=X", "/healthz?X", "/X",
		} {
			for _, text := range []string{"a%00b", "%ff", "%c4%e3%ba%c3", "%ed%a0%bd"} { // the third is 你好 in GBK, the last half of a surrogate pair
				r, body := p.Fetch("GET", strings.ReplaceAll(path, "X", text))
				if r.StatusCode != http.StatusBadRequest || !strings.Contains(body, "BAD_USER_INPUT") {
					t.Errorf("%s with %s: %d %s", path, text, r.StatusCode, body)
				}
			}
		}
		for _, name := range []string{"X-Tonggao-Receipt", "X-Tonggao-Terminal", "Last-Event-ID", "Authorization"} {
			for _, path := range []string{"/graphql?query={site{name}}", "/upload", "/media/x.jpg", "/feeds/rss.xml"} {
				if r, body := p.Fetch("GET", path, name, "\xc4\xe3"); r.StatusCode != http.StatusBadRequest {
					t.Errorf("%s: %s: %d %s", path, name, r.StatusCode, body)
				}
			}
		}
		category := p.Category("行业新闻", "news", nil)
		for _, path := range []string{"/feeds/tag/%E9%A4%90/rss.xml", "/feeds/category/" + category.Slug + "/rss.xml", "/robots.txt?q=%E4%BD%A0", "/healthz"} {
			if r, body := p.Fetch("GET", path, "User-Agent", "\xc4\xe3"); r.StatusCode != http.StatusOK {
				t.Errorf("%s: %d %s", path, r.StatusCode, body)
			}
		}
		if a := p.Ask(p.Token(viewer.Editor, ""), `{ site { name } }`, nil); a.Status != http.StatusOK {
			t.Errorf("an ordinary request: %s", a.Body)
		}
	})
}
