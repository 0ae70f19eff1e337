package upload_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tonggao/tonggao/ent"
	"github.com/tonggao/tonggao/ent/pictureuse"
	"github.com/tonggao/tonggao/internal/app/config"
	"github.com/tonggao/tonggao/internal/content/article"
	"github.com/tonggao/tonggao/internal/foundation/viewer"
	"github.com/tonggao/tonggao/internal/sync/exporter"
	"github.com/tonggao/tonggao/internal/sync/importer"
	"github.com/tonggao/tonggao/internal/testkit/apptest"
	"github.com/tonggao/tonggao/internal/testkit/imagegen"
	"github.com/tonggao/tonggao/internal/testkit/storetest"
)

// gallery is a portal on two machines with pictures in its articles: a cover, one in the text,
// and one that a second article shows as well.
type gallery struct {
	t              *testing.T
	here, there    *apptest.Program
	dir            string // the media folder of both
	cover, in, two uploaded
	first, second  *ent.Article
}

func newGallery(t *testing.T, s *storetest.Store) *gallery {
	g := &gallery{t: t, dir: t.TempDir()}
	shared := func(c *config.Config) { c.MediaDir = g.dir }
	g.here, g.there = apptest.Start(t, s, shared), apptest.Start(t, storetest.Open(t, s.URL), shared)
	editor := g.here.Token(viewer.Editor, "")
	g.cover = send(t, g.here, editor, "", bytes.NewReader(imagegen.JPEG(700, 500)))
	g.in = send(t, g.here, editor, "", bytes.NewReader(imagegen.PNG(60, 40, false)))
	g.two = send(t, g.here, editor, "", bytes.NewReader(imagegen.GIF(40, 30, 2)))
	category, publisher := g.here.Category("行业新闻", "news", nil).ID, g.here.Publisher("云渡颐园", true).ID
	write := func(title, text string, cover *string) *ent.Article {
		return g.here.Article(article.CreateInput{Title: title, Category: category, Publisher: &publisher, Cover: cover,
			Body: article.BodyInput{Markdown: &text}}, s.Clock().Add(-time.Hour))
	}
	g.first = write("院子里的桂花树", fmt.Sprintf("![](%s)\n\n- ![](https://cdn.example%s)", g.in.URL, g.two.URL), &g.cover.Variants[0].URL)
	g.second = write("又是一年", fmt.Sprintf("![](%s)", g.two.URL), nil)
	return g
}

// addresses returns the addresses of each picture.
func (g *gallery) addresses() map[string][]string {
	all := map[string][]string{}
	for name, p := range map[string]uploaded{"cover": g.cover, "in": g.in, "two": g.two} {
		all[name] = append(all[name], p.URL)
		for _, v := range p.Variants {
			all[name] = append(all[name], v.URL)
		}
	}
	return all
}

// visible returns the pictures that are served with a token; cacheControl is the expected header.
func (g *gallery) visible(p *apptest.Program, token, cacheControl string) (list []string) {
	g.t.Helper()
	for name, addresses := range g.addresses() {
		seen := 0
		for _, address := range addresses {
			resp, body := get(g.t, p.URL+address, func(r *http.Request) {
				if token != "" {
					r.Header.Set("Authorization", "Bearer "+token)
				}
			})
			switch {
			case resp.StatusCode == http.StatusOK && len(body) > 0:
				seen++
				if got := resp.Header.Get("Cache-Control"); got != cacheControl {
					g.t.Errorf("%s: Cache-Control %s, want %s", address, got, cacheControl)
				}
			case resp.StatusCode != http.StatusNotFound || resp.Header.Get("Cache-Control") != "no-store":
				g.t.Errorf("%s: %s %s", address, resp.Status, body)
			}
		}
		if seen == len(addresses) {
			list = append(list, name)
		} else if seen > 0 {
			g.t.Errorf("of %s only some sizes are served", name)
		}
	}
	slices.Sort(list)
	return list
}

func (g *gallery) want(what string, got []string, want ...string) {
	g.t.Helper()
	if !slices.Equal(got, want) {
		g.t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func (g *gallery) moderate(mutation string, a *ent.Article) {
	g.here.MustAsk(g.here.Token(viewer.Moderator, ""), `mutation ($id: ID!) { `+mutation+`(input: { item: $id, reason: "权利人通知" }) { takedown { id } } }`,
		map[string]any{"id": a.ID}, new(any))
}

// deletePicture deletes a picture as an administrator, even if articles show it, and returns the code of the error.
func (g *gallery) deletePicture(p uploaded) (code string) {
	return g.here.Ask(g.here.Token(viewer.Admin, ""), `mutation ($id: ID!) { deletePicture(input: {id: $id, evenIfUsed: true}) { deletedId } }`, map[string]any{"id": p.ID}).Code()
}

const (
	cached    = "public, max-age=31536000, s-maxage=600, immutable"
	notCached = "private, no-store"
)

// TestWithheldPictures withholds the pictures of an article that is taken down on every machine,
// for all but the staff, unless a published article shows them as well. They cannot be deleted
// until the article is restored.
func TestWithheldPictures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		g := newGallery(t, s)
		anonymous, moderator := "", g.here.Token(viewer.Moderator, "")
		g.want("before", g.visible(g.there, anonymous, cached), "cover", "in", "two")
		g.want("before, with an expired token", g.visible(g.there, "tg_expired", cached), "cover", "in", "two")
		g.moderate("takeDown", g.first)
		g.want("down", g.visible(g.there, anonymous, cached), "two")
		g.want("down, with an expired token", g.visible(g.there, "tg_expired", cached), "two")
		g.want("down, a reader", g.visible(g.there, g.here.Token(viewer.Reader, ""), cached), "two")
		g.want("down, the publisher", g.visible(g.there, g.here.Token(viewer.Publisher, g.first.PublisherID), cached), "two")
		g.moderate("takeDown", g.second)
		g.want("both are down", g.visible(g.there, anonymous, cached))
		g.want("both are down, the staff", g.visible(g.there, moderator, notCached), "cover", "in", "two")
		for _, p := range []uploaded{g.cover, g.in, g.two} {
			if code := g.deletePicture(p); code != "CONFLICT" {
				t.Errorf("deleting a withheld picture: %q", code)
			}
		}
		var archive bytes.Buffer
		if err := g.here.Exporter().Export(apptest.System(), &archive, exporter.Position{}, func(int) {}); err != nil {
			t.Fatal(err)
		}
		elsewhere := apptest.Start(t, storetest.SQLite(t), func(c *config.Config) { c.MediaDir = g.dir })
		elsewhere.Store.Set(s.Clock())
		var result importer.Result
		if err := elsewhere.Importer().NDJSON(apptest.System(), "a", &archive, &result, func(int) {}); err != nil || len(result.Rejected) > 0 {
			t.Fatal(err, result)
		}
		g.want("elsewhere, from an archive", g.visible(elsewhere, anonymous, cached))
		g.moderate("restore", g.second)
		g.want("one is back", g.visible(g.there, anonymous, cached), "two")
		g.moderate("restore", g.first)
		g.want("both are back", g.visible(g.there, anonymous, cached), "cover", "in", "two")
		if code := g.deletePicture(g.cover); code != "" {
			t.Errorf("deleting a picture after the restore: %q", code)
		}
	})
}

// TestStatementsPerPicture serves a picture with one statement, and two if an article that shows
// it is taken down. None of them scans a table.
func TestStatementsPerPicture(t *testing.T) {
	t.Parallel()
	g := newGallery(t, storetest.SQLite(t))
	for most := 1; most <= 2; most++ {
		if most == 2 {
			g.moderate("takeDown", g.first)
		}
		plans := g.here.Plans(func() { get(t, g.here.URL+g.two.URL) })
		if len(plans) != most {
			t.Errorf("%d statements, want %d: %v", len(plans), most, plans)
		}
		for _, plan := range plans {
			// A list is read only of the few articles whose expiry is due.
			if strings.Contains(plan, "SCAN") || strings.Count(plan, "LIST SUBQUERY") != strings.Count(plan, "SEARCH due USING INDEX article_next_at_id") {
				t.Error(plan)
			}
		}
		if !strings.Contains(plans[0], "(hash=? AND down=?)") { // not all articles that show it
			t.Error(plans[0])
		}
	}
}

// TestRemovedPictures does not withhold pictures that an article no longer shows.
func TestRemovedPictures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		g := newGallery(t, s)
		g.here.MustAsk(g.here.Token(viewer.Editor, ""), `mutation ($id: ID!, $version: Int!, $text: String!) {
			updateArticle(input: { article: $id, version: $version, body: { markdown: $text } }) { article { id } userErrors { message } } }`,
			map[string]any{"id": g.first.ID, "version": g.first.Version, "text": "没有图片了。"}, new(any))
		g.moderate("takeDown", g.first)
		g.want("down", g.visible(g.there, "", cached), "in", "two")
	})
}

// TestMigrationFindsPictures fills the table of picture uses from older articles.
func TestMigrationFindsPictures(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		g := newGallery(t, s)
		g.moderate("takeDown", g.first)
		uses := func(s *storetest.Store) map[string]bool {
			all := map[string]bool{}
			for _, u := range s.Client(apptest.System()).PictureUse.Query().Order(pictureuse.ByHash()).AllX(apptest.System()) {
				all[u.Hash+" "+u.ArticleID] = u.Down
			}
			return all
		}
		noted := uses(s)
		for _, statement := range []string{"DROP TABLE picture_uses", "DELETE FROM goose_db_version WHERE version_id = 17"} {
			if _, err := s.Client(apptest.System()).ExecContext(apptest.System(), statement); err != nil {
				t.Fatal(err)
			}
		}
		found := uses(storetest.Open(t, s.URL))
		if len(noted) != 4 || !maps.Equal(noted, found) {
			t.Errorf("recorded: %v\nfound: %v", noted, found)
		}
	})
}

// TestPictureUse lists the articles that show a picture, to those who may see them, and keeps
// a picture that is shown unless the client insists.
func TestPictureUse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, s *storetest.Store) {
		g := newGallery(t, s)
		editor := g.here.Token(viewer.Editor, "")
		var got struct {
			Pictures struct {
				Edges []struct {
					Node struct {
						ID     string
						UsedBy []struct{ Title string }
					}
				}
			}
		}
		g.here.MustAsk(editor, `{ pictures { edges { node { id usedBy { title } } } } }`, nil, &got)
		for _, edge := range got.Pictures.Edges {
			want := map[string]int{g.cover.ID: 1, g.in.ID: 1, g.two.ID: 2}[edge.Node.ID]
			if len(edge.Node.UsedBy) != want {
				t.Errorf("%s is used by %v, want %d", edge.Node.ID, edge.Node.UsedBy, want)
			}
		}
		remove := func(more string) string {
			return g.here.Ask(editor, `mutation ($id: ID!) { deletePicture(input: {id: $id`+more+`}) { deletedId } }`, map[string]any{"id": g.in.ID}).Code()
		}
		if code := remove(""); code != "CONFLICT" {
			t.Errorf("deleted although an article shows it: %q", code)
		}
		if code := remove(", evenIfUsed: true"); code != "" {
			t.Errorf("kept although the client insists: %q", code)
		}
	})
}
